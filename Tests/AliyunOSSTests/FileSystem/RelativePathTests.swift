import Foundation
import Testing

@testable import AliyunOSS

@Suite("Relative path")
struct RelativePathTests {
    @Test(
        "A path that could leave its folder is rejected with the reason",
        arguments: [
            ("", .empty), ("/", .absolute), ("/etc/passwd", .absolute), ("..", .relativeComponent),
            ("../evil", .relativeComponent), ("a/../../b", .relativeComponent), ("a/..", .relativeComponent),
            (".", .relativeComponent), ("a/./b", .relativeComponent), ("a//b", .emptyComponent),
            ("a/", .emptyComponent),
            ("a\0b", .containsNUL), (String(repeating: "x", count: 256), .nameTooLong),
        ] as [(String, RelativePath.Refusal)])
    func refusals(text: String, reason: RelativePath.Refusal) {
        #expect(throws: reason) { try RelativePath(text.utf8) }
    }

    @Test(
        "A path that only looks unusual is accepted unchanged",
        arguments: [
            "a", ".hidden", "...", "..a", "a..", "-rf", " a ", "a\nb", "C:\\x", "a\\..\\b", "%2e%2e/x", "a%2Fb",
            "\u{E9}",
            "e\u{301}", "🗂️/📄", String(repeating: "x", count: 255),
        ])
    func accepted(text: String) throws {
        let path = try RelativePath(text.utf8)
        #expect(path.bytes == Array(text.utf8))
    }

    @Test("Two Unicode spellings of a letter are two paths")
    func spellings() throws {
        let composed = try RelativePath("\u{E9}".utf8)
        let decomposed = try RelativePath("e\u{301}".utf8)
        #expect(composed != decomposed)
        #expect(decomposed < composed)
    }

    @Test("A folder is the ancestor of its content and not of its siblings")
    func ancestors() throws {
        let folder = try RelativePath("a/b".utf8)
        #expect(folder.isAncestor(of: try RelativePath("a/b/c".utf8)))
        #expect(!folder.isAncestor(of: try RelativePath("a/b".utf8)))
        #expect(!folder.isAncestor(of: try RelativePath("a/b2".utf8)))
        #expect(!folder.isAncestor(of: try RelativePath("a".utf8)))
    }
}
