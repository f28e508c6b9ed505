extension ObjectStore {
    /// What both sides had when they were last equal. Nothing, when it cannot be kept.
    func record(
        of folder: LocalFolder, _ prefix: String, _ options: DirectoryTransfer.Options
    ) throws(OSSError) -> TransferRecord? {
        var lines = [address, prefix, folder.identity]
        if let partition = options.partition { lines.append("\(partition.index)/\(partition.count)") }
        let location: RecordLocation = options.snapshot.map { .file($0) } ?? .stateDirectory(stateDirectory)
        return try TransferRecord.open(RecordIdentity(text: lines.joined(separator: "\n")), at: location)
    }

    /// The files and folders of the transfer itself.
    func ownPaths(_ options: DirectoryTransfer.Options, _ record: TransferRecord?) -> [String] {
        [stateDirectory.path, options.deletion?.backupFolder].compactMap { $0 } + (record?.paths ?? [])
    }
}
