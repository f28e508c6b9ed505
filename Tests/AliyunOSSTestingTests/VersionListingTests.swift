import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock version listings")
struct VersionListingTests {
    @Test("Keys ascend, the versions of each key descend in age, and delete markers are in order")
    func order() throws {
        let server = try MockOSSServer.versioned("Enabled")
        for key in ["b", "a", "b", "a/x"] { try server.write(key, "x") }
        #expect(try server.request("DELETE", "/photos/a").status == 204)
        try server.write("a", "y")
        let keys = try server.versions().map { $0.split(separator: " ").enumerated().filter { $0.offset != 1 } }
            .map { $0.map(\.element).joined(separator: " ") }
        #expect(keys == ["a latest", "a marker", "a", "a/x latest", "b latest", "b"])
    }

    @Test("Each entry of a version listing has every field")
    func fields() throws {
        let server = try MockOSSServer.versioned("Enabled", clock: { Date(timeIntervalSince1970: 1_700_000_000.75) })
        let id = try #require(try server.write("k", "hello"))
        #expect(try server.request("DELETE", "/photos/k").status == 204)
        let response = try server.request("GET", "/photos?versions")
        let text = response.text
        #expect(response.element("Name") == "photos")
        #expect(response.element("MaxKeys") == "100")
        #expect(response.element("IsTruncated") == "false")
        #expect(response.element("Prefix")?.isEmpty == true && response.element("KeyMarker")?.isEmpty == true)
        #expect(response.element("VersionIdMarker")?.isEmpty == true)
        let version = try #require(response.element("Version"))
        for part in [
            "<Key>k</Key>", "<VersionId>\(id)</VersionId>", "<IsLatest>false</IsLatest>",
            "<LastModified>2023-11-14T22:13:20.000Z</LastModified>", "5D41402ABC4B2A76B9719D911017C592",
            "<Type>Normal</Type>", "<Size>5</Size>", "<StorageClass>Standard</StorageClass>", "<Owner>",
        ] { #expect(version.contains(part), "\(part)") }
        let marker = try #require(response.element("DeleteMarker"))
        #expect(marker.contains("<IsLatest>true</IsLatest>") && marker.contains("<Owner>"))
        #expect(!marker.contains("<Size>") && !text.contains("NextKeyMarker"))
    }

    @Test("Version listings in pages of any size give the same entries", arguments: [1, 2, 3, 5])
    func pages(limit: Int) throws {
        let server = try MockOSSServer.versioned("Enabled")
        for index in 0..<9 { try server.write("k\(index % 3)", "x") }
        #expect(try server.request("DELETE", "/photos/k1").status == 204)
        let all = try server.versions()
        #expect(all.count == 10)
        var seen: [String] = []
        var query = "max-keys=\(limit)"
        while true {
            let response = try server.request("GET", "/photos?versions&\(query)")
            let entries = try server.versions(query)
            #expect(entries.count <= limit)
            seen += entries
            guard response.element("IsTruncated") == "true" else { break }
            let key = try #require(response.element("NextKeyMarker"))
            let version = try #require(response.element("NextVersionIdMarker"))
            query = "max-keys=\(limit)&key-marker=\(key)&version-id-marker=\(version)"
        }
        #expect(seen == all)
    }

    @Test("A key marker alone skips all versions of the key, and a version marker alone is rejected")
    func markers() throws {
        let server = try MockOSSServer.versioned("Enabled")
        for key in ["a", "a", "b"] { try server.write(key, "x") }
        #expect(try server.versions("key-marker=a").count == 1)
        let id = try #require(try server.versions().first?.split(separator: " ").dropFirst().first)
        #expect(try server.versions("key-marker=a&version-id-marker=\(id)").count == 2)
        let refused = try server.request("GET", "/photos?versions&version-id-marker=\(id)")
        #expect(refused.status == 400)
        #expect(refused.element("Code") == "InvalidArgument")
        #expect(try server.request("GET", "/photos?versions&key-marker=a&version-id-marker=x").status == 400)
    }

    @Test("A version listing continues after a version that was deleted between two pages")
    func markerGone() throws {
        let server = try MockOSSServer.versioned("Enabled")
        for _ in 0..<4 { try server.write("k", "x") }
        let page = try server.request("GET", "/photos?versions&max-keys=2")
        for id in page.elements("VersionId") {
            #expect(try server.request("DELETE", "/photos/k?versionId=\(id)").status == 204)
        }
        let marker = try #require(page.element("NextVersionIdMarker"))
        #expect(try server.versions("key-marker=k&version-id-marker=\(marker)").count == 2)
    }

    @Test("A group includes all versions of its keys and counts as one item")
    func groups() throws {
        let server = try MockOSSServer.versioned("Enabled")
        for key in ["a/1", "a/1", "a/2", "b", "c/1"] { try server.write(key, "x") }
        #expect(try server.request("DELETE", "/photos/c/1").status == 204)
        let all = try server.request("GET", "/photos?versions&delimiter=%2F")
        #expect(all.elements("Key") == ["b"])
        #expect(all.elements("CommonPrefixes") == ["<Prefix>a/</Prefix>", "<Prefix>c/</Prefix>"])
        let first = try server.request("GET", "/photos?versions&delimiter=%2F&max-keys=1")
        #expect(first.element("NextKeyMarker") == "a/")
        #expect(first.element("NextVersionIdMarker")?.isEmpty == true)
        let second = try server.request("GET", "/photos?versions&delimiter=%2F&max-keys=1&key-marker=a%2F")
        #expect(second.elements("Key") == ["b"])
        #expect(try server.versions("prefix=a%2F").count == 3)
    }

    @Test("An object listing shows a group only if it has an object that is not deleted")
    func deletedGroups() throws {
        let server = try MockOSSServer.versioned("Enabled")
        for key in ["a/1", "a/2", "b/1"] { try server.write(key, "x") }
        for key in ["a/1", "b/1"] { #expect(try server.request("DELETE", "/photos/\(key)").status == 204) }
        let response = try server.request("GET", "/photos?delimiter=%2F&max-keys=1")
        #expect(response.elements("CommonPrefixes") == ["<Prefix>a/</Prefix>"])
        #expect(response.element("IsTruncated") == "false")
    }

    @Test("encoding-type=url encodes keys, prefixes and markers, but not version IDs")
    func encoding() throws {
        let server = try MockOSSServer.versioned("Enabled")
        for key in ["a%20b%2F%01", "a%20b%2Fz%2F1"] { try server.write(key, "x") }
        let page = try server.request(
            "GET", "/photos?versions&encoding-type=url&prefix=a%20b%2F&delimiter=%2F&max-keys=1&key-marker=a%20b")
        #expect(page.element("Key") == "a%20b%2F%01")
        #expect(page.element("NextKeyMarker") == "a%20b%2F%01")
        #expect(page.element("KeyMarker") == "a%20b")
        #expect(page.element("Delimiter") == "%2F")
        #expect(page.element("EncodingType") == "url")
        #expect(page.element("NextVersionIdMarker")?.contains("%") == false)
    }

    @Test("max-keys of a version listing must be in 1...1000", arguments: ["0", "1001", "x"])
    func limits(value: String) throws {
        let server = try MockOSSServer.versioned(nil)
        #expect(try server.request("GET", "/photos?versions&max-keys=\(value)").element("Code") == "InvalidArgument")
    }
}

@Suite("Mock version IDs")
struct VersionIDTests {
    @Test("A published version ID contains its published time")
    func published() throws {
        let vectors = DerivedFormat.load().filter { $0.kind == "version-id" }
        #expect(vectors.count == 5)
        for vector in vectors {
            let id = try #require(vector.input.first)
            let sequence = try #require(VersionID.sequence(of: id))
            let seconds = Double(sequence >> 20) / 1000
            let formatter = ISO8601DateFormatter()
            formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
            let date = try #require(formatter.date(from: vector.expected))
            #expect(seconds.rounded(.down) == date.timeIntervalSince1970, "\(vector.id)")
        }
    }

    @Test("A generated version ID contains the time of the write and is unique")
    func made() throws {
        let now = Date(timeIntervalSince1970: 1_700_000_000.5)
        let server = try MockOSSServer.versioned("Enabled", clock: { now })
        let ids = try (0..<20).map { _ in try #require(try server.write("k", "x")) }
        #expect(Set(ids).count == ids.count)
        for id in ids {
            #expect(id.utf8.count <= 64)
            #expect(id.allSatisfy { $0.isLetter || $0.isNumber || ".-_".contains($0) })
            let sequence = try #require(VersionID.sequence(of: id))
            #expect(sequence >> 20 == 1_700_000_000_000)
        }
        #expect(try server.versions().map { $0.split(separator: " ")[1] } == ids.reversed().map { $0[...] })
    }

    @Test("A malformed version ID is rejected", arguments: ["", "null", "CAEQ", "IllegalVersion", "CgJiYw--", "!!!!"])
    func malformed(text: String) {
        #expect(VersionID.sequence(of: text) == nil)
    }
}
