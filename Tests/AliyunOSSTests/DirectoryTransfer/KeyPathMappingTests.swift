import Testing

@testable import AliyunOSS

@Suite("Mapping between keys and paths")
struct KeyPathMappingTests {
    @Test(
        "A prefix names a folder, with or without a final slash",
        arguments: [("", ""), ("www/", "www/"), ("www", "www/"), ("a/b", "a/b/"), ("a//", "a//"), (".", "./")])
    func prefixes(text: String, prefix: String) throws {
        #expect(try KeyPathMapping(prefix: text).prefix == prefix)
    }

    @Test("An invalid prefix is rejected", arguments: ["/", "/www", "\\www"])
    func badPrefixes(text: String) {
        #expect { try KeyPathMapping(prefix: text) } throws: { ($0 as? OSSError)?.code == .invalidArgument }
    }

    @Test("A path becomes the prefix and its own bytes, and maps back to the same path")
    func roundTrip() throws {
        let mapping = try KeyPathMapping(prefix: "p q")
        for text in ["a", ".hidden", "a b+c%2F", "e\u{301}/\u{E9}", "🗂/📄", "\n", "a\\..\\b", "C:\\x", "%2e%2e/x"] {
            let path = try RelativePath(text.utf8)
            let key = try mapping.key(of: path)
            #expect(Array(key.rawValue.utf8) == Array("p q/".utf8) + Array(text.utf8))
            #expect(try mapping.target(of: key, size: 1) == .file(path))
            #expect(try mapping.target(of: mapping.key(of: path, isFolder: true), size: 0) == .folder(path))
        }
        #expect(try mapping.target(of: "p q/", size: 0) == .root)
    }

    @Test(
        "A key that could leave the folder or collide with another file is rejected",
        arguments: [
            "../evil", "a/../../x", "..", "a/..", "./x", "a/./b", "/etc/passwd", "a//b", "//", "a//", "a\0b",
            "../", "x/" + String(repeating: "y", count: 256),
        ])
    func unsafeKeys(rest: String) throws {
        let mapping = try KeyPathMapping(prefix: "p/")
        let key = ObjectKey(unchecked: "p/" + rest)
        #expect { try mapping.target(of: key, size: 0) } throws: { ($0 as? OSSError)?.code == .unsafeKey }
    }

    @Test("A key with content that ends in a slash is rejected")
    func folderWithContent() throws {
        let mapping = try KeyPathMapping(prefix: "p/")
        for key in ["p/a/", "p/"] as [ObjectKey] {
            #expect { try mapping.target(of: key, size: 1) } throws: { ($0 as? OSSError)?.code == .unsafeKey }
        }
    }

    @Test("A sibling that starts with the name of the prefix is not under it")
    func sibling() throws {
        let mapping = try KeyPathMapping(prefix: "photos")
        #expect { try mapping.target(of: "photos2/a", size: 1) } throws: { ($0 as? OSSError)?.code == .invalidResponse }
    }

    @Test("A path that is not UTF-8 or too long has no key")
    func noKey() throws {
        let mapping = try KeyPathMapping(prefix: "p/")
        #expect { try mapping.key(of: RelativePath([0x61, 0xFF])) } throws: {
            ($0 as? OSSError)?.code == .unrepresentableName
        }
        let long = Array(repeating: String(repeating: "x", count: 250), count: 5).joined(separator: "/")
        #expect { try mapping.key(of: RelativePath(long.utf8)) } throws: {
            ($0 as? OSSError)?.code == .invalidArgument
        }
    }
}
