import Foundation

extension MockOSSServer {
    /// How a server is set up.
    public struct Configuration: Sendable {
        /// Where objects are kept.
        public enum Storage: Sendable {
            /// In memory, until the server ends.
            case memory
            /// In a folder, which is created when it is missing; a later server finds the objects there again.
            case folder(String)
        }

        /// The port on 127.0.0.1. Default 0: any that is free.
        public var port: UInt16 = 0
        /// The region of every bucket, which V4 signatures must name. Default `cn-hangzhou`.
        public var region = "cn-hangzhou"
        /// The buckets that exist from the start. More can be made with PutBucket. Default none.
        public var buckets: [String] = []
        /// The access keys whose signatures are verified. Default none: anything is accepted, signed or not.
        public var accessKeys: [AccessKey] = []
        /// Where objects are kept. Default in memory.
        public var storage = Storage.memory
        /// The server's time, for `Last-Modified`, the skew of signatures and the expiry of URLs. Default the system's.
        public var clock: @Sendable () -> Date = { Date() }
        /// The faults. Default: none; more are added with ``MockOSSServer/add(_:)``.
        public var faults = FaultPlan()
        /// Gets one line for every request, from the thread that served it. Default none.
        public var log: (@Sendable (String) -> Void)?
        /// The hosts below which a bucket's name may stand: `photos.localhost`. Default `localhost`. The first label of
        /// any other host counts as well when a bucket has that name.
        public var hostSuffixes = ["localhost"]
        /// Custom hosts, in lower case and without a port, and the buckets they stand for. Default none.
        public var cnames: [String: String] = [:]
        /// The hosts that upload callbacks may go to, over plain HTTP. A callback to any other fails as if nobody
        /// listened there: tests must not call the world. Default this machine.
        public var callbackHosts: Set<String> = ["127.0.0.1", "localhost"]
        /// How many buckets there may be; PutBucket answers `TooManyBuckets` then. The service allows 100. Default
        /// 1000, which leaves room for test suites that clean up late.
        public var maximumBuckets = 1000
        /// Whether new buckets block public access, which refuses public ACLs and policies and everybody without a key.
        /// The buckets that the server starts with are new too; one that a storage folder holds stays as it was.
        /// Default `true`, as the service has it since 2025-10-13.
        public var blocksPublicAccess = true
        /// How many requests the log keeps; older ones are dropped. Default 100,000.
        public var maximumLoggedRequests = 100_000
        /// How many bytes the requests in the log may take: their targets, queries, keys and headers, as long as a client
        /// makes them. Bodies are never kept. Beyond it the older half of the log is dropped. Default 128 MiB, enough
        /// for 100,000 requests of common clients.
        public var maximumLoggedBytes = 128 << 20
        /// How many connections may be open; one more is closed at once. Default 16,384.
        public var maximumConnections = 16_384
        /// How long a connection may be silent, between requests or within one. Default two minutes.
        public var idleTimeout = Duration.seconds(120)
        /// The length of the stack of a connection's thread.
        var connectionStackLength = ConnectionThread.stackLength

        /// The defaults, with some of them replaced.
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

    /// A key whose signatures the server accepts.
    public struct AccessKey: Sendable {
        /// The AccessKey ID.
        public var id: String
        /// The AccessKey secret.
        public var secret: String
        /// The token that must come with a temporary key; `nil` for a permanent one.
        public var securityToken: String?
        /// When the token ends; `nil` for never.
        public var expiration: Date?
        /// The account that the key belongs to; `nil` for the one that owns every bucket. What another account asks of a
        /// bucket whose requesters pay needs `x-oss-request-payer`. Policies are kept and not applied: beyond that it may
        /// do what the owner may.
        public var accountID: String?

        /// Makes a key.
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

    /// A server could not be started, or was asked for something impossible.
    public struct StartError: Error, CustomStringConvertible {
        /// What kind of mistake it is.
        public enum Reason: Sendable {
            /// What was asked for can never be, such as a bucket of that name.
            case invalidArgument
            /// The system did not give what was needed, such as the port.
            case unavailable
        }

        /// What kind of mistake it is.
        public var reason = Reason.unavailable
        /// What went wrong, in one line.
        public var description: String
    }
}
