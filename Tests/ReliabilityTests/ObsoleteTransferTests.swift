import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

/// A large file whose transfer was interrupted, and whose content then came to its place by another way.
@Suite("Transfers that became obsolete")
struct ObsoleteTransferTests {
    private let content = Data.pattern(3 * UploadFixture.partSize + 123)

    private func run(_ scene: MirrorScene) async throws -> TransferReport {
        try await scene.run {
            ($0.multipartThreshold, $0.partSize) = (1, Int64(UploadFixture.partSize))
            $0.deletion = nil
        }
    }

    /// A scene with a transfer that was interrupted in its midst.
    private func interrupted(_ way: MirrorScene.Way) async throws -> MirrorScene {
        let scene = try MirrorScene(way, keepsState: true)
        try scene.addSource(["large"], content)
        let denied = MockFault.Action.respond(status: 403, code: "AccessDenied")
        switch way {
        case .up: scene.service.server.add(denied, when: .part(3))
        case .down, .copy: scene.service.server.add(denied, when: .operation("GetObject", skip: 2))
        }
        #expect(try await run(scene).failures.map(\.error.code) == [.accessDenied])
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(try scene.journals.count == 1)
        return scene
    }

    @Test("The parts of an upload are removed with its journal", arguments: [false, true])
    func upload(isAbortedAlready: Bool) async throws {
        let scene = try await interrupted(.up)
        #expect(scene.service.server.statistics.openUploads == 1)
        if isAbortedAlready {
            for try await summary in scene.service.bucket.listMultipartUploads() {
                try await scene.service.bucket.abortMultipartUpload(summary.upload)
            }
        }
        try scene.addDestination(["large"], content)
        let report = try await run(scene)
        #expect(report.unchanged.files == 1 && report.isComplete)
        #expect(scene.service.server.statistics.openUploads == 0)
        #expect(try scene.journals.isEmpty)
    }

    @Test("Parts that cannot be removed are remembered until they can be")
    func uploadLater() async throws {
        let scene = try await interrupted(.up)
        try scene.addDestination(["large"], content)
        scene.service.server.add(
            .respond(status: 500, code: "InternalError"), when: .operation("AbortMultipartUpload"), times: .max)
        #expect(try await run(scene).isComplete)
        #expect(scene.service.server.unusedFaults.isEmpty)
        scene.service.server.faults.removeAll()
        #expect(scene.service.server.statistics.openUploads == 1)
        #expect(try scene.journals.count == 1)
        let report = try await run(scene)
        #expect(report.unchanged.files == 1 && report.isComplete)
        #expect(scene.service.server.statistics.openUploads == 0)
        #expect(try scene.journals.isEmpty)
    }

    @Test("Who may not remove the parts is asked once, and they stay remembered")
    func uploadDenied() async throws {
        let scene = try await interrupted(.up)
        try scene.addDestination(["large"], content)
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("AbortMultipartUpload"), times: .max)
        for _ in 1...2 {
            let report = try await run(scene)
            #expect(report.unchanged.files == 1 && report.isComplete)
        }
        #expect(scene.service.count("AbortMultipartUpload") == 1)
        #expect(try scene.journals.count == 1)
    }

    @Test("The unfinished file of a download is removed with its journal")
    func download() async throws {
        let scene = try await interrupted(.down)
        #expect(try scene.folder.names.count == 1)
        try scene.addDestination(["large"], content)
        let report = try await run(scene)
        #expect(report.unchanged.files == 1 && report.isComplete)
        #expect(try scene.folder.contents == ["large": content])
        #expect(try scene.journals.isEmpty)
    }
}

extension MirrorScene {
    fileprivate var journals: [String] {
        get throws { try state.names.filter { $0.hasSuffix(".journal") } }
    }
}
