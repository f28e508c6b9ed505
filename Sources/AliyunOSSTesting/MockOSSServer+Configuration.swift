import AliyunOSS
import Foundation

extension MockOSSServer {
    /// Configuration for a ``MockOSSServer``.
    public struct Configuration: Sendable {
        /// A location for stored objects.
        public enum Storage: Sendable {
            /// Storage in memory, for the lifetime of the server.
            case memory
            /// Storage in a folder, which is created if it does not exist. Servers that later use the same folder load
            /// its objects.
            case folder(String)
        }

        /// Port on 127.0.0.1 to listen on. Default: 0, which selects a free port.
        public var port: UInt16 = 0
        /// Region of every bucket. V4 signatures must specify it. Default: `cn-hangzhou`.
        public var region = "cn-hangzhou"
        /// Buckets to create at startup. Default: none.
        public var buckets: [String] = []
        /// Access keys for signature verification. Default: none, in which case the server accepts every request,
        /// signed or not.
        public var accessKeys: [AccessKey] = []
        /// Location where objects are stored. Default: in memory.
        public var storage = Storage.memory
        /// Clock for `Last-Modified`, signature skew and URL expiration. Default: the system clock.
        public var clock: @Sendable () -> Date = { Date() }
        /// Initial faults. Default: none. ``MockOSSServer/add(_:)`` adds more.
        public var faults = FaultPlan()
        /// Whether the page at `/-/` can only read: requests from web pages that would change something are rejected.
        /// Programs that use the endpoints under `/-/` are not restricted. Default: `false`.
        public var hasReadOnlyPage = false
        /// A closure that receives one log line per request and is called on the thread that serves the request.
        /// Default: none.
        public var log: (@Sendable (String) -> Void)?
        /// Host suffixes that can follow a bucket name, as in `photos.localhost`. Default: `localhost`. For any other
        /// host, the first label is used as the bucket name if that bucket exists.
        public var hostSuffixes = ["localhost"]
        /// Bucket names, keyed by lowercase custom host name without a port. Default: none.
        public var cnames: [String: String] = [:]
        /// Hosts to which the server can send upload callbacks over plain HTTP. Callbacks to other hosts fail as if the
        /// connection had been refused, so that tests do not use the network. Default: this machine.
        public var callbackHosts: Set<String> = ["127.0.0.1", "localhost"]
        /// Maximum number of buckets. Once it is reached, PutBucket returns `TooManyBuckets`. Default: 1000, which
        /// leaves room for test suites that clean up late. The service allows 100.
        public var maximumBuckets = 1000
        /// Whether new buckets block public access and therefore reject public ACLs, public policies and anonymous
        /// requests. This applies to buckets created at startup, but not to buckets loaded from a folder. Default:
        /// `true`, as in the service since 2025-10-13.
        public var blocksPublicAccess = true
        /// Whether the server computes the MD5 of uploaded content, for the ETag and `Content-MD5`. Default: `true`, as in
        /// the service.
        ///
        /// Computing it takes longer than receiving the content. With `false`, a benchmark of uploads measures the client
        /// and not the server: responses contain no `Content-MD5`, and an ETag is derived from the CRC-64. It has the form
        /// of the ETag of a multipart upload, `…-1`, which clients do not compare with an MD5. A `Content-MD5` in a request
        /// is verified in any case.
        public var computesMD5 = true
        /// Maximum number of requests in the log; older requests are dropped. Default: 100,000.
        public var maximumLoggedRequests = 100_000
        /// Maximum size of the log, in bytes. It includes targets, queries, keys and headers, whose length clients
        /// choose. When the limit is exceeded, the older half of the log is dropped. Bodies are never logged. Default:
        /// 128 MiB, enough for 100,000 typical requests.
        public var maximumLoggedBytes = 128 << 20
        /// Maximum number of open connections; further connections are closed immediately. Default: 16,384.
        public var maximumConnections = 16_384
        /// Maximum number of requests per second, at least 1; further requests fail with status 503 and code
        /// `TotalQpsLimitExceeded`, after a burst of up to a tenth of a second. Default: `nil`, for no limit.
        public var maximumRequestsPerSecond: Int?
        /// Time after which an idle connection is closed, whether between requests or within one. Default: two minutes.
        public var idleTimeout = Duration.seconds(120)
        /// Stack size of a connection's thread, in bytes.
        var connectionStackLength = SystemThread.stackLength

        /// Creates a configuration. Omitted parameters have their default values.
        public init(
            port: UInt16 = 0, region: String = "cn-hangzhou", buckets: [String] = [], accessKeys: [AccessKey] = [],
            storage: Storage = .memory, blocksPublicAccess: Bool = true
        ) {
            self.port = port
            self.region = region
            self.buckets = buckets
            self.accessKeys = accessKeys
            self.storage = storage
            self.blocksPublicAccess = blocksPublicAccess
        }
    }

    /// An access key whose signatures the server accepts.
    public struct AccessKey: Sendable {
        /// AccessKey ID.
        public var id: String
        /// AccessKey secret.
        public var secret: String
        /// Security token that requests signed with a temporary key must include; `nil` for a permanent key.
        public var securityToken: String?
        /// Expiration time of the token; `nil` if the token does not expire.
        public var expiration: Date?
        /// Account to which the key belongs; `nil` for the owner of all buckets. Requests from another account to a
        /// requester-pays bucket must include `x-oss-request-payer`. Otherwise, that account has the owner's rights,
        /// because policies are stored but not enforced.
        public var accountID: String?

        /// Creates an access key.
        public init(
            id: String, secret: String, securityToken: String? = nil, expiration: Date? = nil, accountID: String? = nil
        ) {
            self.id = id
            self.secret = secret
            self.securityToken = securityToken
            self.expiration = expiration
            self.accountID = accountID
        }
    }

    /// An error that occurs when a server is started or its contents are set up.
    public struct SetupError: Error, CustomStringConvertible {
        /// A reason for a setup error.
        public enum Reason: Sendable {
            /// An argument, such as the name of a bucket, is invalid.
            case invalidArgument
            /// A resource, such as the port, is not available.
            case unavailable
        }

        /// Reason for the error.
        public var reason = Reason.unavailable
        /// One-line description of the error.
        public var description: String
    }
}
