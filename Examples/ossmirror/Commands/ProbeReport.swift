import Foundation

/// The result of the command `probe`.
struct ProbeReport: Encodable {
    enum Status: String, Encodable { case passed, warning, failed, skipped }

    struct Check: Encodable {
        var name: String
        var status: Status
        var detail: String
        var advice: String?
        var error: JSONError?
    }

    var command = Verb.probe
    var succeeded = true
    var bucket: String
    var endpoint: String?
    /// Region of the bucket according to the service, or the configured one.
    var region: String?
    private(set) var checks: [Check] = []

    init(_ remote: RemoteAddress, _ connection: ConnectionArguments) {
        (bucket, region) = (remote.bucket, connection.region)
    }

    mutating func pass(_ name: String, _ detail: String) {
        checks.append(Check(name: name, status: .passed, detail: detail))
    }

    mutating func skip(_ name: String, _ detail: String) {
        checks.append(Check(name: name, status: .skipped, detail: detail))
    }

    mutating func warn(_ name: String, _ detail: String, _ advice: String) {
        checks.append(Check(name: name, status: .warning, detail: detail, advice: advice))
    }

    mutating func fail(_ name: String, _ error: any Error, _ advice: String) {
        succeeded = false
        checks.append(
            Check(
                name: name, status: .failed, detail: Explanation.of(error), advice: advice, error: JSONError(error)))
    }

    /// The checks and the advice, one per line.
    var lines: [String] {
        let lines = checks.flatMap { check in
            let status = check.status.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0)
            let name = check.name.padding(toLength: 13, withPad: " ", startingAt: 0)
            return ["\(status)\(name)\(check.detail)"] + (check.advice.map { ["         advice: \($0)"] } ?? [])
        }
        let failed = checks.count { $0.status == .failed }
        return lines + [failed == 0 ? "no problem found" : "\(failed) of \(checks.count) checks failed"]
    }
}
