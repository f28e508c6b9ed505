/// A bucket of Aliyun OSS: the way to its objects.
///
/// ```swift
/// let bucket = try Bucket("photos", region: "cn-hangzhou")
/// try await bucket.putObject("hello.txt", "Hello, OSS")
/// ```
///
/// One value serves a whole program: calls made at the same time overlap, and share connections, credentials, the clock
/// correction and the retry budget. Every call verifies what it moved (length and CRC-64), and throws ``OSSError``, or
/// `CancellationError` when its task was cancelled.
public actor Bucket {
    /// The bucket's name.
    public nonisolated let name: String

    nonisolated let client: Client

    /// Makes a bucket in a region, reached over its public endpoint.
    ///
    /// No request is made: that the bucket exists shows with the first call.
    ///
    /// - Parameters:
    ///   - name: the bucket's name: 3 to 63 lower-case letters, digits and `-`.
    ///   - region: the region's id, for example `cn-hangzhou`.
    ///   - credentials: where the access key comes from. Default: the environment (`OSS_ACCESS_KEY_ID`,
    ///     `OSS_ACCESS_KEY_SECRET`, `OSS_SESSION_TOKEN`).
    ///   - configuration: timeouts, retries and the like.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        _ name: String, region: String, credentials: any CredentialsProvider = .environment,
        configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        try self.init(
            name, at: try Endpoint.region(region), region: region, credentials: credentials,
            configuration: configuration)
    }

    /// Makes a bucket at an endpoint: an internal, accelerated or custom one.
    ///
    /// - Parameters:
    ///   - name: the bucket's name.
    ///   - endpoint: for example `https://oss-cn-hangzhou-internal.aliyuncs.com`. Without a scheme it is HTTPS.
    ///   - region: the region's id. Needed for V4 signatures, unless the endpoint has it in its name.
    ///   - credentials: where the access key comes from. Default: the environment.
    ///   - configuration: timeouts, retries, the address style and the like.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        _ name: String, endpoint: String, region: String? = nil, credentials: any CredentialsProvider = .environment,
        configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        try self.init(
            name, at: try Endpoint(endpoint, style: configuration.addressing), region: region, credentials: credentials,
            configuration: configuration)
    }

    /// Makes a bucket at an endpoint that is already known.
    ///
    /// - Parameters:
    ///   - name: the bucket's name.
    ///   - endpoint: where it is. ``BucketConfiguration/addressing``, when it is set, takes the place of the endpoint's style.
    ///   - region: the region's id. Default: the one that the endpoint was made with, or has in its name.
    ///   - credentials: where the access key comes from.
    ///   - configuration: timeouts, retries, the address style and the like.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(
        _ name: String, at endpoint: Endpoint, region: String? = nil, credentials: any CredentialsProvider,
        configuration: BucketConfiguration = BucketConfiguration()
    ) throws(OSSError) {
        try BucketName.validate(name)
        try configuration.validate()
        let endpoint = try endpoint.addressed(configuration.addressing)
        try endpoint.checkEncryption(of: credentials, allowsPlainHTTP: configuration.allowsPlainHTTP)
        let signingRegion = configuration.signature == .v4 ? try endpoint.signingRegion(region) : ""
        var transportConfiguration = URLSessionTransport.Configuration()
        var configuration = configuration
        configuration.maximumConnections = DescriptorLimit.requests(wanted: configuration.maximumConnections)
        transportConfiguration.maximumConnections = configuration.maximumConnections
        let transport = configuration.transport ?? URLSessionTransport(configuration: transportConfiguration)
        self.name = name
        client = Client(
            bucket: name, endpoint: endpoint,
            signer: Signer(
                version: configuration.signature, region: signingRegion, product: endpoint.signingProduct,
                additionalHeaders: configuration.additionalSignedHeaders),
            provider: credentials, transport: transport, configuration: configuration)
    }
}

extension Endpoint {
    fileprivate func checkEncryption(
        of credentials: any CredentialsProvider, allowsPlainHTTP: Bool
    ) throws(OSSError) {
        guard scheme == .http, !isLoopback, !allowsPlainHTTP, !(credentials is AnonymousCredentialsProvider) else {
            return
        }
        throw OSSError(
            .invalidArgument,
            "the endpoint '\(self)' is not encrypted: use https://, or set BucketConfiguration.allowsPlainHTTP")
    }
}
