import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Lists of failed files", .timeLimit(.minutes(5)))
struct FailureListTests {
    private static let count = 1200
    private static let names = MirrorScene.numbered(count).map { "f\($0)" }

    /// Returns the report of a run in which all files but one fail.
    private func failingRun(
        _ scene: MirrorScene, _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }
    ) async throws -> TransferReport {
        scene.service.server.add(
            .respond(status: 403, code: "InvalidObjectState"), when: .operation(scene.way.operation, skip: 1),
            times: Self.count)
        let report = try await scene.plan {
            $0.concurrency = 4
            configure(&$0)
        }.run()
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(report.transferred.files == 1 && report.failed.files == Self.count && !report.isComplete)
        #expect(report.failures.count == 1000)
        return report
    }

    @Test(
        "J11: a failure list contains all failures beyond one thousand and can be used to retry them",
        arguments: MirrorScene.Way.allCases)
    func spooled(way: MirrorScene.Way) async throws {
        let scene = try MirrorScene(way, keepsState: true)
        try scene.addSource(Self.names + ["a"])
        let report = try await failingRun(scene)
        let file = try #require(report.failureFile)
        #expect(file.hasPrefix(scene.state["failures/"]))
        #expect(report.warnings == [])
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == Self.count)
        #expect(lines.first?.contains(#""code":"refused""#) == true)
        #expect(lines.first?.contains(#""serviceCode":"InvalidObjectState""#) == true)
        #expect(try JSONEncoder().encode(report).count < 1 << 20)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)

        let before = scene.service.count(way.operation)
        let plan = try await scene.plan().retrying(report)
        // The file has already been read.
        try FileManager.default.removeItem(atPath: file)
        let again = try await plan.run()
        #expect(again.isComplete && again.transferred.files == Self.count && again.failureFile == nil)
        #expect(scene.service.count(way.operation) == before + Self.count)
        let error = await failure { try await scene.plan().retrying(report) }
        #expect(error?.code == .fileSystem)
        #expect(error?.message.contains("everything again") == true)
    }

    @Test(
        "J11: without a state directory, failures are listed in a temporary file; a dry run lists none")
    func temporary() async throws {
        let scene = try MirrorScene(.up)
        try scene.addSource(Self.names + ["a"])
        let report = try await failingRun(scene)
        let file = try #require(report.failureFile)
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(file.hasPrefix(FileManager.default.temporaryDirectory.path))
        #expect(try await scene.plan().retrying(failuresAt: file).run().transferred.files == Self.count)
        let unusable = MirrorScene.numbered(Self.count).map { "x\($0)/../y" }
        let down = try MirrorScene(.down, keepsState: true)
        try down.addSource(unusable)
        let dry = try await down.plan { $0.isDryRun = true }.run()
        #expect(dry.failed.files == Self.count && dry.failures.count == 1000 && dry.failureFile == nil)
        #expect(try down.state.files() == [])
    }

    @Test(
        "J11: a failure list that cannot be written is a warning and is removed; a retry warns that failures are missing"
    )
    func fullDisk() async throws {
        let scene = try MirrorScene(.up, keepsState: true)
        try scene.addSource(Self.names + ["a"])
        let disk = FaultyFileSystem()
        disk.add(.fail(ENOSPC), to: .write, path: ".jsonl")
        let report = try await disk.run { try await failingRun(scene) }
        #expect(disk.unused.isEmpty)
        #expect(report.failureFile == nil)
        #expect(report.warnings.count == 1 && report.warnings.first?.contains("No space left") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.state["failures"]) == [])
        let error = await failure { try await scene.plan().retrying(report) }
        #expect(error?.message.contains("only 1000 of 1200 failures") == true)
    }

    @Test(
        "J11: a run that is cancelled or fails leaves no failure list, and lists are removed after one week"
    )
    func removal() async throws {
        let scene = try MirrorScene(.up, keepsState: true)
        try scene.addSource(Self.names + ["a"])
        let (old, recent) = ("failures/old.jsonl", "failures/recent.jsonl")
        for name in [old, recent] { try scene.state.write(name, Data()) }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -8 * 86_400)], ofItemAtPath: scene.state[old])
        scene.service.server.add(
            .respond(status: 403, code: "InvalidObjectState"), when: .operation("PutObject", skip: 1), times: 1100)
        scene.service.server.add(.respond(status: 404, code: "NoSuchBucket"), when: .operation("PutObject", skip: 1101))
        let error = await failure { try await scene.plan { $0.concurrency = 1 }.run() }
        #expect(error?.serviceError?.code == "NoSuchBucket")
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.state["failures"]) == ["recent.jsonl"])
    }
}
