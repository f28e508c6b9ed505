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
