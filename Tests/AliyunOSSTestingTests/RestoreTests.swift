import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock archived objects")
struct RestoreTests {
    let server: MockOSSServer

    init() throws {
        server = try .versioned(nil, clock: { Date(timeIntervalSince1970: 1_700_000_000) })
    }

    private func archive(_ key: String, _ storageClass: String) throws {
        try server.write(key, "hello", headers: ["x-oss-storage-class": storageClass])
    }

    private func restore(_ key: String, days: Int? = nil, tier: String? = nil) throws -> RawResponse {
        guard days != nil || tier != nil else { return try server.request("POST", "/photos/\(key)?restore") }
        let job = tier.map { "<JobParameters><Tier>\($0)</Tier></JobParameters>" } ?? ""
        return try server.request(
            "POST", "/photos/\(key)?restore",
            body: "<RestoreRequest>\(days.map { "<Days>\($0)</Days>" } ?? "")\(job)</RestoreRequest>")
    }

    private func advance(_ duration: Duration) {
        server.clockOffset += duration
    }

    private func state(_ key: String) throws -> String? {
        try server.request("HEAD", "/photos/\(key)").headers["x-oss-restore"]
    }

    @Test(
        "An archived object cannot be read or copied, and HEAD returns its storage class",
        arguments: ["Archive", "ColdArchive", "DeepColdArchive"])
    func unreadable(storageClass: String) throws {
        try archive("k", storageClass)
        let get = try server.request("GET", "/photos/k")
        #expect(get.status == 403)
        #expect(get.element("Code") == "InvalidObjectState")
        #expect(get.element("EC") == "0016-00000404" && get.headers["x-oss-ec"] == "0016-00000404")
        let copy = try server.request("PUT", "/photos/c", headers: ["x-oss-copy-source": "/photos/k"], body: "")
        #expect(copy.status == 403 && copy.element("Code") == "InvalidObjectState")
        #expect(copy.element("EC") == "0016-00000330")
        let head = try server.request("HEAD", "/photos/k")
        #expect(head.status == 200)
        #expect(head.headers["x-oss-storage-class"] == storageClass)
        #expect(head.headers["x-oss-restore"] == nil)
    }

    @Test("An Archive object is restored after one minute, readable for one day and then archived again")
    func archiveLife() throws {
        try archive("k", "Archive")
        let first = try restore("k")
        #expect(first.status == 202)
        #expect(first.headers["x-oss-object-restore-priority"] == nil)
        #expect(try state("k") == "ongoing-request=\"true\"")
        #expect(try server.request("GET", "/photos").element("RestoreInfo")?.contains("true") == true)
        #expect(try server.request("GET", "/photos/k").status == 403)
        let second = try restore("k")
        #expect(second.status == 409)
        #expect(second.element("Code") == "RestoreAlreadyInProgress")
        #expect(second.element("Message") == "The restore operation is in progress.")

        advance(.seconds(59))
        #expect(try server.request("GET", "/photos/k").status == 403)
        advance(.seconds(1))
        #expect(
            try state("k") == "ongoing-request=\"false\", expiry-date=\"Wed, 15 Nov 2023 22:14:20 GMT\"")
        #expect(try server.request("GET", "/photos/k").text == "hello")
        #expect(
            try server.request("PUT", "/photos/c", headers: ["x-oss-copy-source": "/photos/k"], body: "").status == 200)
        #expect(try server.request("HEAD", "/photos/c").headers["x-oss-restore"] == nil)

        advance(.seconds(86_400))
        #expect(try state("k") == nil)
        #expect(try server.request("GET", "/photos/k").status == 403)
        #expect(try restore("k").status == 202)
    }

    @Test(
        "Restores of cold archive classes take the time of their tier",
        arguments: [
            ("ColdArchive", "Expedited", 1), ("ColdArchive", "Standard", 5), ("ColdArchive", "Bulk", 12),
            ("DeepColdArchive", "Expedited", 12), ("DeepColdArchive", "Standard", 48),
        ])
    func tiers(storageClass: String, tier: String, hours: Int) throws {
        try archive("k", storageClass)
        let response = try restore("k", days: 30, tier: tier)
        #expect(response.status == 202)
        #expect(response.headers["x-oss-object-restore-priority"] == tier)
        advance(.seconds(hours * 3600 - 1))
        #expect(try server.request("GET", "/photos/k").status == 403)
        advance(.seconds(1))
        #expect(try server.request("GET", "/photos/k").status == 200)
        advance(.seconds(30 * 86_400))
        #expect(try server.request("GET", "/photos/k").status == 403)
    }

    @Test("The default restore tier is Standard")
    func defaultTier() throws {
        try archive("k", "ColdArchive")
        #expect(try restore("k").headers["x-oss-object-restore-priority"] == "Standard")
        try archive("d", "ColdArchive")
        #expect(try restore("d", days: 3).headers["x-oss-object-restore-priority"] == "Standard")
    }

    @Test("A restore can be accelerated but not slowed down")
    func priorities() throws {
        try archive("k", "ColdArchive")
        #expect(try restore("k", days: 1, tier: "Bulk").status == 202)
        #expect(try restore("k", days: 1, tier: "Bulk").element("Code") == "RestoreAlreadyInProgress")
        #expect(try restore("k", days: 1, tier: "Expedited").status == 202)
        let slower = try restore("k", days: 1, tier: "Standard")
        #expect(slower.status == 409)
        #expect(slower.element("EC") == "0016-00000715")
        advance(.seconds(3600))
        #expect(try server.request("GET", "/photos/k").text == "hello")
    }

    @Test("Restoring a restored object can extend its lifetime but not shorten it")
    func prolong() throws {
        try archive("k", "Archive")
        #expect(try restore("k", days: 2).status == 202)
        advance(.seconds(60))
        #expect(try restore("k", days: 1).status == 200)
        #expect(try state("k")?.contains("Thu, 16 Nov 2023 22:14:20 GMT") == true)
        #expect(try restore("k", days: 7).status == 200)
        #expect(try state("k")?.contains("Tue, 21 Nov 2023 22:14:20 GMT") == true)
    }

    @Test("An object that is not archived cannot be restored", arguments: ["Standard", "IA"])
    func notArchived(storageClass: String) throws {
        try archive("k", storageClass)
        let response = try restore("k")
        #expect(response.status == 400)
        #expect(response.element("Code") == "OperationNotSupported")
        #expect(response.element("EC") == "0016-00000702")
        #expect(response.element("Detail") != nil)
        #expect(try restore("none").element("Code") == "NoSuchKey")
    }

    @Test("A restore request with invalid values is rejected")
    func badRequests() throws {
        try archive("a", "Archive")
        try archive("c", "ColdArchive")
        try archive("d", "DeepColdArchive")
        for (key, days, tier, code) in [
            ("a", 8, nil, "InvalidArgument"), ("a", 0, nil, "InvalidArgument"), ("a", 5, "Bulk", "MalformedXML"),
            ("c", 366, nil, "InvalidArgument"), ("c", 1, "wrong-tier", "InvalidArgument"),
            ("d", 1, "Bulk", "InvalidArgument"),
        ] as [(String, Int, String?, String)] {
            let response = try restore(key, days: days, tier: tier)
            #expect(response.status == 400)
            #expect(response.element("Code") == code, "\(key) \(days) \(tier ?? "")")
        }
        #expect(try restore("c", days: 1, tier: "x").element("EC") == "0016-00000703")
        #expect(try server.request("POST", "/photos/c?restore", body: "x").element("Code") == "MalformedXML")
        #expect(try state("c") == nil)
    }

    @Test("A restored copy can be cleaned once")
    func clean() throws {
        try archive("k", "ColdArchive")
        func clean() throws -> RawResponse { try server.request("POST", "/photos/k?cleanRestoredObject") }
        let early = try clean()
        #expect(early.status == 409)
        #expect(early.element("Code") == "ArchiveRestoreFileStale")
        #expect(early.element("EC") == "0016-00000718")
        #expect(try restore("k", days: 1, tier: "Expedited").status == 202)
        let ongoing = try clean()
        #expect(ongoing.status == 409)
        #expect(ongoing.element("Code") == "ArchiveRestoreNotFinished")
        #expect(ongoing.element("EC") == "0016-00000719")
        advance(.seconds(3600))
        #expect(try clean().status == 200)
        #expect(try server.request("GET", "/photos/k").status == 403)
        #expect(try clean().element("Code") == "ArchiveRestoreFileStale")
    }

    @Test("An object without a storage class, including a copy, has the storage class of its bucket")
    func bucketDefault() throws {
        let body =
            "<CreateBucketConfiguration><StorageClass>Archive</StorageClass></CreateBucketConfiguration>"
        #expect(try server.request("PUT", "/cold", body: body).status == 200)
        try server.put("k", Data("x".utf8), in: "cold")
        #expect(try server.request("HEAD", "/cold/k").headers["x-oss-storage-class"] == "Archive")
        #expect(try server.request("POST", "/cold/k?restore").status == 202)
        try server.write("warm", "x", headers: ["x-oss-storage-class": "IA"])
        let source: (String, String) = ("x-oss-copy-source", "/photos/warm")
        #expect(try server.request("PUT", "/cold/c", headers: [source.0: source.1], body: "").status == 200)
        #expect(try server.request("HEAD", "/cold/c").headers["x-oss-storage-class"] == "Archive")
        #expect(
            try server.request(
                "PUT", "/cold/c", headers: [source.0: source.1, "x-oss-storage-class": "Standard"], body: ""
            ).status == 200)
        #expect(try server.request("GET", "/cold/c").text == "x")
    }

    @Test("Each version is restored separately")
    func versions() throws {
        try server.setVersioning("Enabled")
        try archive("k", "Archive")
        let first = try #require(try server.request("HEAD", "/photos/k").headers["x-oss-version-id"])
        try archive("k", "Archive")
        let response = try server.request("POST", "/photos/k?restore&versionId=\(first)")
        #expect(response.status == 202)
        #expect(response.headers["x-oss-version-id"] == first)
        #expect(try state("k") == nil)
        advance(.seconds(60))
        #expect(try server.request("GET", "/photos/k?versionId=\(first)").text == "hello")
        #expect(try server.request("GET", "/photos/k").status == 403)
        #expect(try server.request("GET", "/photos?versions").elements("RestoreInfo").count == 1)
    }
}
