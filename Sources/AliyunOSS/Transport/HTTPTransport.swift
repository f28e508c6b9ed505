/// Moves one HTTP request and its response. The whole of what the library needs from a network stack.
///
/// A transport knows nothing of OSS: it sends the request exactly as given (the URL is already percent-encoded, the
/// headers are already signed), takes the body from where ``HTTPRequest/body`` says, and puts the response's body where
/// ``HTTPRequest/destination`` says. It never follows a redirect, never answers an authentication challenge, never
/// decompresses, never caches, and never retries: those decisions belong to its caller.
///
/// ``URLSessionTransport`` is the one the library uses unless told otherwise.
public protocol HTTPTransport: Sendable {
    /// Sends a request and returns once the whole response has arrived at its destination.
    ///
    /// - Returns: the response, whatever its status: a `404` or a `503` is a response, not an error.
    /// - Throws: ``HTTPTransportError`` when there is no complete response, or `CancellationError` when the task was
    ///   cancelled. After a throw nothing more is written to the destination.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse

    /// Stops using the connections that are open, but for the requests that are on them.
    ///
    /// Called after a response that does not belong to its request. A server that sends more than it announced leaves a
    /// connection on which each response is taken for that to the next request, for as long as it is used. Default: does
    /// nothing, which is right for a transport that notices by itself.
    func discardConnections()
}

extension HTTPTransport {
    /// Does nothing.
    public func discardConnections() {}
}
