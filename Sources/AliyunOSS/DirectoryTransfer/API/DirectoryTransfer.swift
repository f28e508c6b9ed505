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
}
