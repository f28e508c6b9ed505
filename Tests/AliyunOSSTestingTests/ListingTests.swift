import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock listings")
struct ListingTests {
    @Test("The index keeps byte order under random insertions and removals")
    func index() {
        var generator = SeededRandom(seed: 1)
        var objects = OrderedObjects()
        var reference: Set<[UInt8]> = []
        for step in 0..<6000 {
            let key = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                UInt8.random(in: 0x60...0x70, using: &generator)
            }
            if step % 4 == 3 {
                #expect((objects.remove(key) != nil) == (reference.remove(key) != nil))
            } else {
                #expect((objects.insert(Self.object, for: key) == nil) == reference.insert(key).inserted)
            }
        }
        #expect(objects.count == reference.count)
        #expect(objects.keys == reference.sorted(by: precedes))
        #expect(reference.allSatisfy { objects[$0] != nil })
    }

    @Test("Keys inserted in ascending or descending order can be found")
    func ordered() {
        for isReversed in [false, true] {
            var objects = OrderedObjects()
            for index in 0..<3000 {
                objects.insert(Self.object, for: Array(String(1_000_000 + (isReversed ? 3000 - index : index)).utf8))
            }
            #expect(objects.count == 3000)
            #expect(objects.keys == objects.keys.sorted(by: precedes))
        }
    }

    @Test("Pages agree with a naive listing", arguments: [1, 2, 3, 7, 1000])
    func pages(limit: Int) {
        var generator = SeededRandom(seed: UInt64(limit))
        var objects = OrderedObjects()
        for _ in 0..<300 {
            let key = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                [UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "/"), UInt8(ascii: "-")][
                    Int.random(in: 0..<4, using: &generator)]
            }
            objects.insert(Self.object, for: key)
        }
        for prefix in ["", "a", "a/", "b/a", "zz"] {
            for delimiter in ["", "/", "b/", "-"] {
                var seen: [String] = []
                var marker: [UInt8] = []
                while true {
                    let page = ListingPage(
                        objects, prefix: Array(prefix.utf8), delimiter: Array(delimiter.utf8), marker: marker,
                        limit: limit)
                    #expect(page.items.count <= limit)
                    seen += page.items.map(Self.name)
                    guard let next = page.next else { break }
                    #expect(page.items.last.map(Self.name) == String(decoding: next, as: UTF8.self))
                    marker = next
                }
                #expect(seen == Self.slowListing(objects.keys, prefix, delimiter), "\(prefix) \(delimiter)")
            }
        }
    }

    @Test("A marker inside a group skips the rest of the group")
    func markerInGroup() {
        var objects = OrderedObjects()
        for key in ["a/1", "a/2", "a/3", "b"] { objects.insert(Self.object, for: Array(key.utf8)) }
        let page = ListingPage(
            objects, prefix: [], delimiter: Array("/".utf8), marker: Array("a/2".utf8), limit: 10)
        #expect(page.items.map(Self.name) == ["b"])
    }

    @Test("ListObjects pages by marker, defaults to 100 keys and returns every field")
    func version1() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        for index in 0..<150 { try server.put(String(format: "k%03d", index), Data("x".utf8), in: "photos") }
        let first = try server.request("GET", "/photos")
        #expect(first.elements("Key").count == 100)
        #expect(first.element("MaxKeys") == "100")
        #expect(first.element("IsTruncated") == "true")
        #expect(first.element("NextMarker") == "k099")
        #expect(first.element("Prefix")?.isEmpty == true)
        #expect(first.element("Name") == "photos")
        let second = try server.request("GET", "/photos?marker=k099&max-keys=1000")
        #expect(second.elements("Key").count == 50)
        #expect(second.element("IsTruncated") == "false")
        #expect(second.element("NextMarker") == nil)
        #expect(second.element("Type") == "Normal")
        #expect(second.element("Size") == "1")
        #expect(second.element("StorageClass") == "Standard")
        #expect(second.element("LastModified")?.hasSuffix(".000Z") == true)
        #expect(second.element("ETag")?.contains("9DD4E461268C8034F5C8564E155C67A6") == true)
        #expect(second.element("DisplayName") != nil)
    }

    @Test("ListObjectsV2 pages by token, ignores start-after with a token and returns the owner on request")
    func version2() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        for key in ["a", "b", "c", "d/1", "d/2", "e"] { try server.put(key, Data(), in: "photos") }
        let first = try server.request("GET", "/photos?list-type=2&max-keys=2&start-after=a&delimiter=%2F")
        #expect(first.elements("Key") == ["b", "c"])
        #expect(first.element("KeyCount") == "2")
        #expect(first.element("StartAfter") == "a")
        #expect(first.element("Owner") == nil)
        let token = try #require(first.element("NextContinuationToken"))
        let second = try server.request(
            "GET", "/photos?list-type=2&fetch-owner=true&start-after=zzz&delimiter=%2F&continuation-token=\(token)")
        #expect(second.elements("Key") == ["e"])
        #expect(second.elements("CommonPrefixes") == ["<Prefix>d/</Prefix>"])
        #expect(second.element("KeyCount") == "2")
        #expect(second.element("Owner") != nil)
        #expect(second.element("IsTruncated") == "false")
        #expect(try server.request("GET", "/photos?list-type=2&continuation-token=x").status == 400)
    }

    @Test("encoding-type=url encodes keys, prefixes and markers")
    func encoding() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        for key in ["a b/\u{1}", "a b/é+", "a b/z/1"] { try server.put(key, Data(), in: "photos") }
        let page = try server.request("GET", "/photos?encoding-type=url&prefix=a%20b%2F&delimiter=%2F&max-keys=2")
        #expect(page.elements("Key") == ["a%20b%2F%01", "a%20b%2Fz%2F"] || page.elements("Key").first == "a%20b%2F%01")
        #expect(page.element("Prefix") == "a%20b%2F")
        #expect(page.element("Delimiter") == "%2F")
        #expect(page.element("EncodingType") == "url")
        let plain = try server.request("GET", "/photos?prefix=a%20b/%C3%A9")
        #expect(plain.element("EncodingType") == nil)
        #expect(plain.element("Key") == "a b/é+")
    }

    @Test(
        "max-keys outside 1...1000 and an unknown encoding are rejected",
        arguments: ["max-keys=0", "max-keys=1001", "max-keys=x", "encoding-type=x"])
    func refused(query: String) throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        let response = try server.request("GET", "/photos?\(query)")
        #expect(response.status == 400)
        #expect(response.element("Code") == "InvalidArgument")
    }

    @Test("A continuation token has the service's format")
    func token() {
        #expect(ContinuationToken.encode(Array("bc".utf8)) == "CgJiYw--")
        #expect(ContinuationToken.decode("CgJiYw--") == Array("bc".utf8))
        let long = [UInt8](repeating: 0x61, count: 1023)
        #expect(ContinuationToken.decode(ContinuationToken.encode(long)) == long)
        for bad in ["", "x", "CgNiYw--", "Cg--", "!!!!"] { #expect(ContinuationToken.decode(bad) == nil) }
    }

    private static let object = MockObject(
        attributes: .init(size: 0, eTag: "", checksum: 0, lastModified: .distantPast), content: .memory(.empty))

    private static func name(_ item: ListingPage.Item) -> String {
        switch item {
        case .object(let entry): String(decoding: entry.key, as: UTF8.self)
        case .prefix(let prefix): String(decoding: prefix, as: UTF8.self)
        }
    }

    private static func slowListing(_ keys: [[UInt8]], _ prefix: String, _ delimiter: String) -> [String] {
        var names: [String] = []
        for key in keys.map({ String(decoding: $0, as: UTF8.self) }) where key.hasPrefix(prefix) {
            var name = key
            if !delimiter.isEmpty, let range = key.dropFirst(prefix.count).range(of: delimiter) {
                name = String(key[..<range.upperBound])
            }
            if names.last != name { names.append(name) }
        }
        return names
    }
}
