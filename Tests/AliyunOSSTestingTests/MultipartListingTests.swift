import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock upload listings")
struct MultipartListingTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    @Test("Incomplete uploads are listed by key and ID, in pages and groups")
    func uploads() throws {
        let keys = ["a/1", "a/2", "b", "b", "c"]
        for key in keys { #expect(try server.request("POST", "/photos/\(key)?uploads").status == 200) }
        let all = try server.request("GET", "/photos?uploads")
        #expect(all.elements("Key") == keys)
        #expect(all.element("IsTruncated") == "false")
        // The response names the last item even if nothing follows.
        #expect(all.element("NextKeyMarker") == "c")
        #expect(all.element("NextUploadIdMarker") == all.elements("UploadId").last)
        var seen: [String] = []
        var query = ""
        while true {
            let page = try server.request("GET", "/photos?uploads&max-uploads=2\(query)")
            seen += page.elements("UploadId")
            guard page.element("IsTruncated") == "true" else { break }
            query =
                "&key-marker=\(page.element("NextKeyMarker") ?? "")"
                + "&upload-id-marker=\(page.element("NextUploadIdMarker") ?? "")"
        }
        #expect(seen == all.elements("UploadId"))
        let grouped = try server.request("GET", "/photos?uploads&delimiter=/")
        #expect(grouped.elements("CommonPrefixes") == ["<Prefix>a/</Prefix>"])
        #expect(grouped.elements("Key") == ["b", "b", "c"])
    }

    @Test("Parts are listed by number in pages")
    func partPages() throws {
        let id = try server.initiateUpload()
        for number in [10, 2, 9, 1, 3] { _ = try server.uploadPart(number, "\(number)", id) }
        var seen: [String] = []
        var marker = "0"
        while true {
            let page = try server.request(
                "GET", "/photos/big?uploadId=\(id)&max-parts=2&part-number-marker=\(marker)&encoding-type=url")
            #expect(page.element("PartNumberMarker") == marker)
            seen += page.elements("PartNumber")
            marker = try #require(page.element("NextPartNumberMarker"))
            guard page.element("IsTruncated") == "true" else { break }
        }
        #expect(seen == ["1", "2", "3", "9", "10"])
        for query in ["max-parts=0", "max-parts=1001", "part-number-marker=x", "encoding-type=gzip"] {
            let response = try server.request("GET", "/photos/big?uploadId=\(id)&\(query)")
            #expect(response.element("Code") == "InvalidArgument", "\(query)")
        }
    }

    @Test("ListParts returns the client-side encryption of an upload")
    func clientEncryption() throws {
        let prefix = "x-oss-meta-client-side-encryption-"
        let id = try server.initiateUpload([
            prefix + "key": "K", prefix + "start": "S", prefix + "cek-alg": "AES/CTR/NoPadding",
            prefix + "wrap-alg": "RSA/NONE/PKCS1Padding", prefix + "data-size": "300", prefix + "part-size": "100",
        ])
        let listed = try server.request("GET", "/photos/big?uploadId=\(id)")
        for (name, value) in [
            ("Key", "K"), ("Start", "S"), ("CekAlg", "AES/CTR/NoPadding"), ("WrapAlg", "RSA/NONE/PKCS1Padding"),
            ("DataSize", "300"), ("PartSize", "100"),
        ] {
            #expect(listed.element("ClientEncryption\(name)") == value)
        }
        let plain = try server.request("GET", "/photos/big?uploadId=\(try server.initiateUpload())")
        #expect(plain.status == 200 && !plain.text.contains("ClientEncryption"))
    }

    @Test("encoding-type=url encodes the keys of uploads")
    func encodedKeys() throws {
        let target = "/photos/dir%20%2B/%01%E4%B8%AD?uploads&encoding-type=url"
        let begun = try server.request("POST", target)
        #expect(begun.element("Key") == "dir%20%2B%2F%01%E4%B8%AD")
        let listed = try server.request("GET", "/photos?uploads&encoding-type=url&prefix=dir%20%2B")
        #expect(listed.element("Key") == "dir%20%2B%2F%01%E4%B8%AD")
        #expect(listed.element("Prefix") == "dir%20%2B")
        #expect(listed.element("UploadId") == begun.element("UploadId"))
        #expect(try server.request("GET", "/photos?uploads&prefix=x").elements("Key").isEmpty)
        #expect(try server.request("GET", "/photos?uploads&max-uploads=1001").element("Code") == "InvalidArgument")
    }
}
