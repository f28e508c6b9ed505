import Foundation

/// Deletes local files for a transfer, or moves them to a backup folder.
struct FileDeletion: Sendable {
    let root: SafeDirectory
    /// Where deleted files go, at their path; nothing when they are not kept.
    let backupFolder: String?
    /// Files that the source has under another spelling of their name, without their numbers.
    var needed: Set<FileStatus> = []
    /// The files that were moved aside, so that they are not at their paths any more.
    var replacements = Replacements()

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
        let movedAside = replacements.movedAside(path)
        var names = (movedAside?.place ?? path).components
        let name = names.removeLast()
        let folder: SafeDirectory
        do {
            folder = try root.directory(at: names)
            var status = try folder.status(of: name, links: .skip)
            // The renaming itself counts as a change of the file.
            if movedAside?.blocker == path { status.changed = seen.changed }
            guard status.kind == .regular, !status.hasChanged(from: seen) else {
                throw OSSError(
                    .destinationChanged,
                    "'\(path)' changed while the transfer was running: it was not deleted"
                        + (movedAside.map { " and is at '\($0.place)' now" } ?? ""))
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
            let above = path.components.dropLast()
            try folder.move(name, into: .creating(backupFolder).directory(at: above, creating: true))
        } else {
            try folder.unlink(name)
        }
        removeEmptyFolders(names, keeping: kept)
    }

    private func deleteFolder(_ path: RelativePath, keepingFolders kept: Int) throws {
        removeEmptyFolders((replacements.movedAside(path)?.place ?? path).components, keeping: kept)
    }

    /// Whether what is to be deleted is still what was seen.
    func isUnchanged(_ action: TransferAction) -> Bool {
        guard case .deleteFile(let path, let seen, _) = action.work else { return false }
        var names = path.components
        let name = names.removeLast()
        guard let status = try? root.directory(at: names).status(of: name, links: .skip) else { return false }
        return status.kind == .regular && !status.hasChanged(from: seen) && !needed.contains(status.withoutNumber)
    }

    /// The kind of file at a path.
    func standing(at path: RelativePath) throws(FileError) -> ReplacementVerdict.Standing {
        var names = path.components
        let name = names.removeLast()
        let parent = try root.directory(at: names)
        do {
            switch try parent.status(of: name, links: .skip).kind {
            case .regular: return .file
            case .directory: break
            case .symbolicLink, .other: return .other
            }
        } catch  where error.code == ENOENT {
            return .nothing
        }
        var walker = try DirectoryWalker(parent.directory(name), links: .skip)
        var files = 0
        while let entry = walker.next() {
            switch entry.content {
            case .file: files += 1
            case .emptyDirectory: break
            case .skipped, .unrepresentableName, .movedAside, .failed:
                return .folder(files: files, other: .path(of: entry.path.bytes, in: path))
            }
        }
        return .folder(files: files, other: nil)
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
