import Foundation
import OSSPrimitives
import Synchronization

/// The folder that the journals are in. What nobody has touched for a week is removed by the first transfer of a process.
struct JournalDirectory {
    let directory: SafeDirectory

    /// How long a journal is of use, in seconds.
    static let lifetime: Int64 = 7 * 86_400

    private static let swept = Mutex<Set<String>>([])

    /// The path of the state that it is part of.
    private let path: String

    /// Opens the folder and makes it when it does not exist; nothing when there is no state.
    ///
    /// - Throws: ``OSSError`` when the user named a state directory that cannot be used.
    init?(_ state: StateDirectory) throws(OSSError) {
        guard let path = state.path, let directory = try state.open(StateDirectory.transfers) else { return nil }
        self.directory = directory
        self.path = path
    }

    /// Removes what is older than its lifetime. Once for each folder and process is enough for things that are a week old.
    ///
    /// To be called when the journal that the folder was opened for is locked: it may be as old itself.
    func sweepOnce() {
        guard Self.swept.withLock({ $0.insert(path).inserted }) else { return }
        removeAbandoned(before: Int64(time(nil)) - Self.lifetime)
    }

    /// Removes the journals that were last written before a moment and belong to no living process, with the unfinished
    /// downloads they are about.
    func removeAbandoned(before moment: Int64) {
        guard let listing = try? DirectoryListing(of: directory, links: .skip) else { return }
        for index in 0..<listing.count {
            let (name, kind) = listing[index]
            // Asked again under the lock: somebody may have gone on with it meanwhile.
            guard kind == .regular, name.description.hasSuffix(".journal"),
                let status = try? directory.status(of: name, links: .skip), status.modified.seconds < moment,
                let file = try? LockedFile.open(name, in: directory), file.isUnchanged(since: moment)
            else { continue }
            remove(file)
        }
    }

    /// The name of the journal of a transfer.
    static func name(_ kind: String, _ identity: [String]) -> FileName {
        let digest = SHA256.hash(Data(([kind] + identity).joined(separator: "\0").utf8))
        return FileName(unchecked: Array("\(kind)-\(Hexadecimal.lowercase(digest.prefix(16))).journal".utf8))
    }

    /// Whether there is a journal of a transfer.
    func contains(_ kind: String, _ identity: [String]) -> Bool {
        (try? directory.status(of: Self.name(kind, identity), links: .skip)) != nil
    }

    /// Removes the journal of a transfer that turned out to be done, with the unfinished download it is about, unless
    /// somebody is at it.
    func removeJournal(_ kind: String, _ identity: [String]) {
        guard contains(kind, identity), let file = try? LockedFile.open(Self.name(kind, identity), in: directory) else {
            return
        }
        remove(file)
    }

    private func remove(_ journal: LockedFile) {
        if let bytes = try? journal.read(upTo: 1 << 20),
            let content = JournalCoding.read(bytes, header: AbandonedDownload.self, record: NoRecord.self),
            let path = content.header.temporaryPath
        {
            remove(path)
        }
        journal.remove()
    }

    private func remove(_ path: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")),
            let name = FileName(path.utf8[path.utf8.index(after: slash)...]),
            let folder = try? SafeDirectory(String(path[...slash]))
        else { return }
        AtomicFile.removeAbandoned(name, in: folder)
    }

    private struct AbandonedDownload: Codable, Sendable {
        var temporaryPath: String?
    }
}

extension Bucket {
    /// What makes the journal of a transfer that of this object here, and of what else belongs to it.
    nonisolated func journalIdentity(_ key: ObjectKey, _ rest: [String]) -> [String] {
        ["\(client.endpoint)", name, key.rawValue] + rest
    }

    /// Removes what an upload of a file left that nobody will go on with: the object is there, because the upload was killed
    /// at its very end, or because its content came there by another way. Then there are parts, which are billed.
    ///
    /// - Returns: whether to leave it at that. Not when the service did not remove the parts for now: then the journal stays,
    ///   for the next time that it is asked. It also stays for who may not remove them.
    nonisolated func forgetUpload(of path: String, to key: ObjectKey) async -> Bool {
        let state = client.configuration.stateDirectory
        let identity = journalIdentity(key, [absolutePath(path)])
        guard let folder = try? JournalDirectory(state), folder.contains(ResumableUpload.kind, identity),
            let journal = try? Journal<ResumableUpload, NoRecord>(ResumableUpload.kind, identity: identity, in: state)
        else { return true }
        defer { journal.release() }
        do {
            // Without a name it has no parts.
            if let uploadID = journal.previous?.header.uploadID {
                try await abortMultipartUpload(MultipartUpload(key: key, uploadID: uploadID))
            }
        } catch {
            return (error as? OSSError)?.code == .accessDenied
        }
        journal.remove()
        return true
    }

    /// Removes what a download left that nobody will go on with: its journal, and its unfinished file.
    nonisolated func forgetDownload(of key: ObjectKey, to path: String) {
        try? JournalDirectory(client.configuration.stateDirectory)?
            .removeJournal(FileDownload.kind, FileDownload.identity(of: key, "", to: absolutePath(path), in: self))
    }
}
