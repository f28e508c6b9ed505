import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Versions of objects", .timeLimit(.minutes(5)))
struct ObjectVersionTests {
    private let service: TestService
    private var bucket: Bucket { service.bucket }

    init() throws { service = try TestService() }

    private func enableVersioning() async throws {
        try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
    }

    private func put(_ key: ObjectKey, _ text: String) async throws -> String {
        try #require(try await bucket.putObject(key, .string(text)).versionID)
    }

    private func list(_ versions: PagedSequence<ObjectVersion, ObjectVersionPage>) async throws -> [ObjectVersion] {
        try await versions.reduce(into: []) { $0.append($1) }
    }

    @Test("Each version can be read, copied and deleted; the delete marker hides the others until it is deleted")
    func life() async throws {
        try await enableVersioning()
        let old = try await put("k", "old")
        let new = try await put("k", "newer")
        let deletion = try await bucket.deleteObject("k")
        let marker = try #require(deletion.versionID)
        #expect(deletion.isDeleteMarker && deletion.requestID != nil)
        #expect(try await !bucket.objectExists("k"))

        var options = GetObjectOptions()
        options.versionID = old
        #expect(try await bucket.getObject("k", options: options).body.text() == "old")
        #expect(try await bucket.headObject("k", options: options).versionID == old)
        #expect(try await bucket.objectMeta("k", versionID: new).size == 5)
        var copy = CopyOptions()
        copy.source = options
        try await bucket.copyObject("k", to: "copy", options: copy)
        #expect(try await bucket.getObject("copy").body.text() == "old")

        let versions = try await list(bucket.listObjectVersions(prefix: "k"))
        #expect(versions.map(\.versionID) == [marker, new, old])
        #expect(versions.map(\.isLatest) == [true, false, false])
        #expect(versions.map(\.isDeleteMarker) == [true, false, false])
        #expect(versions.map(\.object?.size) == [nil, 5, 3])
        #expect(versions.allSatisfy { $0.key == "k" && $0.owner?.id.isEmpty == false })
        #expect(versions.last?.object?.type == .normal && versions.last?.object?.storageClass == .standard)

        let undeleted = try await bucket.deleteObject("k", versionID: marker)
        #expect(undeleted.isDeleteMarker && undeleted.versionID == marker)
        #expect(try await bucket.getObject("k").body.text() == "newer")
        let removed = try await bucket.deleteObject("k", versionID: new)
        #expect(!removed.isDeleteMarker && removed.versionID == new)
        #expect(try await bucket.getObject("k").body.text() == "old")
    }

    @Test("Versions are listed completely, whatever the size of the pages", arguments: [1, 2, 3, 7, 1000])
    func pages(size: Int) async throws {
        try await enableVersioning()
        for key in ["a b", "a/1", "a/ü", "\u{1}", "b"] as [ObjectKey] {
            for text in ["1", "2", "3"] { _ = try await put(key, text) }
            if key != "b" { try await bucket.deleteObject(key) }
        }
        let all = try await list(bucket.listObjectVersions(pageSize: size))
        #expect(all.count == 19 && Set(all.map(\.id)).count == 19)
        #expect(all.map(\.key) == all.map(\.key).sorted())
        #expect(all.filter(\.isDeleteMarker).count == 4 && all.filter(\.isLatest).count == 5)
        let rest = try await list(bucket.listObjectVersions(prefix: "a", startAfter: "a b", pageSize: size))
        #expect(Set(rest.map(\.key)) == ["a/1", "a/ü"] && rest.count == 8)
        var prefixes: [String] = []
        for try await page in bucket.listObjectVersions(delimiter: "/", pageSize: size).pages {
            prefixes += page.commonPrefixes
        }
        #expect(prefixes == ["a/"])
    }

    @Test("An object in a bucket without versioning has the version null")
    func unversioned() async throws {
        try service.store("k", count: 3)
        let versions = try await list(bucket.listObjectVersions())
        #expect(versions.map(\.id) == [.init(key: "k", versionID: "null")])
        for _ in 0..<2 {
            let deletion = try await bucket.deleteObject("k")
            #expect(deletion.versionID == nil && !deletion.isDeleteMarker)
        }
    }

    @Test("Versions and delete markers are deleted in batches, and the service's refusals are reported")
    func batch() async throws {
        try await enableVersioning()
        for key in ["a", "b/ü", "\u{1}"] as [ObjectKey] {
            _ = try await put(key, "1")
            _ = try await put(key, "2")
        }
        let markers = try await bucket.deleteObjects(["a", "b/ü", "\u{1}"])
        #expect(markers.versions.count == 3 && markers.versions.allSatisfy(\.isDeleteMarker))
        let ids = try await list(bucket.listObjectVersions()).map(\.id)
        #expect(ids.count == 9)
        let result = try await bucket.deleteVersions(ids)
        #expect(result.failures.isEmpty)
        #expect(Set(result.versions.map(\.id)) == Set(ids))
        #expect(result.versions.filter(\.isDeleteMarker).count == 3)
        #expect(try await list(bucket.listObjectVersions()).isEmpty)

        let stream = AsyncStream([ObjectVersion.ID(key: "", versionID: "null"), .init(key: "k", versionID: "bad id")])
        let refused = try await bucket.deleteVersions(stream)
        #expect(refused.deleted.isEmpty && refused.failures.map(\.key) == ["", "k"])
        #expect(refused.failures.map(\.versionID) == ["null", "bad id"])
    }

    @Test("Only versions that the response names are deleted")
    func confirmation() async throws {
        let answer =
            "<DeleteResult><Deleted><Key>k</Key><VersionId>1</VersionId></Deleted>"
            + "<Deleted><Key>k</Key></Deleted></DeleteResult>"
        let bucket = try Bucket.scripted(ScriptedTransport { _ in .ok(answer) })
        let result = try await bucket.deleteVersions([.init(key: "k", versionID: "1"), .init(key: "k", versionID: "2")])
        #expect(result.versions.map(\.id.versionID) == ["1"])
        #expect(result.failures.map(\.versionID) == ["2"])
        #expect(result.failures.first?.error.code == .refused)
    }

    @Test("The response for another version is rejected")
    func otherVersion() async throws {
        let transport = ScriptedTransport { _ in .ok("x", headers: ["x-oss-version-id": "2", "Content-Length": "1"]) }
        let bucket = try Bucket.scripted(transport) { $0.retry.maximumAttempts = 1 }
        var options = GetObjectOptions()
        options.versionID = "1"
        let read = options
        for call in [
            { _ = try await bucket.getObject("k", options: read) },
            { _ = try await bucket.headObject("k", options: read) },
            { _ = try await bucket.deleteObject("k", versionID: "1") },
            { try await bucket.setObjectTags("k", to: [:], versionID: "1") },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: OSSError.self) { try await call() }
            #expect(error?.code == .invalidResponse && error?.message.contains("version") == true, "\(error as Any)")
        }
    }

    // MARK: Hostile listings

    private static func version(_ key: String, _ id: String, _ name: String = "Version", time: Int = 1) -> String {
        "<\(name)><Key>\(key)</Key><VersionId>\(id)</VersionId><IsLatest>false</IsLatest><Size>1</Size>"
            + "<LastModified>2026-01-0\(time)T00:00:00.000Z</LastModified></\(name)>"
    }

    private func listing(_ inner: String, next: String? = nil) -> HTTPResponse {
        let end = next.map { "<NextKeyMarker>\($0)</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>" } ?? ""
        return .ok("<ListVersionsResult><IsTruncated>\(next != nil)</IsTruncated>\(end)\(inner)</ListVersionsResult>")
    }

    @Test("A listing of versions that is out of order, endless, incomplete or of another request is rejected")
    func hostileListings() async throws {
        let (a, b) = (Self.version("p/a", "1"), Self.version("p/b", "1"))
        let cases: [(String, [HTTPResponse])] = [
            ("key order", [listing(b + a)]), ("repeats", [listing(a, next: "p/a"), listing(a)]),
            ("repeats", [listing(b, next: "p/b"), listing(a)]),
            ("does not start with", [listing(Self.version("q", "1"))]),
            ("missing or invalid", [listing("<Version><Key>p/a</Key></Version>")]),
            ("missing or invalid", [listing("<DeleteMarker><VersionId>1</VersionId></DeleteMarker>")]),
            ("another request", [.ok("<ListVersionsResult><Prefix>q</Prefix></ListVersionsResult>")]),
            ("instead of", [.ok("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")]),
            ("complete", [.ok("<ListVersionsResult></ListVersionsResult>")]),
            ("next page", [.ok("<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>")]),
            ("leads back", [listing("", next: "p/c"), listing("", next: "p/c")]),
        ]
        for (text, responses) in cases {
            let (bucket, transport) = try Bucket.listed(responses)
            let error = await #expect(throws: OSSError.self, "\(text)") {
                try await list(bucket.listObjectVersions(prefix: "p/"))
            }
            #expect(error?.code == .invalidResponse && error?.message.contains(text) == true, "\(error as Any)")
            #expect(transport.requests.count == responses.count && transport.discards > 0)
        }
        let (bucket, _) = try Bucket.listed([listing(a)])
        let error = await #expect(throws: OSSError.self) { try await list(bucket.listObjectVersions(pageSize: 0)) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("Versions and delete markers that are not interleaved are put in order")
    func grouped() async throws {
        let versions = Self.version("a", "1", time: 1) + Self.version("b", "2", time: 1)
        let markers = Self.version("a", "3", "DeleteMarker", time: 2) + Self.version("c", "4", "DeleteMarker")
        let (bucket, _) = try Bucket.listed([listing(versions + markers)])
        #expect(try await list(bucket.listObjectVersions()).map(\.versionID) == ["3", "1", "2", "4"])
    }
}
