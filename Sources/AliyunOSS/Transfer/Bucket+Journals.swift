extension Bucket {
    /// Removes what an upload of a file left that was killed at its very end: the object is there, and nobody will go on.
    nonisolated func forgetUpload(of path: String, to key: ObjectKey) {
        JournalFolder(client.configuration.stateDirectory)?
            .removeJournal(ResumableUpload.kind, ["\(client.endpoint)", name, key.rawValue, absolutePath(path)])
    }

    /// The same for a download.
    nonisolated func forgetDownload(of key: ObjectKey, to path: String) {
        JournalFolder(client.configuration.stateDirectory)?
            .removeJournal("download", ["\(client.endpoint)", name, key.rawValue, "", absolutePath(path)])
    }
}
