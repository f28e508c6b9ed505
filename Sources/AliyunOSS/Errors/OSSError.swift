import Foundation

/// An error that describes a failed operation.
///
/// Every operation of this library throws this type, or `CancellationError` if its task is cancelled. An error never
/// contains an access key secret, a security token or a signature, so it can be logged.
public struct OSSError: Error, Sendable {
    /// Kind of failure, for use in program logic.
    public var code: Code
    /// Description of the failure and the recommended next step, on one line.
    public var message: String
    /// Error response of the service, if the service refused the request; otherwise, `nil`.
    public var serviceError: ServiceError?
    /// Name of the OSS operation, such as `PutObject`; `nil` if the error does not concern an operation.
    public var operation: String?
    /// Bucket that the operation concerns, if any.
    public var bucket: String?
    /// Key of the object that the operation concerns, if any.
    public var key: ObjectKey?
    /// Number of times that the request was sent.
    public var attempts: Int
    /// Duration of the call, including all attempts and waits; `nil` if nothing was sent.
    public var elapsed: Duration?
    /// Error that caused this one, if any.
    public var underlying: (any Error)?

    /// Creates an error.
    public init(
        _ code: Code, _ message: String, serviceError: ServiceError? = nil, operation: String? = nil,
        bucket: String? = nil, key: ObjectKey? = nil, attempts: Int = 0, underlying: (any Error)? = nil
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
    /// A one-line description with the operation, address, message, service error code, request ID, EC and number of
    /// attempts.
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
            if let requestID = serviceError.requestID { details.append("request ID \(requestID)") }
            if let diagnosticCode = serviceError.diagnosticCode { details.append("EC \(diagnosticCode)") }
        }
        if attempts > 1 {
            let seconds = elapsed.map { " in \(($0 / .milliseconds(100)).rounded() / 10) s" } ?? ""
            details.append("\(attempts) attempts\(seconds)")
        }
        return text + " (" + details.joined(separator: ", ") + ")"
    }

    /// The same text as ``description``.
    public var errorDescription: String? { description }
}
