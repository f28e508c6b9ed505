import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Incomplete multipart uploads")
struct IncompleteUploadTests {
    @Test("C8: an upload whose ID never arrived is found and aborted a day later", arguments: [false, true])
    func c8Nameless(mayList: Bool) async throws {
        let ahead = Mutex<TimeInterval>(0)
        let upload = try UploadFixture {
            $0.retry.maximumAttempts = 1
            $0.clock = { Date() + ahead.withLock { $0 } }
        }
        let server = upload.service.server
        server.add(.closeAfterApplying(), when: .operation("InitiateMultipartUpload"))
        #expect(await failure { try await upload.upload() }?.code == .connectionLost)
        let nameless = try #require(try await upload.uploads.first)
        #expect(try upload.journals.count == 1)
        server.clockOffset = .seconds(25 * 3600)
        ahead.withLock { $0 = 25 * 3600 }
        // An upload of another client whose first part has not yet arrived.
        let other = try await upload.service.bucket.initiateMultipartUpload("k")
        #expect(upload.openUploads == 2)
        if !mayList {
            server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("ListMultipartUploads"))
        }
        try await upload.upload()
        #expect(upload.stored == upload.content)
        #expect(
            try await Set(upload.uploads.map(\.uploadID))
                == Set((mayList ? [other] : [other, nameless]).map(\.uploadID)))
        #expect(try upload.journals.isEmpty)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Only the incomplete uploads of a key that have no parts are aborted")
    func withParts() async throws {
        let service = try TestService()
        let filled = try await service.bucket.initiateMultipartUpload("k")
        _ = try await service.bucket.uploadPart(number: 1, of: filled, body: .bytes(Array(Data.pattern(1000))))
        _ = try await service.bucket.initiateMultipartUpload("k")
        let other = try await service.bucket.initiateMultipartUpload("k2")
        try await service.bucket.abortAllEmptyUploads(of: "k", startedSince: Date() - 60)
        var left: Set<String> = []
        for try await summary in service.bucket.listMultipartUploads() { left.insert(summary.upload.uploadID) }
        #expect(left == [filled.uploadID, other.uploadID])
    }

    @Test("A resumed upload does not list incomplete uploads if its journal is less than a day old")
    func young() async throws {
        let upload = try UploadFixture { $0.retry.maximumAttempts = 1 }
        upload.service.server.add(.closeAfterApplying(), when: .operation("InitiateMultipartUpload"))
        #expect(await failure { try await upload.upload() }?.code == .connectionLost)
        let before = upload.service.count()
        try await upload.upload()
        #expect(
            upload.service.operations(after: before)
                == ["InitiateMultipartUpload": 1, "UploadPart": 4, "CompleteMultipartUpload": 1])
        #expect(upload.openUploads == 1)
    }

    private let content = Data.pattern(3 * UploadFixture.partSize + 123)

    private func run(_ scene: MirrorScene) async throws -> TransferReport {
        try await scene.run {
            ($0.multipartThreshold, $0.partSize) = (1, Int64(UploadFixture.partSize))
            $0.deletion = nil
        }
    }

    /// Returns a scene with a transfer that was interrupted in the middle.
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

    @Test("An upload that became obsolete is aborted and its journal is removed", arguments: [false, true])
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

    @Test("An obsolete upload that cannot be aborted keeps its journal until a later run aborts it")
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

    @Test("An obsolete upload that the caller may not abort is tried once and keeps its journal")
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

    @Test("The temporary file of an obsolete download is removed with its journal")
    func download() async throws {
        let scene = try await interrupted(.down)
        #expect(try scene.folder.files().count == 1)
        try scene.addDestination(["large"], content)
        let report = try await run(scene)
        #expect(report.unchanged.files == 1 && report.isComplete)
        #expect(try scene.folder.contents() == ["large": content])
        #expect(try scene.journals.isEmpty)
    }

    /// Returns an interrupted upload whose file has changed since then.
    private func changed() async throws -> (upload: UploadFixture, begun: MultipartUpload, content: Data) {
        let upload = try UploadFixture()
        let begun = try await upload.interrupt(atPart: 3)
        let content = Data.pattern(upload.content.count + 1, seed: 2)
        try upload.folder.write("source", content)
        return (upload, begun, content)
    }

    @Test(
        "Parts of a changed file that cannot be removed are named in the error and remembered")
    func named() async throws {
        let (upload, begun, other) = try await changed()
        let server = upload.service.server
        server.add(.respond(status: 500, code: "InternalError"), when: .operation("AbortMultipartUpload"), times: 3)
        let error = await failure { try await upload.upload() }
        #expect(server.unusedFaults.isEmpty)
        #expect(error?.code == .serviceUnavailable, "\(error as Any)")
        #expect(error?.message.contains(begun.uploadID) == true, "\(error as Any)")
        #expect(error?.message.contains("incompleteMultipartUploads") == true, "\(error as Any)")
        #expect(try await upload.uploads == [begun])
        #expect(upload.stored == nil)

        let before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [1, 2, 3, 4])
        #expect(upload.service.operations(after: before)["AbortMultipartUpload"] == 1)
        #expect(upload.stored == other)
        try upload.expectNothingLeft()
    }

    @Test("Without permission to remove the parts of a changed file, the file is still uploaded")
    func denied() async throws {
        let (upload, begun, other) = try await changed()
        let server = upload.service.server
        server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("AbortMultipartUpload"))
        // The earlier journal is kept until it can be replaced.
        server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("InitiateMultipartUpload"))
        #expect(await failure { try await upload.upload() }?.code == .accessDenied)
        #expect(server.unusedFaults.isEmpty)
        try await upload.upload()
        #expect(upload.stored == other)
        #expect(try await !upload.uploads.contains(begun))
        try upload.expectNothingLeft()
    }
}

extension MirrorScene {
    fileprivate var journals: [String] {
        get throws { try state.files().filter { $0.hasSuffix(".journal") } }
    }
}
