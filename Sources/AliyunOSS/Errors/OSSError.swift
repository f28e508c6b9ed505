import Foundation

/// Why an operation failed, in terms of what its caller can do about it.
///
/// Every operation of this library throws this type, `CancellationError` when its task was cancelled, and nothing
/// else. No access key secret, security token or signature is ever part of it, so it can be logged as it is.
public struct OSSError: Error, Sendable {
    /// The kind of failure: what a program decides by.
    public var code: Code
    /// What happened and what to do next, on one line.
    public var message: String
    /// What the service answered, when it was the service that refused.
    public var serviceError: ServiceError?
    /// The operation, under the name that OSS gives it: `PutObject`.
    public var operation: String?
    /// The bucket it was about.
    public var bucket: String?
    /// The key it was about.
    public var key: ObjectKey?
    /// How often the request was sent before giving up; 0 when it never was.
    public var attempts: Int
    /// How long the call took with all its attempts and waits; `nil` when nothing was sent.
    public var elapsed: Duration?
    /// The error below this one.
    public var underlying: (any Error)?

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, serviceError: ServiceError? = nil, operation: String? = nil,
        bucket: String? = nil,
        key: ObjectKey? = nil, attempts: Int = 0, underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.serviceError = serviceError
        self.operation = operation
        self.bucket = bucket
        self.key = key
        self.attempts = attempts
        self.underlying = underlying
    }
}

extension OSSError: CustomStringConvertible, LocalizedError {
    /// Everything known, on one line: operation, address, cause, the service's code, request id and EC, attempts.
    public var description: String {
        var text = ""
        if let operation { text += operation }
        if let bucket { text += (text.isEmpty ? "" : " ") + "oss://\(bucket)/\(key?.rawValue ?? "")" }
        if !text.isEmpty { text += ": " }
        text += message
        var details: [String] = [code.rawValue]
        if let serviceError {
            details.append("status \(serviceError.status)")
            if !serviceError.code.isEmpty { details.append(serviceError.code) }
            if let requestID = serviceError.requestID { details.append("request id \(requestID)") }
            if let diagnosticCode = serviceError.diagnosticCode { details.append("EC \(diagnosticCode)") }
        }
        if attempts > 1 {
            let seconds = elapsed.map { " in \(($0 / .milliseconds(100)).rounded() / 10) s" } ?? ""
            details.append("\(attempts) attempts\(seconds)")
        }
        return text + " (" + details.joined(separator: ", ") + ")"
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }
}
