extension DirectoryTransfer {
    /// An action to take when a file cannot be transferred.
    public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
        /// Continue with the other files and report the failure.
        case keepGoing
        /// Cancel requests in flight, start no more files and report the failure.
        case failFast
    }

    /// Options for a folder transfer.
    public struct Options: Sendable {
        /// Maximum number of concurrent requests, for files and for parts of large files. Default: 30.
        ///
        /// A larger number hides more latency, but each request uses a connection. The number is lowered, with a
        /// warning, if the process may open only a few files.
        public var concurrency = 30
        /// Rule for files that already exist in the destination. Default: transfer files whose content differs.
        public var updateMode = UpdateMode.modified
        /// Filter that selects the files to transfer. Default: all files.
        public var filter = TransferFilter()
        /// Options for deleting destination files that are not in the source. Default: `nil`, which deletes nothing.
        public var deletion: DeletionOptions?
        /// Whether a download or copy succeeds without doing anything if there are no objects under the source prefix.
        /// Default: `false`, which throws ``OSSError/Code/notFound``, because the prefix is probably mistyped. Setting
        /// ``DeletionOptions/allowsEmptySource`` implies `true`.
        public var allowsMissingPrefix = false
        /// Path of a snapshot file that records which files and objects were equal after the last run. Default: `nil`,
        /// which saves such a record in ``BucketConfiguration/stateDirectory`` and compares it with a listing of the
        /// bucket.
        ///
        /// A snapshot is trusted without a listing: a recorded file that has not changed requires no request, and an
        /// upload without deletions does not list the bucket. Changes that others make to the bucket are not detected.
        public var snapshotPath: String?
        /// Partition of the keys that this run transfers when several machines share the transfer. Default: `nil`,
        /// which transfers all keys.
        public var partition: Partition?
        /// Whether the run is a dry run. A dry run reports what it would do but changes nothing on either side.
        /// Default: `false`.
        public var isDryRun = false
        /// Size in bytes at or above which a file is transferred in parts. The next run can resume such a transfer
        /// after an interruption. Default: 16 MiB.
        public var multipartThreshold: Int64 = 16 << 20
        /// Size of a part, in bytes, from 100 KiB to 5 GiB. Default: `nil`, which uses 8 MiB, or more for very large
        /// files.
        public var partSize: Int64?
        /// Policy for handling completed parts when a file fails or the run is cancelled. Default: keep the parts so
        /// that the next run can resume the transfer.
        public var interruptionPolicy = InterruptionPolicy.keep
        /// Policy for handling symbolic links in an uploaded folder. Default: follow the links.
        public var symbolicLinks = SymbolicLinkPolicy.follow
        /// Policy for handling objects that are symbolic links to other objects (PutSymlink). Default: follow the
        /// links, which requires one request for each link (HeadObject).
        ///
        /// A link that is followed has the content of its target: the link is downloaded again if the target changed,
        /// and an upload replaces it with an object only if the contents differ. A download reports a broken link as a
        /// failure. ``SymbolicLinkPolicy/skip`` ignores links and the files with the same names, and deletes neither. A
        /// copy always copies the link itself.
        public var symbolicLinkObjects = SymbolicLinkPolicy.follow
        /// Whether to upload empty folders, as empty objects whose keys end in `/`, and to include empty folders in
        /// deletions. Default: `false`. A download always creates the folders that such objects represent.
        public var includesEmptyDirectories = false
        /// Whether to store the modification time and permissions of a file as metadata (`mtime`, `mode`) and to
        /// restore them when the file is downloaded. Default: `true`.
        public var preservesAttributes = true
        /// Attributes of every uploaded object. If no content type is set, it is derived from the file extension.
        /// Default: no attributes.
        public var attributes = ObjectAttributes()
        /// A closure that changes the attributes of each uploaded object. Default: `nil`.
        ///
        /// If the closure throws an error, the file is reported as failed with that error. The closure may be called
        /// from several tasks at once.
        public var adjustAttributes: (@Sendable (inout ObjectAttributes, TransferCandidate) throws -> Void)?
        /// Whether an upload also applies ``attributes``, and the changes of ``adjustAttributes``, to objects whose content
        /// is equal to that of their files. Default: `false`, in which case only uploaded files receive the attributes.
        ///
        /// Each equal file requires a request (HeadObject), and another one for an access control list or tags. An
        /// object that lacks a requested attribute is copied onto itself; if only the access control list differs, that
        /// list is replaced. Attributes that are not requested remain as they are.
        public var updatesAttributes = false
        /// Extensions of the files to compress with gzip when uploading, such as `html`. The objects have the header
        /// `Content-Encoding: gzip`, and a download expands them. Default: none.
        public var compressedExtensions: Set<String> = []
        /// Whether an upload detects renamed files and copies their objects instead of uploading the files again.
        /// Default: `false`.
        ///
        /// The content of each new file is compared with the objects that no longer have a local file. The list of new
        /// files is held in memory until the listing ends.
        public var detectsRenames = false
        /// Action to take when a download requires both a file and a folder with the same name. Default: create the
        /// folder and report the file as a failure.
        public var clashPolicy = ClashPolicy.keepFolder
        /// Action to take when a file cannot be transferred. Default: continue with the other files.
        public var failurePolicy = FailurePolicy.keepGoing
        /// Maximum time to wait while the service throttles requests or does not respond. Default: 5 minutes.
        ///
        /// The run waits after status 429, 502, 503 or 504 and after a connection is refused or lost. While the service
        /// does not respond, the run tries one request at a time with growing pauses; while the service throttles
        /// requests, the run sends them as fast as they are accepted. After this time, the run stops and sets
        /// ``TransferReport/stoppedEarly``. Zero disables waiting, in which case each file has only the attempts that
        /// ``BucketConfiguration/retry`` allows.
        public var outageLimit = Duration.seconds(300)
        /// A closure that receives the progress of the run a few times per second. The total grows as the run finds
        /// more files. The closure may block without slowing the transfer.
        public var onProgress: (@Sendable (TransferProgress) -> Void)?
        /// A monitor that shows the state of the run at any time, for a progress display. Default: `nil`.
        public var monitor: TransferMonitor?
        /// A closure that receives an event when the transfer of a file starts or ends. Calls never overlap. The run
        /// waits for each call, so the closure must return quickly. ``BucketConfiguration/onEvent`` of the bucket, which
        /// is the destination of a copy, receives the same events, unless the run is a dry run.
        public var onEvent: (@Sendable (TransferEvent) -> Void)?
        /// A closure that receives each warning as it occurs. ``TransferReport/warnings`` lists all warnings. The
        /// closure may be called from several tasks at once and must return quickly.
        public var onWarning: (@Sendable (String) -> Void)?

        /// Rule for committing downloaded files together.
        package var batchRule = BatchRule()

        /// Warnings about options whose values were lowered to fit the limits of the process.
        var adjustments: [String] = []

        /// Creates options with default values.
        public init() {}
    }
}

extension DirectoryTransfer.Options {
    /// Throws an error if an option is invalid.
    func validate() throws(OSSError) {
        guard concurrency > 0 else {
            throw OSSError(.invalidArgument, "concurrency must be at least 1 (got \(concurrency))")
        }
        if let partSize { try PartPlan.check(partSize: partSize) }
        guard (1...PartPlan.maximumPartSize).contains(multipartThreshold) else {
            throw OSSError(
                .invalidArgument,
                "multipartThreshold must be from 1 byte to 5 GiB (got \(multipartThreshold) bytes)")
        }
        guard outageLimit >= .zero else {
            throw OSSError(.invalidArgument, "outageLimit must not be negative (got \(outageLimit))")
        }
        try filter.validate()
        _ = try attributes.headers()
        if snapshotPath != nil, updateMode == .always || updateMode == .checksum {
            throw OSSError(
                .invalidArgument,
                "the update mode '\(updateMode.rawValue)' does not use a snapshot; remove the snapshot or choose another update mode"
            )
        }
        switch deletion?.limit {
        case .count(let count) where count < 0:
            throw OSSError(.invalidArgument, "the deletion limit must be at least 0 (got \(count))")
        case .share(let share) where !(0...1).contains(share):
            throw OSSError(.invalidArgument, "the deletion limit must be a fraction from 0 to 1 (got \(share))")
        default: break
        }
    }

    /// Returns the limit on the time that a run waits for an unavailable service, or `nil` if the run does not wait.
    func patience(_ warnings: RunWarnings) -> Patience? {
        guard outageLimit > .zero else { return nil }
        return Patience(limit: outageLimit) { warnings.add($0) }
    }

    /// Returns the source listing if the options require it to be nonempty; otherwise, `nil`.
    func required(_ source: SourceListing) -> SourceListing? {
        allowsMissingPrefix || deletion?.allowsEmptySource == true ? nil : source
    }

    /// Returns the rules that the planners of one run share.
    func rules(_ record: TransferRecord?) -> PlanRules {
        PlanRules(
            detector: ChangeDetector(mode: updateMode), record: record, partition: partition, deletes: deletion != nil,
            includesEmptyDirectories: includesEmptyDirectories, updatesAttributes: updatesAttributes,
            compression: CompressionRule(compressedExtensions))
    }

    /// Whether the options request attributes for uploaded objects.
    var requestsAttributes: Bool { attributes != ObjectAttributes() || adjustAttributes != nil }

    /// The rules that determine the attributes of uploaded objects.
    var objectAttributes: FileObjectAttributes {
        FileObjectAttributes(common: attributes, preservesAttributes: preservesAttributes, adjust: adjustAttributes)
    }
}

/// A rule for files that already exist in the destination.
public enum UpdateMode: String, Sendable, Hashable, CaseIterable {
    /// Transfer all files.
    case always
    /// Transfer only files that do not exist in the destination.
    case missing
    /// Transfer files that were modified after the destination was written, regardless of their sizes. Times are
    /// compared in whole seconds.
    ///
    /// This is the rule of `ossutil -u`, with the same limitations: a file that was replaced by an older one is not
    /// detected, and a downloaded file counts as newer. Files that the record lists as equal are not transferred.
    case newer
    /// Transfer files whose sizes differ. A change that leaves the size the same is not detected.
    case size
    /// Transfer files whose content differs.
    ///
    /// Sizes are compared first. If both sides match the record from when they were last equal (size, modification and
    /// change time in nanoseconds, and inode of the file; size and ETag of the object), nothing is read or sent. No
    /// program can set the change time of a file. Otherwise, the contents are compared by MD5 if the ETag in the
    /// listing is an MD5, or else by CRC-64, which requires a request.
    case modified
    /// Transfer files whose content differs, ignoring the record. Every file whose size equals that of its object is
    /// read. This detects changes that do not show in any file time, such as bytes that were damaged on disk or changed
    /// while the clock was wrong.
    case checksum
}

/// An action to take when a download requires both a file and a folder with the same name. A bucket can contain the
/// objects `a` and `a/b`, but a local folder cannot contain both a file `a` and a folder `a`.
///
/// Files that are not written are listed as failures in the report, so the transfer does not count as complete.
public enum ClashPolicy: String, Sendable, Hashable, CaseIterable {
    /// Create the folder and report the object `a` as a failure.
    case keepFolder
    /// Create the file and report every object under `a/` as a failure.
    case keepFile
    /// Create neither and report both as failures.
    case keepNeither
}
