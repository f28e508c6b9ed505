import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Uploads of the gzip form of a file")
struct GzipUploadTests {
    private static let partSize = 100 << 10
    private let content = compressiblePattern(7 * partSize)
    private let folder: ScratchDirectory
    private let service: TestService

    init() throws {
        let folder = try ScratchDirectory()
        self.folder = folder
        service = try TestService {
            $0.stateDirectory = .path(folder["state"])
            $0.retry.maximumAttempts = 1
        }
        try folder.write("source", content)
    }

    private func source() async throws -> UploadSource {
        try await UploadSource(compressing: OpenFile.reading(folder["source"]))
    }

    @discardableResult
    private func upload(
        _ source: UploadSource? = nil, _ change: (inout UploadOptions) -> Void = { _ in }
    ) async throws -> TransferResult {
        var options = UploadOptions()
        options.multipartThreshold = 1
        options.partSize = Int64(Self.partSize)
        options.concurrency = 1
        options.attributes.metadata = ["mode": "644"]
        change(&options)
        let gzip = if let source { source } else { try await self.source() }
        return try await service.bucket.upload(gzip, to: "big", options: options)
    }

    private func interrupt(atPart number: Int) async throws {
        service.server.add(
            MockFault(
                .respond(status: 403, code: "AccessDenied"),
                when: .init(operation: "UploadPart", partNumber: number)))
        await #expect(throws: OSSError.self) { try await upload() }
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.server.statistics.openUploads == 1)
    }

    private func expectStored(_ content: [UInt8]) async throws {
        #expect(service.server.data(of: "big", in: "photos").map(Array.init) == (try gzip(content)))
        let stored = try await service.bucket.headObject("big")
        #expect(stored.contentEncoding == "gzip")
        #expect(
            GzipMark(metadata: stored.metadata)
                == GzipMark(size: Int64(content.count), crc64: CRC64.checksum(content)))
        #expect(stored.metadata["mode"] == "644")
        #expect(service.server.statistics.openUploads == 0)
        #expect(folder.names(in: "state/transfers").isEmpty)
    }

    @Test("A small gzip form is uploaded in one request, and its listed ETag equals that of the measured form")
    func atOnce() async throws {
        let progress = EventList<Int64>()
        let result = try await upload {
            $0.multipartThreshold = 16 << 20
            $0.onProgress = { progress.add($0.bytesTransferred) }
        }
        let digest = try await GzipDigest(of: folder.slice("source"))
        #expect(service.operations() == ["PutObject": 1])
        #expect(result.size == digest.size)
        #expect(result.integrity == .checksum)
        #expect(progress.all.last == digest.size)
        try await expectStored(content)
        var objects = service.bucket.listObjects().makeAsyncIterator()
        #expect(try await objects.next()?.eTag == digest.compressed.md5)
    }

    @Test("An empty file also has a gzip form")
    func empty() async throws {
        try folder.write("source")
        #expect(try await upload().size == 20)
        try await expectStored([])
    }

    @Test("A compressed upload survives a round trip")
    func roundTrip() async throws {
        try await upload()
        let result = try await service.bucket.downloadObject("big", to: folder["a.gz"])
        try folder.write("a")
        let mark = try #require(GzipMark(metadata: result.metadata.metadata))
        try await GzipFile.expand(folder.slice("a.gz"), into: folder.slice("a").file, expecting: mark)
        #expect(try folder.content("a") == content)
    }

    @Test("An interrupted compressed upload resumes and sends only the missing parts", arguments: [1, 4, 6])
    func resume(at number: Int) async throws {
        let count = try PartPlan(size: Int64(gzip(content).count), partSize: Int64(Self.partSize)).count
        #expect(count == 6)
        try await interrupt(atPart: number)
        let before = service.server.requests.count

        // A second compression produces the same bytes.
        let result = try await upload()
        let requests = service.server.requests.dropFirst(before)
        let parts = Array(repeating: "UploadPart", count: count - number + 1)
        #expect(requests.map(\.operation) == ["ListParts"] + parts + ["CompleteMultipartUpload"])
        #expect(result.resumedBytes == Int64((number - 1) * Self.partSize))
        #expect(result.partCount == count)
        #expect(result.integrity == .checksum)
        #expect(result.eTag == multipartETag(try gzip(content)))
        try await expectStored(content)
    }

    @Test("A compressed upload that completed without a response is recognized")
    func completedUnheard() async throws {
        service.server.add(.truncateBody(after: 10), when: .operation("CompleteMultipartUpload"))
        let error = await #expect(throws: OSSError.self) { try await upload() }
        #expect(error?.code == .truncatedBody)
        let before = service.operations()["UploadPart"]
        #expect(try await upload().resumedBytes == Int64(try gzip(content).count))
        #expect(service.operations()["UploadPart"] == before)
        try await expectStored(content)
    }

    @Test("A file that changed between two attempts is uploaded again from the start")
    func changedBetween() async throws {
        try await interrupt(atPart: 4)
        let changed = Array(content.reversed())
        try folder.write("source", changed)
        #expect(try await upload().resumedBytes == 0)
        try await expectStored(changed)
    }

    @Test("An uncompressed upload is not resumed with compression, nor the reverse")
    func otherForm() async throws {
        try await interrupt(atPart: 4)
        let plain = try await upload(UploadSource(path: folder["source"]))
        #expect(plain.resumedBytes == 0)
        #expect(service.server.data(of: "big", in: "photos") == Data(content))
        #expect(try await service.bucket.headObject("big").contentEncoding == nil)
        #expect(service.server.statistics.openUploads == 0)

        service.server.add(
            MockFault(
                .respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPart", partNumber: 3)))
        await #expect(throws: OSSError.self) { try await upload(UploadSource(path: folder["source"])) }
        #expect(try await upload().resumedBytes == 0)
        try await expectStored(content)
    }

    @Test("A file that changes after its compression is not sent", arguments: [Int64(1), 16 << 20])
    func changedBefore(multipartThreshold: Int64) async throws {
        let source = try await source()
        try folder.write("source", Array(content.reversed()))
        let error = await #expect(throws: OSSError.self) {
            try await upload(source) { $0.multipartThreshold = multipartThreshold }
        }
        #expect(error?.code == .sourceChanged)
        #expect(error?.message.contains(folder["source"]) == true)
        #expect(service.server.data(of: "big", in: "photos") == nil)
        #expect(service.server.statistics.openUploads == 0)
    }

    @Test("A file that changes during its compression is an error", arguments: [true, false])
    func changedMeanwhile(grows: Bool) async throws {
        let change = ChangeAtRead(path: folder["source"], size: grows ? content.count + 1 : 100)
        let error = await #expect(throws: OSSError.self) {
            try await FileSystemSeam.$interceptor.withValue(change) { _ = try await source() }
        }
        #expect(error?.code == .sourceChanged)
    }

    @Test("A file that ends early is an error, even if it looks unchanged")
    func shortRead() async throws {
        let disk = FaultyFileSystem()
        disk.add(.short(0), to: .read, path: "/source", skip: 1, times: nil)
        let error = await #expect(throws: OSSError.self) { try await disk.run { _ = try await source() } }
        #expect(disk.unused.isEmpty)
        #expect(error?.code == .sourceChanged)
    }

    @Test("The final check before completion reads the file and not its gzip form")
    func reread() async throws {
        let source = try await source()
        #expect(try await source.isStillSource(of: []))
        try folder.write("source", Array(content.reversed()))
        #expect(try await !source.isStillSource(of: []))
        try folder.write("source", content)
        #expect(try await upload { $0.rereadsSource = true }.integrity == .checksum)
    }

    @Test("Content that declares another encoding is not compressed")
    func encodedAlready() async throws {
        let error = await #expect(throws: OSSError.self) {
            try await upload { $0.attributes.contentEncoding = "br" }
        }
        #expect(error?.code == .invalidArgument)
        #expect(service.server.requests.isEmpty)
    }

    /// Returns the ETag of a multipart object, which is the MD5 of the text of the parts' MD5s, followed by their
    /// number.
    private func multipartETag(_ bytes: [UInt8]) -> String {
        let starts = stride(from: 0, to: bytes.count, by: Self.partSize)
        let digests = starts.map {
            Hexadecimal.uppercase(MD5.hash(Array(bytes[$0..<min($0 + Self.partSize, bytes.count)])))
        }
        return Hexadecimal.uppercase(MD5.hash(Array(digests.joined().utf8))) + "-\(digests.count)"
    }
}

/// An interceptor that truncates or extends a file just before its second read.
private final class ChangeAtRead: FileSystemInterceptor {
    private let path: String
    private let size: Int
    private let reads = Mutex(0)

    init(path: String, size: Int) {
        self.path = path
        self.size = size
    }

    func verdict(on call: FileSystemCall) -> FileSystemVerdict {
        guard call.kind == .read, call.path == path else { return .proceed }
        let count = reads.withLock { count in
            count += 1
            return count
        }
        if count == 2 { truncate(path, off_t(size)) }
        return .proceed
    }
}
