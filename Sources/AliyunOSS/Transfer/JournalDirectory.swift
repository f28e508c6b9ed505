import Foundation
import OSSPrimitives
import Synchronization

/// The directory that contains the journals of resumable transfers. The first transfer of a process removes journals
/// that have not been modified for a week.
struct JournalDirectory {
    let directory: SafeDirectory

    /// Lifetime of a journal, in seconds.
    static let lifetime: Int64 = 7 * 86_400

    private static let swept = Mutex<Set<String>>([])

    /// The path of the state directory.
    private let path: String

    /// Opens the directory, and creates it if it does not exist. Returns `nil` if state is not stored.
    ///
    /// - Throws: ``OSSError`` if the user specified a state directory that cannot be used.
    init?(_ state: StateDirectory) throws(OSSError) {
        guard let path = state.path, let directory = try state.open(StateDirectory.transfers) else { return nil }
        self.directory = directory
        self.path = path
    }

    /// Removes expired journals, once per directory and process.
    ///
    /// The caller must already have locked its own journal, which may have expired too.
    func sweepOnce() {
        guard Self.swept.withLock({ $0.insert(path).inserted }) else { return }
        removeJournals(before: Int64(time(nil)) - Self.lifetime)
    }

    /// Removes journals that were last modified before a given time and belong to no running process, along with the
    /// temporary files of their downloads.
    func removeJournals(before moment: Int64) {
        guard let listing = try? DirectoryListing(of: directory, links: .skip) else { return }
        for index in 0..<listing.count {
            let (name, kind) = listing[index]
            // The time is checked again under the lock, because a process may have resumed the transfer.
            guard kind == .regular, name.description.hasSuffix(".journal"),
                let status = try? directory.status(of: name, links: .skip), status.modified.seconds < moment,
                let file = try? LockedFile.open(name, in: directory), file.isUnchanged(since: moment)
            else { continue }
            remove(file)
        }
    }

    /// Returns the name of a transfer's journal.
    static func name(_ kind: String, _ identity: [String]) -> FileName {
        let digest = SHA256.hash(Data(([kind] + identity).joined(separator: "\0").utf8))
        return FileName(unchecked: Array("\(kind)-\(Hexadecimal.lowercase(digest.prefix(16))).journal".utf8))
    }

    /// Returns whether a transfer has a journal.
    func contains(_ kind: String, _ identity: [String]) -> Bool {
        (try? directory.status(of: Self.name(kind, identity), links: .skip)) != nil
    }

    /// Removes the journal of a completed transfer, along with the temporary file of its download, unless another
    /// process holds the journal.
    func removeJournal(_ kind: String, _ identity: [String]) {
        guard contains(kind, identity), let file = try? LockedFile.open(Self.name(kind, identity), in: directory) else {
            return
        }
        remove(file)
    }

    private func remove(_ journal: LockedFile) {
        if let bytes = try? journal.read(upTo: 1 << 20),
            let content = JournalCoding.read(bytes, header: DownloadHeader.self, record: NoRecord.self),
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
        AtomicFile.removeUnlocked(name, in: folder)
    }

    private struct DownloadHeader: Codable, Sendable {
        var temporaryPath: String?
    }
}

extension Bucket {
    /// Returns the values that identify a transfer of an object in this bucket.
    nonisolated func journalIdentity(_ key: ObjectKey, _ rest: [String]) -> [String] {
        ["\(client.endpoint)", name, key.rawValue] + rest
    }

    /// Removes the state of an upload that is no longer needed because the object already has the content.
    ///
    /// This is the case if the upload was killed at its very end, or if the content was stored by other means. The
    /// parts of the upload are billed until they are removed.
    ///
    /// - Returns: Whether the cleanup is done; `false` if the upload could not be aborted now, in which case the
    ///   journal remains for the next attempt. The journal also remains if the credentials do not permit aborting the
    ///   upload.
    nonisolated func forgetUpload(of path: String, to key: ObjectKey) async -> Bool {
        let state = client.configuration.stateDirectory
        let identity = journalIdentity(key, [absolutePath(path)])
        guard let folder = try? JournalDirectory(state), folder.contains(ResumableUpload.kind, identity),
            let journal = try? Journal<ResumableUpload, NoRecord>(ResumableUpload.kind, identity: identity, in: state)
        else { return true }
        defer { journal.release() }
        do {
            // An upload without an ID has no parts.
            if let uploadID = journal.previous?.header.uploadID {
                try await abortMultipartUpload(MultipartUpload(key: key, uploadID: uploadID))
            }
        } catch {
            return (error as? OSSError)?.code == .accessDenied
        }
        journal.remove()
        return true
    }

    /// Removes a download's journal and temporary file when they are no longer needed.
    nonisolated func forgetDownload(of key: ObjectKey, to path: String) {
        try? JournalDirectory(client.configuration.stateDirectory)?
            .removeJournal(FileDownload.kind, FileDownload.identity(of: key, "", to: absolutePath(path), in: self))
    }
}
