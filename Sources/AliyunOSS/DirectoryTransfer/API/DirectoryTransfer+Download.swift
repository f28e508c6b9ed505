import Foundation

extension DirectoryTransfer {
    /// Downloads the objects under a prefix that are missing from a local folder or differ from its files.
    ///
    /// - Parameters:
    ///   - prefix: Prefix of the keys. A missing `/` is added at the end. An empty prefix means the entire bucket.
    ///   - folder: Path of the local folder, which is created if it does not exist. Other files in the folder are left
    ///     in place unless ``Options/deletion`` is set.
    /// - Returns: The outcome. Check ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` if the run cannot continue, with code ``OSSError/Code/notFound`` if no object is under
    ///   the prefix (see ``Options/allowsMissingPrefix``), or `CancellationError` if the task was cancelled.
    public func download(from prefix: String, to folder: String) async throws -> TransferReport {
        try await planDownload(from: prefix, to: folder).run()
    }

    /// Plans ``download(from:to:)`` without transferring anything.
    ///
    /// - Throws: ``OSSError`` if the path does not name a folder or an argument is invalid. No request is sent.
    public func planDownload(from prefix: String, to folder: String) async throws -> TransferPlan {
        try options.validate()
        let mapping = try KeyPathMapping(prefix: prefix)
        let folder = try LocalFolder(folder)
        _ = try folder.openTarget()
        try validateBackupFolder(folder)
        let (store, options) = (store, options.fitted())
        return TransferPlan(.download, options: options, store: store) { isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let record = try store.record(of: folder, mapping.prefix, options, isReadOnly: isDryRun)
            let context = TransferContext(options, isDryRun: isDryRun)
            let worker = DownloadWorker(
                folder: folder.path, preservesAttributes: options.preservesAttributes, store: store, context: context,
                backupFolder: options.deletion?.backupFolder,
                compression: CompressionRule(options.compressedExtensions))
            let source = SourceListing(
                store.objects(under: mapping.prefix, options, context.slots), under: mapping.prefix, in: store)
            let remote = RemoteTree(
                listing: source.objects, prefix: mapping.prefix,
                filter: SidedFilter(options.filter, isSource: true))
            let local = LocalTree(
                root: try folder.openTarget(), mapping: mapping, links: .skip,
                filter: SidedFilter(options.filter, isSource: false),
                own: folder.pathsBelow(store.ownPaths(folder, mapping.prefix, options)),
                recovery: isDryRun ? .none : options.deletion == nil ? .putBack : .putBackOrEnter)
            let planner = DownloadPlanner(mapping: mapping, rules: options.rules(record), clashes: options.clashPolicy)
            let steps = PlannedStream(TreeMarch(source: remote, destination: local), planner)
            return TransferPlan.Pass(
                steps: steps, worker: worker, record: record, progress: context.progress, warning: warning,
                source: options.required(source))
        }
    }

    /// Throws an error if the destination folder is the backup folder or is inside it. The reverse is allowed.
    private func validateBackupFolder(_ folder: LocalFolder) throws(OSSError) {
        guard let backup = options.deletion?.backupFolder else { return }
        let (target, kept) = (folder.identity + "/", try LocalFolder(backup).identity + "/")
        guard !target.utf8.starts(with: kept.utf8) else {
            throw OSSError(
                .invalidArgument,
                "the backup folder '\(backup)' must not be the destination folder or contain the destination folder; "
                    + "choose another backup folder")
        }
    }
}

extension DirectoryTransfer {
    /// Plans the download of one object to a file, using the options of a folder transfer.
    ///
    /// Attributes are restored and compressed files are expanded. ``Options/filter`` and ``Options/deletion`` do not
    /// apply. Running the plan throws ``OSSError/Code/notFound`` if the object does not exist.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - path: Path of the file. Its directory is created if it does not exist.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` if the path is a directory, or
    ///   ``OSSError/Code/invalidArgument`` if an argument is invalid. No request is sent.
    public func planDownload(of key: ObjectKey, to path: String) async throws -> TransferPlan {
        var options = options.fitted()
        (options.deletion, options.filter) = (nil, TransferFilter())
        try options.validate()
        let path = absolutePath(path)
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
            let name = try? RelativePath(path.utf8[path.utf8.index(after: slash)...])
        else { throw OSSError(.invalidArgument, "'\(path)' does not name a file; add a file name", key: key) }
        let folder = try LocalFolder(String(path[...slash]))
        let mapping = try KeyPathMapping(key, to: name)
        _ = try folder.entry(name, for: key)
        let store = store
        return TransferPlan(.download, options: options, store: store) { [options] isDryRun in
            let warning = try store.stateDirectory.warning(writing: !isDryRun)
            let context = TransferContext(options, isDryRun: isDryRun)
            let worker = DownloadWorker(
                folder: folder.path, preservesAttributes: options.preservesAttributes, store: store, context: context,
                compression: CompressionRule(options.compressedExtensions))
            let source = SourceListing(
                store.objects(under: key.rawValue, options, context.slots), of: key, in: store)
            let object = RemoteTree(listing: source.objects, prefix: key.rawValue)
            let planner = DownloadPlanner(mapping: mapping, rules: options.rules(nil), clashes: options.clashPolicy)
            let steps = PlannedStream(
                TreeMarch(source: object, destination: SingleFile(entry: try folder.entry(name, for: key))), planner)
            return TransferPlan.Pass(
                steps: steps, worker: worker, progress: context.progress, warning: warning, source: source)
        }
    }
}

/// A local tree that contains at most one file.
private struct SingleFile: AsyncSequence, AsyncIteratorProtocol {
    var entry: LocalEntry?

    func makeAsyncIterator() -> SingleFile { self }

    mutating func next() async -> TreeElement<LocalEntry>? {
        defer { entry = nil }
        return entry.map { .entry($0) }
    }
}

extension LocalFolder {
    /// Returns an entry for the regular file with the given name, or `nil` if there is no such file.
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
