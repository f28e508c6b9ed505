/// A file that could not be transferred, and why.
public struct TransferFailure: Error, Sendable, Encodable, CustomStringConvertible {
    /// The key, when the file has one.
    public var key: ObjectKey?
    /// The path below the local folder. Bytes that are not UTF-8 show as `�`.
    public var path: String
    /// Why.
    public var error: OSSError
    /// How often a request for it was sent; 0 when it never came to that.
    public var attempts: Int { error.attempts }

    init(key: ObjectKey?, path: String, error: OSSError) {
        self.key = key
        self.path = path
        self.error = error
    }

    /// The path and the error, on one line.
    public var description: String { "\(path): \(error)" }

    private enum CodingKeys: String, CodingKey {
        case key, path, code, message, operation, attempts, status, serviceCode, requestID, diagnosticCode
    }

    /// Encodes the error flat, beside the key and the path.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(key?.rawValue, forKey: .key)
        try container.encode(path, forKey: .path)
        try container.encode(error.code.rawValue, forKey: .code)
        try container.encode(error.message, forKey: .message)
        try container.encodeIfPresent(error.operation, forKey: .operation)
        try container.encode(attempts, forKey: .attempts)
        try container.encodeIfPresent(error.serviceError?.status, forKey: .status)
        try container.encodeIfPresent(error.serviceError?.code, forKey: .serviceCode)
        try container.encodeIfPresent(error.serviceError?.requestID, forKey: .requestID)
        try container.encodeIfPresent(error.serviceError?.diagnosticCode, forKey: .diagnosticCode)
    }
}
