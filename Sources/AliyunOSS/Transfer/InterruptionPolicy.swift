/// What becomes of the finished pieces of a transfer that fails or is cancelled.
public enum InterruptionPolicy: String, Sendable, Hashable, CaseIterable {
    /// They are kept, so that the next call with the same arguments goes on from there. Parts of an upload are billed until
    /// then; ``Bucket/incompleteMultipartUploads(prefix:olderThan:)`` finds those that nobody came back for. What cannot be resumed
    /// (the file changed, nothing is remembered) is removed all the same.
    case keep
    /// They are removed at once. After a cancellation there is less than a second for it.
    case discard
}
