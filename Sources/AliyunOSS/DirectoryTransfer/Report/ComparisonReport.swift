/// The differences between a local folder and the objects under a prefix.
///
/// When encoded as JSON, the report uses the names of its properties as keys.
public struct ComparisonReport: Sendable, Encodable {
    /// A way in which a file and its object can differ.
    public struct Difference: ExtensibleName {
        /// The kind's name.
        public var rawValue: String

        /// Creates a value from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The sizes differ.
        public static let size: Difference = "size"
        /// The sizes are equal, but the contents differ.
        public static let content: Difference = "content"
    }

    /// A file whose content differs from that of its object.
    public struct DifferentFile: Sendable, Hashable, Encodable {
        /// Path relative to the local folder.
        public var path: String
        /// Key of the object.
        public var key: ObjectKey
        /// The kind of difference.
        public var difference: Difference

        /// Creates a description of a file whose content differs from that of its object.
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

    /// Partition that was compared; `nil` if all keys were compared.
    public var partition: Partition?
    /// Files that are equal on both sides.
    public var equal = TransferTally()
    /// Files that were skipped, such as special files and broken links.
    public var skipped = TransferTally()
    /// Files of ``skipped`` that were skipped for a reason that is not a choice of the options, up to 1,000; see
    /// ``TransferReport/skippedFiles``.
    public var skippedFiles: [SkippedFile] = []
    /// Paths of files that have no corresponding object, in byte order.
    public var onlyLocal: [String] = []
    /// Keys of objects that have no corresponding file, in byte order.
    public var onlyRemote: [ObjectKey] = []
    /// Files that differ from their objects, in the byte order of their keys.
    public var different: [DifferentFile] = []
    /// Files that could not be compared.
    public var failures: [TransferFailure] = []
    /// Whether the run ended before comparing all files. This happens under
    /// ``DirectoryTransfer/FailurePolicy/failFast`` when a file fails, when an outage lasts longer than
    /// ``DirectoryTransfer/Options/outageLimit``, and in a ``TransferMonitor/unfinishedComparison``.
    public var stoppedEarly = false
    /// Duration of the comparison, in seconds.
    public var elapsedSeconds = 0.0

    /// Whether every file was compared and both sides are equal.
    public var isEqual: Bool {
        onlyLocal.isEmpty && onlyRemote.isEmpty && different.isEmpty && failures.isEmpty && !stoppedEarly
    }

    /// Creates a report that contains no files.
    public init() {}

    private enum CodingKeys: String, CodingKey {
        case operation, isEqual, partition, equal, skipped, skippedFiles, onlyLocal, onlyRemote, different, failures,
            stoppedEarly, elapsedSeconds
    }

    /// Encodes every property.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("check", forKey: .operation)
        try container.encode(isEqual, forKey: .isEqual)
        try container.encodeIfPresent(partition, forKey: .partition)
        try container.encode(equal, forKey: .equal)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(skippedFiles, forKey: .skippedFiles)
        try container.encode(onlyLocal, forKey: .onlyLocal)
        try container.encode(onlyRemote.map(\.rawValue), forKey: .onlyRemote)
        try container.encode(different, forKey: .different)
        try container.encode(failures, forKey: .failures)
        try container.encode(stoppedEarly, forKey: .stoppedEarly)
        try container.encode(elapsedSeconds, forKey: .elapsedSeconds)
    }
}
