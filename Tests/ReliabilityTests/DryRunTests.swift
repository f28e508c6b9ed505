import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of dry runs. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Dry runs")
struct DryRunTests {
    typealias Way = MirrorScene.Way

    private static let changes: Set<FileSystemCall.Kind> = [
        .create, .write, .truncate, .rename, .unlink, .makeDirectory, .setPermissions, .setTime, .allocate, .link,
    ]

    @Test(
        "E20: a dry run and a plan preview send only the necessary requests and write nothing on either side",
        arguments: Way.allCases, [false, true])
    func e20(way: Way, isIterated: Bool) async throws {
        let scene = try MirrorScene(way, keepsState: true)
        try scene.addSource(["new", "same", "sub/changed"])
        try scene.addDestination(["same", "extra"])
        try scene.addDestination(["sub/changed"], Data("before that".utf8))
        // The comparison of this file requires a HeadObject request.
        try scene.addSource(["large"], Data.pattern(150_000))
        try scene.addDestination(["large"], Data.pattern(150_000))
        let before = try (scene.folder.contents(), scene.service.server.keys(in: "photos"))
        let disk = FaultyFileSystem()
        for snapshot in [nil, scene.state["snapshot"]] {
            try await disk.run {
                let plan = try await scene.plan {
                    $0.isDryRun = !isIterated
                    $0.snapshotPath = snapshot
                    $0.multipartThreshold = 100 << 10
                }
                if isIterated {
                    var kinds: [String: Int] = [:]
                    for try await action in plan { kinds["\(action.kind)", default: 0] += 1 }
                    #expect(kinds == ["\(Self.transferKind(way))": 2, "leave": 2, "delete": 1])
                } else {
                    let report = try await plan.run()
                    #expect(report.isDryRun && report.isComplete)
                    #expect(report.transferred.files == 2 && report.unchanged.files == 2 && report.deleted.files == 1)
                }
            }
        }
        #expect(disk.calls.filter { Self.changes.contains($0.kind) }.map { "\($0)" } == [])
        #expect(try scene.folder.contents() == before.0 && scene.service.server.keys(in: "photos") == before.1)
        #expect(scene.state.names() == [])
        #expect(Set(scene.service.server.requests.map(\.method)).isSubset(of: ["GET", "HEAD"]))
        #expect(scene.service.count(way.operation) == 0)
    }

    @Test(
        "E20: a dry run uses the records and unfinished transfers of real runs without changing them",
        arguments: [Way.up, .down])
    func e20Record(way: Way) async throws {
        let scene = try MirrorScene(way, keepsState: true)
        let configure: (inout DirectoryTransfer.Options) -> Void = {
            ($0.multipartThreshold, $0.partSize, $0.concurrency) = (100 << 10, 100 << 10, 1)
        }
        try scene.addSource(["a", "b"])
        #expect(try await scene.run(configure).isComplete)
        // A large file that fails halfway leaves a journal, and the file before it leaves a record entry.
        try scene.addSource(["c"])
        try scene.addSource(["large"], Data.pattern(250_000))
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"),
            when: .operation(way == .up ? "UploadPart" : "GetObject", key: scene.requestKey("large"), skip: 1),
            times: .max)
        #expect(try await scene.run(configure).problems.count == 1)
        scene.service.server.faults.removeAll()
        // In the meantime, another program stores the file.
        try scene.addDestination(["large"], Data.pattern(250_000))
        let before = try (scene.folder.contents(), scene.state.contents(), scene.service.count())
        #expect(
            before.1.keys.contains { $0.hasSuffix(".journal") } && before.1.keys.contains { $0.hasSuffix(".record") })

        let dry = try await scene.run {
            configure(&$0)
            $0.isDryRun = true
        }
        #expect(dry.transferred.files == 0 && dry.unchanged.files == 4 && dry.reasons[.unchanged]?.files == 3)
        for try await action in try await scene.plan(configure) { #expect(action.kind == .leave) }
        #expect(try scene.folder.contents() == before.0 && scene.state.contents() == before.1)
        #expect(Set(scene.service.operations(after: before.2).keys).isSubset(of: ["ListObjects", "HeadObject"]))
        #expect(try await scene.run(configure).isComplete)
        #expect(try scene.state.files().allSatisfy { $0.hasSuffix(".record") })
    }

    @Test("E20: a dry run creates neither a download folder nor a state folder", arguments: [false, true])
    func e20Folders(isIterated: Bool) async throws {
        let folder = try ScratchDirectory()
        let service = try TestService { $0.stateDirectory = .path(folder["state/inner"]) }
        try service.store("p/a", count: 3)
        try service.server.put("p/empty/", Data(), in: "photos")
        var options = DirectoryTransfer.Options()
        options.isDryRun = !isIterated
        options.deletion = DeletionOptions()
        let transfer = DirectoryTransfer(service.bucket, options: options)
        let plan = try await transfer.planDownload(from: "p", to: folder["target/inner"])
        if isIterated {
            #expect(try await plan.summary() == ["download p/a (new)", "makeFolder p/empty/ (new)"])
        } else {
            #expect(try await plan.run().transferred.files == 1)
        }
        #expect(ScratchDirectory.printableEntries(at: folder.path) == [])
        #expect(service.operations() == ["ListObjects": 1])
    }

    private static func transferKind(_ way: Way) -> TransferAction.Kind {
        switch way {
        case .up: .upload
        case .down: .download
        case .copy: .copy
        }
    }
}
