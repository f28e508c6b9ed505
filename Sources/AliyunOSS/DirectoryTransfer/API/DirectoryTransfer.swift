/// A transfer of entire folders between this machine and a bucket, processing many files at a time.
///
/// ```swift
/// let transfer = DirectoryTransfer(bucket, concurrency: 30)
/// let report = try await transfer.upload(from: "site", to: "www/")
/// for failure in report.failures { print(failure) }
/// ```
///
/// A file that fails is listed in the report, and the other files are still transferred. A method throws an error only
/// if the entire run cannot continue, for example because of a missing folder, a missing bucket, wrong credentials or
/// an incomplete listing. Files that were transferred before the error remain in the destination.
///
/// A downloaded file is written to a temporary file, verified by CRC-64, synced to disk and then renamed, so an
/// existing file remains in place until the new one has been verified. No object is written outside the destination
/// folder, either through `..` in its key or through a symbolic link in the folder.
///
/// Files and keys are processed in byte order and are never all in memory at the same time: a million files take no
/// more memory than a thousand.
public struct DirectoryTransfer: Sendable {
    /// Options of the transfer.
    public var options: Options

    let store: any ObjectStore

    /// Creates a transfer for a bucket, with a concurrency limit and otherwise default options.
    ///
    /// - Parameters:
    ///   - bucket: Bucket to transfer files from and to.
    ///   - concurrency: Maximum number of concurrent requests; see ``Options/concurrency``.
    public init(_ bucket: Bucket, concurrency: Int = 30) {
        var options = Options()
        options.concurrency = concurrency
        self.init(store: bucket, options: options)
    }

    /// Creates a transfer for a bucket, with the given options.
    ///
    /// - Parameters:
    ///   - bucket: Bucket to transfer files from and to.
    ///   - options: Options of the transfer.
    public init(_ bucket: Bucket, options: Options) {
        self.init(store: bucket, options: options)
    }

    init(store: any ObjectStore, options: Options) {
        self.store = store
        self.options = options
    }
}
