import AliyunOSS
import Foundation
import Testing

@Suite("Conformance: keys and listings")
struct KeyConformanceTests {
    /// Names that a URL, an XML document, a signature or a path could mistake for something else.
    private static let oddNames = [
        "a/../b", "./c", "d/./e", "d/.", "d/..", "f//g", "h ", " i", "j+k", "l%2Fm", "100%", "n&<o>\"'", "p?q=r#s",
        "t\\u", "v\tw", "x\u{1}y", "z/", "~!*'();:@,$=[]", "é", "e\u{301}", "中文", "🍎",
    ]

    private static var sortedNames: [String] {
        oddNames.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    @Test(
        "A key means the same in every operation, whatever its characters", arguments: Service.available,
        [SignatureVersion.v4, .v1])
    func oddKeys(service: Service, signature: SignatureVersion) async throws {
        try await service.withScratch {
            $0.signature = signature
        } _: { scratch in
            let bucket = scratch.bucket
            for name in Self.oddNames {
                let key = try scratch.key(name)
                try await bucket.putObject(key, .string("is " + name))
                #expect(try await bucket.headObject(key).size == Int64("is ".utf8.count + name.utf8.count))
                try await bucket.copyObjectInOneRequest(from: key, to: try scratch.key("copies/" + name))
            }
            for name in Self.oddNames {
                #expect(try await scratch.text(name) == "is " + name)
                #expect(try await scratch.text("copies/" + name) == "is " + name)
            }
            #expect(try await same(scratch.names(below: "copies/"), Self.sortedNames.map { "copies/" + $0 }))
            let (batch, single) = (Self.oddNames.prefix(15), Self.oddNames.dropFirst(15))
            let keys = try batch.map { try scratch.key($0) }
            let result = try await bucket.deleteObjects(keys)
            #expect(result.deleted == keys)
            #expect(result.failures.isEmpty)
            for name in single { try await bucket.deleteObject(try scratch.key(name)) }
            #expect(try await same(scratch.names(), Self.sortedNames.map { "copies/" + $0 }))
        }
    }

    @Test(
        "A listing contains every key once, in byte order, on any number of pages", arguments: Service.available,
        [ListPaging.marker, .continuationToken])
    func pages(service: Service, paging: ListPaging) async throws {
        try await service.withScratch { scratch in
            for name in Self.oddNames { try await scratch.put(name, "12") }
            let names = Self.sortedNames
            for pageSize in [1, 3, names.count, 1000] {
                #expect(try await same(scratch.names(pageSize: pageSize, paging: paging), names))
            }
            for start in [0, 5, names.count - 1] {
                let rest = try await scratch.names(startAfter: names[start], pageSize: 4, paging: paging)
                #expect(same(rest, Array(names[(start + 1)...])))
            }
            #expect(try await scratch.names(below: "d/", paging: paging) == ["d/.", "d/..", "d/./e"])
            #expect(try await scratch.names(below: "no such", paging: paging).isEmpty)
        }
    }

    @Test("A listing contains the attributes of each object", arguments: Service.available)
    func summaries(service: Service) async throws {
        try await service.withScratch { scratch in
            try await scratch.put("a", "hello")
            var summaries: [ObjectSummary] = []
            for try await object in scratch.bucket.listObjects(prefix: scratch.prefix) { summaries.append(object) }
            let summary = try #require(summaries.first)
            let metadata = try await scratch.bucket.headObject(summary.key)
            #expect(summaries.count == 1)
            #expect(summary.size == 5)
            #expect(summary.eTag == "5D41402ABC4B2A76B9719D911017C592")
            #expect(summary.type == "Normal")
            #expect(summary.storageClass == .standard)
            #expect(summary.lastModified == metadata.lastModified)
        }
    }

    @Test(
        "With a delimiter, keys with the same text before it form one common prefix", arguments: Service.available,
        [ListPaging.marker, .continuationToken])
    func delimiter(service: Service, paging: ListPaging) async throws {
        try await service.withScratch { scratch in
            for name in ["a/1", "a/2", "b", "c &+%/1", "c &+%/2/3", "d", "e/"] { try await scratch.put(name, "") }
            for pageSize in [1, 2, 3, 1000] {
                var prefixes: [String] = []
                var keys: [String] = []
                let listing = scratch.bucket.listObjects(
                    prefix: scratch.prefix, delimiter: "/", pageSize: pageSize, paging: paging)
                for try await page in listing.pages {
                    #expect(page.objects.count + page.commonPrefixes.count <= pageSize)
                    prefixes += page.commonPrefixes.map { String($0.dropFirst(scratch.prefix.count)) }
                    keys += page.objects.map { String($0.key.rawValue.dropFirst(scratch.prefix.count)) }
                }
                #expect(prefixes == ["a/", "c &+%/", "e/"])
                #expect(keys == ["b", "d"])
            }
        }
    }

    @Test("Any number of keys can be deleted in a batch, including missing ones", arguments: Service.available)
    func deletesMany(service: Service) async throws {
        try await service.withScratch { scratch in
            try await scratch.put("first", "x")
            try await scratch.put("last", "x")
            try await scratch.put("kept", "x")
            let keys = try (["first"] + (0..<1100).map { "missing \($0)" } + ["last"]).map { try scratch.key($0) }
            let result = try await scratch.bucket.deleteObjects(keys)
            #expect(result.deleted == keys)
            #expect(result.failures.isEmpty)
            #expect(try await scratch.names() == ["kept"])
        }
    }

    @Test("A key of the maximum length is valid", arguments: Service.available)
    func longest(service: Service) async throws {
        try await service.withScratch { scratch in
            let name = String(repeating: "k", count: ObjectKey.maximumLength - scratch.prefix.utf8.count)
            try await scratch.put(name, "long")
            #expect(try await scratch.text(name) == "long")
            #expect(try await scratch.names() == [name])
        }
    }

    /// Returns whether the bytes are equal, because `String` treats the two spellings of é as equal.
    private func same(_ left: [String], _ right: [String]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
