import Foundation

extension DirectoryTransfer {
    /// Downloads the objects under a prefix that a folder does not have.
    ///
    /// - Parameters:
    ///   - prefix: What the keys begin with. `/` is added at its end when it has none. Empty means the whole bucket.
    ///   - folder: The local folder, made when it does not exist. What else is in it stays, unless
    ///     ``Options/deletion`` says otherwise.
    /// - Returns: What was done. Look at ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` when the whole run cannot be done, with code ``OSSError/Code/notFound`` when there is nothing under the
    ///   prefix (see ``Options/allowsMissingPrefix``); `CancellationError` when the task was cancelled.
    public func download(from prefix: String, to folder: String) async throws -> TransferReport {
        try await planDownload(from: prefix, to: folder).run()
    }

    /// What ``download(from:to:)`` would do, and why.
    ///
    /// - Throws: ``OSSError`` when there is something else in the folder's place or an argument cannot be right. No request
    ///   is made.
    public func planDownload(from prefix: String, to folder: String) async throws -> TransferPlan {
        try options.validate()
        let mapping = try KeyPathMapping(prefix: prefix)
        let folder = try LocalFolder(folder)
        _ = try folder.openTarget()
        try checkBackupFolder(folder)
        let (store, options) = (store, options.fitted())
        return TransferPlan(.download, options: options, state: store.stateDirectory) { isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let record = try store.record(of: folder, mapping.prefix, options, isReadOnly: isDryRun)
            let pieces = options.pieces(isDryRun: isDryRun)
            let worker = DownloadWorker(
                folder: folder.path, preservesAttributes: options.preservesAttributes, store: store, pieces: pieces,
                backupFolder: options.deletion?.backupFolder,
                compression: CompressionRule(options.compressedExtensions))
            let source = SourceListing(
                store.objects(under: mapping.prefix, options, pieces.slots), under: mapping.prefix, in: store)
            let remote = RemoteTree(
                listing: source.objects, prefix: mapping.prefix,
                filter: SidedFilter(options.filter, isSource: true))
            let local = LocalTree(
                root: try folder.openTarget(), mapping: mapping, links: .skip,
                filter: SidedFilter(options.filter, isSource: false),
                own: folder.pathsBelow(store.ownPaths(folder, mapping.prefix, options)),
                recovery: isDryRun ? .none : options.deletion == nil ? .putBack : .putBackOrEnter)
            let planner = DownloadPlanner(mapping: mapping, rules: options.rules(record), clashes: options.clashes)
            let steps = PlannedStream(TreeMarch(source: remote, destination: local), planner)
            return TransferPlan.Pass(
                steps: steps, worker: worker, record: record, progress: pieces.progress, warning: warning,
                source: options.required(source))
        }
    }

    /// A backup folder may lie in the target, but the target not in it.
    private func checkBackupFolder(_ folder: LocalFolder) throws(OSSError) {
        guard let backup = options.deletion?.backupFolder else { return }
        let (target, kept) = (folder.identity + "/", try LocalFolder(backup).identity + "/")
        guard !target.utf8.starts(with: kept.utf8) else {
            throw OSSError(
                .invalidArgument, "the backup folder '\(backup)' must not be the target folder or have it in it")
        }
    }
}

extension DirectoryTransfer {
    /// Plans the download of one object into one file with the options of a folder: attributes are restored and compressed
    /// files expanded. ``Options/filter`` and ``Options/deletion`` do not apply. Running the plan fails with
    /// ``OSSError/Code/notFound`` when there is no such object.
    ///
    /// - Parameters:
    ///   - key: The object.
    ///   - path: The file. The directory it lies in is created when it does not exist.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` when there is a directory in the file's place, and
    ///   ``OSSError/Code/invalidArgument`` when an argument cannot be right. No request is made.
    public func planDownload(of key: ObjectKey, to path: String) async throws -> TransferPlan {
        var options = options.fitted()
        (options.deletion, options.filter) = (nil, TransferFilter())
        try options.validate()
        let path = absolutePath(path)
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
            let name = try? RelativePath(path.utf8[path.utf8.index(after: slash)...])
        else { throw OSSError(.invalidArgument, "'\(path)' does not name a file", key: key) }
        let folder = try LocalFolder(String(path[...slash]))
        let mapping = try KeyPathMapping(key, to: name)
        _ = try folder.entry(name, for: key)
        let store = store
        return TransferPlan(.download, options: options, state: store.stateDirectory) { [options] isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let pieces = options.pieces(isDryRun: isDryRun)
            let worker = DownloadWorker(
                folder: folder.path, preservesAttributes: options.preservesAttributes, store: store, pieces: pieces,
                compression: CompressionRule(options.compressedExtensions))
            let source = SourceListing(
                store.objects(under: key.rawValue, options, pieces.slots), of: key, in: store)
            let object = RemoteTree(listing: source.objects, prefix: key.rawValue)
            let planner = DownloadPlanner(mapping: mapping, rules: options.rules(nil), clashes: options.clashes)
            let steps = PlannedStream(
                TreeMarch(source: object, destination: SingleFile(entry: try folder.entry(name, for: key))), planner)
            return TransferPlan.Pass(
                steps: steps, worker: worker, progress: pieces.progress, warning: warning, source: source)
        }
    }
}

/// A local side of one file, or none.
private struct SingleFile: AsyncSequence, AsyncIteratorProtocol {
    var entry: LocalEntry?

    func makeAsyncIterator() -> SingleFile { self }

    mutating func next() async -> TreeElement<LocalEntry>? {
        defer { entry = nil }
        return entry.map { .entry($0) }
    }
}

extension LocalFolder {
    /// The regular file of a name, at the key of the object that it is to become.
    fileprivate func entry(_ name: RelativePath, for key: ObjectKey) throws(OSSError) -> LocalEntry? {
        guard let directory = try openTarget() else { return nil }
        do throws(FileError) {
            let status = try directory.status(of: FileName(unchecked: name.bytes), links: .skip)
            guard status.kind != .directory else {
                throw FileError("replace the directory", path + name.description, code: EISDIR)
            }
            return status.kind == .regular ? LocalEntry(key: key, path: name, content: .file(status)) : nil
        } catch {
            if error.isMissing { return nil }
            throw OSSError(folder: error)
        }
    }
}
