import Foundation

/// A file that may take part in a transfer, as ``TransferFilter/predicate`` sees it.
public struct TransferCandidate: Sendable, Hashable {
    /// The path below the root of the transfer, with `/` between its names.
    public var path: String
    /// The size in bytes.
    public var size: Int64
    /// When it was last changed: the time of a local file, or `LastModified` of an object. Nothing when that is not known.
    public var modified: Date?

    /// Makes a candidate.
    public init(path: String, size: Int64, modified: Date? = nil) {
        self.path = path
        self.size = size
        self.modified = modified
    }
}
