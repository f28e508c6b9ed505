/// The address and the signed resource of a request that is not for an ordinary bucket, such as a request to a vector
/// bucket or a table bucket.
///
/// ```swift
/// // A vector bucket: the resource of the signature contains the ID of the account.
/// var request = OSSRequest("ListVectorIndexes", .post, query: ["listVectorIndexes": nil])
/// request.target = ServiceTarget(
///     host: "embeddings-1234567890.cn-hangzhou.oss-vectors.aliyuncs.com",
///     resource: "/acs:ossvector:cn-hangzhou:1234567890:embeddings/")
/// let indexes = try await service.invoke(request, body: #"{"maxResults": 10}"#)
///
/// // A table bucket: the path contains its ARN, and the product differs.
/// let arn = "acs:osstables:cn-hangzhou:1234567890:bucket/lake"
/// request = OSSRequest("GetTableBucket", .get)
/// request.target = ServiceTarget(
///     host: "lake-1234567890.cn-hangzhou.oss-tables.aliyuncs.com",
///     path: "/buckets/acs%3Aosstables%3Acn-hangzhou%3A1234567890%3Abucket%2Flake",
///     resource: "/\(arn)/buckets/\(arn)", product: "osstables")
/// let table = try await service.invoke(request)
/// ```
public struct ServiceTarget: Sendable, Hashable {
    /// Host of the URL, with an optional port.
    public var host: String
    /// Percent-encoded path of the URL. Default: `/`.
    public var path: String
    /// Resource that is signed, starting with `/`, without percent-encoding.
    public var resource: String
    /// Product that V4 signs. Default: `oss`.
    public var product: String

    /// Creates a target. The scheme of the URL is that of the client's endpoint.
    public init(host: String, path: String = "/", resource: String, product: String = "oss") {
        self.host = host
        self.path = path
        self.resource = resource
        self.product = product
    }

    /// Checks that a request to the target is sent to its host and not without encryption.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    func validate(at endpoint: Endpoint, allowsPlainHTTP: Bool) throws(OSSError) {
        let parts = try EndpointParser("\(endpoint.scheme.rawValue)://\(host)")
        try endpoint.checkEncryption(isAnonymous: false, host: parts.host, allowsPlainHTTP: allowsPlainHTTP)
        guard path.hasPrefix("/"), !path.contains("?"), resource.hasPrefix("/") else {
            throw OSSError(
                .invalidArgument, "the path and the resource of a target must start with '/', without a query")
        }
    }
}
