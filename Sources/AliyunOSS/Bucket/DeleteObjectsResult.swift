/// What became of each key given to `deleteObjects`.
public struct DeleteObjectsResult: Sendable {
    /// A key that was not deleted, and why.
    public struct Failure: Sendable {
        /// The key.
        public var key: ObjectKey
        /// Why it was not deleted.
        public var error: OSSError
    }

    /// The keys that are gone now. A key that did not exist counts as deleted, as the service sees it.
    public var deleted: [ObjectKey] = []
    /// The keys that may still be there.
    public var failures: [Failure] = []
}
