import Foundation

/// A worker that deletes local files, or moves them to a backup folder.
struct FileDeletion: Sendable {
    let root: SafeDirectory
    /// Path of the folder to which files are moved instead of being deleted; `nil` if they are deleted.
    let backupFolder: String?
    /// Files that must not be deleted, because the source contains them under differently spelled names. Inode numbers
    /// are omitted.
    var needed: Set<FileStatus> = []
    /// The replacements of the run, used to find files that were moved aside.
    var replacements = Replacements()

    /// Deletes a file or folder, and returns an error if the deletion fails; otherwise, `nil`.
    func delete(_ action: TransferAction) -> OSSError? {
        do {
            switch action.work {
            case .delete(.file(let path, let status, let kept)): try deleteFile(path, status, keepingFolders: kept)
            case .delete(.folder(let path, let kept)): try deleteFolder(path, keepingFolders: kept)
            case .delete(.object), .upload, .download, .copy, .leave, .fail: throw OSSError(misdirected: action)
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
            // Renaming a file changes its change time.
            if movedAside?.blocker == path { status.changed = seen.changed }
            guard status.kind == .regular, !status.hasChanged(from: seen) else {
                throw OSSError(
                    .destinationChanged,
                    "'\(path)' changed during the transfer and was not deleted"
                        + (movedAside.map { "; it is now at '\($0.place)'" } ?? ""))
            }
            guard !needed.contains(status.withoutNumber) else {
                throw OSSError(
                    .destinationChanged,
                    "'\(path)' was not deleted: an object's name is spelled differently, but this file system does not "
                        + "distinguish the two names; rename the file")
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

    /// Returns whether a file has remained unchanged since its deletion was planned.
    func isUnchanged(_ action: TransferAction) -> Bool {
        guard case .delete(.file(let path, let seen, _)) = action.work else { return false }
        var names = path.components
        let name = names.removeLast()
        guard let status = try? root.directory(at: names).status(of: name, links: .skip) else { return false }
        return status.kind == .regular && !status.hasChanged(from: seen) && !needed.contains(status.withoutNumber)
    }

    /// Returns the kind of file at a path and, for a folder, a summary of its contents.
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

    /// Removes an empty folder and each parent folder that becomes empty, except a given number of folders closest to
    /// the root.
    private func removeEmptyFolders(_ names: [FileName], keeping kept: Int) {
        var names = names
        while names.count > kept, let name = names.popLast() {
            // A folder that cannot be removed is harmless.
            guard let parent = try? root.directory(at: names), (try? parent.removeDirectory(name)) == true else {
                return
            }
        }
    }
}
