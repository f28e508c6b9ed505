import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock versioning")
struct VersioningTests {
    private static let unknownID = "CAEQMxiBgICAof2D0BYiIDJhMGE3N2M1YTI1NDQzOGY5NTkyNTI3MGYyMzJmMDAw"

    @Test(
        "The versioning status is absent until it is set, then Enabled or Suspended, and part of the bucket information"
    )
    func state() throws {
        let server = try MockOSSServer.versioned(nil)
        #expect(try server.request("GET", "/photos?versioning").element("Status") == nil)
        #expect(try server.request("GET", "/photos?versioning").text.contains("VersioningConfiguration"))
        #expect(try server.request("GET", "/photos?bucketInfo").element("Versioning") == nil)
        for status in ["Enabled", "Suspended", "Enabled"] {
            try server.setVersioning(status)
            #expect(try server.request("GET", "/photos?versioning").element("Status") == status)
            #expect(try server.request("GET", "/photos?bucketInfo").element("Versioning") == status)
        }
    }

    @Test(
        "An unknown versioning status is malformed",
        arguments: ["<VersioningConfiguration/>", "<Other><Status>Enabled</Status></Other>", "x", ""])
    func badState(body: String) throws {
        let server = try MockOSSServer.versioned(nil)
        let response = try server.request("PUT", "/photos?versioning", body: body)
        #expect(response.status == 400)
        #expect(response.element("Code") == "MalformedXML")
        #expect(try server.request("GET", "/photos?versioning").element("Status") == nil)
    }

    @Test("Before versioning, responses have no version ID, and the only version is null")
    func neverSet() throws {
        let server = try MockOSSServer.versioned(nil)
        #expect(try server.write("k", "1") == nil)
        #expect(try server.write("k", "2") == nil)
        #expect(try server.request("GET", "/photos/k").headers["x-oss-version-id"] == nil)
        #expect(try server.request("GET", "/photos/k?versionId=null").text == "2")
        #expect(try server.versions() == ["k null latest"])
        let deleted = try server.request("DELETE", "/photos/k?versionId=null")
        #expect(deleted.status == 204)
        #expect(deleted.headers["x-oss-version-id"] == nil)
        #expect(deleted.headers["x-oss-delete-marker"] == nil)
        #expect(try server.versions().isEmpty)
    }

    @Test("With versioning enabled, a write gets a new ID and keeps older versions")
    func enabled() throws {
        let server = try MockOSSServer.versioned(nil)
        try server.write("k", "0")
        try server.setVersioning("Enabled")
        #expect(try server.request("HEAD", "/photos/k").headers["x-oss-version-id"] == "null")
        let first = try #require(try server.write("k", "1"))
        let second = try #require(try server.write("k", "2"))
        #expect(try server.versions() == ["k \(second) latest", "k \(first)", "k null"])
        for (id, text) in [(first, "1"), (second, "2"), ("null", "0")] {
            let response = try server.request("GET", "/photos/k?versionId=\(id)")
            #expect(response.text == text)
            #expect(response.headers["x-oss-version-id"] == id)
            #expect(
                try server.request("HEAD", "/photos/k?objectMeta&versionId=\(id)").headers["x-oss-version-id"] == id)
        }
        #expect(try server.request("GET", "/photos/k").text == "2")
        #expect(try server.request("GET", "/photos").elements("Key") == ["k"])
        #expect(server.keys(in: "photos") == ["k"])
        #expect(server.statistics.objects == 1)
    }

    @Test("With versioning suspended, a write replaces the null version and keeps the others")
    func suspended() throws {
        let server = try MockOSSServer.versioned(nil)
        try server.write("k", "0")
        try server.setVersioning("Enabled")
        let first = try #require(try server.write("k", "1"))
        try server.setVersioning("Suspended")
        #expect(try server.write("k", "2") == "null")
        #expect(try server.versions() == ["k null latest", "k \(first)"])
        #expect(try server.write("k", "3") == "null")
        #expect(try server.versions() == ["k null latest", "k \(first)"])
        #expect(try server.request("GET", "/photos/k").text == "3")
        #expect(try server.request("GET", "/photos/k?versionId=\(first)").text == "1")
    }

    @Test("With versioning enabled, each deletion adds a delete marker, even for a missing key")
    func deleteEnabled() throws {
        let server = try MockOSSServer.versioned("Enabled")
        let id = try #require(try server.write("k", "1"))
        var markers: [String] = []
        for _ in 0..<2 {
            let response = try server.request("DELETE", "/photos/k")
            #expect(response.status == 204)
            #expect(response.headers["x-oss-delete-marker"] == "true")
            markers.append(try #require(response.headers["x-oss-version-id"]))
        }
        #expect(try server.request("DELETE", "/photos/none").headers["x-oss-delete-marker"] == "true")
        let versions = try server.versions("prefix=k")
        #expect(versions == ["k \(markers[1]) marker latest", "k \(markers[0]) marker", "k \(id)"])
        #expect(try server.versions("prefix=none").count == 1)
        #expect(server.keys(in: "photos").isEmpty)
        #expect(try server.request("GET", "/photos").elements("Key").isEmpty)
        #expect(try server.request("GET", "/photos?list-type=2").element("KeyCount") == "0")
        #expect(server.statistics.objects == 0)
    }

    @Test("With versioning suspended, a deletion replaces the null version by a delete marker")
    func deleteSuspended() throws {
        let server = try MockOSSServer.versioned("Enabled")
        let id = try #require(try server.write("k", "1"))
        try server.setVersioning("Suspended")
        try server.write("k", "2")
        for _ in 0..<2 {
            let response = try server.request("DELETE", "/photos/k")
            #expect(response.headers["x-oss-delete-marker"] == "true")
            #expect(response.headers["x-oss-version-id"] == "null")
            #expect(try server.versions() == ["k null marker latest", "k \(id)"])
        }
        #expect(try server.write("k", "3") == "null")
        #expect(try server.versions() == ["k null latest", "k \(id)"])
    }

    @Test("Deleting a version is permanent, and the newest remaining version becomes current")
    func deleteVersion() throws {
        let server = try MockOSSServer.versioned("Enabled")
        let first = try #require(try server.write("k", "1"))
        let second = try #require(try server.write("k", "2"))
        let third = try #require(try server.write("k", "3"))
        let marker = try #require(try server.request("DELETE", "/photos/k").headers["x-oss-version-id"])

        let unmarked = try server.request("DELETE", "/photos/k?versionId=\(marker)")
        #expect(unmarked.status == 204)
        #expect(unmarked.headers["x-oss-delete-marker"] == "true")
        #expect(unmarked.headers["x-oss-version-id"] == marker)
        #expect(try server.request("GET", "/photos/k").text == "3")

        let removed = try server.request("DELETE", "/photos/k?versionId=\(second)")
        #expect(removed.headers["x-oss-delete-marker"] == nil)
        #expect(removed.headers["x-oss-version-id"] == second)
        #expect(try server.versions() == ["k \(third) latest", "k \(first)"])
        #expect(try server.request("DELETE", "/photos/k?versionId=\(third)").status == 204)
        #expect(try server.request("GET", "/photos/k").text == "1")
        #expect(try server.request("DELETE", "/photos/k?versionId=\(first)").status == 204)
        #expect(try server.request("DELETE", "/photos/k?versionId=\(first)").status == 204)
        #expect(try server.versions().isEmpty)
    }

    @Test("An object behind a delete marker is missing, and the response names the marker")
    func currentMarker() throws {
        let server = try MockOSSServer.versioned("Enabled")
        try server.write("k", "1")
        let marker = try server.request("DELETE", "/photos/k").headers["x-oss-version-id"]
        for (method, target) in [
            ("GET", "/photos/k"), ("HEAD", "/photos/k"), ("HEAD", "/photos/k?objectMeta"), ("GET", "/photos/k?acl"),
            ("GET", "/photos/k?tagging"), ("GET", "/photos/k?symlink"), ("POST", "/photos/k?restore"),
            ("DELETE", "/photos/k?tagging"),
        ] {
            let response = try server.request(method, target)
            #expect(response.status == 404, "\(method) \(target)")
            #expect(response.headers["x-oss-delete-marker"] == "true", "\(method) \(target)")
            #expect(response.headers["x-oss-version-id"] == marker, "\(method) \(target)")
            if method != "HEAD" { #expect(response.element("Code") == "NoSuchKey") }
        }
    }

    @Test("A delete marker requested by ID supports only DELETE")
    func namedMarker() throws {
        let server = try MockOSSServer.versioned("Enabled")
        try server.write("k", "1")
        let marker = try #require(try server.request("DELETE", "/photos/k").headers["x-oss-version-id"])
        for (method, target) in [
            ("GET", "/photos/k?"), ("HEAD", "/photos/k?"), ("HEAD", "/photos/k?objectMeta&"), ("GET", "/photos/k?acl&"),
            ("GET", "/photos/k?tagging&"), ("DELETE", "/photos/k?tagging&"),
        ] {
            let response = try server.request(method, target + "versionId=\(marker)")
            #expect(response.status == 405, "\(method) \(target)")
            #expect(response.headers["x-oss-delete-marker"] == "true")
            #expect(response.headers["allow"] == "DELETE")
            guard method != "HEAD" else { continue }
            #expect(response.element("Code") == "MethodNotAllowed")
            #expect(response.element("Method") == method)
            #expect(response.element("ResourceType") == "DeleteMarker")
        }
    }

    @Test("Unknown, empty and malformed version IDs return different errors")
    func badIDs() throws {
        let server = try MockOSSServer.versioned("Enabled")
        try server.write("k", "1")
        let cases = [
            ("versionId=\(Self.unknownID)", 404, "NoSuchVersion", "The specified version does not exist."),
            ("versionId=null", 404, "NoSuchVersion", "The specified version does not exist."),
            ("versionId=", 400, "InvalidArgument", "Version id can not be the empty string."),
            ("versionId", 400, "InvalidArgument", "Version id can not be the empty string."),
            ("versionId=IllegalVersion", 400, "InvalidArgument", "Invalid version id specified."),
        ]
        for (query, status, code, message) in cases {
            for (method, resource) in [
                ("GET", ""), ("GET", "acl&"), ("GET", "tagging&"), ("GET", "symlink&"), ("POST", "restore&"),
                ("PUT", "acl&"),
            ] {
                let response = try server.request(
                    method, "/photos/k?\(resource)\(query)", headers: ["x-oss-object-acl": "private"])
                #expect(response.status == status, "\(method) \(resource)\(query)")
                #expect(response.element("Code") == code, "\(method) \(resource)\(query)")
                #expect(response.element("Message") == message, "\(method) \(resource)\(query)")
            }
        }
        #expect(try server.request("DELETE", "/photos/k?versionId=").status == 400)
        #expect(try server.request("DELETE", "/photos/k?versionId=IllegalVersion").status == 400)
        let response = try server.request("DELETE", "/photos/k?versionId=\(Self.unknownID)")
        #expect(response.status == 204)
        #expect(response.headers["x-oss-version-id"] == Self.unknownID)
        #expect(try server.versions().count == 1)
    }

    @Test("A batch adds delete markers or removes the versions that it names")
    func batch() throws {
        let server = try MockOSSServer.versioned("Enabled")
        let first = try #require(try server.write("a", "1"))
        try server.write("b", "1")
        func delete(_ objects: String) throws -> RawResponse {
            let body = "<Delete>\(objects)</Delete>"
            let digest = try #require(
                try server.request("PUT", "/photos/digest", body: body).headers["content-md5"])
            return try server.request("POST", "/photos?delete", headers: ["Content-MD5": digest], body: body)
        }
        let marked = try delete("<Object><Key>b</Key></Object><Object><Key>a</Key><VersionId></VersionId></Object>")
        #expect(marked.elements("Key") == ["b", "a"])
        #expect(marked.elements("DeleteMarker") == ["true", "true"])
        #expect(marked.elements("VersionId").isEmpty)
        let markers = marked.elements("DeleteMarkerVersionId")
        #expect(markers.count == 2)

        let removed = try delete(
            "<Object><Key>a</Key><VersionId>\(markers[1])</VersionId></Object>"
                + "<Object><Key>a</Key><VersionId>\(first)</VersionId></Object>")
        #expect(removed.elements("VersionId") == [markers[1], first])
        #expect(removed.elements("DeleteMarker") == ["true"])
        #expect(removed.elements("DeleteMarkerVersionId") == [markers[1]])
        #expect(try server.versions("prefix=a").isEmpty)

        let refused = try delete(
            "<Object><Key>b</Key></Object><Object><Key>b</Key><VersionId>IllegalVersion</VersionId></Object>")
        #expect(refused.status == 400)
        #expect(refused.element("Code") == "InvalidArgument")
        #expect(try server.versions("prefix=b").count == 2)
    }

    @Test("A bucket with only a delete marker or an old version is not empty")
    func bucketNotEmpty() throws {
        let server = try MockOSSServer.versioned("Enabled")
        let id = try #require(try server.write("k", "1"))
        let marker = try #require(try server.request("DELETE", "/photos/k").headers["x-oss-version-id"])
        #expect(try server.request("DELETE", "/photos").element("Code") == "BucketNotEmpty")
        #expect(try server.request("DELETE", "/photos/k?versionId=\(id)").status == 204)
        #expect(try server.request("DELETE", "/photos").element("Code") == "BucketNotEmpty")
        #expect(try server.request("DELETE", "/photos/k?versionId=\(marker)").status == 204)
        #expect(try server.request("DELETE", "/photos").status == 204)
    }

    @Test("Direct access reads the current object and deletes with a marker")
    func directAccess() throws {
        let server = try MockOSSServer.versioned("Enabled")
        try server.put("k", Data("1".utf8), in: "photos")
        #expect(server.data(of: "k", in: "photos") == Data("1".utf8))
        server.delete("k", in: "photos")
        #expect(server.data(of: "k", in: "photos") == nil)
        #expect(try server.versions().count == 2)
    }
}
