/// A fault that a ``MockOSSServer`` injects into matching requests, once or a given number of times.
///
/// ```swift
/// server.add(MockFault(.respond(status: 503, code: "ServiceUnavailable"), when: .init(operation: "PutObject"), times: 2))
/// server.add(MockFault(.truncateBody(after: 100), when: .init(operation: "GetObject", key: "video.mp4")))
/// // … the code under test sends requests to server.endpoint …
/// #expect(server.unusedFaults.isEmpty)
/// ```
///
/// At most one fault of each kind applies to a request: one delay, one that replaces the response or breaks the
/// connection, one that changes the content of the response and one that changes its transmission. There is no limit on
/// the number of header changes or of state changes afterwards. Faults apply in the order in which they were added, so
/// two faults of the same kind apply to successive requests.
public struct MockFault: Sendable, Equatable {
    /// A way to close a connection.
    public enum Closing: String, Sendable {
        /// Sends FIN, so that the peer reads the end of the stream.
        case finish
        /// Sends RST, so that the peer's calls fail and may lose unread data.
        case reset
    }

    /// Effect of the fault.
    public var action: Action
    /// Conditions that a request must meet for the fault to apply.
    public var matcher: Matcher
    /// Number of times that the fault occurs; `.max` means every time.
    public var times: Int

    /// Creates a fault. Pass it to ``MockOSSServer/add(_:)`` to activate it.
    public init(_ action: Action, when matcher: Matcher = .any, times: Int = 1) {
        self.action = action
        self.matcher = matcher
        self.times = times
    }
}

extension MockFault {
    /// The conditions that a request must meet for a fault to apply. A request matches if it meets all of them. A
    /// condition that is `nil` matches every request.
    public struct Matcher: Sendable, Equatable {
        /// Name of the operation, such as `PutObject` or `ListObjectsV2`; `nil` for any operation.
        public var operation: String?
        /// HTTP method; `nil` for any method.
        public var method: String?
        /// Name of the bucket; `nil` for any bucket.
        public var bucket: String?
        /// Key of the object, compared byte by byte; `nil` for any key.
        public var key: String?
        /// Part number in a multipart upload; `nil` for any request.
        public var partNumber: Int?
        /// Value of the `Range` header, such as `bytes=0-99`; `nil` for any request.
        public var range: String?
        /// Number of the request, counted from 1 since the server was started or last reset; `nil` for any request.
        public var requestNumber: Int?
        /// Number of the connection, as in ``MockRequest/connection``; `nil` for any connection.
        public var connection: Int?
        /// Number of matching requests to skip before the fault applies. Default: 0.
        public var skip: Int
        /// Minimum number of earlier requests on the same connection. Default: 0. With 1, only requests on a reused
        /// connection match.
        public var minimumRequestIndex: Int
        /// Probability that the fault applies to a matching request. The seed of the ``FaultPlan`` determines the
        /// selected requests. Default: 1.
        public var probability: Double

        /// A matcher for every request.
        public static let any = Matcher()
        /// A matcher for every request on a connection that has already served a request.
        public static let reusedConnection = Matcher(minimumRequestIndex: 1)

        /// Returns a matcher for the requests of one operation, optionally limited to one key.
        public static func operation(_ operation: String, key: String? = nil, skip: Int = 0) -> Matcher {
            Matcher(operation: operation, key: key, skip: skip)
        }

        /// Returns a matcher for the request with the given number, counted from 1.
        public static func requestNumber(_ number: Int) -> Matcher {
            Matcher(requestNumber: number)
        }

        /// Creates a matcher. Omitted conditions match every request.
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

/// The request properties that are compared with a fault's conditions.
struct RequestFacts {
    var operation: String
    var method: String
    var bucket: String?
    var key: String?
    var partNumber: Int?
    var range: String?
    /// Number of the request, counted from 1.
    var number: Int
    var connection: Int
    var indexOnConnection: Int
    /// Declared length of the request body, in bytes; `nil` for a chunked body.
    var bodyLength: Int?
    /// A closure that receives each fault that applies to the request; `nil` for none.
    var recordUse: (@Sendable (MockFault.Action) -> Void)?
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
