/// Mirrors folders between this machine and a bucket, many files at a time.
///
/// ```swift
/// let transfer = DirectoryTransfer(bucket, concurrency: 30)
/// let report = try await transfer.upload(from: "site", to: "www/")
/// for failure in report.failures { log.error("\(failure)") }
/// ```
///
/// A file that fails is a value in the report, and the others go on. What makes the whole run pointless is thrown: a
/// missing folder, a bucket that does not exist, wrong credentials, a listing that fails half-way. Files that were
/// finished before stay where they are.
///
/// A downloaded file is written beside its target, verified by CRC-64, brought to disk and only then given its name, so
/// the old file survives until the new one is proven. No key can be written outside the target folder, neither by `..`
/// in it nor through a symbolic link in the folder.
///
/// Files and keys come and go in byte order and are never all in memory: a million files need what a thousand need.
public struct DirectoryTransfer: Sendable {
    /// How transfers are done.
    public var options: Options

    let store: any ObjectStore

    /// Makes a transfer for a bucket.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - concurrency: How many files are in the air at once; see ``Options/concurrency``.
    public init(_ bucket: Bucket, concurrency: Int = 30) {
        var options = Options()
        options.concurrency = concurrency
        self.init(store: bucket, options: options)
    }

    /// Makes a transfer for a bucket.
    ///
    /// - Parameters:
    ///   - bucket: The bucket.
    ///   - options: How transfers are done.
    public init(_ bucket: Bucket, options: Options) {
        self.init(store: bucket, options: options)
    }

    init(store: any ObjectStore, options: Options) {
        self.store = store
        self.options = options
    }

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
        /// more latency, and costs a connection each.
        public var concurrency = 30
        /// From how many bytes on a file is transferred in parts. Such a transfer goes on where it was interrupted when the
        /// same folder is transferred again. Default: 16 MiB.
        public var multipartThreshold: Int64 = 16 << 20
        /// The bytes of a part, 100 KiB to 5 GiB. Default: 8 MiB, growing with the file.
        public var partSize: Int64?
        /// What becomes of the parts that are done when a file fails or the run is cancelled. Default: keep them, so that the
        /// next run goes on there.
        public var whenInterrupted = InterruptionPolicy.keep
        /// What to do with symbolic links in a folder that is uploaded. Default: follow them.
        public var symbolicLinks = SymbolicLinkPolicy.follow
        /// Whether an upload keeps empty folders, as empty objects with `/` at the end of the key. Default: no. A
        /// download always makes the folders of such objects.
        public var emptyDirectories = false
        /// Whether a file's time and permissions travel as metadata (`mtime`, `mode`) and are restored. Default: yes.
        public var preservesAttributes = true
        /// What to do when a file fails. Default: go on.
        public var failurePolicy = FailurePolicy.keepGoing
        /// Called as bytes move, of large files too, a few times a second at most. The total is not known while the run goes
        /// on. It may take its time.
        public var onProgress: (@Sendable (TransferProgress) -> Void)?
        /// Called for each file that starts and ends, one call at a time. The run waits for it: return at once.
        public var onEvent: (@Sendable (TransferEvent) -> Void)?

        /// Makes options with the defaults.
        public init() {}
    }

    /// Uploads every regular file in a folder and below it.
    ///
    /// - Parameters:
    ///   - folder: The local folder. Its own name is not part of the keys.
    ///   - prefix: What the keys begin with. `/` is added at its end when it has none. Default: nothing.
    /// - Returns: What was done. Look at ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` when the whole run cannot be done, `CancellationError` when the task was cancelled.
    public func upload(from folder: String, to prefix: String = "") async throws -> TransferReport {
        let mapping = try KeyPathMapping(prefix: prefix)
        try check(options)
        let root = try openSource(folder)
        let detector = ChangeDetector()
        let planner = UploadPlanner(detector: detector, emptyDirectories: options.emptyDirectories)
        let pieces = options.pieces()
        let worker = UploadWorker(
            root: root, links: options.symbolicLinks, preservesAttributes: options.preservesAttributes, store: store,
            pieces: pieces)
        let local = LocalTree(root: root, mapping: mapping, links: options.symbolicLinks)
        let perform: @Sendable (TransferAction) async throws -> Int64 = { try await worker.perform($0) }
        if detector.needsDestination {
            let remote = RemoteTree(listing: store.objects(under: mapping.prefix), prefix: mapping.prefix)
            let plan = TransferPlan(differences: TreeMarch(local: local, remote: remote), planner: planner)
            return try await run(.upload, plan, pieces.progress, perform)
        }
        let march = TreeMarch(local: local, remote: NoEntries<RemoteEntry>())
        return try await run(.upload, TransferPlan(differences: march, planner: planner), pieces.progress, perform)
    }

    /// Downloads every object under a prefix into a folder.
    ///
    /// - Parameters:
    ///   - prefix: What the keys begin with. `/` is added at its end when it has none. Empty means the whole bucket.
    ///   - folder: The local folder, made when it does not exist. What else is in it stays.
    /// - Returns: What was done. Look at ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` when the whole run cannot be done, `CancellationError` when the task was cancelled.
    public func download(from prefix: String, to folder: String) async throws -> TransferReport {
        let mapping = try KeyPathMapping(prefix: prefix)
        try check(options)
        try checkTarget(folder)
        let pieces = options.pieces()
        let worker = DownloadWorker(
            folder: folder, preservesAttributes: options.preservesAttributes, store: store, pieces: pieces)
        let remote = RemoteTree(listing: store.objects(under: mapping.prefix), prefix: mapping.prefix)
        let march = TreeMarch(local: NoEntries<LocalTree.Element>(), remote: remote)
        let planner = DownloadPlanner(mapping: mapping, detector: ChangeDetector())
        let plan = TransferPlan(differences: march, planner: planner)
        let report = try await run(.download, plan, pieces.progress) { try await worker.perform($0) }
        // Nothing under the prefix is a folder with nothing in it.
        do throws(RunError) {
            _ = try worker.root()
        } catch {
            throw error.error
        }
        return report
    }
}
