extension DirectoryTransfer {
    /// What to do when a file fails.
    public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
        /// Go on with the others and report it.
        case keepGoing
        /// Cancel what is in flight, start nothing more, and report it.
        case failFast
    }

    /// How transfers are done. Set what should differ from the default.
    public struct Options: Sendable {
        /// How many requests are in the air at once, for files and for parts of large files alike. Default: 30. More hides
        /// more latency, and costs a connection each. Where the process may have few files open it is less, and a warning
        /// says so.
        public var concurrency = 30
        /// Which files are transferred that the destination has already. Default: those whose content is another.
        public var update = UpdateMode.modified
        /// Which files take part. Default: all.
        public var filter = TransferFilter()
        /// Whether what the source does not have is deleted from the destination, and how much of it. Default: nothing is
        /// deleted.
        public var deletion: DeletionOptions?
        /// Whether a download or copy from a prefix with nothing under it does nothing and succeeds. Default: it fails with
        /// ``OSSError/Code/notFound``, since the prefix is more often mistyped than empty. Where
        /// ``DeletionOptions/allowsEmptySource`` is set, this is as well.
        public var allowsMissingPrefix = false
        /// A file of one's own that keeps what both sides had when they were last equal, and is trusted alone: what is
        /// recorded there and has not changed locally costs no request, and an upload that deletes nothing does not list the
        /// bucket. What others changed in the bucket is not seen then. Default: such a record is kept in the bucket's
        /// ``BucketConfiguration/stateDirectory``, and compared with the bucket's listing.
        public var snapshot: String?
        /// The share of the keys that is this run's, when several machines share a transfer. Default: all.
        public var partition: Partition?
        /// Whether the run only finds out what it would do, and reports that. Nothing is written on either side.
        /// Default: no.
        public var dryRun = false
        /// From how many bytes on a file is transferred in parts. Such a transfer goes on where it was interrupted when the
        /// same folder is transferred again. Default: 16 MiB.
        public var multipartThreshold: Int64 = 16 << 20
        /// The bytes of a part, 100 KiB to 5 GiB. Default: 8 MiB, growing with the file.
        public var partSize: Int64?
        /// What becomes of the parts that are done when a file fails or the run is cancelled. Default: keep them, so that the
        /// next run goes on there.
        public var interruptionPolicy = InterruptionPolicy.keep
        /// What to do with symbolic links in a folder that is uploaded. Default: follow them.
        public var symbolicLinks = SymbolicLinkPolicy.follow
        /// The action for objects that are symbolic links to other objects (PutSymlink). Default: follow them, at the cost of
        /// a request each (HeadObject): a link is what its target is, so it comes down again when the target changed, and an
        /// upload replaces it with an object only when the contents differ. A link that leads to nothing is a failure of a
        /// download. ``SymbolicLinkPolicy/skip`` leaves links and their files alone, and deletes neither. A copy copies the link
        /// itself.
        public var symbolicLinkObjects = SymbolicLinkPolicy.follow
        /// Whether an upload keeps empty folders, as empty objects with `/` at the end of the key, and deletions are about
        /// empty folders too. Default: no. A download always makes the folders of such objects.
        public var emptyDirectories = false
        /// Whether a file's time and permissions travel as metadata (`mtime`, `mode`) and are restored. Default: yes.
        public var preservesAttributes = true
        /// What is stored beside the content of every uploaded file. Where it has no content type, that goes by the extension
        /// of the file's name. Default: nothing else.
        public var attributes = ObjectAttributes()
        /// Called for each file that goes up, to change what is stored beside its content. What it throws is the failure of
        /// this file. It is called from several tasks at once. Default: nothing is changed.
        public var adjustAttributes: (@Sendable (inout ObjectAttributes, TransferCandidate) throws -> Void)?
        /// The extensions, such as `html`, of the files that are compressed on their way up and stored with
        /// `Content-Encoding: gzip`. A download restores such files. Default: none.
        public var compressedExtensions: Set<String> = []
        /// Whether an upload looks for the content of a new file among the objects that no longer have a file, and has it
        /// copied from there. Everything new waits for the end of the listing then, in memory. Default: no.
        public var tracksRenames = false
        /// What to do when a download needs a file and a folder of the same name. Default: the folder comes down, the file
        /// fails.
        public var clashes = ClashPolicy.keepFolder
        /// What to do when a file fails. Default: go on.
        public var failurePolicy = FailurePolicy.keepGoing
        /// The longest time that a run waits for a service that throttles or does not answer: 429, 502, 503, 504, refused or
        /// lost connections. Meanwhile one request at a time is tried, with growing pauses; while the service throttles
        /// but answers, requests follow each other as fast as it lets them. After that time the run stops, and the
        /// report says so. Zero does not wait: each file then has the attempts of ``BucketConfiguration/retry``.
        /// Default: 5 minutes.
        public var outageLimit = Duration.seconds(300)
        /// Called as bytes move, of large files too, a few times a second at most. The total is what is known so far, and
        /// grows while the run goes on. It may take its time.
        public var onProgress: (@Sendable (TransferProgress) -> Void)?
        /// Called for each file that starts and ends, one call at a time. The run waits for it: return at once.
        public var onEvent: (@Sendable (TransferEvent) -> Void)?
        /// Called for each warning as it arises, such as that the run waits for the service and why; they are in
        /// ``TransferReport/warnings`` too. It may be called from several tasks at once: return at once.
        public var onWarning: (@Sendable (String) -> Void)?

        /// The options that were changed to fit the process, in words.
        var adjustments: [String] = []

        /// Makes options with the defaults.
        public init() {}
    }
}

extension DirectoryTransfer.Options {
    /// Refuses what cannot be right.
    func validate() throws(OSSError) {
        guard concurrency > 0 else {
            throw OSSError(.invalidArgument, "the concurrency must be at least 1, and it is \(concurrency)")
        }
        if let partSize { try PartPlan.check(partSize: partSize) }
        guard (1...PartPlan.maximumPartSize).contains(multipartThreshold) else {
            throw OSSError(.invalidArgument, "multipartThreshold must be from 1 byte to 5 GiB")
        }
        guard outageLimit >= .zero else {
            throw OSSError(.invalidArgument, "the outage limit must not be negative, and it is \(outageLimit)")
        }
        try filter.validate()
        _ = try attributes.headers()
        if snapshot != nil, update == .always || update == .checksum {
            throw OSSError(
                .invalidArgument,
                "the update mode '\(update.rawValue)' does not look at a snapshot; leave one of the two away")
        }
        switch deletion?.limit {
        case .count(let count) where count < 0:
            throw OSSError(.invalidArgument, "the limit of deletions must be at least 0, and it is \(count)")
        case .share(let share) where !(0...1).contains(share):
            throw OSSError(.invalidArgument, "the limit of deletions must be a share from 0 to 1, and it is \(share)")
        default: break
        }
    }

    /// The patience of one run with a service that does not answer, whose warnings go to the given place.
    func patience(_ warnings: RunWarnings) -> Patience? {
        guard outageLimit > .zero else { return nil }
        return Patience(limit: outageLimit) { warnings.add($0) }
    }

    /// The listing that is a source, if it must have something.
    func required(_ source: SourceListing) -> SourceListing? {
        allowsMissingPrefix || deletion?.allowsEmptySource == true ? nil : source
    }

    /// What the files of one run share.
    func pieces(isDryRun: Bool) -> TransferContext {
        TransferContext(
            multipartThreshold: multipartThreshold, partSize: partSize, concurrency: min(concurrency, 1000),
            interruptionPolicy: interruptionPolicy, slots: AsyncSemaphore(concurrency),
            progress: isDryRun ? nil : RunProgress(onProgress), isDryRun: isDryRun)
    }

    /// What the planners of one run decide by.
    func rules(_ record: TransferRecord?) -> PlanRules {
        PlanRules(
            detector: ChangeDetector(mode: update), record: record, partition: partition, deletes: deletion != nil,
            emptyDirectories: emptyDirectories, compression: CompressionRule(compressedExtensions))
    }

    /// What is stored beside the objects of an upload.
    var objectAttributes: FileObjectAttributes {
        FileObjectAttributes(common: attributes, preservesAttributes: preservesAttributes, adjust: adjustAttributes)
    }
}

/// Which files of the source are transferred when the destination has something at their place.
public enum UpdateMode: String, Sendable, Hashable, CaseIterable {
    /// All of them.
    case always
    /// None: what is there is never replaced.
    case missing
    /// Those that changed after the other side was written, to the second, whatever their sizes. This is what `ossutil -u`
    /// does, with its limits: a file that was replaced by an older one is not seen, and one that was downloaded is. Here at
    /// least what the record knows to be equal is left alone.
    case newer
    /// Those of another size. A change that keeps the size is not seen.
    case size
    /// Those whose content is another. Sizes are compared first. Where both sides are as they were when they were last
    /// equal, which the record tells (size, both times to the nanosecond and inode of the file; size and ETag of the object),
    /// nothing is read or sent. One of these times is that of the last change of anything about the file, which no program
    /// can set. Else the content is compared: by MD5 with the ETag where the listing has one, by CRC-64,
    /// which costs a request, where not.
    case modified
    /// Those whose content is another, compared afresh: every file of equal size is read. It finds what no time tells: bytes
    /// that changed below the file system, or while the clock was wrong.
    case checksum
}

/// What to do when a folder is to have a file `a` and a folder `a` with something in it: a bucket can have the objects `a`
/// and `a/b`, a folder cannot.
///
/// Whatever is not written is a failure in the report, so that nobody takes the mirror for whole.
public enum ClashPolicy: String, Sendable, Hashable, CaseIterable {
    /// The folder comes down, and the object `a` fails.
    case keepFolder
    /// The file comes down, and everything below `a/` fails.
    case keepFile
    /// Nothing of both comes down.
    case keepNeither
}
