/// Whether and how a transfer deletes what the source does not have.
///
/// Deletions come after all transfers, and only when every listing was complete and nothing failed. What is excluded, left
/// out or in another partition is never deleted. A file or folder that has the name which an object needs is moved aside once the
/// object is fetched and verified, and deleted when the object has its place.
public struct DeletionOptions: Sendable, Hashable {
    /// How much may be deleted in one run.
    public enum Limit: Sendable, Hashable {
        /// At most half of what the destination has; up to 100 files in any case, and all of them where
        /// ``DeletionOptions/allowsEmptySource`` applies. ``DirectoryTransfer/delete(under:)``: at most 100 objects.
        case standard
        /// So many files.
        case count(Int)
        /// Such a share of the files that the destination has, from 0 to 1.
        case share(Double)
        /// All of it.
        case unlimited
    }

    /// How much may be deleted. When more would have to be, nothing is. Default: ``Limit/standard``.
    public var limit = Limit.standard
    /// Whether a source with no file at all may empty the destination; a ``limit`` that was set still holds. What is excluded
    /// and objects that only stand for folders do not count. Default: no, since it is more often a disk that is not mounted
    /// than a wish.
    public var allowsEmptySource = false
    /// A local folder that files deleted by a download are moved to, at their path. Default: they are deleted.
    public var backupFolder: String?

    /// Makes options with the defaults.
    public init() {}
}
