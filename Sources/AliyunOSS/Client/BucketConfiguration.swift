import Foundation

/// How a bucket is talked to. Every property has a default that suits most programs.
public struct BucketConfiguration: Sendable {
    /// The signature version. Default: ``SignatureVersion/v4``. ``SignatureVersion/v1`` is for old gateways only.
    public var signature = SignatureVersion.v4
    /// Names of further headers to sign with V4, such as `host`. Default: none.
    public var additionalSignedHeaders: [String] = []
    /// The place of the bucket's name in the URL. Default: the endpoint's own style (virtual-hosted, or path for an IP address).
    public var addressing: AddressingStyle?
    /// Whether an `http://` endpoint may be a host other than this machine. Without encryption, whoever is on the way reads
    /// and changes what is moved, and reads a security token. Default: no. Anonymous access needs no permission.
    public var allowsPlainHTTP = false
    /// How long each phase of one attempt may take.
    public var timeouts = HTTPTimeouts()
    /// How long one call may take with all its attempts and waits. Default: no limit, because it depends on the size.
    public var deadline: Duration?
    /// How long a call whose task was cancelled may take to remove what it has begun, where that is wanted. What is not removed
    /// by then stays. Default: 700 milliseconds, so that a cancellation takes less than a second.
    public var cancellationGrace = Duration.milliseconds(700)
    /// How failed requests are repeated.
    public var retry = RetryPolicy()
    /// How many requests may be in flight at once; more wait for their turn, in the order they came. While the service
    /// throttles it is fewer: each such answer halves the number, and successes bring it back. It is also fewer where the process may have few
    /// files open. Default: 64.
    public var maximumConnections = 64
    /// How many bytes per second all calls on the bucket may move, both directions together; at least 1024. A request waits
    /// until those before it are paid for, and from 102,400 on the service is asked to hold a single request to it as well;
    /// a smaller limit is kept on average only. Default: no limit.
    public var maximumBandwidth: Int64?
    /// The maximum number of bytes of an object that are fetched at a time when its body is read as a sequence. It is fewer
    /// while many bodies are open, see ``memoryBudget``. The memory that a reader costs is about twice this, with what it still has of
    /// the chunk before; a smaller value costs more requests. Default: 4 MiB.
    public var readRangeSize = 4 << 20
    /// The maximum number of bytes of content that all calls on the bucket hold in memory in parts that are gathered from
    /// sequences, and as many again in the bodies of objects. They do not share one budget, so that an object
    /// can be uploaded as it is read. What is read from files and written to them is not held. Default: 24 MiB.
    ///
    /// A part waits until there is room; one that is larger than the budget goes alone. A body never waits, because the
    /// readers that hold the memory may be waiting for it. It holds one window, from the request until its reader asks for the
    /// next one or lets go of the body and its iterator. A window is of ``readRangeSize`` bytes, but at most half of what is free,
    /// and at least 64 KiB even when nothing is free. So one body holds at most ``readRangeSize``, and all of them at most this
    /// budget and 64 KiB for each. Bytes that a reader has gathered, such as the result of ``ObjectContent/collect(upTo:)``,
    /// are its own and do not count, nor does what an ``ObjectBody`` gathers of a sequence, which is at most 1 MiB.
    public var memoryBudget = 24 << 20
    /// Where interrupted transfers of large objects are remembered. Default: the user's own folder for state.
    public var stateDirectory = StateDirectory.standard
    /// What the service's log shows as the client. Default: the name and version of this library.
    public var userAgent = Library.userAgent
    /// What sends the requests. Default: a ``URLSessionTransport`` of the bucket's own.
    public var transport: (any HTTPTransport)?
    /// Called before a request that failed is sent again, with the error of the attempt: a server that never answers takes
    /// minutes to fail, and somebody may be waiting. It is called from several tasks at once: return at once.
    public var onRetry: (@Sendable (OSSError) -> Void)?
    /// The wall clock, for tests. Default: the system's.
    public var clock: @Sendable () -> Date = { Date() }

    /// The wait of a request for its share of ``maximumBandwidth``, for its next attempt and for the end of an outage. For
    /// tests.
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// The clock that the waits for a service that throttles or does not answer go by, for tests.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }

    /// Makes a configuration with every default.
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

/// What this library calls itself.
enum Library {
    /// The version, as in the changelog.
    static let version = "0.1.0"

    /// The `User-Agent` of its requests.
    static let userAgent = "aliyun-oss-swift/\(version)"
}
