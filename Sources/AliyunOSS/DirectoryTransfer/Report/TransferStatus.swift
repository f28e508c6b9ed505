/// The state of a folder transfer or comparison at one moment.
public struct TransferStatus: Sendable, Hashable {
    /// A kind of work on a file.
    public struct Phase: ExtensibleName {
        /// The kind's name.
        public var rawValue: String

        /// Creates a value from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The contents of the file and its object are compared, because it is not known whether they are equal.
        public static let comparing: Phase = "comparing"
        /// The content is transferred or, for a small file, transferred and waiting to be committed.
        public static let transferring: Phase = "transferring"
    }

    /// A file in flight.
    public struct File: Sendable, Hashable {
        /// Path relative to the local folder or, for a copy, relative to the prefix. Bytes that are not UTF-8 are shown
        /// as `�`.
        public var path: String
        /// The current work on the file.
        public var phase: Phase
        /// Bytes transferred or compared so far in this phase, including ``bytesResumed``.
        public var bytesDone: Int64
        /// Bytes of ``bytesDone`` that an earlier, interrupted attempt transferred.
        public var bytesResumed: Int64
        /// Size of the file, in bytes.
        public var size: Int64
        /// Time at which the work on the file started.
        public var startTime: ContinuousClock.Instant

        /// Creates a description of a file in flight.
        public init(
            path: String, phase: Phase, bytesDone: Int64 = 0, bytesResumed: Int64 = 0, size: Int64,
            startTime: ContinuousClock.Instant
        ) {
            self.path = path
            self.phase = phase
            self.bytesDone = bytesDone
            self.bytesResumed = bytesResumed
            self.size = size
            self.startTime = startTime
        }
    }

    /// Bytes transferred so far, their total and their rate. The total grows until ``isListingComplete`` is `true`, and
    /// shrinks when files turn out to be equal. In a comparison, the bytes are those of the compared files.
    public var progress: TransferProgress
    /// Files that the run has found so far, excluding deletions and folders.
    public var found: TransferTally
    /// Whether both sides have been listed completely, so that ``found`` and the total no longer grow.
    public var isListingComplete: Bool
    /// Files that have been transferred so far.
    public var transferred: TransferTally
    /// Files that have been found to be equal so far.
    public var unchanged: TransferTally
    /// Files whose objects have received the requested attributes so far.
    public var attributesUpdated: TransferTally
    /// Files that a comparison has found to differ or to exist on one side only. The sizes are not counted.
    public var different: TransferTally
    /// Files that have been skipped so far, not counting unchanged files.
    public var skipped: TransferTally
    /// Files that have been deleted so far.
    public var deleted: TransferTally
    /// Files that have failed so far.
    public var failed: TransferTally
    /// Files in flight, starting with the one that has been in flight for the longest time.
    public var filesInFlight: [File]

    /// Number of the found files that need no more work.
    public var filesDone: Int {
        transferred.files + unchanged.files + attributesUpdated.files + different.files + skipped.files + failed.files
    }

    /// Creates the state of a run.
    public init(
        progress: TransferProgress = TransferProgress(
            bytesTransferred: 0, bytesTotal: 0, bytesPerSecond: 0, estimatedTimeRemaining: nil),
        found: TransferTally = TransferTally(), isListingComplete: Bool = false,
        transferred: TransferTally = TransferTally(), unchanged: TransferTally = TransferTally(),
        attributesUpdated: TransferTally = TransferTally(), different: TransferTally = TransferTally(),
        skipped: TransferTally = TransferTally(), deleted: TransferTally = TransferTally(),
        failed: TransferTally = TransferTally(), filesInFlight: [File] = []
    ) {
        self.progress = progress
        self.found = found
        self.isListingComplete = isListingComplete
        self.transferred = transferred
        self.unchanged = unchanged
        self.attributesUpdated = attributesUpdated
        self.different = different
        self.skipped = skipped
        self.deleted = deleted
        self.failed = failed
        self.filesInFlight = filesInFlight
    }
}
