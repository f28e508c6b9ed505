import Foundation

/// The location of a record.
enum RecordLocation: Hashable, Sendable {
    /// A file in the state directory, with a name derived from the identity of the record.
    case stateDirectory(StateDirectory)
    /// A snapshot file that the user specified.
    case file(String)
}

/// The files of one record, which are all in the same directory.
struct RecordFiles {
    let directory: SafeDirectory
    /// Name of the file that contains the sorted entries of the last complete run.
    let base: FileName

    /// Name of the log file, which contains the unsorted notes made since the last complete run.
    var log: FileName { sibling("log") }
    /// Name of the lock file, held by the run that uses the record.
    var lock: FileName { sibling("lock") }
    /// Name of the new base file while it is being written.
    var new: FileName { sibling("new") }

    /// The paths of all files of the record. None of these files belongs to the user.
    var paths: [String] { [base, log, lock, new].map { directory.path(of: $0) } }

    private func sibling(_ suffix: String) -> FileName {
        FileName(unchecked: Array(".".utf8) + Array(base.bytes) + Array(".\(suffix)".utf8))
    }

    /// Locates the files of a record, or returns `nil` if there is no record to read or write.
    ///
    /// - Parameter creating: Whether to create the directory in the state directory if it is missing.
    /// - Returns: `nil` if no state is to be saved, state cannot be saved, or no state exists.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` for an invalid snapshot file, or
    ///   ``OSSError/Code/fileSystem`` for a state directory that the user specified and that cannot be used.
    init?(_ identity: RecordIdentity, at location: RecordLocation, creating: Bool) throws(OSSError) {
        switch location {
        case .stateDirectory(let state):
            guard let directory = try state.open(StateDirectory.records, creating: creating) else { return nil }
            self.directory = directory
            base = FileName(unchecked: Array("\(identity.name(digits: 32)).record".utf8))
        case .file(let path):
            let absolute = absolutePath(path)
            guard let slash = absolute.utf8.lastIndex(of: UInt8(ascii: "/")),
                let name = FileName(absolute.utf8[absolute.utf8.index(after: slash)...])
            else {
                throw OSSError(
                    .invalidArgument, "'\(path)' does not name a file; choose another path for the snapshot")
            }
            do throws(FileError) {
                directory = try SafeDirectory(String(absolute[...slash]))
            } catch {
                throw OSSError(.invalidArgument, "cannot save the snapshot '\(path)': \(error)", underlying: error)
            }
            base = try Self.base(name, identity, in: directory)
            for name in [log, new] { try Self.requireRecordFile(name, in: directory) }
        }
    }

    /// Throws an error if a file next to a snapshot, which a run replaces, belongs to the user.
    private static func requireRecordFile(_ name: FileName, in directory: SafeDirectory) throws(OSSError) {
        guard let file = try? directory.openFile(at: .path(of: name.bytes, in: nil)) else { return }
        // A full disk can leave a part of the first bytes.
        let magic = RecordCoding.format.magic
        let start = withUnsafeTemporaryAllocation(byteCount: magic.count, alignment: 1) { buffer in
            (try? file.read(into: buffer, at: 0)).map { Array(buffer.prefix($0)) }
        }
        if let start, magic.starts(with: start) { return }
        throw OSSError(
            .invalidArgument,
            "'\(directory.path(of: name))' is in the place of a file of the snapshot; move it elsewhere, or choose another "
                + "path for the snapshot")
    }

    /// Returns the file name of the snapshot. If that file is the snapshot of another transfer, returns a name derived
    /// from it, so that two transfers given the same file do not destroy each other's records.
    private static func base(
        _ name: FileName, _ identity: RecordIdentity, in directory: SafeDirectory
    ) throws(OSSError) -> FileName {
        let own = FileName(unchecked: Array(name.bytes) + Array(".\(identity.name(digits: 8))".utf8))
        for candidate in [name, own] {
            let path = directory.path(of: candidate)
            let file: OpenFile
            do throws(FileError) {
                file = try directory.openFile(at: .path(of: candidate.bytes, in: nil), links: .follow)
            } catch {
                if error.isMissing { return candidate }
                throw OSSError(.fileSystem, "cannot use the snapshot '\(path)': \(error)", underlying: error)
            }
            switch RecordReader(file, isSorted: true).header(identity) {
            case .empty, .own, .damaged: return candidate
            case .another: continue
            case .foreign:
                throw OSSError(
                    .invalidArgument, "'\(path)' is not a snapshot file and was not changed; choose another path"
                )
            }
        }
        throw OSSError(
            .invalidArgument, "'\(directory.path(of: name))' is the snapshot of another transfer; choose another path")
    }
}

extension ObjectStore {
    /// Opens the record of a transfer, or returns `nil` if the record cannot be saved.
    ///
    /// - Parameter isReadOnly: Whether to leave all files unchanged.
    func record(
        of folder: LocalFolder, _ prefix: String, _ options: DirectoryTransfer.Options, isReadOnly: Bool
    ) throws(OSSError) -> TransferRecord? {
        try TransferRecord.open(identity(folder, prefix, options), at: location(options), isReadOnly: isReadOnly)
    }

    /// Returns the paths of the transfer's own files and folders, such as its record.
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
        options.snapshotPath.map { .file($0) } ?? .stateDirectory(stateDirectory)
    }
}
