/// A client for one OSS bucket.
///
/// ```swift
/// let bucket = try Bucket("photos", region: "cn-hangzhou")
/// try await bucket.putObject("hello.txt", "Hello, OSS")
/// ```
///
/// One value serves an entire program: concurrent calls share connections, credentials, the clock correction and the
/// retry budget. Every call verifies the transferred content (length and CRC-64), and throws ``OSSError``, or
/// `CancellationError` if its task is cancelled.
public actor Bucket {
    /// Name of the bucket.
    public nonisolated let name: String

    nonisolated let client: Client

    /// Creates a client for a bucket in a region, using the region's public endpoint. No request is sent.
    ///
    /// - Parameters:
    ///   - name: Name of the bucket: 3 to 63 lowercase letters, digits and `-`.
    ///   - region: ID of the region, for example `cn-hangzhou`.
    ///   - credentials: Source of credentials. Default: the environment (`OSS_ACCESS_KEY_ID`, `OSS_ACCESS_KEY_SECRET`,
    ///     `OSS_SESSION_TOKEN`).
    ///   - configuration: Timeouts, retries, the addressing style and other settings.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        _ name: String, region: String, credentials: any CredentialsProvider = .environment,
        configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        try self.init(
            name, at: try Endpoint.region(region), region: region, credentials: credentials,
            configuration: configuration)
    }

    /// Creates a client for a bucket at an endpoint given as text, such as an internal, accelerated or custom endpoint.
    ///
    /// - Parameters:
    ///   - name: Name of the bucket.
    ///   - endpoint: Endpoint, for example `https://oss-cn-hangzhou-internal.aliyuncs.com`. Default scheme: HTTPS.
    ///   - region: ID of the region, required for V4 signatures unless the endpoint contains it.
    ///   - credentials: Source of credentials. Default: the environment.
    ///   - configuration: Timeouts, retries, the addressing style and other settings.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        _ name: String, endpoint: String, region: String? = nil, credentials: any CredentialsProvider = .environment,
        configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        try self.init(
            name, at: try Endpoint(endpoint, style: configuration.addressing), region: region, credentials: credentials,
            configuration: configuration)
    }

    /// Creates a client for a bucket at an endpoint.
    ///
    /// - Parameters:
    ///   - name: Name of the bucket.
    ///   - endpoint: Endpoint. ``BucketConfiguration/addressing``, if set, overrides its addressing style.
    ///   - region: ID of the region. Default: the region that the endpoint was created with or contains.
    ///   - credentials: Source of credentials. Default: the environment.
    ///   - configuration: Timeouts, retries, the addressing style and other settings.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        _ name: String, at endpoint: Endpoint, region: String? = nil,
        credentials: any CredentialsProvider = .environment, configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        try BucketName.validate(name)
        self.name = name
        client = try Client(
            bucket: name, at: endpoint, region: region, provider: credentials, configuration: configuration)
    }

    /// Creates a client for a bucket that shares the connections, limits and clock of a service.
    init(_ name: String, sharing service: Client) throws(OSSError) {
        try BucketName.validate(name)
        self.name = name
        client = Client(bucket: name, sharing: service)
    }

    private init(_ name: String, _ client: Client) {
        self.name = name
        self.client = client
    }

    /// Returns a client for the same bucket that also adds header fields and query parameters to its requests. It
    /// shares the connections, limits and clock of this client.
    public nonisolated func adding(_ extras: RequestExtras) -> Bucket {
        extras.isEmpty ? self : Bucket(name, client.adding(extras))
    }

    /// Ends all requests in flight and closes the connections. Requests in flight and all later calls fail with
    /// ``OSSError/Code/shutDown``. Calling the method again has no effect.
    ///
    /// A transport supplied by the caller (``BucketConfiguration/transport``) and the connections of an ``OSSService``
    /// may serve other buckets and are not shut down; their requests in flight complete normally.
    public nonisolated func shutDown() { client.shutDown() }
}
