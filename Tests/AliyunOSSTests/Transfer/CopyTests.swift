import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Copies of objects of any size")
struct CopyTests {
    private let content = CopyFixture.content

    @Test("A small object is copied in one request, on the condition that it is unchanged")
    func small() async throws {
        let fixture = try CopyFixture()
        let seen = try await fixture.bucket.headObject("source")
        let result = try await fixture.bucket.copyObject("source", to: "copy")
        #expect(fixture.copied == Data(content))
        #expect(result.partCount == 0)
        #expect(result.size == Int64(content.count))
        #expect(result.integrity == .checksum)
        #expect(result.crc64 == CRC64.checksum(content))
        #expect(result.eTag == seen.eTag)
        #expect(fixture.service.operations() == ["HeadObject": 2, "CopyObject": 1])
        let request = try #require(fixture.server.requests.last)
        #expect(request.headers["x-oss-copy-source-if-match"] == "\"\(seen.eTag)\"")
    }

    @Test("A large object is copied in parts, each with that condition, and the entire copy is compared")
    func large() async throws {
        let fixture = try CopyFixture()
        let progress = EventList<Int64>()
        let result = try await fixture.copy {
            $0.concurrency = 4
            $0.onProgress = { progress.add($0.bytesTransferred) }
        }
        #expect(fixture.copied == Data(content))
        #expect(result.partCount == 6)
        #expect(result.integrity == .checksum)
        #expect(result.crc64 == CRC64.checksum(content))
        #expect(result.eTag.hasSuffix("-6"))
        #expect(result.resumedBytes == 0)
        #expect(
            fixture.service.operations() == [
                "HeadObject": 1, "InitiateMultipartUpload": 1, "UploadPartCopy": 6, "CompleteMultipartUpload": 1,
            ])
        #expect(Set(fixture.ranges) == Set((1...6).map(CopyFixture.range)))
        let tag = try await fixture.bucket.headObject("source").eTag
        for request in fixture.server.requests where request.operation == "UploadPartCopy" {
            #expect(request.headers["x-oss-copy-source-if-match"] == "\"\(tag)\"")
        }
        #expect(fixture.server.statistics.openUploads == 0)
        #expect(progress.all.last == Int64(content.count))
        #expect(progress.all == progress.all.sorted())
    }

    @Test("Copied parts are large unless another size is specified")
    func partSize() throws {
        let plan = try PartPlan(size: 1 << 30, preferred: ObjectCopy.preferredPartSize)
        #expect(plan.count == 16)
        #expect(CopyOptions().multipartThreshold == 200 << 20)
    }

    @Test("Keys with any characters are copied between buckets, in one request and in parts", arguments: [1, 5 << 20])
    func betweenBuckets(threshold: Int64) async throws {
        let fixture = try CopyFixture()
        let (source, key) = ("a b/é+%?&#.bin", "cöpy é %2F+ ?.bin")
        try fixture.server.put(source, Data(content), in: "archive")
        let result = try await fixture.bucket.copyObject(
            ObjectKey(source), in: "archive", to: ObjectKey(key),
            options: CopyFixture.options { $0.multipartThreshold = threshold })
        #expect(fixture.server.data(of: key, in: "photos") == Data(content))
        #expect(fixture.server.keys(in: "archive") == [source])
        #expect(result.integrity == .checksum)
        #expect(result.partCount == (threshold == 1 ? 6 : 0))
        let head = try #require(fixture.server.requests.first)
        #expect(head.operation == "HeadObject")
        #expect(head.bucket == "archive")
    }

    // MARK: What is stored beside the bytes

    private static let stored: HTTPHeaders = [
        "Content-Type": "text/x-test", "Cache-Control": "no-cache", "Content-Disposition": "attachment",
        "Content-Encoding": "br", "Expires": "0", "x-oss-meta-colour": "röd", "x-oss-meta-with-dash": "a, b",
        "x-oss-storage-class": "IA", "x-oss-tagging": "a%20b=c%3Dd&e=", "x-oss-object-acl": "public-read",
    ]

    @Test("A copy has the attributes of its source except the ACL", arguments: [1, 5 << 20])
    func inherits(threshold: Int64) async throws {
        let fixture = try CopyFixture()
        try fixture.server.put("source", Data(content), in: "archive", headers: Self.stored)
        _ = try await fixture.bucket.copyObject(
            "source", in: "archive", to: "copy",
            options: CopyFixture.options { $0.multipartThreshold = threshold })
        let copy = try await fixture.bucket.headObject("copy")
        #expect(copy.contentType == "text/x-test")
        #expect(copy.cacheControl == "no-cache")
        #expect(copy.contentDisposition == "attachment")
        #expect(copy.contentEncoding == "br")
        #expect(copy.expires == "0")
        #expect(copy.metadata == ["colour": "röd", "with-dash": "a, b"])
        #expect(copy.storageClass == .infrequentAccess)
        #expect(copy.tagCount == 2)
        let tags = try await fixture.bucket.tags(of: "copy", in: nil, versionID: nil)
        #expect(tags == ["a b": "c=d", "e": ""])
        #expect(try await grant(of: "copy", in: fixture) == "default")
    }

    @Test(
        "The Expires header of an object is kept verbatim unless another one is set",
        arguments: [
            ("0", nil), ("Thu, 31 Dec 2026 00:00:00 GMT", 1_798_675_200),
            ("Thursday, 31-Dec-26 00:00:00 GMT", 1_798_675_200),
        ] as [(String, Double?)])
    func expires(header: String, seconds: Double?) throws {
        var object = ObjectMetadata(key: "a", size: 1, eTag: "E")
        object.expires = header
        let attributes = ObjectAttributes(copying: object, tags: [:])
        #expect(attributes.expires?.timeIntervalSince1970 == seconds)
        #expect(try attributes.headers()["Expires"] == header)
        var (changed, removed) = (attributes, attributes)
        changed.expires = Date(timeIntervalSince1970: 0)
        removed.expires = nil
        #expect(try changed.headers()["Expires"] == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(try removed.headers()["Expires"] == nil && removed != attributes)
    }

    @Test("Specified attributes replace all attributes of the source", arguments: [1, 5 << 20])
    func replaces(threshold: Int64) async throws {
        let fixture = try CopyFixture()
        try fixture.server.put("source", Data(content), in: "photos", headers: Self.stored)
        _ = try await fixture.copy {
            $0.multipartThreshold = threshold
            var attributes = ObjectAttributes()
            attributes.contentType = "text/plain"
            attributes.metadata = ["shape": "round"]
            attributes.accessControl = .private
            $0.attributes = attributes
        }
        let copy = try await fixture.bucket.headObject("copy")
        #expect(copy.contentType == "text/plain")
        #expect(copy.cacheControl == nil)
        #expect(copy.expires == nil)
        #expect(copy.metadata == ["shape": "round"])
        #expect(copy.storageClass == .standard)
        #expect(copy.tagCount == 0)
        #expect(try await grant(of: "copy", in: fixture) == "private")
        #expect(fixture.service.operations()["GetObjectTagging"] == nil)
    }

    @Test("Tags that the caller may not read are not silently dropped")
    func unreadableTags() async throws {
        let fixture = try CopyFixture()
        try fixture.server.put("source", Data(content), in: "photos", headers: Self.stored)
        fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("GetObjectTagging"))
        let error = await #expect(throws: OSSError.self) { try await fixture.copy() }
        #expect(error?.code == .accessDenied)
        #expect(error?.message.contains("CopyOptions.attributes") == true)
        #expect(fixture.server.unusedFaults.isEmpty)
        #expect(fixture.server.statistics.openUploads == 0)
    }

    private func grant(of key: ObjectKey, in fixture: CopyFixture) async throws -> String? {
        var operation = Operation("GetObjectAcl", .get, key: key)
        operation.query = [("acl", nil)]
        let document = try XMLReader.read(try await fixture.bucket.client.perform(operation).body)
        return document.text("AccessControlList", "Grant")
    }

    // MARK: Which source

    @Test("The specified version is copied", arguments: [1, 5 << 20])
    func version(threshold: Int64) async throws {
        let fixture = try CopyFixture()
        try await fixture.enableVersioning()
        let old = try await fixture.bucket.putObject("source", .bytes(content))
        try await fixture.bucket.putObject("source", "new")
        let result = try await fixture.copy {
            $0.multipartThreshold = threshold
            $0.source.versionID = old.versionID
        }
        #expect(fixture.copied == Data(content))
        #expect(result.versionID != nil)
        // A version that was current may become current again under the same key.
        _ = try await fixture.bucket.copyObject(
            "source", to: "source",
            options: CopyFixture.options {
                $0.multipartThreshold = threshold
                $0.source.versionID = old.versionID
            })
        #expect(fixture.server.data(of: "source", in: "photos") == Data(content))
    }

    @Test("The error for a missing source names the object or the bucket")
    func missing() async throws {
        let fixture = try CopyFixture()
        for (key, bucket) in [("nothing", "archive"), ("source", "no-such-bucket")] as [(ObjectKey, String)] {
            let error = await #expect(throws: OSSError.self) {
                try await fixture.bucket.copyObject(key, in: bucket, to: "copy")
            }
            #expect(error?.code == .notFound)
            #expect(error?.bucket == bucket)
            #expect(error?.key == key)
            #expect(error?.operation == "HeadObject")
        }
        #expect(fixture.service.operations() == ["HeadObject": 2])
    }

    @Test("A condition that is not met ends the copy before it starts")
    func conditions() async throws {
        let fixture = try CopyFixture()
        let tag = try await fixture.bucket.headObject("source").eTag
        let other = await #expect(throws: OSSError.self) {
            try await fixture.copy { $0.source.conditions.ifMatch = "other" }
        }
        #expect(other?.code == .preconditionFailed)
        let same = await #expect(throws: OSSError.self) {
            try await fixture.copy { $0.source.conditions.ifNoneMatch = tag }
        }
        #expect(same?.code == .notModified)
        #expect(fixture.service.operations() == ["HeadObject": 3])
    }

    @Test("Invalid arguments are rejected before any request")
    func badArguments() async throws {
        let fixture = try CopyFixture()
        func expectRefusal(
            _ source: ObjectKey = "source", in bucket: String? = nil, to key: ObjectKey = "copy",
            at other: Bucket? = nil,
            _ change: (inout CopyOptions) -> Void = { _ in }
        ) async {
            let options = CopyFixture.options(change)
            let error = await #expect(throws: OSSError.self) {
                try await (other ?? fixture.bucket).copyObject(source, in: bucket, to: key, options: options)
            }
            #expect(error?.code == .invalidArgument)
        }
        await expectRefusal("/source")
        await expectRefusal(to: "")
        await expectRefusal(in: "Not/A/Bucket")
        await expectRefusal { $0.partSize = 1 }
        await expectRefusal { $0.concurrency = 0 }
        await expectRefusal { $0.multipartThreshold = -1 }
        // A custom domain always leads to its own bucket, even if the request is meant for another one.
        var configuration = BucketConfiguration()
        configuration.addressing = .cname
        let domain = try Bucket(
            "photos", endpoint: fixture.server.endpoint, region: fixture.server.region, credentials: .anonymous,
            configuration: configuration)
        await expectRefusal(in: "archive", at: domain)
        #expect(fixture.server.requests.isEmpty)
    }

    @Test("A large object is copied onto itself only to change attributes")
    func ontoItself() async throws {
        let fixture = try CopyFixture()
        var options = CopyFixture.options()
        let error = await #expect(throws: OSSError.self) {
            try await fixture.bucket.copyObject("source", to: "source", options: options)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("CopyOptions.attributes") == true)
        #expect(fixture.service.operations() == ["HeadObject": 1])
        options.attributes = ObjectAttributes()
        options.attributes?.metadata = ["shape": "round"]
        try await fixture.bucket.copyObject("source", to: "source", options: options)
        #expect(fixture.server.data(of: "source", in: "photos") == Data(content))
        #expect(try await fixture.bucket.headObject("source").metadata == ["shape": "round"])
    }

    @Test("A symbolic link object is copied as a link, whatever the size of its target")
    func links() async throws {
        let fixture = try CopyFixture()
        var operation = Operation("PutSymlink", .put, key: "link")
        operation.query = [("symlink", nil)]
        operation.headers["x-oss-symlink-target"] = "source"
        _ = try await fixture.bucket.client.perform(operation)
        let result = try await fixture.bucket.copyObject("link", to: "copy", options: CopyFixture.options())
        #expect(result.partCount == 0)
        #expect(try await fixture.bucket.headObject("copy").type == "Symlink")
        #expect(fixture.service.operations()["UploadPartCopy"] == nil)
    }
}

extension CopyFixture {
    /// Enables versioning for `photos`.
    func enableVersioning() async throws {
        var operation = Operation("PutBucketVersioning", .put)
        operation.query = [("versioning", nil)]
        operation.body = .data(
            Data("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>".utf8))
        _ = try await bucket.client.perform(operation)
    }
}
