extension Bucket {
    /// What makes the journal of a transfer that of this object here, and of what else belongs to it.
    nonisolated func journalIdentity(_ key: ObjectKey, _ rest: [String]) -> [String] {
        ["\(client.endpoint)", name, key.rawValue] + rest
    }

    /// Removes what an upload of a file left that was killed at its very end: the object is there, and nobody will go on.
    nonisolated func forgetUpload(of path: String, to key: ObjectKey) {
        JournalFolder(client.configuration.stateDirectory)?
            .removeJournal(ResumableUpload.kind, journalIdentity(key, [absolutePath(path)]))
    }

    /// The same for a download.
    nonisolated func forgetDownload(of key: ObjectKey, to path: String) {
        JournalFolder(client.configuration.stateDirectory)?
            .removeJournal(FileDownload.kind, FileDownload.identity(of: key, "", to: absolutePath(path), in: self))
    }
}
