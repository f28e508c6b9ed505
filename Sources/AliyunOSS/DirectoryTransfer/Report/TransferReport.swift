import Foundation

/// The outcome of a transfer, including the files that failed.
///
/// When encoded as JSON, the report uses the names of its properties as keys.
public struct TransferReport: Sendable {
    /// A kind of transfer.
    public struct Operation: ExtensibleName {
        /// The kind's name.
        public var rawValue: String

        /// Creates a value from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// An upload of a local folder to a prefix.
        public static let upload: Operation = "upload"
        /// A download of the objects under a prefix to a local folder.
        public static let download: Operation = "download"
        /// A copy of the objects under one prefix to another, performed by the service.
        public static let copy: Operation = "copy"
        /// A deletion of the objects under a prefix.
        public static let deletion: Operation = "deletion"
    }

    /// The transfer's kind.
    public var operation: Operation
    /// Whether the run was a dry run. The numbers in the report of a dry run describe what a real run would do.
    public var isDryRun = false
    /// Partition that the run processed; `nil` if it processed all keys.
    public var partition: Partition?
    /// Files that were transferred and verified.
    public var transferred = TransferTally()
    /// Files that were not transferred because both sides are equal.
    public var unchanged = TransferTally()
    /// Files that were skipped for any other reason, such as excluded files, special files and broken links.
    public var skipped = TransferTally()
    /// Files of ``skipped`` that were skipped for a reason that is not a choice of the options, up to 1,000: special
    /// files, broken links, links to a folder that contains them, temporary files of interrupted downloads, and the
    /// transfer's own files.
    public var skippedFiles: [SkippedFile] = []
    /// Files whose content is equal to that of their objects and whose objects received the requested attributes; see
    /// ``DirectoryTransfer/Options/updatesAttributes``.
    public var attributesUpdated = TransferTally()
    /// Files of ``unchanged`` to whose objects the requested attributes were not applied, because only an upload of the
    /// content stores them; see ``DirectoryTransfer/Options/updatesAttributes``. Objects that received the same attributes
    /// in an earlier run do not count, as long as the record lists them and ``DirectoryTransfer/Options/adjustAttributes``
    /// is not used.
    public var attributesNotApplied = TransferTally()
    /// Files that were deleted from the destination.
    public var deleted = TransferTally()
    /// Files that could not be transferred or deleted. Their counterparts in the destination are unchanged.
    public var failed = TransferTally()
    /// Number of folders that were created on disk or, as empty objects, in the bucket.
    public var folders = 0
    /// File tallies, keyed by the reason for the action.
    public var reasons: [TransferReason: TransferTally] = [:]
    /// The first 1,000 failures, in the order in which they occurred. ``failed`` counts all failures.
    public var failures: [TransferFailure] = []
    /// Path of the file that lists all failures if there are more than 1,000; otherwise, `nil`. See
    /// ``TransferPlan/retrying(_:)``.
    ///
    /// Each line of the file is a JSON object, encoded like ``TransferFailure``. Only the owner can read the file. It
    /// is in the directory `failures` of ``BucketConfiguration/stateDirectory``, or in the temporary directory if there
    /// is no state directory. The caller should remove the file. Files older than a week are removed when another run
    /// creates a failure file. A dry run creates none.
    public var failureFile: String?
    /// Number of planned deletions that were not performed, either because of failures or because deletions were
    /// refused.
    public var withheldDeletions = 0
    /// Paths of the first 1,000 planned deletions that were not performed.
    public var withheldPaths: [String] = []
    /// The error, with code ``OSSError/Code/deletionRefused``, if deletions were refused; otherwise, `nil`.
    public var deletionRefusal: OSSError?
    /// Descriptions of problems that did not end the run. For example, the record of equal files could not be saved,
    /// the default state directory could not be used, or the run had to wait for the service.
    public var warnings: [String] = []
    /// Whether the run ended before attempting all files. This happens under
    /// ``DirectoryTransfer/FailurePolicy/failFast`` when a file fails, when an outage lasts longer than
    /// ``DirectoryTransfer/Options/outageLimit``, and in a ``TransferMonitor/unfinishedReport``.
    public var stoppedEarly = false
    /// Time at which the transfer started.
    public var startTime = Date()
    /// Duration of the transfer, in seconds.
    public var elapsedSeconds = 0.0

    /// Whether the run performed every planned action without a failure.
    public var isComplete: Bool {
        failures.isEmpty && !stoppedEarly && deletionRefusal == nil && withheldDeletions == 0
    }

    /// Whether both sides were read completely and every transfer so far succeeded. Deletions require both.
    var isCompleteSoFar: Bool { failures.isEmpty && !stoppedEarly }

    /// Maximum number of failures, and of skipped files, that the report itself lists.
    static let listedFailures = 1000

    /// Creates an empty report for a kind of transfer.
    public init(_ operation: Operation) {
        self.operation = operation
    }
}

extension TransferReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case operation, isComplete, isDryRun, partition, transferred, unchanged, skipped, skippedFiles,
            attributesUpdated, attributesNotApplied, deleted, failed, folders, reasons,
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
        try container.encode(skippedFiles, forKey: .skippedFiles)
        try container.encode(attributesUpdated, forKey: .attributesUpdated)
        try container.encode(attributesNotApplied, forKey: .attributesNotApplied)
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

/// A file that was skipped, and the reason.
public struct SkippedFile: Sendable, Hashable, Encodable {
    /// Path relative to the local folder.
    public var path: String
    /// The reason for skipping the file.
    public var reason: TransferReason

    /// Creates a description of a skipped file.
    public init(path: String, reason: TransferReason) {
        (self.path, self.reason) = (path, reason)
    }

    private enum CodingKeys: String, CodingKey { case path, reason }

    /// Encodes every property.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encode(reason.rawValue, forKey: .reason)
    }
}

/// A count of files and their total size.
public struct TransferTally: Sendable, Hashable, Encodable {
    /// Number of files.
    public var files = 0
    /// Total size, in bytes.
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
    /// Returns the sum of two numbers, or the nearest representable value if the sum overflows. A service or a sparse
    /// file can report sizes so large that their sum overflows.
    func clampedSum(with other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        guard overflows else { return sum }
        return other > 0 ? .max : .min
    }
}
