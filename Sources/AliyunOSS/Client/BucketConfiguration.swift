import Foundation

/// Configuration for a ``Bucket``, an ``OSSService`` or a ``PresignedClient``.
public struct BucketConfiguration: Sendable {
    /// Signature version. Default: ``SignatureVersion/v4``.
    public var signature = SignatureVersion.v4
    /// Signer that signs the requests instead of the credentials, for a client that holds no secret. The credentials
    /// provider is then not used. Default: none.
    public var signer: (any RequestSigner)?
    /// Names of additional headers to sign with V4, such as `host`. Default: none.
    public var additionalSignedHeaders: [String] = []
    /// Placement of the bucket's name in URLs. Default: that of the endpoint (virtual-hosted style, or path style for
    /// an IP address).
    public var addressing: AddressingStyle?
    /// Whether `http://` endpoints on other machines are permitted. Without encryption, others on the network can read
    /// and change transferred data, and read security tokens. Anonymous access is always permitted. Default: `false`.
    public var allowsPlainHTTP = false
    /// Timeouts for the phases of one attempt.
    public var timeouts = HTTPTimeouts()
    /// Maximum duration of one call, including all attempts and waits. Default: no limit.
    public var deadline: Duration?
    /// Maximum time for cleanup after a call is cancelled, for example to abort a multipart upload. Default: 700
    /// milliseconds, which lets a cancelled call return in less than a second.
    public var cancellationGrace = Duration.milliseconds(700)
    /// Policy for retries.
    public var retry = RetryPolicy()
    /// Maximum number of concurrent requests; further requests wait in order. The limit is lower if the process can
    /// open only a few files, and while the service throttles requests: each throttled request halves the limit, and
    /// successes restore it. Default: 64.
    public var maximumConnections = 64
    /// Maximum combined bandwidth of all calls on the bucket, in bytes sent and received per second; at least 1024. A
    /// request waits until the limit has allowed for the bytes of earlier requests. At 102,400 or more, the service
    /// also limits each individual request; a smaller limit is only an average. Default: no limit.
    public var maximumBandwidth: Int64?
    /// Maximum number of bytes to request at a time when an object's content is read as a sequence, from 64 KiB to 1
    /// GiB. A range is smaller while many bodies are open (see ``memoryBudget``). A reader uses about twice this amount
    /// of memory, including the previous chunk; a smaller value requires more requests. Default: 4 MiB.
    public var readRangeSize = 4 << 20
    /// Maximum number of bytes buffered for streaming uploads and, separately, for streaming reads, across all calls on
    /// the bucket; at least 1 MiB. Content read from files or written to files is not buffered. Default: 24 MiB.
    ///
    /// A part of an upload waits until memory is available; a part larger than the budget is sent alone. A read never
    /// waits, because readers that hold the memory may be waiting for it: a range has ``readRangeSize`` bytes, but at
    /// most half of the free memory, and at least 64 KiB. All reads together use at most the budget plus 64 KiB for
    /// each open body. Bytes that a reader collects, such as the result of ``ObjectContent/collect(upTo:)``, and the
    /// buffer of an ``ObjectBody`` of a sequence, at most 1 MiB, are not counted.
    public var memoryBudget = 24 << 20
    /// Directory for the state of interrupted transfers. Default: the user's state directory.
    public var stateDirectory = StateDirectory.standard
    /// `User-Agent` header of requests. Default: the name and version of this library.
    public var userAgent = Library.userAgent
    /// Transport that sends the requests. Default: a ``URLSessionTransport`` that the bucket creates.
    public var transport: (any HTTPTransport)?
    /// A closure that is called before each retry with the error of the failed attempt. It is called from several tasks
    /// concurrently and must return immediately.
    public var onRetry: (@Sendable (OSSError) -> Void)?
    /// A closure that receives the events of all calls: requests, changes of the credentials and of the limit on
    /// concurrent requests, and folder transfers. It is called from several tasks concurrently and must return immediately. See also
    /// ``log(to:)``. Default: none.
    public var onEvent: (@Sendable (ClientEvent) -> Void)?

    /// Wall clock; replaceable in tests.
    package var clock: @Sendable () -> Date = { Date() }
    /// Function that waits before requests and retries; replaceable in tests.
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Clock for measuring how long requests wait; replaceable in tests.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }

    /// Creates a configuration with default values.
    public init() {}

    func validate() throws(OSSError) {
        func check(_ holds: Bool, _ rule: String) throws(OSSError) {
            guard holds else { throw OSSError(.invalidArgument, "configuration: \(rule)") }
        }
        try check((1...1024).contains(maximumConnections), "maximumConnections must be from 1 to 1024")
        try check(maximumBandwidth ?? .max >= 1024, "maximumBandwidth must be at least 1024")
        try check((64 << 10...1 << 30).contains(readRangeSize), "readRangeSize must be from 64 KiB to 1 GiB")
        try check(memoryBudget >= 1 << 20, "memoryBudget must be at least 1 MiB")
        try check((1...100).contains(retry.maximumAttempts), "retry.maximumAttempts must be from 1 to 100")
        try check(retry.baseDelay >= .zero && retry.maximumDelay >= .zero, "retry delays must not be negative")
        try check(retry.budget >= 0 && retry.budgetRefillPerSecond >= 0, "the retry budget must not be negative")
        try check(timeouts.connect > .zero && timeouts.idle > .zero, "timeouts must be positive")
        try check(timeouts.response ?? .seconds(1) > .zero, "timeouts must be positive")
        try check(timeouts.total ?? .seconds(1) > .zero && deadline ?? .seconds(1) > .zero, "timeouts must be positive")
    }
}

/// Information about this library.
enum Library {
    /// Version of the library, as listed in the changelog.
    static let version = "0.1.0"

    /// Default `User-Agent` header of requests.
    static let userAgent = "aliyun-oss-swift/\(version)"
}
