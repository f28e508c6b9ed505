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
        guard let folder = try? JournalFolder(state), folder.contains(ResumableUpload.kind, identity),
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
        try? JournalFolder(client.configuration.stateDirectory)?
            .removeJournal(FileDownload.kind, FileDownload.identity(of: key, "", to: absolutePath(path), in: self))
    }
}
