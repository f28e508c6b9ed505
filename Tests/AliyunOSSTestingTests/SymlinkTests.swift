import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock symlinks")
struct SymlinkTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"], blocksPublicAccess: false))
    }

    private func link(
        _ key: String, to target: String, _ headers: KeyValuePairs<String, String> = [:]
    ) throws -> RawResponse {
        var text = "PUT /photos/\(key)?symlink HTTP/1.1\r\nHost: 127.0.0.1\r\nx-oss-symlink-target: \(target)\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        let client = try RawClient(server)
        client.send(text + "\r\n")
        return try #require(client.response())
    }

    @Test("GetSymlink returns the target as received and the metadata of the link")
    func get() throws {
        let put = try link("l", to: "a%20b", ["x-oss-meta-k": "v"])
        #expect(put.status == 200)
        #expect(put.headers["x-oss-version-id"] == nil)
        let response = try server.request("GET", "/photos/l?symlink")
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
        #expect(response.headers["x-oss-symlink-target"] == "a%20b")
        #expect(response.headers["etag"] == put.headers["etag"])
        #expect(response.headers["x-oss-meta-k"] == "v")
        #expect(response.headers["last-modified"]?.hasSuffix("GMT") == true)
    }

    @Test("Reading a link returns the target's content with the link's type and metadata")
    func follow() throws {
        try server.write("a%20b", "hello", headers: ["Content-Type": "text/x", "x-oss-meta-t": "target"])
        #expect(try link("l", to: "a%20b", ["x-oss-meta-l": "link"]).status == 200)
        let get = try server.request("GET", "/photos/l")
        #expect(get.text == "hello")
        let head = try server.request("HEAD", "/photos/l")
        for response in [get, head] {
            #expect(response.status == 200)
            #expect(response.headers["content-length"] == "5")
            #expect(response.headers["x-oss-object-type"] == "Symlink")
            #expect(response.headers["etag"] == "\"5D41402ABC4B2A76B9719D911017C592\"")
            #expect(response.headers["content-type"] == "text/x")
            #expect(response.headers["x-oss-meta-l"] == "link")
            #expect(response.headers["x-oss-meta-t"] == nil)
        }
        #expect(try server.request("GET", "/photos/l", headers: ["Range": "bytes=1-2"]).text == "el")
        let condition: KeyValuePairs = ["If-None-Match": "\"5D41402ABC4B2A76B9719D911017C592\""]
        #expect(try server.request("GET", "/photos/l", headers: condition).status == 304)
    }

    @Test("GetObjectMeta describes the link itself")
    func meta() throws {
        try server.write("t", "hello")
        let put = try link("l", to: "t")
        let meta = try server.request("HEAD", "/photos/l?objectMeta")
        #expect(meta.headers["content-length"] == "0")
        #expect(meta.headers["etag"] == put.headers["etag"])
    }

    @Test("Listings show the type of a link")
    func listing() throws {
        #expect(try link("l", to: "t").status == 200)
        #expect(try server.request("GET", "/photos").element("Type") == "Symlink")
    }

    @Test("A target need not exist before the link is followed, and cannot be a link")
    func targets() throws {
        #expect(try link("l", to: "none").status == 200)
        let missing = try server.request("GET", "/photos/l")
        #expect(missing.status == 404)
        #expect(missing.element("Code") == "SymlinkTargetNotExist")
        #expect(try server.request("HEAD", "/photos/l").status == 404)
        #expect(try link("l2", to: "l").status == 200)
        let chained = try server.request("GET", "/photos/l2")
        #expect(chained.status == 400)
        #expect(chained.element("Code") == "InvalidTargetType")
        #expect(chained.element("EC") == "0026-00000011")
        try server.write("none", "x")
        #expect(try server.request("GET", "/photos/l").text == "x")
    }

    @Test("Invalid requests about links return the service's errors")
    func refusals() throws {
        try server.write("k", "x")
        #expect(try server.request("GET", "/photos/k?symlink").element("Code") == "NotSymlink")
        #expect(try server.request("GET", "/photos/none?symlink").element("Code") == "NoSuchKey")
        #expect(try server.request("PUT", "/photos/l?symlink").element("Code") == "InvalidArgument")
        #expect(try link("l", to: "%zz").element("Code") == "InvalidArgument")
        #expect(try link("k", to: "t", ["x-oss-forbid-overwrite": "true"]).element("Code") == "FileAlreadyExists")
        #expect(try link("l", to: "t", ["x-oss-object-acl": "x"]).element("Code") == "InvalidArgument")
        #expect(server.keys(in: "photos") == ["k"])
    }

    @Test("A link has its own ACL, tags and storage class")
    func attributes() throws {
        try server.write("t", "x")
        let headers: KeyValuePairs = [
            "x-oss-object-acl": "public-read", "x-oss-tagging": "a=1", "x-oss-storage-class": "IA",
        ]
        #expect(try link("l", to: "t", headers).status == 200)
        #expect(try server.request("GET", "/photos/l?acl").element("Grant") == "public-read")
        #expect(try server.request("GET", "/photos/l?tagging").elements("Key") == ["a"])
        #expect(try server.request("GET", "/photos?prefix=l").element("StorageClass") == "IA")
        #expect(try server.request("HEAD", "/photos/l").headers["x-oss-tagging-count"] == "1")
        #expect(try server.request("GET", "/photos/t?acl").element("Grant") == "default")
    }

    @Test("Copying a link creates a link")
    func copy() throws {
        try server.write("t", "x")
        #expect(try link("l", to: "t").status == 200)
        #expect(
            try server.request("PUT", "/photos/c", headers: ["x-oss-copy-source": "/photos/l"], body: "").status == 200)
        #expect(try server.request("GET", "/photos/c?symlink").headers["x-oss-symlink-target"] == "t")
        #expect(try server.request("GET", "/photos/c").text == "x")
    }

    @Test("Links have versions and refer to the current version of their target")
    func versions() throws {
        try server.setVersioning("Enabled")
        try server.write("t", "1")
        let first = try #require(try link("l", to: "t").headers["x-oss-version-id"])
        let second = try #require(try link("l", to: "other").headers["x-oss-version-id"])
        #expect(
            try server.request("GET", "/photos/l?symlink&versionId=\(first)").headers["x-oss-symlink-target"] == "t")
        #expect(try server.request("GET", "/photos/l?symlink").headers["x-oss-version-id"] == second)
        try server.write("t", "2")
        let response = try server.request("GET", "/photos/l?versionId=\(first)")
        #expect(response.text == "2")
        #expect(response.headers["x-oss-version-id"] == first)
        #expect(try server.request("DELETE", "/photos/t").status == 204)
        #expect(
            try server.request("GET", "/photos/l?versionId=\(first)").element("Code") == "SymlinkTargetNotExist")
        #expect(try server.request("DELETE", "/photos/l").headers["x-oss-delete-marker"] == "true")
        #expect(try server.request("GET", "/photos/l?symlink").headers["x-oss-delete-marker"] == "true")
    }
}
