/// How a local folder and the objects under a prefix differ.
///
/// Encoded as JSON, it has the names of its properties as keys.
public struct ComparisonReport: Sendable, Encodable {
    /// What is different about a file that is on both sides.
    public enum Difference: String, Sendable, Hashable, Encodable {
        /// The number of bytes.
        case size
        /// The bytes.
        case content
    }

    /// A file that is on both sides and not the same.
    public struct DifferentFile: Sendable, Hashable, Encodable {
        /// The path below the local folder.
        public var path: String
        /// The key.
        public var key: ObjectKey
        /// What is different.
        public var difference: Difference

        private enum CodingKeys: String, CodingKey { case path, key, difference }

        /// Encodes every property.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(path, forKey: .path)
            try container.encode(key.rawValue, forKey: .key)
            try container.encode(difference, forKey: .difference)
        }
    }

    /// The share of the keys that was compared, when it was one of several.
    public internal(set) var partition: Partition?
    /// Files that are on both sides with the same content.
    public internal(set) var equal = TransferTally()
    /// Files that are left out on purpose: special files, links that lead nowhere.
    public internal(set) var skipped = TransferTally()
    /// Paths of the files that have no object, in byte order.
    public internal(set) var onlyLocal: [String] = []
    /// Keys of the objects that have no file, in byte order.
    public internal(set) var onlyRemote: [ObjectKey] = []
    /// Files that are on both sides and not the same, in byte order of their keys.
    public internal(set) var different: [DifferentFile] = []
    /// Files that could not be compared.
    public internal(set) var failures: [TransferFailure] = []
    /// How long it took, in seconds.
    public internal(set) var elapsedSeconds = 0.0

    /// Whether both sides were compared completely and are the same.
    public var isEqual: Bool {
        onlyLocal.isEmpty && onlyRemote.isEmpty && different.isEmpty && failures.isEmpty
    }

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
