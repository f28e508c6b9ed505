import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of deletions and their results. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Deletions by a mirror")
struct MirrorDeletionTests {
    typealias Way = MirrorScene.Way

    @Test("E2: an empty source deletes nothing unless that is allowed", arguments: Way.allCases)
    func e2(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addDestination(["a", "b/c", "d"])
        let report = try await scene.run()
        #expect(report.deletionRefusal?.code == .deletionRefused)
        #expect(report.withheldDeletions == 3 && report.withheldPaths.sorted() == ["a", "b/c", "d"])
        #expect(!report.isComplete && report.failures.isEmpty && report.deleted.files == 0)
        #expect(try scene.destination == ["a", "b/c", "d"] && scene.deletionRequests == 0)

        let allowed = try await scene.run { $0.deletion?.allowsEmptySource = true }
        #expect(allowed.isComplete && allowed.deleted.files == 3)
        #expect(try scene.destination == [])
    }

    @Test(
        "E2: objects that only represent folders are not files; a source of nothing else is empty",
        arguments: Way.allCases)
    func e2Markers(way: Way) async throws {
        let scene = try MirrorScene(way)
        if way == .up {
            try FileManager.default.createDirectory(atPath: scene.folder["sub"], withIntermediateDirectories: true)
        } else {
            for key in ["src/", "src/sub/"] { try scene.service.server.put(key, Data(), in: "photos") }
        }
        try scene.addDestination(["a", "b"])
        for emptyDirectories in [false, true] {
            let report = try await scene.run { $0.includesEmptyDirectories = emptyDirectories }
            #expect(report.deletionRefusal?.code == .deletionRefused && report.withheldDeletions == 2)
            #expect(scene.read("a") != nil && scene.read("b") != nil && scene.deletionRequests == 0)
        }
    }

    @Test(
        "E5: objects that only represent folders are deleted but are not counted as files",
        arguments: [Way.up, .copy])
    func e5Markers(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource(["new"])
        for index in 0..<3 {
            try scene.addDestination(["old \(index)"])
            for name in ["", "sub/"] { try scene.addDestination(["d\(index)/\(name)"], Data()) }
        }
        let refused = try await scene.run { $0.deletion?.limit = .count(2) }
        #expect(refused.deletionRefusal?.message.contains("3 of 3 files") == true, "\(refused.deletionRefusal as Any)")
        #expect(refused.withheldDeletions == 3)
        let report = try await scene.run { $0.deletion?.limit = .share(1) }
        #expect(report.isComplete)
        #expect(try scene.destination == ["new"])
    }

    @Test(
        "E2: files that a filter excludes do not count; if it excludes every file, nothing is deleted",
        arguments: Way.allCases)
    func e2Filter(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource(["a.png", "b.png"])
        try scene.addDestination(["a.jpg", "b.png", "c.jpg"])
        var filter = TransferFilter()
        try filter.include("*.jpg")
        let report = try await scene.run { $0.filter = filter }
        #expect(
            report.deletionRefusal?.code == .deletionRefused && report.withheldPaths.sorted() == ["a.jpg", "c.jpg"])
        #expect(try scene.destination == ["a.jpg", "b.png", "c.jpg"] && scene.deletionRequests == 0)
    }

    @Test(
        "E2: a missing source folder is an error before any request; one that disappears later deletes nothing"
    )
    func e2Folder() async throws {
        let scene = try MirrorScene(.up)
        try scene.addDestination(["a", "b"])
        let gone = scene.folder["gone"]
        let missing = await failure { try await scene.transfer().upload(from: gone, to: "dst") }
        #expect(missing?.code == .fileSystem && scene.service.count() == 0)

        try scene.addSource(["gone/a"])
        let plan = try await scene.transfer().planUpload(from: gone, to: "dst")
        try FileManager.default.removeItem(atPath: gone)
        let report = try await plan.run()
        #expect(report.deletionRefusal?.code == .deletionRefused && report.withheldDeletions == 2)
        #expect(try scene.destination == ["a", "b"] && scene.deletionRequests == 0)
    }

    @Test(
        "E2: a prefix without objects is notFound, or an empty source if that is allowed",
        arguments: [MirrorScene.Way.down, .copy], [false, true])
    func e2Prefix(way: MirrorScene.Way, isDryRun: Bool) async throws {
        let scene = try MirrorScene(way)
        let missing = await failure { try await scene.run { ($0.deletion, $0.isDryRun) = (nil, isDryRun) } }
        #expect(missing?.code == .notFound && missing?.message.contains("'src/'") == true)
        let withDeletion = await failure { try await scene.run { $0.isDryRun = isDryRun } }
        #expect(withDeletion?.code == .notFound)
        #expect(try scene.destination == [])
        let plan = try await scene.plan { $0.deletion = nil }
        #expect(await failure { for try await _ in plan {} }?.code == .notFound)
        for change in [{ $0.allowsMissingPrefix = true }, { $0.deletion?.allowsEmptySource = true }]
            as [(inout DirectoryTransfer.Options) -> Void]
        {
            #expect(try await scene.run(change).isComplete)
        }
        try scene.service.server.put("src/", Data(), in: "photos")
        #expect(try await scene.run { $0.deletion = nil }.isComplete)
    }

    static let limits: [(DeletionOptions.Limit, extra: Int, kept: Int, isRefused: Bool)] = [
        (.count(2), 3, 1, true), (.count(3), 3, 1, false), (.count(0), 1, 9, true),
        (.share(0.5), 3, 1, true), (.share(0.75), 3, 1, false), (.share(0), 1, 20, true),
        (.standard, 100, 1, false), (.standard, 101, 1, true), (.standard, 101, 101, false),
        (.unlimited, 101, 1, false),
    ]

    @Test(
        "E5: too many deletions are rejected before the first one and listed in the report; the transfers are complete",
        arguments: limits, Way.allCases)
    func e5(limit: (DeletionOptions.Limit, extra: Int, kept: Int, isRefused: Bool), way: Way) async throws {
        let scene = try MirrorScene(way)
        let (kept, extra) = (
            MirrorScene.numbered(limit.kept).map { "k" + $0 }, MirrorScene.numbered(limit.extra).map { "x" + $0 }
        )
        try scene.addSource(kept + ["new"])
        try scene.addDestination(kept + extra)
        let report = try await scene.run { $0.deletion?.limit = limit.0 }
        #expect(report.transferred.files == 1 && scene.read("new") != nil)
        if limit.isRefused {
            #expect(report.deletionRefusal?.code == .deletionRefused && !report.isComplete)
            #expect(report.withheldDeletions == extra.count && report.withheldPaths.sorted() == extra)
            #expect(report.deleted.files == 0 && scene.deletionRequests == 0)
            #expect(try scene.destination == (kept + extra + ["new"]).sorted())
        } else {
            #expect(report.isComplete && report.deleted.files == extra.count)
            #expect(try scene.destination == (kept + ["new"]).sorted())
        }
    }

    @Test(
        "E6: one failure among many files prevents all deletions in this run, and the report states it",
        arguments: [(Way.up, 100), (.down, 50), (.copy, 50)])
    func e6(way: (Way, count: Int)) async throws {
        let scene = try MirrorScene(way.0)
        let names = MirrorScene.numbered(way.count)
        try scene.addSource(names)
        try scene.addDestination(["one", "two"])
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"),
            when: .operation(way.0.operation, key: scene.requestKey("0042")))
        let report = try await scene.run()
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(report.failures.map(\.path) == ["0042"] && report.transferred.files == names.count - 1)
        #expect(report.withheldDeletions == 2 && report.withheldPaths.sorted() == ["one", "two"])
        #expect(report.deletionRefusal == nil && !report.isComplete && report.deleted.files == 0)
        #expect(scene.read("one") != nil && scene.read("two") != nil && scene.deletionRequests == 0)

        let next = try await scene.run()
        #expect(next.isComplete && next.transferred.files == 1 && next.deleted.files == 2)
        #expect(try scene.destination == names)
    }

    @Test(
        "E8: each key that a response with status 200 does not confirm as deleted is a failure",
        arguments: [Way.up, .copy])
    func e8(way: Way) async throws {
        let scene = try MirrorScene(way)
        try scene.addSource(["a"])
        try scene.addDestination(["x", "y", "z"])
        let document =
            "<DeleteResult><Deleted><Key>dst/x</Key></Deleted>"
            + "<Error><Key>dst/y</Key><Code>AccessDenied</Code><Message>No.</Message></Error></DeleteResult>"
        scene.service.server.add(
            .response(status: 200, body: Array(document.utf8)), when: .operation("DeleteMultipleObjects"))
        let report = try await scene.run()
        #expect(report.failures.map(\.path).sorted() == ["y", "z"] && !report.isComplete)
        #expect(
            report.failures.allSatisfy { $0.error.code == .refused && $0.error.operation == "DeleteMultipleObjects" })
        #expect(report.deleted.files == 1 && report.failed.files == 2 && report.withheldDeletions == 0)
        #expect(try await scene.run().isComplete)
        #expect(try scene.destination == ["a"])
    }

    @Test("E8: a local file that cannot be deleted is a failure, and the others are deleted")
    func e8Local() async throws {
        let scene = try MirrorScene(.down)
        try scene.addSource(["a"])
        try scene.addDestination(["x", "y", "z"])
        let disk = FaultyFileSystem()
        disk.add(.fail(EACCES), to: .unlink, path: "/y")
        let report = try await disk.run { try await scene.run() }
        #expect(disk.unused.isEmpty)
        #expect(report.failures.map(\.path) == ["y"] && report.failures.first?.error.code == .fileSystem)
        #expect(report.deleted.files == 2)
        #expect(try scene.destination == ["a", "y"])
    }

    @Test(
        "E9: 2500 deletions are three requests; a key that one of them does not delete is a failure and is deleted by the next run"
    )
    func e9() async throws {
        let scene = try MirrorScene(.up)
        let extra = MirrorScene.numbered(2500)
        try scene.addSource(["a"])
        try scene.addDestination(extra)
        let refused = try await scene.run()
        #expect(refused.deletionRefusal != nil && refused.withheldDeletions == 2500 && scene.deletionRequests == 0)
        // The report lists at most one thousand paths.
        #expect(refused.withheldPaths == Array(extra.prefix(1000)))

        try scene.addSource(["b"])
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("DeleteMultipleObjects", skip: 1))
        let report = try await scene.run { $0.deletion?.limit = .unlimited }
        #expect(scene.service.count("DeleteMultipleObjects") == 3)
        #expect(report.deleted.files == 1500 && report.failed.files == 1000 && report.withheldDeletions == 0)
        #expect(report.failures.map(\.path) == Array(extra[1000..<2000]))
        #expect(report.failures.allSatisfy { $0.error.code == .accessDenied })
        #expect(try scene.destination == extra[1000..<2000] + ["a", "b"])

        // An unreadable response confirms nothing.
        try scene.addSource(["c"])
        scene.service.server.add(.response(status: 200), when: .operation("DeleteMultipleObjects"), times: .max)
        let unread = try await scene.run { $0.deletion?.limit = .unlimited }
        #expect(unread.deleted.files == 0 && unread.failed.files == 1000)
        #expect(Set(unread.failures.map(\.error.code)) == [.invalidResponse])
        scene.service.server.faults.removeAll()

        let last = try await scene.run { $0.deletion?.limit = .unlimited }
        #expect(last.isComplete && last.deleted.files == 1000)
        #expect(try scene.destination == ["a", "b", "c"])
    }

    @Test(
        "E18: if one of a thousand files fails, the others are transferred, or with failFast no more start; nothing is deleted",
        arguments: [(Way.up, 1000), (.down, 300)], DirectoryTransfer.FailurePolicy.allCases)
    func e18(way: (Way, count: Int), policy: DirectoryTransfer.FailurePolicy) async throws {
        let scene = try MirrorScene(way.0)
        let names = MirrorScene.numbered(way.count)
        try scene.addSource(names)
        try scene.addDestination(["extra"])
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"),
            when: .operation(way.0.operation, key: scene.requestKey("0003")))
        let report = try await scene.run {
            $0.concurrency = 10
            $0.failurePolicy = policy
        }
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(report.failures.map(\.path) == ["0003"] && report.failures.map(\.error.code) == [.accessDenied])
        #expect(!report.isComplete && report.deleted.files == 0 && scene.read("extra") != nil)
        // The transfers in flight have ended and left nothing behind.
        #expect(try scene.folder.files().allSatisfy { !$0.hasSuffix(".oss-partial") })
        guard policy == .keepGoing else {
            #expect(report.stoppedEarly)
            // The files before it, those transferred concurrently, and those that started while it failed.
            #expect(scene.service.count(way.0.operation) < 100)
            return
        }
        #expect(report.transferred.files == names.count - 1 && report.withheldDeletions == 1 && !report.stoppedEarly)
        #expect(try scene.destination == names.filter { $0 != "0003" } + ["extra"])
        #expect(try await scene.run().isComplete)
        #expect(try scene.destination == names)
    }
}
