import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Folder transfers with compression")
struct CompressedTransferTests {
    private let service: TestService
    private let source: ScratchDirectory

    init() throws {
        service = try TestService()
        source = try ScratchDirectory()
        try source.write("a.html", String(repeating: "<p>Hello</p>\n", count: 500))
        try source.write("b.HTML", "<p>")
        try source.write("c.txt", String(repeating: "plain ", count: 100))
        try source.write("empty.html", "")
    }

    private func transfer(
        _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }
    ) -> DirectoryTransfer {
        var options = DirectoryTransfer.Options()
        options.compressedExtensions = ["html"]
        configure(&options)
        return DirectoryTransfer(service.bucket, options: options)
    }

    private func requests(since count: Int) -> [String] {
        service.server.requests.dropFirst(count).map(\.operation).sorted()
    }

    @Test("Files with the extension are stored as gzip with Content-Encoding and restored by a download")
    func roundTrip() async throws {
        #expect(try await transfer().upload(from: source.path, to: "p").isComplete)
        let stored = try await service.bucket.headObject("p/a.html")
        #expect(stored.contentEncoding == "gzip")
        #expect(stored.contentType == "text/html")
        #expect(stored.size < 1000)
        #expect(try await service.bucket.headObject("p/c.txt").contentEncoding == nil)
        let target = try ScratchDirectory()
        // The download needs no option.
        let report = try await DirectoryTransfer(service.bucket).download(from: "p", to: target.path)
        #expect(report.isComplete && report.transferred.files == 4)
        #expect(target.names() == ["a.html", "b.HTML", "c.txt", "empty.html"])
        for name in target.names() {
            #expect(FileManager.default.contentsEqual(atPath: source[name], andPath: target[name]), "\(name)")
            #expect(source.status(name)?.modified == target.status(name)?.modified, "\(name)")
        }
        #expect(try await DirectoryTransfer(service.bucket).check(target.path, against: "p").isEqual)
    }

    @Test(
        "An unchanged compressed file is detected without a request, by content and by the record",
        arguments: [
            UpdateMode.modified, .checksum, .size,
        ])
    func unchanged(mode: UpdateMode) async throws {
        #expect(try await transfer().upload(from: source.path, to: "p").transferred.files == 4)
        let before = service.server.requests.count
        let report = try await transfer { $0.updateMode = mode }.upload(from: source.path, to: "p")
        #expect(report.transferred.files == 0 && report.unchanged.files == 4)
        #expect(requests(since: before) == ["ListObjects"])
    }

    @Test("A change is detected in the compressed and in the stored form")
    func changed() async throws {
        _ = try await transfer().upload(from: source.path, to: "p")
        let time = try #require(source.status("a.html")?.modified)
        try source.write("a.html", String(repeating: "<p>Hullo</p>\n", count: 500))
        try await FileTime.set(source["a.html"], time)
        let report = try await transfer { $0.updateMode = .checksum }.upload(from: source.path, to: "p")
        #expect(report.transferred.files == 1)
        #expect(report.reasons[.changedContent]?.files == 1)
        let target = try ScratchDirectory()
        _ = try await transfer().download(from: "p", to: target.path)
        try target.write("a.html", "local edit")
        let check = try await DirectoryTransfer(service.bucket).check(target.path, against: "p")
        #expect(check.different.map(\.path) == ["a.html"])
        let second = try await transfer { $0.updateMode = .checksum }.download(from: "p", to: target.path)
        #expect(second.transferred.files == 1 && second.unchanged.files == 3)
        #expect(FileManager.default.contentsEqual(atPath: source["a.html"], andPath: target["a.html"]))
    }

    @Test("An object that is not the gzip form it claims to be never replaces the file")
    func lying() async throws {
        _ = try await transfer().upload(from: source.path, to: "p")
        let target = try ScratchDirectory()
        try target.write("a.html", "old")
        let bytes = try #require(service.server.data(of: "p/b.HTML", in: "photos"))
        var options = PutObjectOptions()
        options.attributes.contentEncoding = "gzip"
        options.attributes.metadata = GzipMark(size: 6500, crc64: 1).metadata
        try await service.bucket.putObject("p/a.html", .data(bytes), options: options)
        let report = try await DirectoryTransfer(service.bucket).download(from: "p", to: target.path)
        #expect(report.failures.map(\.path) == ["a.html"])
        #expect(report.failures.first?.error.code == .checksumMismatch)
        #expect(try String(contentsOfFile: target["a.html"], encoding: .utf8) == "old")
        #expect(target.names() == ["a.html", "b.HTML", "c.txt", "empty.html"])
    }

    @Test("Gzip content stored by another program is downloaded unchanged")
    func foreign() async throws {
        var options = PutObjectOptions()
        options.attributes.contentEncoding = "gzip"
        let content = Data([0x1F, 0x8B, 1, 2, 3])
        try await service.bucket.putObject("q/x.html", .data(content), options: options)
        let target = try ScratchDirectory()
        #expect(try await transfer().download(from: "q", to: target.path).isComplete)
        #expect(FileManager.default.contents(atPath: target["x.html"]) == content)
    }
}

/// Sets the modification time of a file.
private enum FileTime {
    static func set(_ path: String, _ time: FileStatus.Time) async throws {
        let descriptor = open(path, O_RDWR)
        try #require(descriptor >= 0)
        try OpenFile(descriptor: descriptor, path: path).setModified(time)
    }
}
