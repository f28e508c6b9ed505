/// The differences between a local folder and the objects under a prefix.
///
/// Encoded as JSON, it has the names of its properties as keys.
public struct ComparisonReport: Sendable, Encodable {
    /// A kind of difference.
    public enum Difference: String, Sendable, Hashable, Encodable {
        /// The sizes differ.
        case size
        /// The sizes are equal and the contents differ.
        case content
    }

    /// A file that differs between both sides.
    public struct DifferentFile: Sendable, Hashable, Encodable {
        /// Path relative to the local folder.
        public var path: String
        /// Key of the object.
        public var key: ObjectKey
        /// Kind of the difference.
        public var difference: Difference

        /// Creates a difference.
        public init(path: String, key: ObjectKey, difference: Difference) {
            (self.path, self.key, self.difference) = (path, key, difference)
        }

        private enum CodingKeys: String, CodingKey { case path, key, difference }

        /// Encodes every property.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(path, forKey: .path)
            try container.encode(key.rawValue, forKey: .key)
            try container.encode(difference, forKey: .difference)
        }
    }

    /// Partition that was compared, if it was one of several.
    public var partition: Partition?
    /// Files that are equal on both sides.
    public var equal = TransferTally()
    /// Files that were skipped: special files and broken links.
    public var skipped = TransferTally()
    /// Paths of files without an object, in byte order.
    public var onlyLocal: [String] = []
    /// Keys of objects without a file, in byte order.
    public var onlyRemote: [ObjectKey] = []
    /// Files that differ, in byte order of their keys.
    public var different: [DifferentFile] = []
    /// Files that could not be compared.
    public var failures: [TransferFailure] = []
    /// Duration in seconds.
    public var elapsedSeconds = 0.0

    /// Whether both sides were compared completely and are equal.
    public var isEqual: Bool {
        onlyLocal.isEmpty && onlyRemote.isEmpty && different.isEmpty && failures.isEmpty
    }

    /// Creates the report of a comparison without files.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case operation, isEqual, partition, equal, skipped, onlyLocal, onlyRemote, different, failures, elapsedSeconds
    }

    /// Encodes every property.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("check", forKey: .operation)
        try container.encode(isEqual, forKey: .isEqual)
        try container.encodeIfPresent(partition, forKey: .partition)
        try container.encode(equal, forKey: .equal)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(onlyLocal, forKey: .onlyLocal)
        try container.encode(onlyRemote.map(\.rawValue), forKey: .onlyRemote)
        try container.encode(different, forKey: .different)
        try container.encode(failures, forKey: .failures)
        try container.encode(elapsedSeconds, forKey: .elapsedSeconds)
    }
}
