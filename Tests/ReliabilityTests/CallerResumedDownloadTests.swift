import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

@Suite("Downloads resumed by the caller")
struct CallerResumedDownloadTests {
    private let partSize = Int64(DownloadScene.partSize)

    @Test("What only the caller remembers of a download is enough, and is remembered from then on")
    func remembered() async throws {
        let scene = try DownloadScene()
        let kept = Collected<ResumableTransfer>()
        let denied = MockFault.Action.respond(status: 403, code: "AccessDenied")
        scene.service.server.add(denied, when: .operation("GetObject", skip: 3))
        _ = await failure {
            try await scene.download {
                $0.concurrency = 1
                $0.onInterruption = { kept.add($0) }
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
        // What it is, the three pieces that there were, and the one that came.
        #expect(scene.journalLines == 5)
        #expect(try await scene.download().resumedBytes == 4 * partSize)
        #expect(try scene.folder.contents == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("What nobody remembers, because the journal could not be written, is removed when it is interrupted")
    func unwritten() async throws {
        let scene = try DownloadScene()
        let disk = FaultyFileSystem()
        disk.add(.fail(ENOSPC), to: .write, path: ".journal", times: nil)
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", skip: 3))
        let error = await disk.run { await failure { try await scene.download { $0.concurrency = 1 } } }
        #expect(error?.code == .accessDenied)
        #expect(disk.unused.isEmpty && scene.service.server.unusedFaults.isEmpty)
        #expect(try scene.folder.names == [])
        scene.expectNothingLeft()
    }
}
