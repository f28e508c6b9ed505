import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of malformed input. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Malformed responses and invalid input")
struct MalformedInputTests {
    private let folder: ScratchDirectory

    init() throws {
        folder = try ScratchDirectory()
    }

    /// Returns the keys of a listing, or throws its error.
    private func list(_ service: TestService, _ paging: ListPaging = .marker) async throws -> [ObjectKey] {
        var keys: [ObjectKey] = []
        for try await object in service.bucket.listObjects(pageSize: 2, paging: paging) { keys.append(object.key) }
        return keys
    }

    @Test(
        "H1: XML that is truncated, of another type or missing is invalidResponse and never an empty listing",
        arguments: [
            "", " ", "<", "<?xml version=\"1.0\"?>", "<ListBucketResult>", "<ListBucketResult><Contents><Key>a</Key>",
            "<ListAllMyBucketsResult></ListAllMyBucketsResult>", "<html></html>", "{\"keys\": []}",
            "<ListBucketResult></ListBucketResult><x/>",
        ])
    func h1(document: String) async throws {
        let service = try TestService()
        try service.store("k", count: 1)
        let reply = MockFault.Action.response(status: 200, body: Array(document.utf8))
        service.server.add(reply, when: .operation("ListObjects"), times: 2)
        #expect(await failure { try await list(service) }?.code == .invalidResponse)
        let run = await failure { try await DirectoryTransfer(service.bucket).download(from: "", to: folder["new"]) }
        #expect(run?.code == .invalidResponse)
        #expect(try folder.files().isEmpty)

        service.server.add(reply, when: .operation("DeleteMultipleObjects"))
        let deletion = try await service.bucket.deleteObjects(["k"])
        #expect(deletion.deleted.isEmpty)
        #expect(deletion.failures.map(\.error.code) == [.invalidResponse])
        service.server.add(reply, when: .operation("CopyObject"))
        #expect(
            await failure { try await service.bucket.copyObjectInOneRequest(from: "k", to: "l") }?.code
                == .invalidResponse)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "H1: a listing that repeats, goes back or has no marker is invalidResponse",
        arguments: [MockFault.ListingFault.endless, .unsorted, .withoutMarker], [ListPaging.marker, .continuationToken])
    func h1Paging(fault: MockFault.ListingFault, paging: ListPaging) async throws {
        let service = try TestService()
        for key in ["a", "b", "c", "d", "e"] { try service.store(key, count: 1) }
        service.server.add(.listing(fault), times: .max)
        if fault == .withoutMarker, paging == .marker {
            // The marker is derived from the last key. The last page declares that there are more keys, but there are
            // none.
            service.server.faults.removeAll()
            service.server.add(.listing(fault), times: 2)
            #expect(try await list(service, paging) == ["a", "b", "c", "d", "e"])
        } else {
            #expect(await failure { try await list(service, paging) }?.code == .invalidResponse)
        }
        #expect(service.count() <= 4)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("H2: a document type, an entity bomb and ten thousand levels are rejected in bounded time")
    func h2() async throws {
        let bomb = """
            <?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
            <ListBucketResult><Name>&b;</Name></ListBucketResult>
            """
        let deep = String(repeating: "<a>", count: 10_000) + String(repeating: "</a>", count: 10_000)
        let external = "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><ListBucketResult/>"
        let undeclared = "<ListBucketResult><Name>&b;</Name></ListBucketResult>"
        let service = try TestService()
        for document in [bomb, deep, external, undeclared] {
            #expect(throws: XMLSyntaxError.self) { try XMLReader.read(Data(document.utf8)) }
            service.server.add(.response(status: 200, body: Array(document.utf8)))
            #expect(await failure { try await list(service) }?.code == .invalidResponse)
        }
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("H3: sizes that are too large, negative or signed, and ranges that were not requested, are rejected")
    func h3() async throws {
        let service = try TestService()
        for size in ["9223372036854775808", "-1", "+5", "5.0", "0x5", "", " 5", "٥"] {
            let document = """
                <ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>\(size)</Size>\
                <LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>
                """
            service.server.add(.replaceBody(Array(document.utf8)), when: .operation("ListObjects"))
            #expect(await failure { try await list(service) }?.code == .invalidResponse, "\(size)")
        }
        try service.store("k", count: 100)
        for range in [
            "bytes */0", "bytes */100", "bytes +0-9/100", "bytes 0-9/+100", "bytes -1-9/100", "bytes 9-0/100",
            "bytes 0-9/5", "bytes 1-10/100", "bytes 0-10/100", "bytes 0-9/99999999999999999999", "items 0-9/100", "",
        ] {
            service.server.add(.header("Content-Range", range), when: .operation("GetObject"))
            let error = await failure { try await service.bucket.getObject("k", range: 0..<10).body.collect() }
            #expect(error?.code == .invalidResponse, "\(range)")
        }
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("H4: without an ETag, or with a weak or unquoted one, bytes of two objects are never joined")
    func h4() async throws {
        let service = try TestService { $0.readRangeSize = 64 << 10 }
        let content = try service.store("k", count: 150_000)
        let bare = try await service.bucket.headObject("k").eTag
        for tag in ["W/\"\(bare)\"", bare, "\"\(bare)\""] {
            service.server.add(.header("ETag", tag), when: .operation("GetObject"), times: 3)
            #expect(try await service.bucket.getObject("k").body.collect() == content, "\(tag)")
        }
        service.server.add(.header("ETag", nil), when: .operation("GetObject"))
        let object = try await service.bucket.getObject("k")
        #expect(await failure { try await object.body.collect() }?.code == .invalidResponse)
        #expect(object.metadata.eTag.isEmpty)
        // An object that fits into one response needs no validator.
        service.server.add(.header("ETag", nil), when: .operation("GetObject"), times: 2)
        #expect(try await service.bucket.getObject("k", range: 0..<100).body.collect() == content.prefix(100))
        try await service.bucket.downloadObject("k", to: folder["k"])
        #expect(try folder.read("k") == content)
        // An object that is replaced between two ranges is detected.
        service.server.add(
            .afterwards(.putObject(key: nil, bytes: [UInt8](repeating: 1, count: 150_000))),
            when: .operation("GetObject"))
        let replaced = await failure { try await service.bucket.getObject("k").body.collect() }
        #expect(replaced?.code == .preconditionFailed)
        #expect(service.server.unusedFaults.isEmpty)
        // Without a checksum as well, nothing shows that a response is the object.
        for name in ["ETag", "x-oss-hash-crc64ecma"] {
            service.server.add(.header(name, nil), when: .operation("GetObject"), times: .max)
        }
        let unknown = await failure { try await service.bucket.getObject("k").body.collect() }
        let unknownRange = await failure { try await service.bucket.getObject("k", range: 0..<100).body.collect() }
        #expect(unknown?.code == .invalidResponse && unknownRange?.code == .invalidResponse)
    }

    @Test("H5: header names are case-insensitive; metadata is returned as stored or rejected")
    func h5() async throws {
        let service = try TestService()
        try service.store("k", count: 10)
        for name in ["etag", "ETAG", "eTaG"] {
            service.server.add(.header("ETag", nil))
            service.server.add(.header(name, "\"abc\""))
            #expect(try await service.bucket.headObject("k").eTag == "abc")
        }
        service.server.add(.header("x-oss-hash-crc64ecma", nil), when: .operation("HeadObject"))
        service.server.add(.header("X-OSS-HASH-CRC64ECMA", "7"), when: .operation("HeadObject"))
        #expect(try await service.bucket.headObject("k").crc64 == 7)

        for value in ["é", "日本語", "a  b", "🗂️", "%41", "=?utf-8?B?eA==?="] {
            var options = PutObjectOptions()
            options.attributes.metadata = ["Note": value]
            do {
                try await service.bucket.putObject("m", "x", options: options)
                #expect(try await service.bucket.headObject("m").metadata == ["note": value])
            } catch let error as OSSError {
                #expect(error.code == .invalidArgument, "\(error)")
            }
        }
        var options = PutObjectOptions()
        options.attributes.metadata = ["né": "x"]
        let unnamed = await failure { [options] in
            try await service.bucket.putObject("m", "x", options: options)
        }
        #expect(unnamed?.code == .invalidArgument)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "H6: without a valid date in the response, the clock is not corrected",
        arguments: [nil, "", "soon", "0", "Mon, 99 Foo 2026"])
    func h6(date: String?) async throws {
        let service = try TestService()
        service.server.add(.respond(status: 403, code: "RequestTimeTooSkewed"), times: 2)
        service.server.add(.header("Date", date), times: 2)
        for _ in 0..<2 {
            let error = await failure { try await service.bucket.putObject("k", "x") }
            #expect(error?.code == .clockSkewed)
            #expect(error?.attempts == 1)
        }
        try await service.bucket.putObject("k", "x")
        #expect(service.count() == 3)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("H7: an error about a wrong endpoint names the correct one")
    func h7() async throws {
        let service = try TestService()
        let document = """
            <Error><Code>AccessDenied</Code><Message>The bucket you are attempting to access must be addressed using \
            the specified endpoint.</Message><Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint></Error>
            """
        service.server.add(
            .response(status: 403, headers: ["Content-Type": "application/xml"], body: Array(document.utf8)))
        let error = await failure { try await service.bucket.getObject("k") }
        #expect(error?.code == .accessDenied)
        #expect(error?.message.contains("oss-cn-beijing.aliyuncs.com") == true, "\(error as Any)")
        #expect(service.server.unusedFaults.isEmpty)

        let elsewhere = try TestService(server: { $0.region = "eu-west-1" })
        let bucket = try Bucket(
            "photos", endpoint: elsewhere.server.endpoint, region: "cn-hangzhou",
            credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret))
        let region = await failure { try await bucket.getObject("k") }
        #expect(region?.message.contains("region") == true, "\(region as Any)")
        #expect(elsewhere.count() == 1)
    }

    @Test("H8: line breaks in metadata and in credentials are rejected before any request")
    func h8() async throws {
        let service = try TestService()
        for value in ["a\r\nx-oss-acl: public-read", "a\nb", "a\rb", "a\u{0}b"] {
            var options = PutObjectOptions()
            options.attributes.metadata = ["note": value]
            var typed = PutObjectOptions()
            typed.attributes.contentType = value
            for options in [options, typed] {
                let error = await failure { try await service.bucket.putObject("k", "x", options: options) }
                #expect(error?.code == .invalidArgument)
                #expect(error?.description.contains("\n") == false)
            }
        }
        for (id, secret) in [("id\n", "secret"), ("id", "secret\r\n"), ("", "secret"), ("i d", "secret")] {
            let bucket = try Bucket(
                "photos", endpoint: service.server.endpoint, region: service.server.region,
                credentials: .static(accessKeyID: id, accessKeySecret: secret))
            let error = await failure { try await bucket.putObject("k", "x") }
            #expect(error?.code == .credentialsUnavailable)
            #expect(error?.description.contains("\n") == false)
        }
        #expect(service.count() == 0)
    }

    @Test("H9: invalid values are thrown as errors where they are passed, and nothing traps")
    func h9() async throws {
        let service = try TestService()
        for key: ObjectKey in [
            "", "/k", "\\k", ".", "..", ObjectKey(stringLiteral: String(repeating: "k", count: 1024)),
        ] {
            #expect(await failure { try await service.bucket.putObject(key, "x") }?.code == .invalidArgument)
            #expect(await failure { try await service.bucket.getObject(key) }?.code == .invalidArgument)
        }
        func isRefused(_ name: String, _ change: (inout BucketConfiguration) -> Void) -> Bool {
            var configuration = BucketConfiguration()
            change(&configuration)
            do throws(OSSError) {
                _ = try Bucket(name, region: "cn-hangzhou", credentials: .anonymous, configuration: configuration)
                return false
            } catch {
                return error.code == .invalidArgument
            }
        }
        for name in [
            "", "a", "ab", "Photos", "-photos", "photos-", "pho_tos", "pho.tos", "ph/otos",
            String(repeating: "a", count: 64),
        ] {
            #expect(isRefused(name) { _ in })
        }
        #expect(isRefused("photos") { $0.maximumConnections = 0 })
        #expect(isRefused("photos") { $0.readRangeSize = 0 })
        #expect(isRefused("photos") { $0.retry.maximumAttempts = 0 })
        #expect(isRefused("photos") { $0.retry.baseDelay = .seconds(-1) })
        #expect(isRefused("photos") { $0.timeouts.idle = .zero })
        #expect(isRefused("photos") { $0.deadline = .zero })
        for concurrency in [0, -1, .min] {
            let transfer = DirectoryTransfer(service.bucket, concurrency: concurrency)
            #expect(await failure { try await transfer.upload(from: folder.path) }?.code == .invalidArgument)
        }
        for size in [0, -1, 1001, .max] {
            let error = await failure {
                for try await _ in service.bucket.listObjects(pageSize: size) {}
            }
            #expect(error?.code == .invalidArgument)
        }
        #expect(service.count() == 0)
    }
}
