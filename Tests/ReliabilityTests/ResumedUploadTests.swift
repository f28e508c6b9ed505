import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of interrupted uploads. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Resumed uploads")
struct ResumedUploadTests {
    private static let partSize = UploadFixture.partSize

    // MARK: Going on

    @Test("C8: an interrupted upload resumes and sends only the missing parts", arguments: [1, 3])
    func c8(concurrency: Int) async throws {
        let upload = try UploadFixture()
        let begun = try await upload.interrupt(atPart: 3) { $0.concurrency = concurrency }
        var done: Set<Int> = []
        for try await part in upload.service.bucket.listParts(of: begun) { done.insert(part.number) }
        #expect(!done.contains(3))
        #expect(concurrency > 1 || done == [1, 2])
        let before = upload.service.count()
        let result = try await upload.upload()
        #expect(upload.sentParts(after: before) == (1...4).filter { !done.contains($0) })
        #expect(
            upload.service.operations(after: before)
                == ["ListParts": 1, "UploadPart": 4 - done.count, "CompleteMultipartUpload": 1])
        #expect(result.resumedBytes == done.reduce(0) { $0 + ($1 == 4 ? 123 : Int64(Self.partSize)) })
        #expect(result.crc64 == CRC64.checksum(upload.content))
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C8: an upload resumes from the caller's state alone and writes a journal again")
    func c8Caller() async throws {
        let upload = try UploadFixture()
        let remembered = Recorder<ResumableTransfer>()
        let begun = try await upload.interrupt(atPart: 2) { $0.onInterruption = { remembered.append($0) } }
        for journal in try upload.journals { try FileManager.default.removeItem(atPath: upload.folder[journal]) }
        guard case .upload(let state)? = remembered.values.first else {
            Issue.record("nothing was handed over")
            return
        }
        #expect(state.uploadID == begun.uploadID)
        try await upload.interrupt(atPart: 3) { $0.resuming = state }
        let before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [3, 4])
        #expect(upload.service.count("InitiateMultipartUpload") == 1)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test(
        "C8: without permission to list parts or abort, an upload starts again; without any permission, nothing is lost"
    )
    func c8Denied() async throws {
        let upload = try UploadFixture()
        let server = upload.service.server
        let denied = MockFault.Action.respond(status: 403, code: "AccessDenied")
        try await upload.interrupt(atPart: 3)
        server.add(denied, times: .max)
        #expect(await failure { try await upload.upload() }?.code == .accessDenied)
        #expect(server.unusedFaults.isEmpty)
        server.faults.removeAll()
        var before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [3, 4])
        try upload.expectNothingLeft()

        server.delete("k", in: "photos")
        try await upload.interrupt(atPart: 3)
        for operation in ["ListParts", "AbortMultipartUpload"] { server.add(denied, when: .operation(operation)) }
        before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [1, 2, 3, 4])
        #expect(upload.stored == upload.content)
        #expect(try upload.journals.isEmpty)
        #expect(server.unusedFaults.isEmpty)
    }

    // MARK: What the service has

    @Test("C10: a resumed upload trusts the service's list of parts, with different bytes, sizes or too many parts")
    func c10() async throws {
        let upload = try UploadFixture()
        let begun = try await upload.interrupt(atPart: 4)
        let bucket = upload.service.bucket
        _ = try await bucket.uploadPart(number: 1, of: begun, body: .data(Data.pattern(Self.partSize, seed: 9)))
        _ = try await bucket.uploadPart(
            number: 2, of: begun, body: .data(upload.content[Self.partSize..<2 * Self.partSize - 1]))
        _ = try await bucket.uploadPart(number: 9, of: begun, body: .data(Data.pattern(Self.partSize, seed: 9)))
        let before = upload.service.count()
        let result = try await upload.upload()
        #expect(upload.sentParts(after: before) == [1, 2, 4])
        #expect(result.resumedBytes == Int64(Self.partSize))
        #expect(upload.service.count("InitiateMultipartUpload") == 1)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C10: a part that is replaced before completion is detected and sent again")
    func c10Replaced() async throws {
        let upload = try UploadFixture()
        let other = try upload.service.server.bucket("photos")
        upload.credentials.beforeEachRequest { number in
            guard number == 6 else { return }
            var begun: [MultipartUpload] = []
            for try await summary in other.listMultipartUploads() { begun.append(summary.upload) }
            _ = try await other.uploadPart(
                number: 2, of: try #require(begun.first), body: .data(Data.pattern(Self.partSize, seed: 9)))
        }
        try await upload.upload()
        #expect(upload.sentParts() == [1, 2, 3, 4, 2, 2])
        #expect(upload.service.count("CompleteMultipartUpload") == 2)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C11: an upload that another client aborts starts again once")
    func c11() async throws {
        let upload = try UploadFixture()
        upload.service.server.add(.afterwards(.abortUploads), when: .part(2))
        try await upload.upload()
        #expect(upload.sentParts() == [1, 2, 3, 1, 2, 3, 4])
        #expect(upload.service.count("InitiateMultipartUpload") == 2)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()

        upload.service.server.delete("k", in: "photos")
        let before = upload.service.count()
        upload.service.server.add(.afterwards(.abortUploads), when: .part(2), times: 2)
        let error = await failure { try await upload.upload() }
        #expect(error?.serviceError?.code == "NoSuchUpload")
        #expect(upload.service.operations(after: before)["InitiateMultipartUpload"] == 2)
        #expect(upload.stored == nil)
        try upload.expectNothingLeft()

        // An upload that was not resumed in time.
        let begun = try await upload.interrupt(atPart: 4)
        try await upload.service.bucket.abortMultipartUpload(begun)
        try await upload.upload()
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C12: when the response to the completion is lost, the stored object decides", arguments: [false, true])
    func c12(mayRead: Bool) async throws {
        let upload = try UploadFixture()
        let server = upload.service.server
        server.add(.closeAfterApplying(), when: .operation("CompleteMultipartUpload"))
        if !mayRead { server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("HeadObject")) }
        let result = try await upload.upload()
        #expect(result.crc64 == CRC64.checksum(upload.content))
        #expect(result.eTag.hasSuffix("-4"))
        #expect(upload.service.count("HeadObject") == 1)
        // Without permission to list the parts, everything is sent again.
        #expect(upload.service.count("InitiateMultipartUpload") == (mayRead ? 1 : 2))
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test(
        "C12: an upload that completed without a response counts as done; an older object with the same bytes does not")
    func c12Later() async throws {
        let upload = try UploadFixture {
            $0.retry.maximumAttempts = 2
        } server: {
            $0.accessKeys = []
        }
        let server = upload.service.server
        // The object was stored an hour ago with other metadata.
        server.clockOffset = .seconds(-3600)
        try await upload.upload { $0.attributes.metadata = ["version": "1"] }
        server.clockOffset = .zero
        let second: (inout UploadOptions) -> Void = { $0.attributes.metadata = ["version": "2"] }
        try await upload.service.bucket.abortMultipartUpload(try await upload.interrupt(atPart: 4, second))
        var before = upload.service.count()
        try await upload.upload(second)
        #expect(upload.sentParts(after: before) == [1, 2, 3, 4])
        #expect(try await upload.service.bucket.headObject("k").metadata["version"] == "2")
        try upload.expectNothingLeft()

        server.delete("k", in: "photos")
        server.add(.closeAfterApplying(), when: .operation("CompleteMultipartUpload"))
        server.add(.respond(status: 500, code: "InternalError"), when: .operation("HeadObject"), times: 2)
        #expect(await failure { try await upload.upload(second) }?.code == .serviceUnavailable)
        before = upload.service.count()
        let result = try await upload.upload(second)
        #expect(upload.service.operations(after: before) == ["ListParts": 1, "HeadObject": 1])
        #expect(result.resumedBytes == Int64(upload.content.count))
        #expect(result.partCount == 4)
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    // MARK: Ending unfinished

    @Test(
        "C14: an upload that can be neither completed nor aborted is named in the error and resumed by the next attempt"
    )
    func c14() async throws {
        let upload = try UploadFixture()
        let server = upload.service.server
        let handedOver = Recorder<ResumableTransfer>()
        func breakNetwork() {
            server.add(.respond(status: 500, code: "InternalError"), when: .part(3), times: .max)
            server.add(.closeBeforeReading(), when: .operation("AbortMultipartUpload"), times: .max)
        }
        breakNetwork()
        let error = await failure { try await upload.upload { $0.interruptionPolicy = .discard } }
        #expect(error?.code == .serviceUnavailable)
        #expect(server.unusedFaults.isEmpty)
        server.faults.removeAll()
        let begun = try #require(try await upload.uploads.first)
        #expect(error?.message.contains(begun.uploadID) == true, "\(error as Any)")
        #expect(error?.message.contains("incompleteMultipartUploads") == true, "\(error as Any)")
        var found: [MultipartUpload] = []
        for try await summary in upload.service.bucket.incompleteMultipartUploads(olderThan: .zero) {
            found.append(summary.upload)
        }
        #expect(found == [begun])

        // The parts are kept on purpose: the upload is not aborted, and the caller receives its state.
        breakNetwork()
        let aborts = upload.service.count("AbortMultipartUpload")
        let kept = await failure { try await upload.upload { $0.onInterruption = { handedOver.append($0) } } }
        #expect(kept?.message.contains(begun.uploadID) == true, "\(kept as Any)")
        #expect(upload.service.count("AbortMultipartUpload") == aborts)
        guard case .upload(let state)? = handedOver.values.first else {
            Issue.record("nothing was handed over")
            return
        }
        #expect(state.uploadID == begun.uploadID)
        #expect(handedOver.values.count == 1)

        server.faults.removeAll()
        let before = upload.service.count()
        try await upload.upload()
        #expect(upload.sentParts(after: before) == [3, 4])
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }

    @Test("C14: an upload without a journal that cannot be aborted is found and aborted later")
    func c14Abandoned() async throws {
        let upload = try UploadFixture { $0.stateDirectory = .none }
        let server = upload.service.server
        server.add(.respond(status: 500, code: "InternalError"), when: .operation("UploadPart"), times: .max)
        server.add(.closeBeforeReading(), when: .operation("AbortMultipartUpload"), times: .max)
        let error = await failure { try await upload.upload() }
        #expect(server.unusedFaults.isEmpty)
        server.faults.removeAll()
        let begun = try #require(try await upload.uploads.first)
        #expect(error?.message.contains(begun.uploadID) == true, "\(error as Any)")
        let result = try await upload.service.bucket.abortIncompleteMultipartUploads(olderThan: .zero)
        #expect(result.aborted.map(\.upload) == [begun])
        try upload.expectNothingLeft()
    }

    // MARK: The listing of parts

    @Test("C21: parts on several pages are all listed; a page that leads back to an earlier one is an error")
    func c21() async throws {
        let upload = try UploadFixture()
        let begun = try await upload.interrupt(atPart: 4)
        var parts: [UploadedPart] = []
        for try await part in upload.service.bucket.listParts(of: begun) { parts.append(part) }
        func page(_ parts: ArraySlice<UploadedPart>, next: Int) -> MockFault.Action {
            var writer = XMLWriter(root: "ListPartsResult")
            writer.element("IsTruncated", "true")
            writer.element("NextPartNumberMarker", String(next))
            for part in parts {
                writer.element("Part") {
                    $0.element("PartNumber", String(part.number))
                    $0.element("ETag", "\"\(part.eTag)\"")
                    $0.element("HashCrc64ecma", String(part.crc64 ?? 0))
                    $0.element("Size", String(part.size))
                }
            }
            return .replaceBody([UInt8](writer.finish()))
        }
        // The same page repeatedly, two pages that refer to each other, and a page whose marker is before its parts.
        let loops = [
            [page(parts[..<2], next: 2), page(parts[..<2], next: 2)],
            [page(parts[..<2], next: 2), page([], next: 1), page(parts[..<2], next: 2)],
            [page(parts[..<2], next: 1)],
        ]
        for pages in loops {
            for page in pages { upload.service.server.add(page, when: .operation("ListParts")) }
            let before = upload.service.count()
            #expect(await failure { try await upload.upload() }?.code == .invalidResponse)
            #expect(upload.service.operations(after: before) == ["ListParts": pages.count])
            #expect(upload.service.server.unusedFaults.isEmpty)
        }

        upload.service.server.add(page(parts[..<2], next: 2), when: .operation("ListParts"))
        let before = upload.service.count()
        try await upload.upload()
        let markers = upload.service.server.requests.dropFirst(before).filter { $0.operation == "ListParts" }
            .map { request in request.query.first { $0.name == "part-number-marker" }?.value }
        #expect(markers == [nil, "2"])
        #expect(upload.sentParts(after: before) == [4])
        #expect(upload.stored == upload.content)
        try upload.expectNothingLeft()
    }
}
