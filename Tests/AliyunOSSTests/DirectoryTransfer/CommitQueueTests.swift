import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of downloads whose files are committed in batches. The tests decide when a batch closes, so no time matters.
@Suite("Downloads that are committed in batches", .timeLimit(.minutes(5)))
struct CommitQueueTests {
    private let folder: ScratchDirectory

    init() throws { folder = try ScratchDirectory() }

    /// Downloads the objects below `p/` to the folder.
    private func download(
        from store: MemoryStore, on disk: FaultyFileSystem = FaultyFileSystem(hasReliableSharedSync: false),
        concurrency: Int = 4, _ change: (inout BatchRule) -> Void = { _ in }
    ) async throws -> TransferReport {
        var options = DirectoryTransfer.Options()
        options.concurrency = concurrency
        options.batchRule.delay = .seconds(600)
        change(&options.batchRule)
        let transfer = DirectoryTransfer(store: store, options: options)
        return try await disk.run { try await transfer.download(from: "p", to: folder.path) }
    }

    /// Returns a bucket with the given number of objects, of which the first one is complete only when a gate opens.
    private func store(_ count: Int, holdingFirstAt gate: Gate? = nil) -> MemoryStore {
        let store = MemoryStore { operation, key in
            if operation == "body", key == "p/f1000" { try await gate?.pass() }
        }
        for index in 0..<count { store["p/f\(1000 + index)"] = .init(content: Array("new".utf8)) }
        return store
    }

    private func syncs(_ disk: FaultyFileSystem) -> [FileSystemCall] {
        disk.calls.filter { $0.kind == .synchronize || $0.kind == .synchronizeFileSystem }
    }

    private func renames(_ disk: FaultyFileSystem) -> Int { disk.calls.count { $0.kind == .rename } }

    // MARK: The rule

    @Test(
        "A batch closes at its number of files, at its size, or when nothing else is in flight",
        arguments: [
            (0, 0, true, false), (0, 1 << 40, false, false), (1, 0, true, true), (1, 1, false, false),
            (9, 99, false, false), (10, 0, false, true), (11, 0, false, true), (1, 100, false, true),
            (1, .max, false, true),
        ] as [(Int, Int64, Bool, Bool)])
    func rule(files: Int, bytes: Int64, isIdle: Bool, closes: Bool) {
        let rule = BatchRule(files: 10, bytes: 100, delay: .zero)
        #expect(rule.closes(files: files, bytes: bytes, isIdle: isIdle) == closes)
    }

    @Test(
        "If the process may open few files, batches are smaller, and with too few, files do not wait",
        arguments: [(256, 128, 256), (30, 15, 30), (5, 2, 4), (3, 1, 0), (0, 1, 0)])
    func fitted(free: Int, files: Int, capacity: Int) {
        let rule = BatchRule().fitted { min($0, free) }
        #expect(rule.files == files && rule.capacity == capacity)
    }

    // MARK: Closing

    @Test("A file that waits to be committed does not count as a transfer in flight")
    func concurrency() async throws {
        let gate = Gate()
        let store = store(20, holdingFirstAt: gate)
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        async let report = download(from: store, on: disk, concurrency: 2)
        // All other objects are downloaded with the second permit, although no file has been committed.
        #expect(try await eventually { store.log.count { $0.hasPrefix("get") } == 20 })
        #expect(renames(disk) == 0)
        await gate.unlock()
        #expect(try await report.transferred.files == 20)
    }

    @Test("Syncs are counted by batch and not by file", arguments: [true, false])
    func syncCount(isShared: Bool) async throws {
        let gate = Gate()
        let disk = FaultyFileSystem(hasReliableSharedSync: isShared)
        async let report = download(from: store(200, holdingFirstAt: gate), on: disk) { $0.files = 50 }
        // Three batches of 50 files are full; the rest waits for the first file.
        #expect(try await eventually { renames(disk) >= 150 })
        await gate.unlock()
        #expect(try await report.transferred.files == 200)
        let calls = syncs(disk)
        #expect(calls.count { $0.path == folder.path } <= (isShared ? 8 : 4))
        // A last batch of a few files is not synced with one call.
        #expect(calls.count { $0.path != folder.path } <= (isShared ? SharedSync.minimumCount - 1 : 200))
    }

    @Test("A batch closes when its time is over, although other files are in flight")
    func delay() async throws {
        let gate = Gate()
        let disk = FaultyFileSystem()
        async let report = download(from: store(3, holdingFirstAt: gate), on: disk) { $0.delay = .zero }
        #expect(try await eventually { renames(disk) == 2 })
        await gate.unlock()
        #expect(try await report.transferred.files == 3)
    }

    @Test("A large file closes its batch at once")
    func bytes() async throws {
        let gate = Gate()
        let store = store(3, holdingFirstAt: gate)
        store["p/z"] = .init(content: [UInt8](repeating: 7, count: 100_000))
        let disk = FaultyFileSystem()
        async let report = download(from: store, on: disk) { $0.bytes = 100_000 }
        #expect(try await eventually { renames(disk) == 3 })
        await gate.unlock()
        #expect(try await report.transferred.files == 4)
    }

    @Test("A single file is synced alone, with its directory, and without waiting")
    func single() async throws {
        let disk = FaultyFileSystem(hasReliableSharedSync: true)
        #expect(try await download(from: store(1), on: disk).transferred.files == 1)
        let calls = syncs(disk)
        #expect(calls.map(\.kind) == [.synchronize, .synchronize])
        #expect(calls.first?.path.hasSuffix(".oss-partial") == true && calls.last?.path == folder.path)
    }

    @Test("A run without files syncs nothing")
    func none() async throws {
        let store = store(3)
        for key in store.keys { try folder.write(String(key.rawValue.dropFirst(2)), "new") }
        let disk = FaultyFileSystem()
        let report = try await download(from: store, on: disk)
        #expect(report.transferred.files == 0 && report.unchanged.files == 3)
        #expect(syncs(disk).isEmpty)
    }

    @Test("The names of new directories, including empty ones, are synced before they are reported")
    func directories() async throws {
        let store = MemoryStore()
        store.add(["p/a/b/c", "p/a/d/e", "p/empty/"], "")
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        let report = try await download(from: store, on: disk)
        #expect(report.transferred.files == 2 && report.folders == 1)
        let synced = Set(syncs(disk).map(\.path))
        #expect(synced.isSuperset(of: [folder.path, folder["a"], folder["a/b"], folder["a/d"]]))
    }

    // MARK: Cancellation

    @Test("A cancellation commits the files that wait and discards the others, and a rerun completes the folder")
    func cancellation() async throws {
        let gate = Gate()
        let store = store(20, holdingFirstAt: gate)
        try folder.write("f1000", "old")
        try folder.write("f1001", "old")
        let disk = FaultyFileSystem(hasReliableSharedSync: true)
        let run = Task { try await download(from: store, on: disk) }
        #expect(try await eventually { store.log.count { $0.hasPrefix("get") } == 20 })
        #expect(renames(disk) == 0)
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        let contents = try folder.contents()
        #expect(contents["f1000"] == Data("old".utf8))
        #expect(contents.filter { $0.key != "f1000" }.allSatisfy { $0.value == Data("new".utf8) || $0.key == "f1001" })
        #expect(contents.keys.allSatisfy { !$0.hasSuffix(".oss-partial") })
        await gate.unlock()
        #expect(try await download(from: store).isComplete)
        #expect(try folder.contents().values.allSatisfy { $0 == Data("new".utf8) })
        #expect(try folder.files().count == 20)
    }

    // MARK: Failures

    @Test(
        "A file of a batch that fails is one failure in the report, and its old file remains",
        arguments: [(FileSystemCall.Kind.synchronize, EIO), (.rename, EIO), (.setPermissions, EIO)])
    func failingFile(kind: FileSystemCall.Kind, code: Int32) async throws {
        for index in 0..<20 { try folder.write("f\(1000 + index)", "old") }
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        disk.add(.fail(code), to: kind, path: kind == .rename ? "/f1007" : "/.f1007.0000000000000000.oss-partial")
        let report = try await download(from: store(20), on: disk)
        #expect(disk.unused.isEmpty)
        #expect(report.failures.map(\.key) == ["p/f1007"] && report.transferred.files == 19)
        #expect((report.failures.first?.error.underlying as? FileError)?.code == code)
        for index in 0..<20 { #expect(try folder.text("f\(1000 + index)") == (index == 7 ? "old" : "new")) }
        #expect(try folder.files().count == 20)
    }

    @Test("If a directory cannot be synced, the files in it are failures, and the others are not")
    func failingDirectory() async throws {
        let store = store(10)
        store.add(["p/d/1", "p/d/2", "p/e/1"])
        for name in ["d", "e"] { try folder.makeDirectory(name) }
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        disk.add(.fail(EIO), to: .synchronize, path: "/d", times: nil)
        let report = try await download(from: store, on: disk)
        #expect(disk.unused.isEmpty)
        #expect(report.failures.compactMap(\.key).sorted() == ["p/d/1", "p/d/2"] && report.transferred.files == 11)
    }

    @Test("A shared sync that fails is replaced by separate ones, so no file fails for another program's error")
    func failingSharedSync() async throws {
        let gate = Gate()
        let disk = FaultyFileSystem(hasReliableSharedSync: true)
        disk.add(.fail(EIO), to: .synchronizeFileSystem, times: nil)
        async let report = download(from: store(20, holdingFirstAt: gate), on: disk) { $0.files = 19 }
        #expect(try await eventually { renames(disk) == 19 })
        await gate.unlock()
        #expect(try await report.isComplete)
        #expect(disk.unused.isEmpty)
        #expect(syncs(disk).count { $0.path.hasSuffix(".oss-partial") } == 20)
    }

    @Test("A full disk that is noticed when a file is synced ends the run, and the other files of the batch are stored")
    func fullDisk() async throws {
        let gate = Gate()
        let disk = FaultyFileSystem(hasReliableSharedSync: false)
        disk.add(.fail(ENOSPC), to: .synchronize, path: "/.f1007.0000000000000000.oss-partial")
        let run = Task { try await download(from: store(20, holdingFirstAt: gate), on: disk) { $0.files = 19 } }
        let error = await #expect(throws: OSSError.self) { try await run.value }
        #expect((error?.underlying as? FileError)?.code == ENOSPC)
        #expect(disk.unused.isEmpty)
        let contents = try folder.contents()
        #expect(contents.count == 18 && contents["f1000"] == nil && contents["f1007"] == nil)
        #expect(contents.values.allSatisfy { $0 == Data("new".utf8) })
    }
}
