import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Settings of objects", .timeLimit(.minutes(5)))
struct ObjectSettingsTests {
    private let service: TestService
    private var bucket: Bucket { service.bucket }

    init() throws {
        service = try TestService()
        try service.store("k", count: 5)
    }

    @Test("The access control list of an object can be replaced")
    func accessControl() async throws {
        #expect(try await bucket.objectAccessControl("k").grant == .default)
        try await bucket.setObjectAccessControl("k", to: .publicRead)
        let policy = try await bucket.objectAccessControl("k")
        #expect(policy.grant == .publicRead && policy.owner?.id?.isEmpty == false)
        #expect(await failure { try await bucket.setObjectAccessControl("k", to: "wrong") }?.code == .refused)
        #expect(await failure { try await bucket.objectAccessControl("missing") }?.code == .notFound)
    }

    @Test("The tags of an object can be replaced and deleted")
    func tags() async throws {
        #expect(try await bucket.objectTags("k").isEmpty)
        let tags = ["a b": "ü/+=", "empty": "", String(repeating: "k", count: 128): String(repeating: "v", count: 256)]
        try await bucket.setObjectTags("k", to: tags)
        #expect(try await bucket.objectTags("k") == tags)
        #expect(try await bucket.headObject("k").tagCount == 3)
        try await bucket.removeObjectTags("k")
        #expect(try await bucket.objectTags("k").isEmpty)
        #expect(await failure { try await bucket.setObjectTags("missing", to: ["a": "b"]) }?.code == .notFound)
    }

    @Test("Tags are stored with objects that are written, copied, appended or uploaded in parts")
    func storedTags() async throws {
        var options = PutObjectOptions()
        options.attributes.tags = ["a b": "ü", "c": ""]
        try await bucket.putObject("put", "x", options: options)
        var append = AppendObjectOptions()
        append.attributes = options.attributes
        try await bucket.appendObject("append", "x", at: 0, options: append)
        var copy = CopyOptions()
        copy.attributes = options.attributes
        try await bucket.copyObject("k", to: "copy", options: copy)
        let upload = try await bucket.initiateMultipartUpload("parts", options: options)
        let part = try await bucket.uploadPart(number: 1, of: upload, body: "x")
        try await bucket.completeMultipartUpload(upload, parts: [part], options: options)
        for key in ["put", "append", "copy", "parts"] as [ObjectKey] {
            #expect(try await bucket.objectTags(key) == options.attributes.tags, "\(key)")
        }
    }

    @Test("Invalid tags are refused before anything is sent")
    func invalidTags() async throws {
        let many = Dictionary(uniqueKeysWithValues: (0..<11).map { ("\($0)", "") })
        let long = String(repeating: "é", count: 65)
        for tags in [many, ["": "a"], [long: ""], ["a": String(repeating: "v", count: 257)]] {
            #expect(await failure { try await bucket.setObjectTags("k", to: tags) }?.code == .invalidArgument)
            var options = PutObjectOptions()
            options.attributes.tags = tags
            let put = options
            #expect(await failure { try await bucket.putObject("p", "x", options: put) }?.code == .invalidArgument)
        }
        #expect(service.server.requests.isEmpty)
    }

    @Test("Retention and legal hold can be set, read and bypassed")
    func protection() async throws {
        #expect(try await bucket.objectRetention("k") == nil)
        #expect(try await !bucket.objectLegalHold("k"))
        let date = Date(timeIntervalSince1970: 4_000_000_000)
        try await bucket.setObjectRetention(
            "k", to: ObjectRetention(.governance, until: date), bypassesGovernance: true)
        #expect(try await bucket.objectRetention("k") == ObjectRetention(.governance, until: date))
        try await bucket.setObjectLegalHold("k", to: true)
        #expect(try await bucket.objectLegalHold("k"))
        try await bucket.setObjectLegalHold("k", to: false)
        #expect(try await !bucket.objectLegalHold("k"))
        let bypasses = service.server.requests.filter { $0.headers["x-oss-bypass-governance-retention"] == "true" }
        #expect(bypasses.map(\.operation) == ["PutObjectRetention"])
        #expect(await failure { try await bucket.objectRetention("missing") }?.code == .notFound)
        #expect(await failure { try await bucket.objectLegalHold("missing") }?.code == .notFound)
        let count = service.count()
        let past = ObjectRetention(.compliance, until: Date(timeIntervalSince1970: 0))
        #expect(await failure { try await bucket.setObjectRetention("k", to: past) }?.code == .invalidArgument)
        var append = AppendObjectOptions()
        append.attributes.hasLegalHold = true
        let options = append
        #expect(
            await failure { try await bucket.appendObject("a", "x", at: 0, options: options) }?.code == .invalidArgument
        )
        #expect(service.count() == count)
    }

    @Test("HEAD returns the encryption, retention, restore state and other properties of an object")
    func metadata() async throws {
        let headers: HTTPHeaders = [
            "Content-Length": "3", "x-oss-server-side-encryption": "KMS", "x-oss-server-side-encryption-key-id": "id",
            "x-oss-server-side-data-encryption": "SM4", "x-oss-object-worm-mode": "COMPLIANCE",
            "x-oss-object-worm-retain-until-date": "2030-01-01T00:00:00.000Z", "x-oss-object-worm-legal-hold": "ON",
            "x-oss-restore": "ongoing-request=\"false\", expiry-date=\"Sun, 16 Apr 2017 08:12:33 GMT\"",
            "x-oss-transition-time": "Fri, 01 Apr 2022 00:00:00 GMT",
            "x-oss-last-access-time": "2022-04-02T00:00:00.000Z",
            "x-oss-expiration": "expiry-date=\"x\", rule-id=\"r\"", "x-oss-process-status": "{}",
            "x-oss-request-charged": "requester",
        ]
        let object = try await Bucket.scripted(ScriptedTransport { _ in .ok(headers: headers) }).headObject("k")
        #expect(object.encryption == "KMS" && object.encryptionKeyID == "id" && object.dataEncryption == "SM4")
        #expect(object.retention == ObjectRetention(.compliance, until: Date(timeIntervalSince1970: 1_893_456_000)))
        #expect(object.hasLegalHold == true && object.isRequesterCharged)
        #expect(
            object.restore == RestoreStatus(isOngoing: false, expiration: Date(timeIntervalSince1970: 1_492_330_353)))
        #expect(object.transitionTime == Date(timeIntervalSince1970: 1_648_771_200))
        #expect(object.lastAccessTime == Date(timeIntervalSince1970: 1_648_857_600))
        #expect(object.expiration == "expiry-date=\"x\", rule-id=\"r\"" && object.processStatus == "{}")
        #expect(RestoreStatus(text: "ongoing-request=\"true\"") == RestoreStatus(isOngoing: true))
        #expect(RestoreStatus(text: "nonsense") == nil)
    }

    @Test(
        "Objects are stored with the requested encryption",
        arguments: [
            ServerSideEncryption.aes256, .sm4, .kms(), .kms(masterKeyID: "key-1", dataEncryption: .sm4),
        ])
    func encryption(_ encryption: ServerSideEncryption) async throws {
        var options = PutObjectOptions()
        options.attributes.encryption = encryption
        try await bucket.putObject("e", "secret", options: options)
        let upload = try await bucket.initiateMultipartUpload("parts", options: options)
        let part = try await bucket.uploadPart(number: 1, of: upload, body: "x")
        try await bucket.completeMultipartUpload(upload, parts: [part], options: options)
        for key in ["e", "parts"] as [ObjectKey] {
            let object = try await bucket.headObject(key)
            #expect(object.encryption == encryption.algorithm.rawValue)
            if let masterKeyID = encryption.masterKeyID { #expect(object.encryptionKeyID == masterKeyID) }
            #expect(object.dataEncryption == encryption.dataEncryption?.rawValue)
        }
        options.attributes.encryption = ServerSideEncryption(.aes256, masterKeyID: "key")
        let wrong = options
        #expect(await failure { try await bucket.putObject("w", "x", options: wrong) }?.code == .invalidArgument)
    }

    @Test("Listings contain owners if requested, and the state of restored objects")
    func listings() async throws {
        for paging in [ListPaging.marker, .continuationToken] {
            for try await object in bucket.listObjects(paging: paging) { #expect(object.owner == nil) }
            for try await object in bucket.listObjects(paging: paging, includesOwners: true) {
                #expect(object.owner?.id.isEmpty == false)
            }
        }
        try service.server.put("cold", Data(), in: "photos", headers: ["x-oss-storage-class": "ColdArchive"])
        try await bucket.restoreObject("cold", days: 2)
        var states: [ObjectKey: RestoreStatus?] = [:]
        for try await object in bucket.listObjects() { states[object.key] = object.restore }
        #expect(states == ["cold": RestoreStatus(isOngoing: true), "k": nil])
    }

    @Test("GetObjectMeta returns the properties of a link and not of its target")
    func objectMeta() async throws {
        let meta = try await bucket.objectMeta("k")
        let head = try await bucket.headObject("k")
        #expect(meta.size == 5 && meta.eTag == head.eTag && meta.crc64 == head.crc64)
        #expect(meta.lastModified == head.lastModified && meta.type == nil)
        try await bucket.putSymlink("link", to: "k")
        #expect(try await bucket.objectMeta("link").size == 0)
        #expect(await failure { try await bucket.objectMeta("missing") }?.code == .notFound)
    }

    // MARK: Links

    @Test(
        "A link is stored with its attributes, read with its target and followed by GET", arguments: ["k", "a b/ü+%?#"])
    func links(_ target: String) async throws {
        try service.store(target, count: 7)
        var options = SymlinkOptions()
        options.metadata = ["color": "blue"]
        options.storageClass = .infrequentAccess
        let stored = try await bucket.putSymlink("link", to: ObjectKey(target), options: options)
        let link = try await bucket.getSymlink("link")
        #expect(link.target.rawValue == target && link.metadata.metadata == ["color": "blue"])
        #expect(link.metadata.eTag == stored.eTag && link.metadata.lastModified != nil)
        #expect(try await bucket.getObject("link").body.collect() == service.stored(target))
        #expect(service.server.requests.first { $0.operation == "PutSymlink" }?.headers["Content-Type"] == nil)
        options.forbidsOverwrite = true
        let forbidden = options
        #expect(
            await failure { try await bucket.putSymlink("link", to: "k", options: forbidden) }?.code == .alreadyExists)
    }

    @Test("A link to an invalid key is refused, and an object that is no link has no target")
    func invalidLinks() async throws {
        #expect(await failure { try await bucket.putSymlink("link", to: "") }?.code == .invalidArgument)
        #expect(service.server.requests.isEmpty)
        let error = await failure { try await bucket.getSymlink("k") }
        #expect(error?.serviceError?.code == "NotSymlink")
        let transport = ScriptedTransport { _ in .ok() }
        let scripted = try Bucket.scripted(transport)
        #expect(await failure { try await scripted.getSymlink("k") }?.code == .invalidResponse)
    }
}
