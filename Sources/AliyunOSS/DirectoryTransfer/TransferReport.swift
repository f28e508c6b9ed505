/// What a transfer did, with a value for every file that failed.
///
/// Encoded as JSON, it has the names of its properties as keys.
public struct TransferReport: Sendable, Encodable {
    /// Which way a transfer goes.
    public enum Operation: String, Sendable, Encodable {
        case upload
        case download
    }

    /// Which way it went.
    public var operation: Operation
    /// Files that were transferred and verified.
    public internal(set) var transferred = TransferTally()
    /// Files that were left alone on purpose: special files, links that lead nowhere.
    public internal(set) var skipped = TransferTally()
    /// Files that could not be transferred. The destination has what it had before.
    public internal(set) var failed = TransferTally()
    /// Folders that were made: in the bucket as empty objects, on disk as folders.
    public internal(set) var folders = 0
    /// One value for each failed file, in the order they failed.
    public internal(set) var failures: [TransferFailure] = []
    /// Whether the run ended before it had tried everything, because of ``DirectoryTransfer/FailurePolicy/stop``.
    public internal(set) var stoppedEarly = false
    /// How long it took, in seconds.
    public internal(set) var elapsedSeconds = 0.0

    /// Whether everything that should be transferred was.
    public var isComplete: Bool { failures.isEmpty && !stoppedEarly }

    init(_ operation: Operation) {
        self.operation = operation
    }

    private enum CodingKeys: String, CodingKey {
        case operation, isComplete, transferred, skipped, failed, folders, failures, stoppedEarly, elapsedSeconds
    }

    /// Encodes every property.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(operation, forKey: .operation)
        try container.encode(isComplete, forKey: .isComplete)
        try container.encode(transferred, forKey: .transferred)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(failed, forKey: .failed)
        try container.encode(folders, forKey: .folders)
        try container.encode(failures, forKey: .failures)
        try container.encode(stoppedEarly, forKey: .stoppedEarly)
        try container.encode(elapsedSeconds, forKey: .elapsedSeconds)
    }
}

/// A number of files and their bytes.
public struct TransferTally: Sendable, Hashable, Encodable {
    /// The number of files.
    public internal(set) var files = 0
    /// Their size in bytes.
    public internal(set) var bytes: Int64 = 0

    mutating func add(bytes: Int64) {
        files += 1
        self.bytes += bytes
    }
}
