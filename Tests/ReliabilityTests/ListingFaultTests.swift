import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of failing and incorrect listings, and of the comparison of both sides. The IDs and outcomes are those in
/// `Docs/Scenarios.md`.
@Suite("Listing faults during folder transfers")
struct ListingFaultTests {
    typealias Way = MirrorScene.Way

    // MARK: Listings

    @Test(
        "E1: a listing that fails on its second page ends the run with its error; nothing is deleted",
        arguments: [(Way.up, 1, 403), (.down, 1, 503), (.copy, 2, 403), (.copy, 3, 503)])
    func e1(way: (Way, pages: Int, status: Int)) async throws {
        let scene = try MirrorScene(way.0)
        let common = MirrorScene.numbered(1200)
        try scene.addSource(common + ["!new"])
        try scene.addDestination(common + ["!extra", "zz"])
        let code = way.status == 403 ? "AccessDenied" : "ServiceUnavailable"
        scene.service.server.add(
            .respond(status: way.status, code: code), when: .operation("ListObjects", skip: way.pages), times: .max)
        let error = await failure {
            try await scene.run {
                $0.updateMode = .size
                $0.outageLimit = .zero
            }
        }
        #expect(error?.code == (way.status == 403 ? .accessDenied : .serviceUnavailable))
        #expect(error?.operation == "ListObjects")
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(try scene.destination == (common + ["!extra", "!new", "zz"]).sorted())
        #expect(scene.read("!new") == Data("!new".utf8))
        #expect(scene.deletionRequests == 0 && scene.service.count(way.0.operation) == 1)
    }

    @Test(
        "E3: a listing that is truncated without a marker or goes back is an error without a loop or a deletion",
        arguments: Way.allCases)
    func e3(way: Way) async throws {
        let key = way == .up ? "dst/" : "src/"
        // Each fault occurs often enough for a loop, and then a response ends it.
        let faults: [[MockFault.Action]] = [
            [.listing(.endless)], [.listing(.withoutMarker)], [MirrorScene.page([], isTruncated: true)],
            [MirrorScene.page([], next: "", isTruncated: true)],
            [MirrorScene.page([], next: key + "a", isTruncated: true)],
            ["x", "y", "z"].map { MirrorScene.page([], next: key + $0, isTruncated: true) },
        ]
        for (index, actions) in faults.enumerated() {
            let scene = try MirrorScene(way)
            try scene.addSource(["a", "b"])
            try scene.addDestination(["a", "extra"])
            for _ in 0..<20 {
                for action in actions { scene.service.server.add(action, when: .operation("ListObjects")) }
            }
            let error = await failure { try await scene.run() }
            #expect(error?.code == .invalidResponse, "fault \(index)")
            #expect((1...8).contains(scene.service.count("ListObjects")), "fault \(index)")
            #expect(scene.read("extra") != nil && scene.deletionRequests == 0)
        }
    }

    @Test(
        "E3: in both kinds of listings, a missing marker loses nothing if the last key can replace it",
        arguments: [ListPaging.marker, .continuationToken])
    func e3Paging(paging: ListPaging) async throws {
        let service = try TestService()
        for name in MirrorScene.numbered(1001) { try service.server.put(name, Data(), in: "photos") }
        func list() async throws -> Int {
            var count = 0
            for try await _ in service.bucket.listObjects(paging: paging) { count += 1 }
            return count
        }
        for fault in [MockFault.Action.listing(.endless)]
            + ["", "A"].map({ MirrorScene.page([], next: $0, isTruncated: true) })
        {
            service.server.add(fault, times: .max)
            #expect(await failure { try await list() }?.code == .invalidResponse)
            service.server.faults.removeAll()
        }
        #expect(service.count() <= 6)
        service.server.add(.listing(.withoutMarker))
        if paging == .marker {
            #expect(try await list() == 1001)
        } else {
            #expect(await failure { try await list() }?.code == .invalidResponse)
        }
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "E4: a key that is listed twice counts once, and only identical bytes are the same key",
        arguments: Way.allCases)
    func e4Duplicates(way: Way) async throws {
        let scene = try MirrorScene(way)
        let names = ["a", "b", "e\u{301}", "\u{E9}"]
        try scene.addSource(names)
        try scene.addDestination(["b", "extra"])
        scene.service.server.add(.listing(.duplicated), when: .operation("ListObjects"), times: .max)
        let report = try await scene.run()
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(report.isComplete && report.transferred.files == 3 && report.unchanged.files == 1)
        #expect(report.deleted.files == 1)
        #expect(scene.service.count(way.operation) == 3)
        for name in names { #expect(scene.read(name) == Data(name.utf8)) }
        #expect(scene.read("extra") == nil)
    }

    @Test(
        "E4: a listing that is out of order, within a page or across two, is an error, and nothing is deleted",
        arguments: Way.allCases)
    func e4Disorder(way: Way) async throws {
        let prefix = way == .up ? "dst/" : "src/"
        let faults: [[MockFault.Action]] = [
            [.listing(.unsorted)],
            // A page that starts before the end of the previous one, and a page that starts with its last key.
            [
                MirrorScene.page([prefix + "a", prefix + "c"], next: prefix + "c", isTruncated: true),
                MirrorScene.page([prefix + "b", prefix + "d"]),
            ],
            [
                MirrorScene.page([prefix + "a", prefix + "c"], next: prefix + "c", isTruncated: true),
                MirrorScene.page([prefix + "c", prefix + "d"]),
            ],
            // A key outside the prefix was not requested.
            [MirrorScene.page([prefix + "a", "zz/other"])],
        ]
        for (index, actions) in faults.enumerated() {
            let scene = try MirrorScene(way)
            try scene.addSource(["a", "c", "d"])
            try scene.addDestination(["a", "extra"])
            if way != .copy {
                for action in actions { scene.service.server.add(action, when: .operation("ListObjects")) }
            } else {
                // The source is listed first, and then the destination.
                scene.service.server.add(actions[0], when: .operation("ListObjects"))
                for action in actions.dropFirst() {
                    scene.service.server.add(action, when: .operation("ListObjects", skip: 1))
                }
            }
            let error = await failure { try await scene.run() }
            #expect(error?.code == .invalidResponse, "fault \(index)")
            #expect(scene.read("extra") != nil && scene.deletionRequests == 0)
            #expect(scene.service.server.unusedFaults.isEmpty, "fault \(index)")
        }
    }

    // MARK: What changes meanwhile

    @Test(
        "E10: an object that is deleted after it was listed is vanished, and the others are downloaded",
        arguments: [Way.down, .copy])
    func e10Object(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource(["a", "b", "c"])
        try scene.addDestination(["b", "extra"], Data("another size".utf8))
        scene.service.server.add(.afterwards(.deleteObject(key: "src/b")), when: .operation("ListObjects"))
        let report = try await scene.run()
        #expect(report.problems.map { $0.hasSuffix("/b vanished") } == [true])
        #expect(report.transferred.files == 2 && report.withheldDeletions == 1)
        #expect(try scene.destination == ["a", "b", "c", "extra"])
        // The next run knows that the object no longer exists.
        let next = try await scene.run()
        #expect(next.isComplete && next.deleted.files == 2)
        #expect(try scene.destination == ["a", "c"])
    }

    @Test("E10: a file that is removed after the walk is vanished, and the others are uploaded")
    func e10File() async throws {
        let scene = try MirrorScene(.up)
        try scene.addSource(["a", "b", "c"])
        try scene.addDestination(["extra"])
        let meanwhile = Meanwhile(.open, "/b") { [folder = scene.folder] in
            try FileManager.default.removeItem(atPath: folder["b"])
        }
        let report = try await meanwhile.run { try await scene.run() }
        #expect(meanwhile.hasHappened)
        #expect(report.problems == ["dst/b vanished"] && report.transferred.files == 2)
        #expect(report.withheldDeletions == 1)
        #expect(try scene.destination == ["a", "c", "extra"])
        #expect(try await scene.run().deleted.files == 1)
    }

    @Test(
        "E14: a folder that changes during the walk is a separate failure, and nothing is deleted",
        arguments: [ENOENT, EIO])
    func e14(code: Int32) async throws {
        let scene = try MirrorScene(.up)
        try scene.addSource(["a", "sub/x", "sub/y", "z"])
        try scene.addDestination(["extra", "sub/x", "sub/old"])
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .list, path: "/sub")
        let report = try await disk.run { try await scene.run() }
        #expect(disk.unused.isEmpty)
        #expect(report.failures.map(\.path) == ["sub"])
        #expect(report.failures.map(\.error.code) == [code == ENOENT ? .vanished : .fileSystem])
        #expect(report.transferred.files == 2)
        // Nothing is known about the folder's content, so all deletions are withheld.
        #expect(report.withheldPaths == ["extra"] && report.withheldDeletions == 1 && report.deletionRefusal == nil)
        #expect(try scene.destination == ["a", "extra", "sub/old", "sub/x", "z"])
    }

    @Test("E14: a file or object that appears or changes after the walk is not deleted", arguments: [Way.up, .down])
    func e14Late(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource(["a"])
        try scene.addDestination(["one", "two"])
        let kind: FileSystemCall.Kind = way == .up ? .open : .create
        let meanwhile = Meanwhile(kind, way == .up ? "/a" : ".oss-partial") { [folder = scene.folder] in
            try folder.write("two", Data("somebody's new work".utf8))
        }
        let report = try await meanwhile.run { try await scene.run() }
        #expect(meanwhile.hasHappened)
        #expect(report.failures.map(\.path) == ["two"] && report.deleted.files == 1)
        #expect(report.failures.map(\.error.code) == [way == .up ? .sourceChanged : .destinationChanged])
        #expect(try scene.destination == ["a", "two"])
        #expect(try scene.folder.read("two") == Data("somebody's new work".utf8))
    }

    @Test(
        "E15: a subfolder that cannot be read is a failure, and nothing is deleted in that run",
        arguments: [Way.up, .down])
    func e15(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource(["a", "sub/x"])
        try scene.addDestination(["extra", "sub/old"])
        let disk = FaultyFileSystem()
        disk.add(.fail(EACCES), to: .list, path: "/sub")
        let report = try await disk.run { try await scene.run() }
        #expect(disk.unused.isEmpty)
        #expect(report.failures.map(\.path).contains("sub"))
        #expect(report.failures.first?.error.code == .fileSystem && !report.isComplete)
        #expect(report.withheldPaths == ["extra"] && report.deletionRefusal == nil && report.deleted.files == 0)
        #expect(scene.read("extra") != nil && scene.read("sub/old") != nil && scene.read("a") != nil)
    }
}
