extension ObjectStore {
    /// What both sides had when they were last equal. Nothing, when it cannot be kept.
    ///
    /// - Parameter isReadOnly: Whether it is only looked at, and left as it is.
    func record(
        of folder: LocalFolder, _ prefix: String, _ options: DirectoryTransfer.Options, isReadOnly: Bool
    ) throws(OSSError) -> TransferRecord? {
        var lines = [address, prefix, folder.identity]
        if let partition = options.partition { lines.append("\(partition.index)/\(partition.count)") }
        let location: RecordLocation = options.snapshot.map { .file($0) } ?? .stateDirectory(stateDirectory)
        let identity = RecordIdentity(text: lines.joined(separator: "\n"))
        return try TransferRecord.open(identity, at: location, isReadOnly: isReadOnly)
    }

    /// The files and folders of the transfer itself.
    func ownPaths(_ options: DirectoryTransfer.Options, _ record: TransferRecord?) -> [String] {
        [stateDirectory.path, options.deletion?.backupFolder].compactMap { $0 } + (record?.paths ?? [])
    }
}
