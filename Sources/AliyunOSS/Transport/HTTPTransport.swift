/// Moves one HTTP request and its reply. The whole of what the library needs from a network stack.
///
/// A transport knows nothing of OSS: it sends the request exactly as given (the URL is already percent-encoded, the
/// headers are already signed), takes the body from where ``HTTPRequest/body`` says, and puts the reply's body where
/// ``HTTPRequest/destination`` says. It never follows a redirect, never answers an authentication challenge, never
/// decompresses, never caches, and never retries: those decisions belong to its caller.
///
/// ``URLSessionTransport`` is the one the library uses unless told otherwise.
public protocol HTTPTransport: Sendable {
    /// Sends a request and returns once the whole reply has arrived at its destination.
    ///
    /// - Returns: the reply, whatever its status: a `404` or a `503` is a reply, not an error.
    /// - Throws: ``HTTPTransportError`` when there is no complete reply, or `CancellationError` when the task was
    ///   cancelled. After a throw nothing more is written to the destination.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}
