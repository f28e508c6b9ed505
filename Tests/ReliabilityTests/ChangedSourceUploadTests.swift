import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

@Suite("Incomplete uploads of a changed file")
struct ChangedSourceUploadTests {
    /// An upload that was interrupted, and whose file is another since then.
    private func changed() async throws -> (upload: UploadFixture, begun: MultipartUpload, content: Data) {
        let upload = try UploadFixture()
        let begun = try await upload.interrupt(atPart: 3)
        let content = Data.pattern(upload.content.count + 1, seed: 2)
        try upload.folder.write("source", content)
        return (upload, begun, content)
    }

    @Test(
        "Parts of a file that has changed since, and that cannot be removed, are named in the error and not forgotten")
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

    @Test("Who may not remove the parts of a file that has changed since uploads it all the same")
    func denied() async throws {
        let (upload, begun, other) = try await changed()
        let server = upload.service.server
        server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("AbortMultipartUpload"))
        // What was remembered is not given up before there is something better.
        server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("InitiateMultipartUpload"))
        #expect(await failure { try await upload.upload() }?.code == .accessDenied)
        #expect(server.unusedFaults.isEmpty)
        try await upload.upload()
        #expect(upload.stored == other)
        #expect(try await !upload.uploads.contains(begun))
        try upload.expectNothingLeft()
    }
}
