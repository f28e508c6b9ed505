extension FileRecord {
    /// That there is an object which stands for a folder.
    init(folder key: ObjectKey) {
        self.init(key: key, size: 0, modified: .epoch, changed: .epoch, inode: 0, remoteSize: 0, eTag: "")
    }

    init(_ status: FileStatus, _ object: RemoteEntry, isEncoded: Bool = false) {
        self.init(
            key: object.key, size: status.size, modified: status.modified, changed: status.changed,
            inode: status.inode, remoteSize: object.size, eTag: object.eTag, isEncoded: isEncoded)
    }

    init(_ status: FileStatus, at key: ObjectKey, _ object: StoredObject, isEncoded: Bool = false) {
        self.init(
            key: key, size: status.size, modified: status.modified, changed: status.changed, inode: status.inode,
            remoteSize: object.size, eTag: object.eTag, isEncoded: isEncoded)
    }
}
