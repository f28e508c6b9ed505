import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Batches of files")
struct FileBatchTests {
    private let folder: ScratchDirectory

    init() throws { folder = try ScratchDirectory() }

    /// Creates temporary files below the folder, writes their names to them and commits them as one batch.
    private func commit(
        _ names: [String], on disk: FaultyFileSystem, meanwhile: () throws -> Void = {}
    ) throws -> [FileError?] {
        try FileSystemSeam.$interceptor.withValue(disk) {
            let root = try folder.root
            let unsynced = UnsyncedDirectories()
            let sync = SharedSync(root)
            let items = try names.map { name -> FileBatch.Item in
                var path = try RelativePath(name.utf8).components
                let last = path.removeLast()
                let directory = try root.directory(at: path, create: unsynced.makeDirectory)
                let file = try AtomicFile(replacing: last, in: directory)
                try file.file.write(Array(name.utf8), at: 0)
                return .file(file, .init(replacing: .unchanged))
            }
            try meanwhile()
            return FileBatch.commit(items, sync, unsynced)
        }
    }

    private func calls(_ disk: FaultyFileSystem, _ kinds: FileSystemCall.Kind...) -> [FileSystemCall] {
        disk.calls.filter { kinds.contains($0.kind) }
    }

    private static let names = (10..<30).map { "d/\($0 % 3)/\($0)" }

    @Test("A batch takes two waits for the disk if the file system can be synced as a whole")
    func shared() throws {
        let names = (0..<100).map { "\($0)/x" }
        let disk = FaultyFileSystem(hasReliableSharedSync: true)
        #expect(try commit(names, on: disk).allSatisfy { $0 == nil })
        let kinds = calls(disk, .setPermissions, .synchronize, .synchronizeFileSystem, .rename).map(\.kind)
        let steps = kinds.reduce(into: [FileSystemCall.Kind]()) { if $0.last != $1 { $0.append($1) } }
        #expect(steps == [.setPermissions, .synchronizeFileSystem, .rename, .synchronizeFileSystem])
        #expect(try folder.contents() == Dictionary(uniqueKeysWithValues: names.map { ($0, Data($0.utf8)) }))
    }

    @Test("Otherwise, each file, each directory and each parent of a new directory is synced once")
    func separate() throws {
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        #expect(try commit(Self.names, on: disk).allSatisfy { $0 == nil })
        let kinds = calls(disk, .setPermissions, .synchronize, .rename).map(\.kind)
        let steps = kinds.reduce(into: [FileSystemCall.Kind]()) { if $0.last != $1 { $0.append($1) } }
        #expect(steps == [.setPermissions, .synchronize, .rename, .synchronize])
        #expect(calls(disk, .synchronizeFileSystem).isEmpty)
        let synced = calls(disk, .synchronize).map(\.path)
        #expect(synced.prefix(20).allSatisfy { $0.hasSuffix(".oss-partial") } && Set(synced.prefix(20)).count == 20)
        #expect(
            synced.dropFirst(20).sorted()
                == [folder.path, folder["d"], folder["d/0"], folder["d/1"], folder["d/2"]])
    }

    @Test("A few files are synced one by one, because a shared sync also writes the data of other programs")
    func few() throws {
        let disk = FaultyFileSystem(hasReliableSharedSync: true)
        let names = Array(Self.names.prefix(SharedSync.minimumCount - 1))
        #expect(try commit(names, on: disk).allSatisfy { $0 == nil })
        #expect(calls(disk, .synchronizeFileSystem).isEmpty)
        #expect(calls(disk, .synchronize).count { $0.path.hasSuffix(".oss-partial") } == names.count)
    }

    @Test("If the shared sync fails, each file is synced, now and later, and only those that fail are errors")
    func failingSharedSync() throws {
        let disk = FaultyFileSystem(hasReliableSharedSync: true)
        disk.add(.fail(EIO), to: .synchronizeFileSystem)
        disk.add(.fail(EIO), to: .synchronize, skip: 2)
        let errors = try commit(Self.names, on: disk)
        #expect(errors.map { $0?.code } == Self.names.indices.map { $0 == 2 ? EIO : nil })
        #expect(disk.unused.isEmpty)
        // The error is reported only once, so the directories must not be synced together either.
        #expect(calls(disk, .synchronizeFileSystem).count == 1)
        #expect(calls(disk, .synchronize).count { !$0.path.hasSuffix(".oss-partial") } == 5)
        #expect(try folder.files() == Self.names.filter { $0 != Self.names[2] }.sorted())
    }

    @Test(
        "A file that fails in a step takes no further step, and the others are stored",
        arguments: [
            (FileSystemCall.Kind.setPermissions, EIO), (.synchronize, EIO), (.synchronize, ENOSPC), (.rename, EACCES),
        ])
    func failingFile(kind: FileSystemCall.Kind, code: Int32) throws {
        for name in Self.names { try folder.write(name, "old") }
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        disk.add(.fail(code), to: kind, skip: 7)
        let errors = try commit(Self.names, on: disk)
        #expect(disk.unused.isEmpty)
        #expect(errors.map { $0?.code } == Self.names.indices.map { $0 == 7 ? code : nil })
        for (index, name) in Self.names.enumerated() { #expect(try folder.text(name) == (index == 7 ? "old" : name)) }
        #expect(try folder.files() == Self.names.sorted())
        // The failed file is not renamed.
        #expect(calls(disk, .rename).count == Self.names.count - (kind == .rename ? 0 : 1))
    }

    @Test("A directory that cannot be synced is an error of its files only")
    func failingDirectory() throws {
        for name in Self.names { try folder.write(name, "old") }
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        disk.add(.fail(EIO), to: .synchronize, path: "/d/1")
        let errors = try commit(Self.names, on: disk)
        #expect(disk.unused.isEmpty)
        for (name, error) in zip(Self.names, errors) { #expect((error?.code == EIO) == name.hasPrefix("d/1/")) }
        // The names are in place, but may be lost in a power failure.
        for name in Self.names { #expect(try folder.text(name) == name) }
    }

    @Test("If the parent of a new directory cannot be synced, no file is a success, and the next batch syncs it again")
    func failingParent() throws {
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        disk.add(.fail(EIO), to: .synchronize, path: folder.path)
        let errors = try FileSystemSeam.$interceptor.withValue(disk) {
            let root = try folder.root
            let unsynced = UnsyncedDirectories()
            try unsynced.makeDirectory(FileName(unchecked: "new".utf8), in: root)
            let first = FileBatch.commit([.directory, .directory], SharedSync(root), unsynced)
            return first + FileBatch.commit([.directory], SharedSync(root), unsynced)
                + FileBatch.commit([.directory], SharedSync(root), unsynced)
        }
        #expect(errors.map { $0?.code } == [EIO, EIO, nil, nil])
        #expect(calls(disk, .synchronize).map(\.path) == [folder.path, folder.path])
    }

    @Test("A file that changes while the batch is synced is not replaced, and the others are")
    func changed() throws {
        for name in Self.names { try folder.write(name, "old") }
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        let errors = try commit(Self.names, on: disk) { try folder.write(Self.names[4], "edited") }
        #expect(errors.map { $0?.code } == Self.names.indices.map { $0 == 4 ? EEXIST : nil })
        for (index, name) in Self.names.enumerated() {
            #expect(try folder.text(name) == (index == 4 ? "edited" : name))
        }
        #expect(try folder.files() == Self.names.sorted())
    }

    @Test("Files on another file system are synced one by one")
    func otherDevice() throws {
        let disk = FaultyFileSystem(hasReliableSharedSync: true)
        let errors = try FileSystemSeam.$interceptor.withValue(disk) {
            let items = (0..<10).map { _ in try? folder.root }.compactMap { $0 }
            return SharedSync(try folder.root).synchronize(items, on: [try folder.root.status().device, 0])
        }
        #expect(errors.count == 10 && errors.allSatisfy { $0 == nil })
        #expect(calls(disk, .synchronizeFileSystem).isEmpty && calls(disk, .synchronize).count == 10)
    }

    @Test("The cache of the drive is flushed once, after all files, and a failed flush is an error of every file")
    func driveCache() throws {
        for name in ["a/x", "b/x", "c/x"] { try folder.write(name, "") }
        for (device, code) in [(nil, nil), (nil, EIO), (0, nil)] as [(UInt64?, Int32?)] {
            let disk = FaultyFileSystem(hasReliableSharedSync: false)
            if let code { disk.add(.fail(code), to: .synchronize, path: folder.path) }
            let errors = try FileSystemSeam.$interceptor.withValue(disk) {
                let root = try folder.root
                let items = try ["a", "b", "c"].map { try root.directory(FileName(unchecked: $0.utf8)) }
                return SharedSync(root, hasDriveCache: true)
                    .synchronize(items, on: Set([try root.status().device, device].compactMap { $0 }))
            }
            #expect(errors.map { $0?.code } == [code, code, code])
            let flushes = device == nil ? [folder.path] : []
            #expect(calls(disk, .synchronize).map(\.path) == ["a", "b", "c"].map { folder[$0] } + flushes)
        }
    }

    @Test(
        "A file system is synced as a whole only if the kernel then reports write errors",
        arguments: [
            (Int64(0xEF53), (5, 8), true), (0xEF53, (6, 1), true), (0xEF53, (5, 7), false), (0xEF53, (4, 19), false),
            (0x5846_5342, (5, 15), true), (0x9123_683E, (5, 15), true), (0x0102_1994, (6, 0), true),
            (0x794C_7630, (6, 12), false), (0x6969, (6, 12), false), (0x6573_5546, (6, 12), false),
            (-1, (15, 0), false),
        ])
    func reliability(type: Int64, kernel: (Int, Int), isReliable: Bool) {
        #expect(SharedSync.isReliable(onFileSystem: type, kernel: kernel) == isReliable)
    }
}
