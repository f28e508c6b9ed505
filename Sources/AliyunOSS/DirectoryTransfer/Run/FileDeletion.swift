import Foundation

/// Deletes local files for a transfer, or moves them to a backup folder.
struct FileDeletion: Sendable {
    let root: SafeDirectory
    /// Where deleted files go, at their path; nothing when they are not kept.
    let backupFolder: String?
    /// Files that the source has under another spelling of their name, without their numbers.
    var needed: Set<FileStatus> = []

    /// Deletes one, and says why not if so.
    func delete(_ action: TransferAction) -> OSSError? {
        do {
            switch action.work {
            case .deleteFile(let path, let status, let kept): try deleteFile(path, status, keepingFolders: kept)
            case .deleteFolder(let path, let kept): try deleteFolder(path, keepingFolders: kept)
            default: break
            }
            return nil
        } catch let error as OSSError {
            return error
        } catch {
            return OSSError(.fileSystem, "\(error)", key: action.key, underlying: error)
        }
    }

    private func deleteFile(_ path: RelativePath, _ seen: FileStatus, keepingFolders kept: Int) throws {
        var names = path.components
        let name = names.removeLast()
        let folder: SafeDirectory
        do {
            folder = try root.directory(at: names)
            let status = try folder.status(of: name, links: .skip)
            guard status.kind == .regular, !status.mayDiffer(from: seen) else {
                throw OSSError(
                    .destinationChanged, "'\(path)' changed while the transfer was running: it was not deleted")
            }
            guard !needed.contains(status.withoutNumber) else {
                throw OSSError(
                    .destinationChanged,
                    "'\(path)' is the file of an object with another spelling of this name, which are one name to this "
                        + "file system: it was not deleted; rename it")
            }
        } catch let error as FileError where error.isMissing {
            return
        }
        if let backupFolder {
            try folder.move(name, into: .creating(backupFolder).directory(at: names, creating: true))
        } else {
            try folder.unlink(name)
        }
        removeEmptyFolders(names, keeping: kept)
    }

    private func deleteFolder(_ path: RelativePath, keepingFolders kept: Int) throws {
        removeEmptyFolders(path.components, keeping: kept)
    }

    /// Removes the folders that have nothing in them any more, from the lowest up.
    private func removeEmptyFolders(_ names: [FileName], keeping kept: Int) {
        var names = names
        while names.count > kept, let name = names.popLast() {
            // A folder that cannot be removed harms nobody.
            guard let parent = try? root.directory(at: names), (try? parent.removeDirectory(name)) == true else {
                return
            }
        }
    }
}
