extension ObjectStore {
    /// What both sides had when they were last equal. Nothing, when it cannot be kept.
    ///
    /// - Parameter isReadOnly: Whether it is only looked at, and left as it is.
    func record(
        of folder: LocalFolder, _ prefix: String, _ options: DirectoryTransfer.Options, isReadOnly: Bool
    ) throws(OSSError) -> TransferRecord? {
        try TransferRecord.open(identity(folder, prefix, options), at: location(options), isReadOnly: isReadOnly)
    }

    /// The files and folders of the transfer itself.
    func ownPaths(_ folder: LocalFolder, _ prefix: String, _ options: DirectoryTransfer.Options) -> [String] {
        let files = try? RecordFiles(identity(folder, prefix, options), at: location(options), creating: false)
        return [stateDirectory.path, options.deletion?.backupFolder].compactMap { $0 } + (files?.paths ?? [])
    }

    private func identity(
        _ folder: LocalFolder, _ prefix: String, _ options: DirectoryTransfer.Options
    ) -> RecordIdentity {
        var lines = [address, prefix, folder.identity]
        if let partition = options.partition { lines.append("\(partition.index)/\(partition.count)") }
        return RecordIdentity(text: lines.joined(separator: "\n"))
    }

    private func location(_ options: DirectoryTransfer.Options) -> RecordLocation {
        options.snapshot.map { .file($0) } ?? .stateDirectory(stateDirectory)
    }
}
