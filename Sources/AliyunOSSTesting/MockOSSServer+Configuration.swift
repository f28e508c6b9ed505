import Foundation

extension MockOSSServer {
    /// Configuration for a ``MockOSSServer``.
    public struct Configuration: Sendable {
        /// A place to store objects.
        public enum Storage: Sendable {
            /// In memory, until the server ends.
            case memory
            /// In a folder, which is created if it is missing. A later server loads the objects again.
            case folder(String)
        }

        /// Port on 127.0.0.1. Default: 0, which selects a free port.
        public var port: UInt16 = 0
        /// Region of every bucket, required in V4 signatures. Default: `cn-hangzhou`.
        public var region = "cn-hangzhou"
        /// Buckets to create at the start. Default: none.
        public var buckets: [String] = []
        /// Access keys for signature verification. Default: none, which accepts every request, signed or not.
        public var accessKeys: [AccessKey] = []
        /// Place to store objects. Default: in memory.
        public var storage = Storage.memory
        /// Clock for `Last-Modified`, signature skew and URL expiration. Default: the system clock.
        public var clock: @Sendable () -> Date = { Date() }
        /// Initial faults. Default: none. ``MockOSSServer/add(_:)`` adds more.
        public var faults = FaultPlan()
        /// A closure that receives one line per request, on the thread that served it. Default: none.
        public var log: (@Sendable (String) -> Void)?
        /// Host suffixes that follow a bucket name, as in `photos.localhost`. Default: `localhost`. The first label of
        /// any other host also counts if it is the name of a bucket.
        public var hostSuffixes = ["localhost"]
        /// Custom hosts, in lowercase and without a port, and their buckets. Default: none.
        public var cnames: [String: String] = [:]
        /// Hosts that upload callbacks can reach, over plain HTTP. Callbacks to other hosts fail like a refused
        /// connection, so that tests do not use the network. Default: this machine.
        public var callbackHosts: Set<String> = ["127.0.0.1", "localhost"]
        /// Maximum number of buckets, after which PutBucket returns `TooManyBuckets`. Default: 1000, which leaves room
        /// for test suites that clean up late. The service allows 100.
        public var maximumBuckets = 1000
        /// Whether new buckets block public access and so reject public ACLs, public policies and anonymous requests.
        /// This includes the buckets created at the start and excludes buckets loaded from a folder. Default: `true`,
        /// as in the service since 2025-10-13.
        public var blocksPublicAccess = true
        /// Maximum number of requests in the log; older ones are dropped. Default: 100,000.
        public var maximumLoggedRequests = 100_000
        /// Maximum size of the log in bytes: targets, queries, keys and headers, whose length the client chooses.
        /// Beyond it the older half is dropped. Bodies are never logged. Default: 128 MiB, enough for 100,000 typical
        /// requests.
        public var maximumLoggedBytes = 128 << 20
        /// Maximum number of open connections; further ones are closed at once. Default: 16,384.
        public var maximumConnections = 16_384
        /// Maximum silence of a connection, between requests or within one. Default: two minutes.
        public var idleTimeout = Duration.seconds(120)
        /// Stack size of a connection's thread, in bytes.
        var connectionStackLength = ConnectionThread.stackLength

        /// Creates a configuration; omitted parameters have their defaults.
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
        /// Token that requests with a temporary key must include; `nil` for a permanent key.
        public var securityToken: String?
        /// Expiration time of the token; `nil` for none.
        public var expiration: Date?
        /// Account of the key; `nil` for the owner of all buckets. Requests of another account to a requester-pays
        /// bucket need `x-oss-request-payer`. Apart from that it has the rights of the owner, because policies are
        /// stored and not enforced.
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

    /// An error of starting a server or of setting up its contents.
    public struct SetupError: Error, CustomStringConvertible {
        /// A reason for the error.
        public enum Reason: Sendable {
            /// The request is invalid, for example because of the bucket name.
            case invalidArgument
            /// A resource such as the port is not available.
            case unavailable
        }

        /// Reason for the error.
        public var reason = Reason.unavailable
        /// One-line description of the error.
        public var description: String
    }
}
