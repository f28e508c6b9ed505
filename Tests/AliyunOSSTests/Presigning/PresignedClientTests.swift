import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Transfers by presigned URLs", .timeLimit(.minutes(5)))
struct PresignedClientTests {
    private func scene(_ kind: PresignedKind = PresignedKind(version: .v4)) throws -> (PresignedScene, PresignedClient)
    {
        let scene = try PresignedScene(kind)
        return (scene, try scene.presignedClient())
    }

    @Test("A file is uploaded, downloaded and read without credentials", arguments: PresignedKind.all)
    func roundTrip(_ kind: PresignedKind) async throws {
        let (scene, client) = try scene(kind)
        let folder = try ScratchDirectory()
        let content = Data.pattern(300_000)
        try folder.write("source", content)
        let put = try await scene.bucket.presignedURL(
            for: try .put("a b/中", attributes: attributes()), expiresIn: .minutes(1))
        let stored = try await client.upload(.file(folder["source"]), with: put)
        #expect(stored.crc64 == CRC64.checksum(content))
        #expect(scene.service.stored("a b/中") == content)
        #expect(try await scene.bucket.headObject("a b/中").metadata == ["a": "1"])

        let get = try await scene.bucket.presignedURL(for: .get("a b/中"), expiresIn: .minutes(1))
        let result = try await client.download(get, to: folder["copy"])
        #expect(try folder.read("copy") == content)
        #expect(result.integrity == .checksum)
        #expect(result.metadata.key == "a b/中")
        #expect(result.metadata.contentType == "text/x-a")
        #expect(try await client.read(get) == content)
        let mine = scene.server.requests.filter { $0.operation != "HeadObject" }
        #expect(mine.count == 3)
        #expect(mine.allSatisfy { $0.headers["Authorization"] == nil && $0.headers["x-oss-date"] == nil })
    }

    private func attributes() -> ObjectAttributes {
        var attributes = ObjectAttributes()
        attributes.contentType = "text/x-a"
        attributes.metadata = ["a": "1"]
        return attributes
    }

    @Test("A part is uploaded and an upload is completed by URLs")
    func multipart() async throws {
        let (scene, client) = try scene()
        let upload = try await scene.bucket.initiateMultipartUpload("big")
        let part = try await client.upload(
            "content", with: try await scene.bucket.presignedURL(for: .uploadPart(1, of: upload), expiresIn: .hours(1)))
        let document = "<Part><PartNumber>1</PartNumber><ETag>\"\(part.eTag)\"</ETag></Part>"
        let completion = try await scene.bucket.presignedURL(
            for: .completeMultipartUpload(upload), expiresIn: .hours(1))
        let response = try await client.send(
            completion, body: .string("<CompleteMultipartUpload>\(document)</CompleteMultipartUpload>"))
        #expect(response.status == 200)
        #expect(response.requestID != nil)
        #expect(scene.service.stored("big") == Data("content".utf8))
    }

    @Test("A truncated download resumes with a range that the signature permits", arguments: PresignedKind.all)
    func truncated(_ kind: PresignedKind) async throws {
        let (scene, client) = try scene(kind)
        let content = try scene.service.store("k")
        scene.server.add(.truncateBody(after: 200_000))
        let folder = try ScratchDirectory()
        let get = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .minutes(1))
        try await client.download(get, to: folder["k"])
        #expect(try folder.read("k") == content)
        #expect(scene.server.unusedFaults.isEmpty)
        #expect(scene.server.requests.allSatisfy { $0.status == 200 || $0.status == 206 })
    }

    @Test(
        "A download with altered bytes fails, and the existing file stays",
        arguments: [false, true])
    func alteredDownload(hasChecksum: Bool) async throws {
        let (scene, client) = try scene()
        try scene.service.store("k")
        scene.server.add(.corruptBody(at: 1000), times: 100)
        if !hasChecksum { scene.server.add(.header("x-oss-hash-crc64ecma", nil), times: 100) }
        let folder = try ScratchDirectory()
        try folder.write("k", "old")
        let get = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .minutes(1))
        for _ in 1...2 {
            let error = await #expect(throws: OSSError.self) { try await client.download(get, to: folder["k"]) }
            #expect(error?.code == .checksumMismatch)
            #expect(error?.key == "k")
        }
        let error = await #expect(throws: OSSError.self) { try await client.read(get) }
        #expect(error?.code == .checksumMismatch)
        #expect(try folder.read("k") == Data("old".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["k"])
    }

    @Test("Without a CRC-64 the MD5 is compared, and without an MD5 the length")
    func otherChecks() async throws {
        let (scene, client) = try scene()
        try scene.service.store("k")
        let folder = try ScratchDirectory()
        let get = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .minutes(1))
        scene.server.add(.header("x-oss-hash-crc64ecma", nil), times: 100)
        #expect(try await client.download(get, to: folder["k"]).integrity == .md5)
        scene.server.add(.header("x-oss-object-type", "Multipart"), times: 100)
        #expect(try await client.download(get, to: folder["k"]).integrity == .lengthOnly)
        scene.server.add(.chunkBody(ends: true), times: 100)
        let error = await #expect(throws: OSSError.self) { try await client.download(get, to: folder["k"]) }
        #expect(error?.code == .truncatedBody)
    }

    @Test("An upload whose stored bytes differ fails", arguments: ["x-oss-hash-crc64ecma", "ETag"])
    func alteredUpload(_ header: String) async throws {
        let (scene, client) = try scene()
        scene.server.add(
            .header(header, header == "ETag" ? "\"\(String(repeating: "0", count: 32))\"" : "1"), times: 100)
        if header == "ETag" { scene.server.add(.header("x-oss-hash-crc64ecma", nil), times: 100) }
        let put = try await scene.bucket.presignedURL(for: .put("k"), expiresIn: .minutes(1))
        let error = await #expect(throws: OSSError.self) { try await client.upload("content", with: put) }
        #expect(error?.code == .checksumMismatch)
        #expect(error?.operation == "PutObject")
    }

    @Test("A response of another server is not a success")
    func foreignResponse() async throws {
        let (scene, client) = try scene()
        scene.server.add(
            .response(status: 200, headers: ["Content-Type": "text/html"], body: Array("<html>".utf8)), times: 100)
        let folder = try ScratchDirectory()
        let get = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .minutes(1))
        let put = try await scene.bucket.presignedURL(for: .put("k"), expiresIn: .minutes(1))
        for attempt in [
            { _ = try await client.download(get, to: folder["k"]) }, { _ = try await client.upload("x", with: put) },
            { _ = try await client.send(get) },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: OSSError.self) { try await attempt() }
            #expect(error?.code == .invalidResponse)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test("An expired URL is refused once, and the error shows no signature", arguments: PresignedKind.all)
    func expired(_ kind: PresignedKind) async throws {
        let (scene, client) = try scene(kind)
        try scene.service.store("k", count: 10)
        let get = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .seconds(1))
        let put = try await scene.bucket.presignedURL(for: .put("k"), expiresIn: .days(1))
        scene.server.clockOffset = .seconds(100)
        let error = try #require(await #expect(throws: OSSError.self) { try await client.read(get) })
        #expect(error.code == .accessDenied)
        #expect(error.message.hasPrefix("Request has expired."))
        #expect(scene.server.requests.count == 1)
        var changed = put
        changed.headers["Content-Type"] = "text/html"
        let refusal = try #require(
            await #expect(throws: OSSError.self) { try await client.upload("x", with: changed) })
        #expect(refusal.serviceError?.code == "SignatureDoesNotMatch")
        for error in [error, refusal] {
            let secrets = PresignedURL.query(of: error.operation == "GetObject" ? get.url : put.url)
                .filter {
                    ["Signature", "x-oss-signature", "security-token", "x-oss-security-token"].contains($0.name)
                }
                .compactMap(\.value)
            try #require(!secrets.isEmpty)
            for text in printed(error) { #expect(!secrets.contains(where: text.contains)) }
        }
    }

    @Test("A request of the wrong kind is refused before anything is sent")
    func wrongKind() async throws {
        let (scene, client) = try scene()
        let get = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .minutes(1))
        let put = try await scene.bucket.presignedURL(for: .put("k"), expiresIn: .minutes(1))
        let acl = try await scene.bucket.presignedURL(
            for: OSSRequest("GetObjectAcl", .get, key: "k", query: ["acl": nil]), expiresIn: .minutes(1))
        let plain = PresignedRequest(.get, url: try #require(URL(string: "http://example.com/k?Expires=1")))
        let odd = PresignedRequest(.get, url: try #require(URL(string: "file:///k")))
        for attempt in [
            { _ = try await client.upload("x", with: get) }, { _ = try await client.read(put) },
            { _ = try await client.read(acl) }, { _ = try await client.read(plain) },
            { _ = try await client.read(odd) },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: OSSError.self) { try await attempt() }
            #expect(error?.code == .invalidArgument)
        }
        #expect(scene.server.requests.isEmpty)
    }

    @Test("An existing file is kept if the policy says so")
    func conflict() async throws {
        let (scene, client) = try scene()
        try scene.service.store("k", count: 10)
        let folder = try ScratchDirectory()
        try folder.write("k", "old")
        let get = try await scene.bucket.presignedURL(for: .get("k"), expiresIn: .minutes(1))
        let error = await #expect(throws: OSSError.self) {
            try await client.download(get, to: folder["k"], conflictPolicy: .keep)
        }
        #expect(error?.code == .alreadyExists)
        #expect(scene.server.requests.isEmpty)
        let both = try await client.download(get, to: folder["k"], conflictPolicy: .keepBoth)
        #expect(both.path == folder["k (1)"])
        #expect(try folder.read("k") == Data("old".utf8))
    }

    @Test("An object is deleted by a URL, and a client that was shut down sends nothing")
    func deletion() async throws {
        let (scene, client) = try scene()
        try scene.service.store("k", count: 10)
        let delete = try await scene.bucket.presignedURL(for: .delete("k"), expiresIn: .minutes(1))
        #expect(try await client.send(delete).status == 204)
        #expect(scene.service.stored("k") == nil)
        client.shutDown()
        let error = await #expect(throws: OSSError.self) { try await client.send(delete) }
        #expect(error?.code == .shutDown)
    }
}
