import Foundation
import Synchronization

/// A worker that downloads objects to files and deletes local files.
final class DownloadWorker: DirectedWorker {
    private let folder: String
    private let preservesAttributes: Bool
    private let store: any ObjectStore
    private let context: TransferContext
    private let backupFolder: String?
    private let compression: CompressionRule
    private let opened = Mutex<(root: SafeDirectory, commits: CommitQueue)?>(nil)
    /// Existing files at paths where the walk found no files. If the walk found such a file at a different path, that
    /// path is another spelling of the same name, and the file must not be deleted.
    private let foundUnseen = Mutex<Set<FileStatus>>([])
    private let replacements = Replacements()

    init(
        folder: String, preservesAttributes: Bool, store: any ObjectStore, context: TransferContext,
        backupFolder: String? = nil, compression: CompressionRule = CompressionRule()
    ) {
        self.compression = compression
        self.context = context
        self.folder = folder
        self.preservesAttributes = preservesAttributes
        self.store = store
        self.backupFolder = backupFolder
    }

    /// Returns the destination folder, creating it when it is first needed. A run that finds no bucket therefore leaves
    /// no folder behind.
    func root() throws(FatalTransferError) -> SafeDirectory { try destination().root }

    /// Returns the destination folder and the queue of the files to commit in it.
    private func destination() throws(FatalTransferError) -> (root: SafeDirectory, commits: CommitQueue) {
        let result: Result<(root: SafeDirectory, commits: CommitQueue), FatalTransferError> = opened.withLock {
            opened in
            if let opened { return .success(opened) }
            do throws(FileError) {
                let root = try SafeDirectory.creating(folder)
                let destination = (root, CommitQueue(root, context.options.batchRule))
                opened = destination
                return .success(destination)
            } catch {
                return .failure(FatalTransferError(error: OSSError(folder: error)))
            }
        }
        return try result.get()
    }

    var waitingLimit: Int { context.options.batchRule.capacity }

    func commitWaiting() { opened.withLock { $0 }?.commits.closeIfDue(isIdle: true) }

    func answer(_ question: PendingComparison) async throws -> ComparisonResult {
        guard case .file(let path, _, let object) = question else { return .different }
        let root = try root()
        let comparison = ContentComparison(
            store: store, slots: context.slots, compression: compression, progress: context.progress)
        let record = try await comparison.compare(path, with: object, in: root, links: .skip)
        guard let record else { return .different }
        if !context.isDryRun, object.size >= context.options.multipartThreshold {
            store.forgetDownload(of: object.key, to: root.path(of: path))
        }
        return .equal(record)
    }

    static func work(of action: TransferAction) -> TransferAction.DownloadWork? {
        if case .download(let work) = action.work { work } else { nil }
    }

    func perform(
        _ work: TransferAction.DownloadWork, of action: TransferAction, _ turn: TaskPool.Turn
    ) async throws -> PerformedAction {
        switch work {
        case .file(let object, let path, let seen):
            let place = try place(of: path, action.blocker, object.key)
            return try await store.following(object, context.slots) {
                try await download($0, to: place, replacing: seen, turn)
            }
        case .folder(let path):
            let (root, commits) = try destination()
            guard let path, let key = action.key else { return PerformedAction() }
            let place = try place(of: path, action.blocker, key)
            do throws(FileError) {
                _ = try root.directory(at: place.components, create: commits.makeDirectory)
                try await commits.commit(.directory, bytes: 0, turn)
            } catch {
                throw OSSError(writing: error, key: key)
            }
            return PerformedAction()
        }
    }

    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) async throws {
        let deletion = try deletion()
        var unchanged = 0
        try await deletions.forEachBatch(of: 1000) { actions in
            unchanged += await BlockingWork.run { actions.count { deletion.isUnchanged($0) } }
        }
        let (planned, found) = (deletions.count, unchanged)
        try await BlockingWork.run { [replacements] in
            do {
                let standing = try deletion.standing(at: blocker)
                switch ReplacementVerdict.decide(standing, planned: planned, unchanged: found) {
                case .moveAside: try replacements.install(blocker, movingAside: true)
                case .install: try replacements.install(blocker, movingAside: false)
                case .keep(let reason): throw OSSError(blocker: blocker, reason)
                }
            } catch let error as FileError {
                throw OSSError(.fileSystem, "cannot replace '\(blocker)': \(error)", underlying: error)
            }
        }
    }

    func discardReplacements() { replacements.discard() }

    func delete(_ actions: [TransferAction]) async throws -> [OSSError?] {
        let deletion = try deletion()
        return await BlockingWork.run { actions.map { deletion.delete($0) } }
    }

    private func deletion() throws(FatalTransferError) -> FileDeletion {
        FileDeletion(
            root: try root(), backupFolder: backupFolder, needed: foundUnseen.withLock { $0 },
            replacements: replacements)
    }

    /// Returns the final path of a file or folder or, if that path is blocked, a temporary path.
    private func place(
        of path: RelativePath, _ blocker: RelativePath?, _ key: ObjectKey
    ) throws -> RelativePath {
        guard let blocker else { return path }
        let root = try root()
        do throws(FileError) {
            return try replacements.successorPath(of: path, replacing: blocker, in: root)
        } catch {
            throw OSSError(writing: error, key: key)
        }
    }

    /// Creates the destination folder if no download has created it. The result of downloading no objects is an empty
    /// folder.
    func conclude() throws { _ = try root() }

    private func download(
        _ object: RemoteEntry, to path: RelativePath, replacing seen: FileStatus?, _ turn: TaskPool.Turn
    ) async throws -> PerformedAction {
        let key = object.key
        let (root, commits) = try destination()
        let file: AtomicFile
        do throws(FileError) {
            var names = path.components
            let name = names.removeLast()
            file = try AtomicFile(
                replacing: name, in: root.directory(at: names, create: commits.makeDirectory),
                identity: store.identity(of: key))
        } catch {
            throw OSSError(writing: error, key: key)
        }
        // The plan only decided to replace the file that the walk found. Any other file at this path was created by
        // someone else, or has a name that this file system treats as equal: `A.txt` where case is ignored, or the
        // other Unicode spelling of `é`.
        let expected = file.previous.flatMap { $0.kind == .regular ? seen : $0 }
        let preservesAttributes = preservesAttributes
        let isLarge = object.size > context.options.multipartThreshold
        let written = Mutex<FileStatus?>(nil)
        do {
            let stored = try await store.get(object, into: file, context) { stored in
                let result = try await Self.expanded(file, stored)
                let attributes = preservesAttributes ? FileAttributes(metadata: stored.metadata) : nil
                let placement = AtomicFile.Placement(
                    modified: attributes?.modified, permissions: attributes?.permissions, replacing: .only(expected))
                do throws(FileError) {
                    if isLarge {
                        try await commits.commitAlone(.file(result, placement))
                    } else {
                        try await commits.commit(.file(result, placement), bytes: stored.size, turn)
                    }
                } catch {
                    // EEXIST: the file was created or replaced after the download started.
                    throw error.code == EEXIST
                        ? OSSError(changed: file.path, key: key, error) : OSSError(writing: error, key: key)
                }
                // The expanded file is in place, so the compressed one is no longer needed.
                if result !== file { file.discard() }
                written.withLock { $0 = result.installedStatus }
            }
            if seen == nil, let found = file.previous, found.kind == .regular {
                foundUnseen.withLock { _ = $0.insert(found.withoutNumber) }
            }
            // A record would make damaged bytes permanent.
            guard stored.isCompared else {
                Patience.current?.warn(
                    once: "some files could not be verified, because their objects have neither a CRC-64 nor an MD5; "
                        + "the next run will download these files again. To add a CRC-64, upload or copy the objects "
                        + "again. If every large object is affected, check whether a proxy is removing headers")
                return PerformedAction(bytes: stored.size)
            }
            // The next listing will report the same values, unless the object has been replaced in the meantime.
            let isListed = stored.eTag == object.eTag
            let record = written.withLock { $0 }.map {
                let isEncoded = stored.gzip != nil
                return isListed
                    ? FileRecord($0, object, isEncoded: isEncoded)
                    : FileRecord($0, at: key, stored, isEncoded: isEncoded)
            }
            return PerformedAction(bytes: stored.size, record: record)
        } catch let error as OSSError where error.code == .notFound {
            throw error.asVanished
        }
    }

    /// Returns the downloaded file or, if it is compressed, a temporary file with its expanded content.
    private static func expanded(_ file: AtomicFile, _ stored: StoredObject) async throws -> AtomicFile {
        guard let mark = stored.gzip else { return file }
        do {
            let result = try file.sibling()
            try await GzipFile.expand(
                FileSlice(file.file, offset: 0, length: stored.size), into: result.file, expecting: mark)
            return result
        } catch let error as FileError {
            throw OSSError(.fileSystem, "\(error)", underlying: error)
        }
    }
}
