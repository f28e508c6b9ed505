import Foundation

/// The outcome of a transfer, with each file that failed.
///
/// Encoded as JSON, it has the names of its properties as keys.
public struct TransferReport: Sendable {
    /// A kind of transfer.
    public enum Operation: String, Sendable, Encodable {
        /// An upload of a folder to a prefix.
        case upload
        /// A download of a prefix to a folder.
        case download
        /// A copy from one prefix to another by the service.
        case copy
        /// A deletion of the objects under a prefix.
        case deletion
    }

    /// Kind of the transfer.
    public var operation: Operation
    /// Whether the run was a dry run. Then all numbers state what a run would do.
    public var isDryRun = false
    /// Partition of the run, if it was one of several.
    public var partition: Partition?
    /// Files that were transferred and verified.
    public var transferred = TransferTally()
    /// Files that were not transferred because both sides are equal.
    public var unchanged = TransferTally()
    /// Files that were skipped for another reason: excluded files, special files and broken links.
    public var skipped = TransferTally()
    /// Files that were deleted from the destination.
    public var deleted = TransferTally()
    /// Files that could not be transferred or deleted. The destination is unchanged.
    public var failed = TransferTally()
    /// Number of folders created: in the bucket as empty objects, on disk as folders.
    public var folders = 0
    /// Files by the reason for their actions.
    public var reasons: [TransferReason: TransferTally] = [:]
    /// The first 1,000 failures in the order in which they occurred. ``failed`` has the number of all.
    public var failures: [TransferFailure] = []
    /// Path of the file that lists every failure, if there are more than 1,000; see ``TransferPlan/retrying(_:)``.
    ///
    /// The file has one JSON object per line, each encoded like ``TransferFailure``, and is readable by its owner only.
    /// It is in the directory `failures` of ``BucketConfiguration/stateDirectory``, or in the temporary directory if
    /// there is no state directory. The caller should remove it. Files older than a week are removed when another run
    /// creates one. A dry run creates none.
    public var failureFile: String?
    /// Number of planned deletions that were not done because something failed or they were refused.
    public var withheldDeletions = 0
    /// Paths of the first 1,000 of these deletions.
    public var withheldPaths: [String] = []
    /// The error if deletions were refused, with code ``OSSError/Code/deletionRefused``.
    public var deletionRefusal: OSSError?
    /// Non-fatal problems: the record of equal files could not be saved, the default state directory cannot be used, or
    /// the run waited for the service.
    public var warnings: [String] = []
    /// Whether the run ended before it had tried all files, because of ``DirectoryTransfer/FailurePolicy/failFast`` or
    /// because the service did not respond for ``DirectoryTransfer/Options/outageLimit``.
    public var stoppedEarly = false
    /// Start time.
    public var startTime = Date()
    /// Duration in seconds.
    public var elapsedSeconds = 0.0

    /// Whether the run did everything it should.
    public var isComplete: Bool {
        failures.isEmpty && !stoppedEarly && deletionRefusal == nil && withheldDeletions == 0
    }

    /// Whether everything was seen and every transfer so far succeeded, which deletions require.
    var isCompleteSoFar: Bool { failures.isEmpty && !stoppedEarly }

    /// Maximum number of failures in the report itself.
    static let listedFailures = 1000

    /// Creates the report of a transfer that did nothing.
    public init(_ operation: Operation) {
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

/// A number of files and their total size.
public struct TransferTally: Sendable, Hashable, Encodable {
    /// Number of files.
    public var files = 0
    /// Total size in bytes.
    public var bytes: Int64 = 0

    /// Creates a tally.
    public init(files: Int = 0, bytes: Int64 = 0) {
        (self.files, self.bytes) = (files, bytes)
    }

    mutating func add(bytes: Int64) {
        files += 1
        self.bytes = self.bytes.clampedSum(with: bytes)
    }
}

extension Int64 {
    /// Returns the sum, or the nearest representable number. Sizes are stated by a service or a sparse file, so that
    /// their sum may overflow.
    func clampedSum(with other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        guard overflows else { return sum }
        return other > 0 ? .max : .min
    }
}
