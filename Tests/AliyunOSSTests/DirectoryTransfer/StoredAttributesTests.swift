import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Attributes of uploaded objects")
struct StoredAttributesTests {
    private struct Refusal: Error, CustomStringConvertible {
        let description = "this file is not for the public"
    }

    private let service: TestService
    private let folder: ScratchDirectory

    init() throws {
        service = try TestService()
        folder = try ScratchDirectory()
    }

    private func upload(_ configure: (inout DirectoryTransfer.Options) -> Void) async throws -> TransferReport {
        var options = DirectoryTransfer.Options()
        configure(&options)
        return try await DirectoryTransfer(service.bucket, options: options).upload(from: folder.path)
    }

    @Test(
        "Every object has the attributes of the options and the time and permissions of its file",
        arguments: [1, 300_000])
    func common(size: Int) async throws {
        try folder.write("a.html", pattern(size))
        let moment = timespec(tv_sec: 1_700_000_000, tv_nsec: 5)
        try #require(utimensat(AT_FDCWD, folder["a.html"], [moment, moment], 0) == 0)
        chmod(folder["a.html"], 0o640)
        let report = try await upload {
            ($0.multipartThreshold, $0.partSize) = (200_000, 100 << 10)
            $0.attributes.cacheControl = "max-age=60"
            $0.attributes.contentDisposition = "inline"
            $0.attributes.storageClass = .infrequentAccess
            $0.attributes.accessControl = .publicRead
            $0.attributes.tags = ["team": "web", "a b": "c+d"]
            $0.attributes.metadata = ["origin": "test"]
        }
        #expect(report.isComplete)
        let stored = try await service.bucket.headObject("a.html")
        #expect(stored.contentType == "text/html" && stored.cacheControl == "max-age=60")
        #expect(stored.contentDisposition == "inline" && stored.storageClass == .infrequentAccess)
        #expect(stored.tagCount == 2)
        #expect(stored.metadata == ["origin": "test", "mtime": "1700000000.000000005", "mode": "640"])
        #expect(service.server.requests.contains { $0.headers["x-oss-object-acl"] == "public-read" })
    }

    @Test("Explicit metadata overrides that of the file, and preservesAttributes disables the latter")
    func precedence() async throws {
        try folder.write("a.html", "x")
        _ = try await upload {
            $0.attributes.contentType = "application/x-mine"
            $0.attributes.metadata = ["mtime": "1.5"]
        }
        let first = try await service.bucket.headObject("a.html")
        #expect(first.contentType == "application/x-mine" && first.metadata["mtime"] == "1.5")
        _ = try await upload { ($0.preservesAttributes, $0.updateMode) = (false, .always) }
        #expect(try await service.bucket.headObject("a.html").metadata == [:])
    }

    @Test(
        "The content type follows the extension of the name, whatever its case",
        arguments: [
            ("a.html", "text/html"), ("a.JPG", "image/jpeg"), ("a.tar.gz", "application/gzip"),
            ("d.css/x.js", "application/javascript"), ("feed.XML", "text/xml"),
            ("a.unknown", nil), ("css", nil), (".css", nil), ("a.", nil), ("a.html/b", nil),
        ])
    func contentType(name: String, type: String?) async throws {
        try folder.write(name, "x")
        #expect(try await upload { _ in }.isComplete)
        let stored = try await service.bucket.headObject(ObjectKey(unchecked: name)).contentType
        #expect(stored == type ?? "application/octet-stream")
    }

    @Test("Attributes can be changed for each file, and an error thrown by the closure fails only that file")
    func adjusted() async throws {
        for name in ["d/page.html", "d/old.html", "secret", "strange"] { try folder.write(name, name) }
        let report = try await upload {
            $0.attributes.cacheControl = "max-age=60"
            $0.adjustAttributes = { attributes, file in
                if file.path == "secret" { throw OSSError(.invalidArgument, "not for the public") }
                if file.path == "strange" { throw Refusal() }
                if file.path.hasSuffix("page.html") { attributes.cacheControl = "no-cache" }
                attributes.metadata["length"] = "\(file.size)"
                attributes.metadata["dated"] = "\(file.modified != nil)"
            }
        }
        #expect(report.transferred.files == 2 && !report.isComplete)
        #expect(Set(report.failures.map(\.path)) == ["secret", "strange"])
        #expect(report.failures.contains { $0.description.contains("not for the public") })
        #expect(report.failures.contains { $0.description.contains(Refusal().description) })
        #expect(service.server.keys(in: "photos") == ["d/old.html", "d/page.html"])
        let page = try await service.bucket.headObject("d/page.html")
        #expect(page.cacheControl == "no-cache" && page.contentType == "text/html")
        #expect(page.metadata["length"] == "11" && page.metadata["dated"] == "true")
        #expect(try await service.bucket.headObject("d/old.html").cacheControl == "max-age=60")
    }
}
