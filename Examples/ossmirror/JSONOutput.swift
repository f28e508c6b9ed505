import AliyunOSS
import Foundation

/// The one JSON object that `--json` prints.
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

/// An error as `--json` shows it.
struct JSONError: Encodable {
    /// The kind of failure, as in ``OSSError/Code``.
    var code: String
    var message: String
    /// The service's own code, when it was the service that refused.
    var serviceCode: String?
    var requestID: String?

    init(_ error: any Error) {
        if let error = error as? OSSError {
            code = error.code.rawValue
            message = error.description
            serviceCode = error.serviceError?.code
            requestID = error.serviceError?.requestID
        } else {
            code = error is CancellationError ? "cancelled" : "failed"
            message = Explanation.of(error)
        }
    }
}

/// What `--json` prints when a command ended before it had anything to report.
struct JSONFailure: Encodable {
    var command: Verb
    var succeeded = false
    var error: JSONError
}

extension Verb: Encodable {}
