/// A misbehaviour that a ``MockOSSServer`` shows once, or a number of times, when a request matches.
///
/// ```swift
/// server.add(MockFault(.respond(status: 503, code: "ServiceUnavailable"), when: .init(operation: "PutObject"), times: 2))
/// server.add(MockFault(.truncateBody(after: 100), when: .init(operation: "GetObject", key: "video.mp4")))
/// …
/// #expect(server.unusedFaults.isEmpty)
/// ```
///
/// One request meets at most one fault of each kind: one delay, one that replaces the reply or breaks the connection,
/// one in the content of the reply and one in how it is sent, any number of changed headers and of things that happen
/// afterwards. Faults are met in the order they were added, so two added one after another for the same requests happen
/// one after another.
public struct MockFault: Sendable, Equatable {
    /// How a connection ends.
    public enum Closing: String, Sendable {
        /// With FIN: the peer reads the end of the stream.
        case finish
        /// With RST: the peer's calls fail, and what it has not read may be lost.
        case reset
    }

    /// What happens.
    public var action: Action
    /// To which requests.
    public var matcher: Matcher
    /// How often. `.max` is every time.
    public var times: Int

    /// Makes a fault, which does nothing until it is given to ``MockOSSServer/add(_:)``.
    public init(_ action: Action, when matcher: Matcher = .any, times: Int = 1) {
        self.action = action
        self.matcher = matcher
        self.times = times
    }
}

extension MockFault {
    /// Which requests meet a fault. Every condition that is set must hold.
    public struct Matcher: Sendable, Equatable {
        /// The operation's name, such as `PutObject` or `ListObjectsV2`.
        public var operation: String?
        /// The HTTP method.
        public var method: String?
        /// The bucket.
        public var bucket: String?
        /// The object's key, compared by bytes.
        public var key: String?
        /// The number of the part in a multipart upload.
        public var partNumber: Int?
        /// The request's `Range` header, such as `bytes=0-99`.
        public var range: String?
        /// The number of the request, counted from 1 since the server's start or its last reset, whatever it asks for.
        public var requestNumber: Int?
        /// The number of the connection it comes on, as in ``MockRequest/connection``.
        public var connection: Int?
        /// How many requests that match are let through first: 2 makes it the third. Default 0.
        public var skip: Int
        /// The least number of requests that came before on the same connection. Default 0; 1 means that only requests
        /// on a reused connection match.
        public var minimumRequestIndex: Int
        /// How likely each request that matches is to meet the fault, under the seed of the ``FaultPlan``. Default 1.
        public var probability: Double

        /// Any request.
        public static let any = Matcher()
        /// Any request on a connection that has served another before.
        public static let reusedConnection = Matcher(minimumRequestIndex: 1)

        /// The requests for one operation, and for one key if it is given.
        public static func operation(_ operation: String, key: String? = nil, skip: Int = 0) -> Matcher {
            Matcher(operation: operation, key: key, skip: skip)
        }

        /// The n-th request, counted from 1.
        public static func requestNumber(_ number: Int) -> Matcher {
            Matcher(requestNumber: number)
        }

        /// Makes a matcher; what is left out does not matter.
        public init(
            operation: String? = nil, method: String? = nil, bucket: String? = nil, key: String? = nil,
            partNumber: Int? = nil, range: String? = nil, requestNumber: Int? = nil, connection: Int? = nil,
            skip: Int = 0, minimumRequestIndex: Int = 0, probability: Double = 1
        ) {
            self.operation = operation
            self.method = method
            self.bucket = bucket
            self.key = key
            self.partNumber = partNumber
            self.range = range
            self.requestNumber = requestNumber
            self.connection = connection
            self.skip = skip
            self.minimumRequestIndex = minimumRequestIndex
            self.probability = probability
        }
    }
}

/// What of a request decides whether a fault matches.
struct RequestFacts {
    var operation: String
    var method: String
    var bucket: String?
    var key: String?
    var partNumber: Int?
    var range: String?
    /// Counted from 1.
    var number: Int
    var connection: Int
    var indexOnConnection: Int
    /// The announced length of the request's body; `nil` when it is chunked.
    var bodyLength: Int?
}

extension MockFault.Matcher {
    func matches(_ facts: RequestFacts) -> Bool {
        func admits<Value: Equatable>(_ wanted: Value?, _ value: Value?) -> Bool { wanted == nil || wanted == value }
        return admits(operation, facts.operation) && admits(method, facts.method) && admits(bucket, facts.bucket)
            && admits(partNumber, facts.partNumber) && admits(range, facts.range)
            && admits(requestNumber, facts.number) && admits(connection, facts.connection)
            && facts.indexOnConnection >= minimumRequestIndex
            && (key == nil || facts.key.map { Array($0.utf8) } == key.map { Array($0.utf8) })
    }
}
