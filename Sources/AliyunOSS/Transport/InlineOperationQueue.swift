#if canImport(FoundationNetworking)
    import Foundation

    /// Runs the session's delegate calls where they arise, on the thread that drives libcurl.
    ///
    /// An ordinary queue copies every 16 KiB of a response into an operation of its own and keeps as many as the network can
    /// deliver: a slow disk then fills the memory with the whole object. Run inline, libcurl waits for the write. The
    /// price is that a delegate call must never block on the network, and never cancel, create or resume a task.
    final class InlineOperationQueue: OperationQueue, @unchecked Sendable {
        // Unchecked, because OperationQueue is: this subclass adds no state of its own.

        override func addOperation(_ block: @escaping @Sendable () -> Void) {
            block()
        }
    }
#endif
