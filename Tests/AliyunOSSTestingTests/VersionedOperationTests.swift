import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock operations on versions")
struct VersionedOperationTests {
    private static let unknownID = "CAEQMxiBgICAof2D0BYiIDJhMGE3N2M1YTI1NDQzOGY5NTkyNTI3MGYyMzJmMDAw"

    @Test("CopyObject returns the version that it read and the version that it wrote")
    func copy() throws {
        let server = try MockOSSServer.versioned("Enabled")
        let first = try #require(try server.write("k", "1"))
        let second = try #require(try server.write("k", "2"))
        func copy(_ source: String) throws -> RawResponse {
            try server.request("PUT", "/photos/c", headers: ["x-oss-copy-source": "/photos/\(source)"], body: "")
        }
        let old = try copy("k?versionId=\(first)")
        #expect(old.headers["x-oss-copy-source-version-id"] == first)
        let written = try #require(old.headers["x-oss-version-id"])
        #expect(try server.request("GET", "/photos/c?versionId=\(written)").text == "1")
        #expect(try copy("k").headers["x-oss-copy-source-version-id"] == second)
        #expect(try server.request("GET", "/photos/c").text == "2")

        #expect(try copy("k?versionId=\(Self.unknownID)").element("Code") == "NoSuchVersion")
        #expect(try copy("k?versionId=").element("Code") == "InvalidArgument")
        let marker = try #require(try server.request("DELETE", "/photos/k").headers["x-oss-version-id"])
        #expect(try copy("k").status == 404)
        #expect(try copy("k?versionId=\(marker)").status == 404)
        #expect(try copy("k?versionId=\(first)").status == 200)
    }

    @Test("A copy between buckets returns the source's version only if its bucket has versions")
    func copyAcross() throws {
        let server = try MockOSSServer.versioned("Enabled")
        try server.createBucket("plain")
        try server.put("k", Data("x".utf8), in: "plain")
        let into = try server.request("PUT", "/photos/k", headers: ["x-oss-copy-source": "/plain/k"], body: "")
        #expect(into.headers["x-oss-copy-source-version-id"] == nil)
        #expect(into.headers["x-oss-version-id"] != nil)
        let out = try server.request("PUT", "/plain/c", headers: ["x-oss-copy-source": "/photos/k"], body: "")
        #expect(out.headers["x-oss-copy-source-version-id"] == into.headers["x-oss-version-id"])
        #expect(out.headers["x-oss-version-id"] == nil)
    }

    @Test("x-oss-forbid-overwrite is ignored in a bucket with versioning", arguments: ["Enabled", "Suspended"])
    func forbidOverwrite(status: String) throws {
        let server = try MockOSSServer.versioned(nil)
        try server.write("k", "1")
        let headers: KeyValuePairs = ["x-oss-forbid-overwrite": "true"]
        #expect(try server.request("PUT", "/photos/k", headers: headers, body: "2").status == 409)
        try server.setVersioning(status)
        #expect(try server.request("PUT", "/photos/k", headers: headers, body: "2").status == 200)
    }

    @Test("Each version has its own ACL and tags")
    func perVersion() throws {
        let server = try MockOSSServer.versioned("Enabled")
        let first = try #require(try server.write("k", "1"))
        let second = try #require(try server.write("k", "2"))
        let acl = try server.request(
            "PUT", "/photos/k?acl&versionId=\(first)", headers: ["x-oss-object-acl": "public-read"])
        #expect(acl.headers["x-oss-version-id"] == first)
        let tagging = try server.request(
            "PUT", "/photos/k?tagging&versionId=\(first)",
            body: "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>")
        #expect(tagging.headers["x-oss-version-id"] == first)
        #expect(try server.request("GET", "/photos/k?acl&versionId=\(first)").element("Grant") == "public-read")
        #expect(try server.request("GET", "/photos/k?acl").element("Grant") == "default")
        #expect(try server.request("GET", "/photos/k?tagging&versionId=\(first)").elements("Tag").count == 1)
        let current = try server.request("GET", "/photos/k?tagging")
        #expect(current.elements("Tag").isEmpty)
        #expect(current.headers["x-oss-version-id"] == second)
        #expect(try server.versions() == ["k \(second) latest", "k \(first)"])
    }

    @Test("Appends keep the version ID null and create no versions")
    func append() throws {
        let server = try MockOSSServer.versioned("Enabled")
        for position in 0..<2 {
            let response = try server.request("POST", "/photos/a?append&position=\(position)", body: "x")
            #expect(response.status == 200)
            #expect(response.headers["x-oss-version-id"] == "null")
        }
        #expect(try server.versions() == ["a null latest"])
        try server.write("k", "1")
        #expect(try server.request("POST", "/photos/k?append&position=1", body: "x").status == 409)
        #expect(try server.request("DELETE", "/photos/a").status == 204)
        let refused = try server.request("POST", "/photos/a?append&position=0", body: "x")
        #expect(refused.element("Code") == "ObjectNotAppendable")
        #expect(try server.versions("prefix=a").count == 2)
    }

    @Test("Conditions are evaluated on the selected version")
    func conditions() throws {
        let server = try MockOSSServer.versioned("Enabled")
        let first = try #require(try server.write("k", "1"))
        let tag = try #require(try server.request("HEAD", "/photos/k").headers["etag"])
        try server.write("k", "2")
        #expect(try server.request("GET", "/photos/k", headers: ["If-Match": tag]).status == 412)
        #expect(try server.request("GET", "/photos/k?versionId=\(first)", headers: ["If-Match": tag]).status == 200)
        #expect(
            try server.request("GET", "/photos/k?versionId=\(first)", headers: ["If-None-Match": tag]).status == 304)
    }
}
