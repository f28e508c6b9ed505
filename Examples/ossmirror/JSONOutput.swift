import AliyunOSS
import Foundation

/// A writer for the JSON output of `--json`.
enum JSONOutput {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return Array(try encoder.encode(value))
    }

    static func print(_ value: some Encodable) throws {
        try StandardStream.output.result(try encode(value) + [UInt8(ascii: "\n")])
    }
}

/// An error in the output of `--json`.
struct JSONError: Encodable {
    /// Kind of the error, as in ``OSSError/Code``.
    var code: String
    var message: String
    /// Error code of the service; `nil` if the service did not reject the request.
    var serviceCode: String?
    var requestID: String?
    /// Diagnostic code (EC) of the service, and the page that the service recommends for it.
    var diagnosticCode: String?
    var page: String?

    init(_ error: any Error) {
        if let error = error as? OSSError {
            code = error.code.rawValue
            message = error.description
            serviceCode = error.serviceError?.code
            requestID = error.serviceError?.requestID
            diagnosticCode = error.serviceError?.diagnosticCode
            page = Explanation.page(for: error)
        } else {
            code = error is CancellationError ? "cancelled" : "failed"
            message = Explanation.of(error)
        }
    }
}

/// The output of `--json` for a command that failed before it produced a report.
struct JSONFailure: Encodable {
    var command: Verb
    var succeeded = false
    var error: JSONError
}

extension Verb: Encodable {}

/// A library report and the addresses of a command, combined into one JSON object.
struct JSONReport<Report: Encodable>: Encodable {
    var command: Verb
    var local: String
    var remote: RemoteAddress
    var succeeded: Bool
    /// The error that ended the run before it was complete; `nil` if it returned a report.
    var error: JSONError?
    /// Number of files or objects that `mv` removed from the source.
    var sourceRemoved: Int?
    var report: Report

    private enum CodingKeys: String, CodingKey { case command, local, remote, succeeded, error, sourceRemoved }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(command, forKey: .command)
        try container.encode(local, forKey: .local)
        try container.encode(remote.description, forKey: .remote)
        try container.encode(succeeded, forKey: .succeeded)
        try container.encodeIfPresent(error, forKey: .error)
        try container.encodeIfPresent(sourceRemoved, forKey: .sourceRemoved)
    }
}
