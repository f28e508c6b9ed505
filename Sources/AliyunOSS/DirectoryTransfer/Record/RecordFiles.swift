import Foundation

/// Where records are kept.
enum RecordLocation: Hashable, Sendable {
    /// With other state, under a name that follows from what the record is about.
    case stateDirectory(StateDirectory)
    /// In a file of the user's choice.
    case file(String)
}

/// The names of the files of one record, all in one folder.
struct RecordFiles {
    let directory: SafeDirectory
    /// What holds after every run that ended well.
    let base: FileName

    /// What was noted since then and is not sorted.
    var log: FileName { sibling("log") }
    /// Held by the run that uses the record.
    var lock: FileName { sibling("lock") }
    /// A new base that is being written.
    var kept: FileName { sibling("kept") }
    var final: FileName { sibling("new") }

    /// What was noted, in sorted pieces.
    func segment(_ number: Int) -> FileName { sibling("segment-\(number)") }

    /// Every path that a record may have, so that none is taken for the user's.
    var paths: [String] {
        ([base, log, lock, kept, final] + (0..<RecordSegments.maximumCount).map { segment($0) }).map {
            directory.path(of: $0)
        }
    }

    private func sibling(_ suffix: String) -> FileName {
        FileName(unchecked: Array(".".utf8) + Array(base.bytes) + Array(".\(suffix)".utf8))
    }

    /// Finds the place of a record.
    ///
    /// - Parameter creating: Whether a place in the state directory is made when there is none.
    /// - Returns: Nothing, when state is not to be kept or cannot be, or there is no place.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` for a file of the user's choice that cannot be one, and
    ///   ``OSSError/Code/fileSystem`` for a state directory of the user's choice that cannot be used.
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
            else { throw OSSError(.invalidArgument, "'\(path)' cannot be the file of a snapshot: it names no file") }
            do throws(FileError) {
                directory = try SafeDirectory(String(absolute[...slash]))
            } catch {
                throw OSSError(.invalidArgument, "the snapshot '\(path)' cannot be kept: \(error)", underlying: error)
            }
            base = try Self.base(name, identity, in: directory)
        }
    }

    /// The file itself, unless it is the record of something else: then one beside it, so that two folders that are given the
    /// same file do not take away each other's.
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
                throw OSSError(.fileSystem, "the snapshot '\(path)' cannot be used: \(error)", underlying: error)
            }
            switch RecordReader(file, isSorted: true).header(identity) {
            case .empty, .own, .damaged: return candidate
            case .another: continue
            case .foreign:
                throw OSSError(
                    .invalidArgument, "'\(path)' is no snapshot of this library and is left as it is; give another file"
                )
            }
        }
        throw OSSError(
            .invalidArgument, "'\(directory.path(of: name))' is the snapshot of another transfer; give another")
    }
}

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
