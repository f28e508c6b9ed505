extension DirectoryTransfer {
    /// An action to take if a file fails.
    public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
        /// Continue with the other files and report the failure.
        case keepGoing
        /// Cancel requests in flight, start no more files and report the failure.
        case failFast
    }

    /// Options of a folder transfer.
    public struct Options: Sendable {
        /// Maximum number of concurrent requests, for files and for parts of large files. Default: 30. A larger number
        /// hides more latency but takes a connection for each request. The number is lowered with a warning if the
        /// process has few file descriptors.
        public var concurrency = 30
        /// Rule for files that the destination already has. Default: transfer files whose content differs.
        public var updateMode = UpdateMode.modified
        /// Files to include. Default: all.
        public var filter = TransferFilter()
        /// Options for deleting files from the destination that the source does not have. Default: `nil`, which deletes
        /// nothing.
        public var deletion: DeletionOptions?
        /// Whether a download or copy succeeds and does nothing if no object is under the source prefix. Default:
        /// `false`, which fails with ``OSSError/Code/notFound`` because the prefix is probably mistyped.
        /// ``DeletionOptions/allowsEmptySource`` implies `true`.
        public var allowsMissingPrefix = false
        /// Path of a snapshot file that records which files and objects were equal, and that is trusted without a
        /// listing: an unchanged recorded file costs no request, and an upload without deletions does not list the
        /// bucket. Changes that others make in the bucket are not detected. Default: `nil`, which saves such a record
        /// in ``BucketConfiguration/stateDirectory`` and compares it with the listing of the bucket.
        public var snapshotPath: String?
        /// Partition of the keys that this run transfers if several machines share a transfer. Default: all keys.
        public var partition: Partition?
        /// Whether the run is a dry run, which reports what it would do and changes nothing on either side. Default:
        /// `false`.
        public var isDryRun = false
        /// Size in bytes from which a file is transferred in parts. The next run resumes such a transfer if it is
        /// interrupted. Default: 16 MiB.
        public var multipartThreshold: Int64 = 16 << 20
        /// Size of a part in bytes, 100 KiB to 5 GiB. Default: 8 MiB, and more for very large files.
        public var partSize: Int64?
        /// Action to take with completed parts if a file fails or the run is cancelled. Default: keep them, so that the
        /// next run resumes.
        public var interruptionPolicy = InterruptionPolicy.keep
        /// Action for symbolic links in an uploaded folder. Default: follow them.
        public var symbolicLinks = SymbolicLinkPolicy.follow
        /// Action for objects that are symbolic links to other objects (PutSymlink). Default: follow them, which takes
        /// one request for each (HeadObject). A link then has the content of its target: it is downloaded again if the
        /// target changed, and an upload replaces it with an object only if the contents differ. A download reports a
        /// broken link as a failure. ``SymbolicLinkPolicy/skip`` ignores links and the files of the same name, and
        /// deletes neither. A copy copies the link itself.
        public var symbolicLinkObjects = SymbolicLinkPolicy.follow
        /// Whether an upload stores empty folders as empty objects with `/` at the end of the key, and deletions
        /// include empty folders. Default: `false`. A download always creates the folders of such objects.
        public var includesEmptyDirectories = false
        /// Whether to store the time and permissions of a file as metadata (`mtime`, `mode`) and restore them. Default:
        /// `true`.
        public var preservesAttributes = true
        /// Attributes of every uploaded object. A missing content type is derived from the extension of the file.
        /// Default: no attributes.
        public var attributes = ObjectAttributes()
        /// A closure that changes the attributes of each uploaded object. An error that it throws is reported as the
        /// failure of the file. It is called from several tasks at once. Default: `nil`.
        public var adjustAttributes: (@Sendable (inout ObjectAttributes, TransferCandidate) throws -> Void)?
        /// Extensions, such as `html`, of files that an upload compresses and stores with `Content-Encoding: gzip`. A
        /// download restores such files. Default: none.
        public var compressedExtensions: Set<String> = []
        /// Whether an upload detects renamed files: it looks for the content of a new file among objects that no longer
        /// have a file, and copies the object. New files are held in memory until the listing ends. Default: `false`.
        public var detectsRenames = false
        /// Action to take if a download needs a file and a folder of the same name. Default: create the folder and
        /// report the file as a failure.
        public var clashPolicy = ClashPolicy.keepFolder
        /// Action to take if a file fails. Default: continue with the other files.
        public var failurePolicy = FailurePolicy.keepGoing
        /// Maximum time that a run waits for a service that throttles or does not respond: status 429, 502, 503 or 504,
        /// and refused or lost connections. Meanwhile the run tries one request at a time with growing pauses, or sends
        /// requests as fast as a throttling service accepts them. After this time the run stops and the report says so.
        /// Zero disables waiting, so that each file has only the attempts of ``BucketConfiguration/retry``. Default: 5
        /// minutes.
        public var outageLimit = Duration.seconds(300)
        /// A closure that receives the progress of the run a few times per second. The total grows while the run finds
        /// more files. It may block without slowing the transfer.
        public var onProgress: (@Sendable (TransferProgress) -> Void)?
        /// A closure that receives an event when a file starts and ends, one call at a time. The run waits for it, so
        /// it must return quickly.
        public var onEvent: (@Sendable (TransferEvent) -> Void)?
        /// A closure that receives each warning when it occurs. ``TransferReport/warnings`` has all of them. It may be
        /// called from several tasks at once and must return quickly.
        public var onWarning: (@Sendable (String) -> Void)?

        /// Warnings about options that were lowered to fit the process.
        var adjustments: [String] = []

        /// Creates options with default values.
        public init() {}
    }
}

extension DirectoryTransfer.Options {
    /// Throws if an option is invalid.
    func validate() throws(OSSError) {
        guard concurrency > 0 else {
            throw OSSError(.invalidArgument, "concurrency must be at least 1 (got \(concurrency))")
        }
        if let partSize { try PartPlan.check(partSize: partSize) }
        guard (1...PartPlan.maximumPartSize).contains(multipartThreshold) else {
            throw OSSError(
                .invalidArgument, "multipartThreshold must be from 1 byte to 5 GiB (got \(multipartThreshold))")
        }
        guard outageLimit >= .zero else {
            throw OSSError(.invalidArgument, "outageLimit must not be negative (got \(outageLimit))")
        }
        try filter.validate()
        _ = try attributes.headers()
        if snapshotPath != nil, updateMode == .always || updateMode == .checksum {
            throw OSSError(
                .invalidArgument,
                "the update mode '\(updateMode.rawValue)' does not use a snapshot; remove one of the two options")
        }
        switch deletion?.limit {
        case .count(let count) where count < 0:
            throw OSSError(.invalidArgument, "the deletion limit must be at least 0 (got \(count))")
        case .share(let share) where !(0...1).contains(share):
            throw OSSError(.invalidArgument, "the deletion limit must be a share from 0 to 1 (got \(share))")
        default: break
        }
    }

    /// Returns the patience of one run with an unavailable service.
    func patience(_ warnings: RunWarnings) -> Patience? {
        guard outageLimit > .zero else { return nil }
        return Patience(limit: outageLimit) { warnings.add($0) }
    }

    /// Returns the source listing if it must not be empty.
    func required(_ source: SourceListing) -> SourceListing? {
        allowsMissingPrefix || deletion?.allowsEmptySource == true ? nil : source
    }

    /// Returns the rules of the planners of one run.
    func rules(_ record: TransferRecord?) -> PlanRules {
        PlanRules(
            detector: ChangeDetector(mode: updateMode), record: record, partition: partition, deletes: deletion != nil,
            includesEmptyDirectories: includesEmptyDirectories, compression: CompressionRule(compressedExtensions))
    }

    /// The attributes of uploaded objects.
    var objectAttributes: FileObjectAttributes {
        FileObjectAttributes(common: attributes, preservesAttributes: preservesAttributes, adjust: adjustAttributes)
    }
}

/// A rule for files that the destination already has.
public enum UpdateMode: String, Sendable, Hashable, CaseIterable {
    /// Transfer all files.
    case always
    /// Transfer no file that exists in the destination.
    case missing
    /// Transfer files that changed after the destination was written, in whole seconds, whatever their sizes. This is
    /// the rule of `ossutil -u` with its limits: a file replaced by an older one is not detected, and a downloaded file
    /// counts as newer. Files that the record knows to be equal are not transferred.
    case newer
    /// Transfer files whose size differs. A change that keeps the size is not detected.
    case size
    /// Transfer files whose content differs. Sizes are compared first. If both sides are as recorded when they were
    /// last equal (size, modification and change time in nanoseconds, and inode of the file; size and ETag of the
    /// object), nothing is read or sent. No program can set the change time of a file. Otherwise the contents are
    /// compared: by MD5 with the ETag if the listing has one, or by CRC-64, which costs a request.
    case modified
    /// Transfer files whose content differs, without using the record: every file of equal size is read. This detects
    /// changes that no time shows, such as bytes that changed on the disk or while the clock was wrong.
    case checksum
}

/// An action to take if a download needs both a file `a` and a folder `a`. A bucket can have the objects `a` and `a/b`,
/// but a folder cannot.
///
/// Files that are not written are failures in the report, so that the copy does not count as complete.
public enum ClashPolicy: String, Sendable, Hashable, CaseIterable {
    /// Create the folder and report the object `a` as a failure.
    case keepFolder
    /// Create the file and report everything under `a/` as a failure.
    case keepFile
    /// Create neither and report both as failures.
    case keepNeither
}
