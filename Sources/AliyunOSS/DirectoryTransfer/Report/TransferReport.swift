import Foundation

/// The outcome of a transfer, with a value for each file that failed.
///
/// Encoded as JSON, it has the names of its properties as keys.
public struct TransferReport: Sendable {
    /// Which way a transfer goes, or that it only deletes.
    public enum Operation: String, Sendable, Encodable {
        /// From a folder to a prefix.
        case upload
        /// From a prefix to a folder.
        case download
        /// From one prefix to another, by the service.
        case copy
        /// Objects under a prefix were deleted.
        case deletion
    }

    /// Which way it went.
    public var operation: Operation
    /// Whether it only found out what would be done: then every number says what would be.
    public internal(set) var isDryRun = false
    /// The share of the keys that was its, when it was one of several.
    public internal(set) var partition: Partition?
    /// Files that were transferred and verified.
    public internal(set) var transferred = TransferTally()
    /// Files that were left alone because both sides are equal.
    public internal(set) var unchanged = TransferTally()
    /// Files that were left alone on purpose for another reason: excluded, special files, links that lead nowhere.
    public internal(set) var skipped = TransferTally()
    /// Files that were deleted from the destination.
    public internal(set) var deleted = TransferTally()
    /// Files that could not be transferred or deleted. The destination has what it had before.
    public internal(set) var failed = TransferTally()
    /// Folders that were made: in the bucket as empty objects, on disk as folders.
    public internal(set) var folders = 0
    /// The same files once more, by the reason for what was done with them.
    public internal(set) var reasons: [TransferReason: TransferTally] = [:]
    /// The files that failed, in the order they failed: the first thousand of them. ``failed`` has the number of all.
    public internal(set) var failures: [TransferFailure] = []
    /// The file that lists every failure, when there are more than a thousand; see ``TransferPlan/retrying(_:)``.
    ///
    /// It has one JSON object a line, each as ``TransferFailure`` is encoded, and is readable by its owner only. It is in the
    /// directory `failures` of ``BucketConfiguration/stateDirectory``, or among the temporary files where there is none. It is
    /// the caller's to remove; one that is older than a week is removed when another run makes such a file. A dry run makes
    /// none.
    public internal(set) var failureFile: String?
    /// The number of deletions that were due and not done, because something had failed or because they were refused.
    public internal(set) var withheldDeletions = 0
    /// What these deletions were about, the first thousand of them.
    public internal(set) var withheldPaths: [String] = []
    /// Why deletions were refused, if so. Its code is ``OSSError/Code/deletionRefused``.
    public internal(set) var deletionRefusal: OSSError?
    /// What did not go as it should and cost nothing but time: the record of what is equal could not be kept, the standard state
    /// directory cannot be used, or the run waited for the service.
    public internal(set) var warnings: [String] = []
    /// Whether the run ended before it had tried everything, because of
    /// ``DirectoryTransfer/FailurePolicy/failFast`` or because the service had not answered for
    /// ``DirectoryTransfer/Options/outageLimit``.
    public internal(set) var stoppedEarly = false
    /// When it began.
    public internal(set) var startTime = Date()
    /// How long it took, in seconds.
    public internal(set) var elapsedSeconds = 0.0

    /// Whether everything was done that should be.
    public var isComplete: Bool {
        failures.isEmpty && !stoppedEarly && deletionRefusal == nil && withheldDeletions == 0
    }

    /// Whether everything was seen and every transfer so far succeeded, so that deletions follow from it.
    var isCompleteSoFar: Bool { failures.isEmpty && !stoppedEarly }

    /// The number of failures that the report itself lists.
    static let listedFailures = 1000

    init(_ operation: Operation) {
        self.operation = operation
    }
}

extension TransferReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case operation, isComplete, isDryRun, partition, transferred, unchanged, skipped, deleted, failed, folders,
            reasons,
            failures, failureFile, withheldDeletions, withheldPaths, deletionRefusal, warnings, stoppedEarly, startTime,
            elapsedSeconds
    }

    /// Encodes every property.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(operation, forKey: .operation)
        try container.encode(isComplete, forKey: .isComplete)
        try container.encode(isDryRun, forKey: .isDryRun)
        try container.encodeIfPresent(partition, forKey: .partition)
        try container.encode(transferred, forKey: .transferred)
        try container.encode(unchanged, forKey: .unchanged)
        try container.encode(skipped, forKey: .skipped)
        try container.encode(deleted, forKey: .deleted)
        try container.encode(failed, forKey: .failed)
        try container.encode(folders, forKey: .folders)
        let named = reasons.map { ($0.key.rawValue, $0.value) }
        try container.encode(Dictionary(named) { first, _ in first }, forKey: .reasons)
        try container.encode(failures, forKey: .failures)
        try container.encodeIfPresent(failureFile, forKey: .failureFile)
        try container.encode(withheldDeletions, forKey: .withheldDeletions)
        try container.encode(withheldPaths, forKey: .withheldPaths)
        try container.encodeIfPresent(deletionRefusal?.description, forKey: .deletionRefusal)
        try container.encode(warnings, forKey: .warnings)
        try container.encode(stoppedEarly, forKey: .stoppedEarly)
        try container.encode(startTime, forKey: .startTime)
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
        self.bytes = self.bytes.clampedSum(with: bytes)
    }
}

extension Int64 {
    /// The sum, or the nearest number there is: sizes are what a service or a sparse file says, and two of them may be too
    /// much for a total.
    func clampedSum(with other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        guard overflows else { return sum }
        return other > 0 ? .max : .min
    }
}
