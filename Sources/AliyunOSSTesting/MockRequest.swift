import AliyunOSS

/// One request that a ``MockOSSServer`` received.
public struct MockRequest: Sendable {
    /// Which connection it came on; connections are numbered from 0 in the order they were accepted.
    public var connection: Int
    /// How many requests had come on that connection before.
    public var indexOnConnection: Int
    /// The HTTP method.
    public var method: String
    /// The request target exactly as it was received.
    public var target: String
    /// The target up to its `?`, still percent-encoded.
    public var path: String
    /// The decoded query in the order received; `?acl` has the value `nil` and `?acl=` an empty one.
    public var query: [(name: String, value: String?)]
    /// The header fields in the order received.
    public var headers: HTTPHeaders
    /// The bucket, from the host or the path; `nil` for a request to the service.
    public var bucket: String?
    /// The object's key, decoded once and never normalised; `nil` for a request to a bucket.
    public var key: String?
    /// The operation, such as `PutObject`, also when the server does not implement it.
    public var operation: String
    /// How many bytes of body were received.
    public var bodyLength: Int
    /// The status of the reply; 0 while there is none, and for good when a fault took it.
    public var status: Int
    /// The request id of the reply.
    public var requestID: String
}
