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
/// one in the body of the reply, any number of changed headers. Faults are met in the order they were added, so two
/// added one after another for the same requests happen one after another.
public struct MockFault: Sendable, Equatable {
    /// How a connection ends.
    public enum Closing: String, Sendable {
        /// With FIN: the peer reads the end of the stream.
        case finish
        /// With RST: the peer's calls fail, and what it has not read may be lost.
        case reset
    }

    /// What happens.
    public enum Action: Sendable, Equatable {
        /// Reads the request, does nothing, and answers with the service's error XML.
        case respond(status: Int, code: String, message: String = "Injected by a test.")
        /// Waits before the request's body is read. Combines with any other fault.
        case delay(Duration)
        /// Closes the connection when the request's head has arrived.
        case closeBeforeReading(Closing = .reset)
        /// Closes the connection after that many bytes of the request's body. Matches requests that announce as many.
        case closeAfterReading(bytes: Int, Closing = .reset)
        /// Does what was asked, then closes the connection instead of answering.
        case closeAfterApplying(Closing = .reset)
        /// Closes the connection after that many bytes of the reply's body. Matches replies that have more.
        case truncateBody(after: Int, Closing = .finish)
        /// Sends that many bytes of the reply's body, pauses, and goes on. Matches replies that have more.
        case stallBody(after: Int, for: Duration)
        /// Sends the reply's body slowly. Matches replies that have a body.
        case throttleBody(bytesPerSecond: Int)
        /// Inverts one byte of the reply's body. Matches replies that have it.
        case corruptBody(at: Int)
        /// Replaces a header of the reply, or adds it, or with `nil` leaves it out.
        case header(_ name: String, _ value: String?)
        /// Reads the request, does nothing, and answers with a redirect.
        case redirect(status: Int = 307, to: String)
        /// Reads the request, does nothing, and answers 401 with `WWW-Authenticate: Basic`.
        case challenge
        /// Reads the request, does nothing, sends these bytes and closes the connection.
        case raw([UInt8])
        /// Answers 200 with the whole object although a range was asked for. Matches requests with a range.
        case ignoreRange
    }

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
        /// How many requests that match are let through first: 2 makes it the third. Default 0.
        public var skip: Int
        /// The least number of requests that came before on the same connection. Default 0; 1 means that only requests
        /// on a reused connection match.
        public var minimumRequestIndex: Int

        /// Any request.
        public static let any = Matcher()
        /// Any request on a connection that has served another before.
        public static let reusedConnection = Matcher(minimumRequestIndex: 1)

        /// Makes a matcher; what is left out does not matter.
        public init(
            operation: String? = nil, method: String? = nil, bucket: String? = nil, key: String? = nil, skip: Int = 0,
            minimumRequestIndex: Int = 0
        ) {
            self.operation = operation
            self.method = method
            self.bucket = bucket
            self.key = key
            self.skip = skip
            self.minimumRequestIndex = minimumRequestIndex
        }
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
