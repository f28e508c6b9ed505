import Synchronization

/// How many bytes of bodies a request has moved, in both directions, as far as its transport says. It is all that is known
/// of one that ends without an answer.
final class ByteCounter: Sendable {
    private let progress = Mutex(HTTPProgress(bytesSent: 0, bytesReceived: 0))

    /// The number of bytes so far.
    var count: Int64 { progress.withLock { $0.bytesSent + $0.bytesReceived } }

    /// A request that tells this, and then whom it told before.
    func following(_ request: HTTPRequest) -> HTTPRequest {
        var followed = request
        followed.onProgress = { progress in
            self.progress.withLock { $0 = progress }
            request.onProgress?(progress)
        }
        return followed
    }
}
