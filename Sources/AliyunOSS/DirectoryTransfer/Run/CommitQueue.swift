import Synchronization

/// The rule that decides when the downloaded files of a run are committed.
package struct BatchRule: Sendable, Hashable {
    /// Number of files at which a batch closes.
    package var files = 128
    /// Total size, in bytes, at which a batch closes.
    package var bytes: Int64 = 64 << 20
    /// Time after the first file at which a batch closes.
    package var delay = Duration.milliseconds(100)

    /// Returns whether a batch closes before its time is over.
    ///
    /// - Parameter isIdle: Whether all other files of the run are complete, so that waiting would be of no use.
    func closes(files: Int, bytes: Int64, isIdle: Bool) -> Bool {
        files > 0 && (isIdle || files >= self.files || bytes >= self.bytes)
    }

    /// Number of files that may wait in addition to the transfers in flight: one batch is committed while the next one
    /// fills.
    var capacity: Int { files > 1 ? 2 * files : 0 }

    /// Returns this rule with smaller batches if the process has few descriptors for waiting files.
    func fitted(to count: (_ wanted: Int) -> Int) -> BatchRule {
        var rule = self
        rule.files = max(1, count(capacity) / 2)
        return rule
    }
}

/// A queue of downloaded files that are committed in batches.
///
/// The task of a batch's first file leads it: it waits until the batch closes, commits the files of all tasks and
/// resumes them. The other tasks wait for their leader, so the queue needs no task of its own, and every batch that has
/// been started is completed. One batch is committed at a time, as ``SharedSync`` requires.
final class CommitQueue: Sendable {
    private typealias Waiter = CheckedContinuation<Role, Never>

    private enum Role {
        /// The item is the first one of its batch. The stream ends when the batch closes.
        case leader(AsyncStream<Void>)
        case committed(FileError?)
    }

    private struct State {
        var items: [FileBatch.Item] = []
        /// The waiting tasks of all items but the first.
        var waiters: [Waiter] = []
        var bytes: Int64 = 0
        var close: AsyncStream<Void>.Continuation?
        var isCommitting = false
        /// The tasks that wait until the current commit is complete.
        var next: [CheckedContinuation<Void, Never>] = []

        mutating func append(_ item: FileBatch.Item, bytes: Int64, _ waiter: Waiter) -> AsyncStream<Void>? {
            items.append(item)
            self.bytes = self.bytes.clampedSum(with: bytes)
            guard items.count == 1 else {
                waiters.append(waiter)
                return nil
            }
            let (stream, close) = AsyncStream.makeStream(of: Void.self)
            self.close = close
            return stream
        }
    }

    private let rule: BatchRule
    private let sync: SharedSync
    private let unsynced = UnsyncedDirectories()
    private let state = Mutex(State())

    /// Creates a queue for files below a directory.
    init(_ root: SafeDirectory, _ rule: BatchRule) {
        sync = SharedSync(root)
        self.rule = rule
    }

    /// Creates a directory whose name is synced with the next batch.
    func makeDirectory(_ name: FileName, in parent: SafeDirectory) throws(FileError) {
        try unsynced.makeDirectory(name, in: parent)
    }

    /// Commits an item together with others, and returns when it is on stable storage under its name.
    ///
    /// A cancellation closes the batch at once. Its files are complete, so they are committed rather than lost.
    ///
    /// - Parameters:
    ///   - bytes: Size of the file.
    ///   - turn: The turn of the transfer, which ends now.
    func commit(_ item: FileBatch.Item, bytes: Int64, _ turn: TaskPool.Turn) async throws(FileError) {
        let role = await withCheckedContinuation { (waiter: Waiter) in
            if let stream = state.withLock({ $0.append(item, bytes: bytes, waiter) }) {
                waiter.resume(returning: .leader(stream))
            }
            closeIfDue()
            turn.finish()
        }
        let error =
            switch role {
            case .leader(let closing): await lead(closing)
            case .committed(let error): error
            }
        if let error { throw error }
    }

    /// Commits an item alone, and returns when it is on stable storage under its name.
    ///
    /// A large file is committed alone, because the journal of its download is removed only afterwards.
    func commitAlone(_ item: FileBatch.Item) async throws(FileError) {
        await startCommit()
        let errors = await BlockingWork.run { [sync, unsynced] in FileBatch.commit([item], sync, unsynced) }
        endCommit()
        if let error = errors.first ?? nil { throw error }
    }

    /// Closes the current batch if the rule says so.
    func closeIfDue(isIdle: Bool = false) {
        let close = state.withLock { state in
            rule.closes(files: state.items.count, bytes: state.bytes, isIdle: isIdle) ? state.close : nil
        }
        close?.finish()
    }

    /// Commits a batch after it has closed, and returns the error of its first item.
    private func lead(_ closing: AsyncStream<Void>) async -> FileError? {
        _ = try? await withDeadline(ContinuousClock.now + rule.delay) { for await _ in closing {} }
        await startCommit()
        // Items that arrived while the previous batch was committed are part of this one.
        let (items, waiters) = state.withLock { state in
            defer { (state.items, state.waiters, state.bytes, state.close) = ([], [], 0, nil) }
            return (state.items, state.waiters)
        }
        let errors = await BlockingWork.run { [sync, unsynced] in FileBatch.commit(items, sync, unsynced) }
        endCommit()
        for (waiter, error) in zip(waiters, errors.dropFirst()) { waiter.resume(returning: .committed(error)) }
        return errors.first ?? nil
    }

    /// Waits until no commit is in progress. A cancellation does not end the wait.
    private func startCommit() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isFree = state.withLock { state in
                if state.isCommitting { state.next.append(continuation) }
                defer { state.isCommitting = true }
                return !state.isCommitting
            }
            if isFree { continuation.resume() }
        }
    }

    private func endCommit() {
        let next = state.withLock { state in
            state.isCommitting = !state.next.isEmpty
            return state.next.isEmpty ? nil : state.next.removeFirst()
        }
        next?.resume()
    }
}
