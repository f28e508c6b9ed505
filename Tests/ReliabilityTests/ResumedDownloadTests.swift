import AliyunOSSTesting
import Dispatch
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of downloads that resume after an interruption. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Resumed downloads", .timeLimit(.minutes(10)))
struct ResumedDownloadTests {
    private let old = Data("old".utf8)

    /// Changes to the files of an interrupted download: three ranges and a journal.
    enum Damage: CaseIterable {
        case none, flippedByte, cutOff, longer, emptied, removed
        case journalGarbled, journalCutOff, journalWithGarbage, journalRemoved, objectReplaced

        /// Number of intact ranges.
        var intact: Int {
            switch self {
            case .none, .longer, .journalWithGarbage: 3
            case .flippedByte, .journalCutOff: 2
            case .cutOff: 1
            case .emptied, .removed, .journalGarbled, .journalRemoved, .objectReplaced: 0
            }
        }

        func apply(to scene: DownloadScene) throws {
            let temporary = try #require(scene.temporaries.first)
            let journal = try #require(scene.journals.first)
            var bytes = try scene.folder.read(temporary)
            var lines = try scene.state.read(journal)
            switch self {
            case .none: return
            case .flippedByte: bytes[DownloadScene.partSize + 5] ^= 1
            case .cutOff: bytes = bytes.prefix(DownloadScene.partSize + 50_000)
            case .longer: bytes.append(Data.pattern(1 << 20, seed: 9))
            case .emptied: bytes = Data()
            case .removed: try FileManager.default.removeItem(atPath: scene.folder[temporary])
            case .journalGarbled: lines = Data.pattern(lines.count)
            case .journalCutOff: lines = lines.dropLast(3)
            case .journalWithGarbage: lines.append(Data("more\n\u{0}".utf8))
            case .journalRemoved: try FileManager.default.removeItem(atPath: scene.state[journal])
            case .objectReplaced:
                try scene.service.server.put("big", Data.pattern(scene.content.count, seed: 3), in: "photos")
            }
            // In place, so that the files keep their owner-only permissions.
            if self != .removed { try overwrite(scene.folder[temporary], bytes) }
            if self != .journalRemoved { try overwrite(scene.state[journal], lines) }
        }

        private func overwrite(_ path: String, _ bytes: Data) throws {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: bytes)
            try file.close()
        }
    }

    @Test(
        "D6: the next attempt resumes only with the bytes on disk that are unchanged",
        arguments: Damage.allCases)
    func d6(damage: Damage) async throws {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        try await scene.interrupt()
        #expect(try scene.folder.read("copy") == old)
        try damage.apply(to: scene)
        let result = try await scene.download()
        #expect(result.resumedBytes == Int64(damage.intact * DownloadScene.partSize))
        #expect(scene.ranges.count == 4 + 6 - damage.intact)
        let stored = try #require(scene.service.stored("big"))
        #expect(try scene.folder.contents() == ["copy": stored])
        scene.expectNothingLeft()
    }

    @Test("D6: attempts that do not reach the service or are cancelled lose nothing of an earlier attempt")
    func d6Unreachable() async throws {
        let scene = try DownloadScene { $0.retry.maximumAttempts = 2 }
        try await scene.interrupt()
        scene.service.server.add(.respond(status: 503, code: "ServiceUnavailable"), times: 2)
        #expect(await failure { try await scene.download() }?.attempts == 2)
        #expect(scene.service.server.unusedFaults.isEmpty)

        scene.service.server.add(.neverRespond, when: .operation("HeadObject"))
        let cancelled = Task { try await scene.download() }
        #expect(
            try await eventually {
                scene.service.server.requests.contains { $0.operation == "HeadObject" && $0.status == 0 }
            })
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(scene.service.server.unusedFaults.isEmpty)

        #expect(try await scene.download().resumedBytes == Int64(3 * DownloadScene.partSize))
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("D6: without a state folder, the caller keeps the resumption state, and state of other downloads is rejected")
    func d6Callers() async throws {
        let scene = try DownloadScene { $0.stateDirectory = .none }
        let kept = Recorder<ResumableTransfer>()
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", skip: 3))
        _ = await failure {
            try await scene.download {
                $0.concurrency = 1
                $0.onInterruption = { kept.append($0) }
            }
        }
        #expect(scene.service.server.unusedFaults.isEmpty)
        guard case .download(var resumable)? = kept.values.first else {
            Issue.record("nothing was kept")
            return
        }
        #expect(resumable.ranges.count == 3)
        // The state comes from the caller, and invalid ranges in it do no harm.
        resumable.ranges += [
            .init(offset: -5, length: 10, checksum: 0), .init(offset: .max, length: .max, checksum: 0),
            .init(offset: 1 << 40, length: 5, checksum: 1),
        ]
        let result = try await scene.download { $0.resuming = resumable }
        #expect(result.resumedBytes == Int64(3 * DownloadScene.partSize))
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    private let partSize = Int64(DownloadScene.partSize)

    @Test("State that only the caller keeps is enough to resume a download and is then recorded in a journal")
    func remembered() async throws {
        let scene = try DownloadScene()
        let kept = Recorder<ResumableTransfer>()
        let denied = MockFault.Action.respond(status: 403, code: "AccessDenied")
        scene.service.server.add(denied, when: .operation("GetObject", skip: 3))
        _ = await failure {
            try await scene.download {
                $0.concurrency = 1
                $0.onInterruption = { kept.append($0) }
            }
        }
        guard case .download(let resumable)? = kept.values.first else {
            Issue.record("nothing was kept")
            return
        }
        for journal in scene.journals { try FileManager.default.removeItem(atPath: scene.state[journal]) }

        scene.service.server.add(denied, when: .operation("GetObject", skip: 1))
        _ = await failure {
            try await scene.download {
                $0.concurrency = 1
                $0.resuming = resumable
            }
        }
        #expect(scene.service.server.unusedFaults.isEmpty)
        // The header, the three earlier ranges and the new one.
        #expect(scene.journalLines == 5)
        #expect(try await scene.download().resumedBytes == 4 * partSize)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("An interrupted download whose journal could not be written removes its temporary file")
    func unwritten() async throws {
        let scene = try DownloadScene()
        let disk = FaultyFileSystem()
        disk.add(.fail(ENOSPC), to: .write, path: ".journal", times: nil)
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", skip: 3))
        let error = await disk.run { await failure { try await scene.download { $0.concurrency = 1 } } }
        #expect(error?.code == .accessDenied)
        #expect(disk.unused.isEmpty && scene.service.server.unusedFaults.isEmpty)
        #expect(try scene.folder.files() == [])
        scene.expectNothingLeft()
    }
}
