/// A client for the OSS service of a region, and a source of clients for its buckets.
///
/// ```swift
/// let service = try OSSService(region: "cn-hangzhou")
/// for try await bucket in service.listBuckets() { print(bucket.name, bucket.region) }
/// let photos = try await service.createBucket("photos-2026")
/// ```
///
/// The buckets of a service share its connections, limits, retry budget and clock correction. A program that uses a
/// single bucket can create a ``Bucket`` directly.
public struct OSSService: Sendable {
    let client: Client

    /// Creates a client for a region, using the region's public endpoint. No request is sent.
    ///
    /// - Parameters:
    ///   - region: ID of the region, for example `cn-hangzhou`.
    ///   - credentials: Source of credentials. Default: the environment.
    ///   - configuration: Timeouts, retries, the addressing style and other settings, for the service and its buckets.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        region: String, credentials: any CredentialsProvider = .environment,
        configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        try self.init(
            at: try Endpoint.region(region), region: region, credentials: credentials, configuration: configuration)
    }

    /// Creates a client for an endpoint given as text, such as an internal endpoint.
    ///
    /// - Parameters:
    ///   - endpoint: Endpoint, for example `https://oss-cn-hangzhou-internal.aliyuncs.com`. Default scheme: HTTPS.
    ///   - region: ID of the region, required for V4 signatures unless the endpoint contains it.
    ///   - credentials: Source of credentials. Default: the environment.
    ///   - configuration: Timeouts, retries, the addressing style and other settings, for the service and its buckets.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        endpoint: String, region: String? = nil, credentials: any CredentialsProvider = .environment,
        configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        try self.init(
            at: try Endpoint(endpoint, style: configuration.addressing), region: region, credentials: credentials,
            configuration: configuration)
    }

    /// Creates a client for an endpoint.
    ///
    /// - Parameters:
    ///   - endpoint: Endpoint, which must not be the custom domain of a bucket.
    ///   - region: ID of the region. Default: the region that the endpoint was created with or contains.
    ///   - credentials: Source of credentials. Default: the environment.
    ///   - configuration: Timeouts, retries, the addressing style and other settings, for the service and its buckets.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        at endpoint: Endpoint, region: String? = nil, credentials: any CredentialsProvider = .environment,
        configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        client = try Client(
            bucket: nil, at: endpoint, region: region, provider: credentials, configuration: configuration)
        guard client.endpoint.addressing != .cname else {
            throw OSSError(
                .invalidArgument,
                "'\(client.endpoint.host)' is the domain of a single bucket; use the region's endpoint")
        }
    }

    /// Returns a client for a bucket that shares the connections, limits and clock of the service. No request is sent.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the name is invalid.
    public func bucket(_ name: String) throws(OSSError) -> Bucket { try Bucket(name, sharing: client) }

    /// Ends all requests in flight and closes the connections, including those of the service's buckets. Requests in
    /// flight and all later calls fail with ``OSSError/Code/shutDown``.
    ///
    /// A transport supplied by the caller (``BucketConfiguration/transport``) is not shut down.
    public func shutDown() { client.shutDown() }

    /// Sends a request for any operation, including operations without a method of their own, and returns the response.
    /// The request is for the service, or for ``OSSRequest/bucket`` if it is set.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - body: Body of the request. Default: none.
    ///   - limit: Maximum number of bytes of the response body. Default: 16 MiB.
    /// - Throws: ``OSSError``, with code ``OSSError/Code/bodyTooLarge`` if the response body exceeds the limit.
    @discardableResult
    public func invoke(
        _ request: OSSRequest, body: ObjectBody? = nil, upTo limit: Int = 16 << 20
    ) async throws -> OSSResponse {
        try await client.invoke(request, body, upTo: limit)
    }

    /// Sends a request for any operation, and saves the body of the response to a file, which appears only when it is
    /// complete.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - body: Body of the request. Default: none.
    ///   - path: Path of the file. An existing file is replaced.
    /// - Returns: The response, without its body.
    /// - Throws: ``OSSError``.
    @discardableResult
    public func invoke(
        _ request: OSSRequest, body: ObjectBody? = nil, savingTo path: String
    ) async throws -> OSSResponse {
        try await client.invoke(request, body, savingTo: path)
    }
}
