import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of equal files and of files that are excluded from a run. The IDs and outcomes are those in
/// `Docs/Scenarios.md`.
@Suite("Comparison of both sides of a mirror")
struct MirrorComparisonTests {
    typealias Way = MirrorScene.Way

    // MARK: Equal or not

    @Test(
        "E11: a file with different bytes but the same size, time and inode is detected by two modes without a request for it",
        arguments: [Way.up, .down], [UpdateMode.modified, .checksum])
    func e11(way: Way, mode: UpdateMode) async throws {
        let scene = try MirrorScene(way, keepsState: true)
        try scene.addSource(["a", "b", "c"])
        #expect(try await scene.run().transferred.files == 3)
        try scene.folder.overwriteUnnoticed("b", Data("B".utf8))
        let before = scene.service.count()
        let report = try await scene.run { $0.updateMode = mode }
        #expect(report.transferred.files == 1 && report.reasons[.changedContent]?.files == 1)
        #expect(scene.service.operations(after: before) == ["ListObjects": 1, way.operation: 1])
        #expect(scene.read("b") == Data((way == .up ? "B" : "b").utf8))
        #expect(try await scene.run { $0.updateMode = mode }.transferred.files == 0)
    }

    @Test(
        "E11: without a record, or if the object changed, the default mode detects it as well",
        arguments: [Way.up, .down])
    func e11Default(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource(["a", "b", "c"])
        _ = try await scene.run()
        try scene.folder.overwriteUnnoticed("b", Data("B".utf8))
        let before = scene.service.count()
        #expect(try await scene.run().transferred.files == 1)
        #expect(scene.service.operations(after: before) == ["ListObjects": 1, way.operation: 1])

        let recorded = try MirrorScene(way, keepsState: true)
        try recorded.addSource(["a", "b"])
        _ = try await recorded.run()
        let key = way == .up ? recorded.destinationKey("b") : recorded.sourceKey("b")
        try recorded.service.server.put(key, Data("X".utf8), in: "photos")
        let report = try await recorded.run()
        #expect(report.transferred.files == 1 && report.reasons[.changedContent]?.files == 1)
        #expect(recorded.read("b") == Data((way == .up ? "b" : "X").utf8))
    }

    @Test(
        "E12: wrong clocks, and times that are missing, in the future, before 1970 or in other units, cause no needless transfer",
        arguments: [false, true], [Duration.seconds(86_400), .seconds(-86_400), .zero])
    func e12(keepsState: Bool, clock: Duration) async throws {
        let scene = try MirrorScene(.down, keepsState: keepsState)
        let times = [
            "4102444800", "0", "-86400", "1700000000.123456789", "1700000000123", "1700000000123456789", "nonsense", "",
        ]
        for (index, time) in times.enumerated() {
            try scene.service.server.put(
                scene.sourceKey("f\(index)"), Data("\(index)".utf8), in: "photos", headers: ["x-oss-meta-mtime": time])
        }
        if clock != .zero {
            scene.service.server.add(.afterwards(.moveClock(by: clock)), when: .operation("ListObjects"))
        }
        let first = try await scene.run()
        #expect(first.isComplete && first.transferred.files == times.count)
        let objects = scene.service.server.keys(in: "photos")
        for _ in 0..<2 {
            let up = try await scene.transfer().upload(from: scene.folder.path, to: "src")
            #expect(up.isComplete && up.transferred.files == 0 && up.unchanged.files == times.count)
            let down = try await scene.run()
            #expect(down.isComplete && down.transferred.files == 0 && down.unchanged.files == times.count)
        }
        #expect(scene.service.count("PutObject") == 0 && scene.service.count("GetObject") >= times.count)
        #expect(scene.service.server.keys(in: "photos") == objects && scene.service.server.unusedFaults.isEmpty)
    }

    @Test("E13: a second run without changes sends only listing requests", arguments: Way.allCases, [true, false])
    func e13(way: Way, keepsState: Bool) async throws {
        let scene = try MirrorScene(way, keepsState: keepsState)
        try scene.addSource(["a", "b/c", "d e&f", "é"] + MirrorScene.numbered(30))
        try scene.addSource(["empty"], Data())
        try scene.addDestination(["extra", "a"])
        let configure: (inout DirectoryTransfer.Options) -> Void = {
            $0.multipartThreshold = 100 << 10
            $0.partSize = 100 << 10
        }
        // The ETag of a multipart object does not describe its bytes, so only a record avoids a request.
        if keepsState, way != .copy { try scene.addSource(["large"], Data.pattern(250_000)) }
        #expect(try await scene.run(configure).isComplete)
        let before = scene.service.count()
        let disk = FaultyFileSystem()
        let report = try await disk.run { try await scene.run(configure) }
        #expect(report.isComplete && report.transferred.files == 0 && report.deleted.files == 0 && report.folders == 0)
        #expect(report.unchanged.files >= 34)
        #expect(scene.service.operations(after: before) == ["ListObjects": way == .copy ? 2 : 1])
        // The content of a recorded file is not read either.
        if keepsState { #expect(!disk.calls.contains { $0.kind == .read && $0.path.hasPrefix(scene.folder.path) }) }
    }

    @Test(
        "A file that changes while it is being compared is a failure and is not recorded as equal",
        arguments: [Way.up, .down])
    func changing(way: Way) async throws {
        let scene = try MirrorScene(way, keepsState: true)
        try scene.addSource(["a", "changing"])
        try scene.addDestination(["a", "changing"])
        // A change within one tick of the file system's clock would not be detected.
        let past = Date(timeIntervalSince1970: 1_600_000_000)
        try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: scene.folder["changing"])
        let other = Data("CHANGING".utf8)
        let meanwhile = Meanwhile(.read, "/changing") { try scene.folder.write("changing", other) }
        let report = try await meanwhile.run { try await scene.run() }
        #expect(meanwhile.hasHappened)
        #expect(report.failures.map(\.error.code) == [.sourceChanged])
        #expect(report.unchanged.files == 1)
        let recorded = try scene.state.contents().values
        #expect(
            recorded.contains { $0.range(of: Data("dst/a".utf8)) != nil || $0.range(of: Data("src/a".utf8)) != nil })
        #expect(recorded.allSatisfy { $0.range(of: Data("/changing".utf8)) == nil })
    }

    // MARK: Taking part or not

    @Test("E16: overlapping prefixes of one bucket are rejected before any request; adjacent prefixes are not")
    func e16Prefixes() async throws {
        let scene = try MirrorScene(.copy)
        try scene.service.store("a/x", count: 3)
        for (from, to) in [("a", "a"), ("a/", "a"), ("a", "a/b"), ("a/b", "a"), ("", "b"), ("b", ""), ("", "")] {
            let error = await failure { try await scene.transfer().copy(from: from, to: to) }
            #expect(error?.code == .invalidArgument, "'\(from)' to '\(to)'")
        }
        #expect(scene.service.count() == 0)
        #expect(try await scene.transfer().copy(from: "a", to: "ab").transferred.files == 1)
        #expect(scene.service.server.keys(in: "photos") == ["a/x", "ab/x"])
    }

    @Test(
        "E16: the state, snapshot and backup folders inside the tree are neither uploaded nor deleted",
        arguments: [Way.up, .down])
    func e16Own(way: Way) async throws {
        let folder = try ScratchDirectory()
        let service = try TestService { $0.stateDirectory = .path(folder["work/state"]) }
        let names = ["a", "large", "work/b"]
        var options = DirectoryTransfer.Options()
        options.deletion = DeletionOptions()
        options.deletion?.backupFolder = folder["kept"]
        options.snapshotPath = folder["work/snapshot"]
        (options.multipartThreshold, options.partSize) = (100 << 10, 100 << 10)
        let transfer = DirectoryTransfer(service.bucket, options: options)
        func run() async throws -> TransferReport {
            way == .up
                ? try await transfer.upload(from: folder.path, to: "p")
                : try await transfer.download(from: "p", to: folder.path)
        }
        for name in names + ["old"] {
            let data = name == "large" ? Data.pattern(250_000) : Data(name.utf8)
            if way == .up { try folder.write(name, data) }
            if way == .down { try service.server.put("p/" + name, data, in: "photos") }
        }
        try folder.write("kept/earlier", Data("kept".utf8))
        // The folder of the snapshot exists before the snapshot.
        try folder.write("work/b", Data("work/b".utf8))
        // An upload that stops in the middle of the large file leaves a journal.
        let operation = way == .up ? "UploadPart" : "GetObject"
        service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation(operation, key: "p/large", skip: 1),
            times: .max)
        #expect(try await run().failures.map(\.path) == ["large"])
        #expect(try folder.files().contains { $0.hasPrefix("work/state/") && $0.hasSuffix(".journal") })
        service.server.faults.removeAll()
        #expect(try await run().isComplete)
        if way == .up { try FileManager.default.removeItem(atPath: folder["old"]) }
        if way == .down { service.server.delete("p/old", in: "photos") }
        for _ in 0..<2 {
            let report = try await run()
            #expect(report.isComplete && report.transferred.files == 0)
        }
        #expect(service.server.keys(in: "photos") == names.map { "p/" + $0 })
        let own = try folder.files().filter { !names.contains($0) }
        #expect(own.contains("work/snapshot") && own.contains("kept/earlier"))
        #expect(own.contains("kept/old") == (way == .down))
        #expect(own.allSatisfy { ["kept/", "work/s"].contains(where: $0.hasPrefix) })
    }

    @Test(
        "E17: a prefix is a folder; siblings that start with its name are neither listed, downloaded nor deleted",
        arguments: Way.allCases)
    func e17(way: Way) async throws {
        let scene = try MirrorScene(way)
        let siblings = ["src", "src-old/x", "src2/x", "srcx", "dst", "dst-old/x", "dst2/x", "dstx", "dst.txt"]
        for key in siblings { try scene.service.store(key, count: 3) }
        try scene.addSource(["a", "b"])
        try scene.addDestination(["b", "extra"])
        let report = try await scene.run()
        #expect(report.isComplete && report.transferred.files == 1 && report.deleted.files == 1)
        #expect(try scene.destination == ["a", "b"])
        for key in siblings { #expect(scene.service.stored(key)?.count == 3) }
        let prefixes = scene.service.server.requests.filter { $0.operation == "ListObjects" }.map { request in
            request.query.first { $0.name == "prefix" }?.value
        }
        #expect(Set(prefixes) == (way == .up ? ["dst/"] : way == .down ? ["src/"] : ["src/", "dst/"]))
    }

    @Test(
        "E21: an archived object is a separate failure; its old copy remains, and it is neither deleted nor replaced",
        arguments: [Way.down, .copy])
    func e21(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource(["a", "b", "same"])
        for name in ["cold", "old", "same"] {
            try scene.service.server.put(
                scene.sourceKey(name), Data(name.utf8), in: "photos", headers: ["x-oss-storage-class": "Archive"])
        }
        try scene.addDestination(["old"], Data("before".utf8))
        try scene.addDestination(["same", "extra"])
        let report = try await scene.run()
        #expect(report.failures.map(\.path).sorted() == ["cold", "old"])
        #expect(report.failures.allSatisfy { $0.error.serviceError?.code == "InvalidObjectState" && $0.attempts == 1 })
        #expect(report.transferred.files == 2 && report.unchanged.files == 1)
        #expect(report.withheldPaths == ["extra"] && report.deleted.files == 0 && scene.deletionRequests == 0)
        #expect(try scene.destination == ["a", "b", "extra", "old", "same"])
        #expect(scene.read("old") == Data("before".utf8))
        for name in ["cold", "old", "same"] { #expect(scene.service.stored(scene.sourceKey(name)) == Data(name.utf8)) }
        #expect(scene.service.count("PutObject") == 0)
    }

    @Test("E21: an archived object that equals its file is not uploaded again")
    func e21Up() async throws {
        let scene = try MirrorScene(.up)
        try scene.addSource(["a"])
        try scene.service.server.put(
            "dst/a", Data("a".utf8), in: "photos", headers: ["x-oss-storage-class": "Archive"])
        let report = try await scene.run()
        #expect(report.isComplete && report.unchanged.files == 1)
        #expect(scene.service.operations() == ["ListObjects": 1])
    }
}

extension ScratchDirectory {
    /// Writes other bytes into a file without changing its inode or time.
    fileprivate func overwriteUnnoticed(_ name: String, _ data: Data) throws {
        var before = stat()
        try #require(stat(self[name], &before) == 0 && before.st_size == data.count)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: self[name]))
        try handle.write(contentsOf: data)
        try handle.close()
        #if canImport(Darwin)
            let times = [before.st_atimespec, before.st_mtimespec]
        #else
            let times = [before.st_atim, before.st_mtim]
        #endif
        try #require(utimensat(AT_FDCWD, self[name], times, 0) == 0)
        var after = stat()
        try #require(stat(self[name], &after) == 0 && after.st_ino == before.st_ino)
    }
}
