/// A batch of files that are committed together, with about two waits for the disk.
///
/// Each step is performed for all files before the next one starts: attributes, sync, rename, and sync of the
/// directories. A rename therefore never replaces a file before its successor is on stable storage, and a file counts
/// as committed only when its name is on stable storage as well. A file that fails takes no further step, and its
/// temporary file is removed.
struct FileBatch {
    /// An entry of a batch.
    enum Item: Sendable {
        /// A complete temporary file.
        case file(AtomicFile, AtomicFile.Placement)
        /// A directory that has been created. It is committed when the names of all created directories are synced.
        case directory
    }

    private let items: [Item]
    /// The error of each item; `nil` while it has none.
    private var errors: [FileError?]
    /// The directory of each file; `nil` for other items and before the first step.
    private var places: [Place?]
    /// The directories of the files and the parents of created directories.
    private var directories: [Place: SafeDirectory] = [:]

    /// Commits items.
    ///
    /// - Parameters:
    ///   - sync: The way to wait for the disk.
    ///   - unsynced: The directories whose new subdirectories are not on stable storage yet.
    /// - Returns: The error of each item, or `nil` if it is on stable storage under its name.
    static func commit(_ items: [Item], _ sync: SharedSync, _ unsynced: UnsyncedDirectories) -> [FileError?] {
        var batch = FileBatch(items)
        batch.prepare()
        batch.syncFiles(sync)
        batch.install()
        batch.syncDirectories(sync, unsynced)
        batch.discardFailedFiles()
        return batch.errors
    }

    private init(_ items: [Item]) {
        self.items = items
        errors = Array(repeating: nil, count: items.count)
        places = Array(repeating: nil, count: items.count)
    }

    private mutating func prepare() {
        forEachFile { batch, index, file, placement throws(FileError) in
            try file.prepare(placement)
            let place = try Place(file.directory)
            batch.places[index] = place
            batch.directories[place] = file.directory
        }
    }

    private mutating func syncFiles(_ sync: SharedSync) {
        var indices: [Int] = []
        var files: [OpenFile] = []
        forEachFile { _, index, file, _ in
            indices.append(index)
            files.append(file.file)
        }
        for (index, error) in zip(indices, sync.synchronize(files, on: devices)) { errors[index] = error }
    }

    private mutating func install() {
        forEachFile { _, _, file, placement throws(FileError) in _ = try file.install(placement.replacing) }
    }

    private mutating func syncDirectories(_ sync: SharedSync, _ unsynced: UnsyncedDirectories) {
        let parents = unsynced.removeAll()
        var parentPlaces: Set<Place> = []
        // Any file of the batch can be below any of the parents.
        var common: FileError?
        let needed = Set(zip(places, errors).compactMap { $1 == nil ? $0 : nil })
        directories = directories.filter { needed.contains($0.key) }
        for parent in parents {
            do throws(FileError) {
                let place = try Place(parent)
                parentPlaces.insert(place)
                directories[place] = parent
            } catch {
                common = error
            }
        }
        let synced = Array(directories)
        var failed: [Place: FileError] = [:]
        for (entry, error) in zip(synced, sync.synchronize(synced.map(\.value), on: devices)) {
            guard let error else { continue }
            failed[entry.key] = error
            if parentPlaces.contains(entry.key) { common = error }
        }
        if common != nil { unsynced.restore(parents) }
        for index in items.indices where errors[index] == nil {
            errors[index] = common ?? places[index].flatMap { failed[$0] }
        }
    }

    private func discardFailedFiles() {
        for (item, error) in zip(items, errors) where error != nil {
            if case .file(let file, _) = item { file.discard() }
        }
    }

    private var devices: Set<UInt64> { Set(directories.keys.map(\.device)) }

    /// Performs a step for each file that has no error, and stores the error that it throws.
    private mutating func forEachFile(
        _ step: (inout FileBatch, Int, AtomicFile, AtomicFile.Placement) throws(FileError) -> Void
    ) {
        for (index, item) in items.enumerated() where errors[index] == nil {
            guard case .file(let file, let placement) = item else { continue }
            do throws(FileError) {
                try step(&self, index, file, placement)
            } catch {
                errors[index] = error
            }
        }
    }

    /// The identity of a directory. Two objects can refer to the same directory.
    private struct Place: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ directory: SafeDirectory) throws(FileError) {
            let status = try directory.status()
            (device, inode) = (status.device, status.inode)
        }
    }
}
