import Foundation
import Testing

@testable import AliyunOSS

@Suite("Transfer filter")
struct TransferFilterTests {
    /// Creates a filter from rules in the format of a filter file.
    private func filter(_ rules: [String]) throws -> TransferFilter {
        var filter = TransferFilter()
        try filter.add(rulesFrom: rules.joined(separator: "\n"))
        return filter
    }

    private func path(_ text: String) throws -> RelativePath { try RelativePath(text.utf8) }

    @Test("Without rules, every file is included and every folder is read")
    func noRules() throws {
        let filter = TransferFilter()
        #expect(try !filter.excludes(path: path("a/b")))
        #expect(try !filter.excludes(path: path("a"), isFolder: true))
        #expect(try !filter.excludesFolder(path("a")))
        #expect(try !filter.excludes(path: path("a"), size: 0, modified: nil))
    }

    @Test(
        "The last matching rule wins, and unmatched files are included unless the first rule is an include",
        arguments: [
            (["- *.txt"], ["a", "x/a.jpg"], ["a.txt", "x/a.txt"]),
            (["- *.txt", "+ a.txt"], ["a.txt", "x/a.txt", "c"], ["b.txt"]),
            (["+ a.txt", "- *.txt"], [], ["a.txt", "b.txt", "c"]),
            (["- *.txt", "+ a.txt", "- x/"], ["a.txt", "c"], ["x/a.txt", "x/c", "b.txt"]),
            (["+ *.jpg"], ["a.jpg", "x/a.jpg", "a.jpg/b"], ["a.png", "x/b"]),
            (["+ *.jpg", "+ *.png"], ["a.jpg", "a.png"], ["a"]),
            (["+ *.jpg", "- x/"], ["a.jpg", "y/a.jpg"], ["x/a.jpg", "a"]),
            (["+ photos/"], ["photos/a", "x/photos/y/z"], ["photos", "a", "photos2/a"]),
            (["- *", "+ *.jpg"], ["a.jpg", "x/a.jpg"], ["a"]),
            (["- build/", "+ build/keep.txt"], ["build/keep.txt", "build", "x"], ["build/a", "build/x/keep.txt"]),
            (["- build/", "+ keep.txt"], ["build/x/keep.txt"], ["build/a"]),
            (["- **", "+ a/**", "- a/b/"], ["a/x", "a/x/y"], ["a/b/x", "x", "a"]),
            (["- a", "- a"], ["b"], ["a"]),
        ])
    func order(rules: [String], included: [String], excluded: [String]) throws {
        let filter = try filter(rules)
        for text in included { #expect(try !filter.excludes(path: path(text)), "\(rules) \(text)") }
        for text in excluded { #expect(try filter.excludes(path: path(text)), "\(rules) \(text)") }
    }

    @Test(
        "A folder is read only if something in it can be included",
        arguments: [
            (["- *.txt"], ["a", "x/y"], ["a.txt", "x/a.txt/y"]),
            (["- build/"], ["builds", "x"], ["build", "x/build", "build/x"]),
            (["- build/**"], ["x/build", "x"], ["build", "build/x"]),
            (["- build/*"], ["x/build"], ["build", "build/x"]),
            (["- build/**/*"], [], ["build"]),
            (["- build/*/"], ["build"], ["build/x"]),
            (["- build/*.o"], ["build"], ["build/a.o"]),
            (["- build/a**"], ["build", "build/b"], ["build/a", "build/ab"]),
            (["- *"], [], ["a", "a/b"]),
            (["- build/", "+ build/keep.txt"], ["build"], ["build/x", "x/build", "build/keep"]),
            (["- build/", "+ build/a/keep.txt"], ["build", "build/a"], ["build/b", "build/a/b"]),
            (["- build/", "+ keep.txt"], ["build", "build/x"], []),
            (["- build/", "+ src/**"], ["src", "x"], ["build", "x/build"]),
            (["+ keep.txt", "- build/"], ["src"], ["build", "build/keep.txt"]),
            (["- build/", "+ build/"], ["build", "build/x"], []),
            (["+ *.jpg"], ["a", "a.jpg"], []),
            (["+ photos/**"], ["photos", "photos/2026"], ["docs", "docs/photos"]),
            (["+ photos/*.jpg"], ["photos", "photos/a.jpg"], ["photos/2026", "docs"]),
            (["+ /photos/20[0-9][0-9]/*.jpg"], ["photos", "photos/2026"], ["photos/new", "photos/202"]),
            (["+ **/a/b", "- x/"], ["y", "a"], ["x", "x/a"]),
            (["+ *.jpg", "- x/*", "+ x/y/"], ["x", "x/y", "x/y/z", "a"], ["x/z"]),
        ])
    func folders(rules: [String], entered: [String], skipped: [String]) throws {
        let filter = try filter(rules)
        for text in entered { #expect(try !filter.excludesFolder(path(text)), "\(rules) \(text)") }
        for text in skipped { #expect(try filter.excludesFolder(path(text)), "\(rules) \(text)") }
    }

    @Test("An empty folder is tested as a folder, even if it would be read")
    func emptyFolders() throws {
        #expect(try filter(["- a/"]).excludes(path: path("a"), isFolder: true))
        #expect(try !filter(["- a/"]).excludes(path: path("a")))
        #expect(try filter(["- a/", "+ a/b"]).excludes(path: path("a"), isFolder: true))
        #expect(try filter(["+ *.jpg"]).excludes(path: path("a"), isFolder: true))
        #expect(try !filter(["- a/**"]).excludes(path: path("a"), isFolder: true))
    }

    @Test("A key that is not a valid path can be excluded by a folder above it")
    func unusableKeys() throws {
        let filter = try filter(["- trash/", "- /**/*.tmp"])
        #expect(filter.excludes(bytes: Array("trash//a".utf8)))
        #expect(filter.excludes(bytes: Array("x//../a.tmp".utf8)))
        #expect(!filter.excludes(bytes: Array("x//a".utf8)))
    }

    @Test("Rules can be read, changed and removed")
    func rulesAsValues() throws {
        var filter = TransferFilter()
        try filter.exclude("*.txt")
        try filter.include("a.txt")
        #expect(filter.rules == [.init(.exclude, try PathPattern("*.txt")), .init(.include, try PathPattern("a.txt"))])
        #expect(filter.rules.map(\.description) == ["- *.txt", "+ a.txt"])
        filter.rules.removeLast()
        #expect(try filter.excludes(path: path("a.txt")))
        filter.rules[0].effect = .include
        #expect(try !filter.excludes(path: path("a.txt")))
        #expect(try filter.excludes(path: path("b")))
        filter.rules = []
        #expect(try !filter.excludes(path: path("b")))
    }

    @Test("An invalid pattern adds no rule")
    func refusedPattern() {
        var filter = TransferFilter()
        #expect(throws: OSSError.self) { try filter.exclude("[") }
        #expect(throws: OSSError.self) { try filter.include("") }
        #expect(filter.rules.isEmpty)
    }

    @Test("A filter file may have rules, comments, empty lines, any line endings and surrounding spaces")
    func filterFile() throws {
        var filter = TransferFilter()
        try filter.exclude("first")
        try filter.add(
            rulesFrom:
                "\u{FEFF}# all of it\n\n- *.o\r\n  +  keep.o  \n\t-\ta b\t\n   # more\n \t \n- c\\ \n- #d\n+ \\ e\\\\ \n+ é"
        )
        #expect(
            filter.rules.map(\.description) == [
                "- first", "- *.o", "+ keep.o", "- a b", "- c\\ ", "- #d", "+ \\ e\\\\", "+ é",
            ])
        #expect(try filter.excludes(path: path("c ")))
        #expect(try !filter.excludes(path: path("c")))
        #expect(try filter.excludes(path: path("#d")))
    }

    @Test("An empty filter file has no rules", arguments: ["", "\n", "# nothing", "\u{FEFF}", "\r\n\r\n"])
    func emptyFile(text: String) throws {
        var filter = TransferFilter()
        try filter.add(rulesFrom: text)
        #expect(filter.rules.isEmpty)
    }

    @Test(
        "An invalid line is rejected with its number, and no rule of the file is added",
        arguments: [
            ("*.txt", 1, "'*.txt' is not a rule"), ("- a\n-b", 2, "'-b' is not a rule"),
            ("\n\n! x", 3, "'! x' is not a rule"),
            ("# x\r\n\r\n-\r\n", 3, "'-' is not a rule"), ("- ", 1, "the pattern '' is empty"),
            ("- a\n\n+ [a\n- {", 3, "the pattern '[a' has an unmatched '['"), ("- a\n+ b\\", 2, "ends in '\\'"),
            ("- a\r\n+ b\\\r\n", 2, "ends in '\\'"), ("exclude a", 1, "write '+ PATTERN', '- PATTERN' or '# COMMENT'"),
        ])
    func badFile(text: String, line: Int, reason: String) throws {
        var filter = TransferFilter()
        try filter.include("first")
        let error = #expect(throws: OSSError.self) { try filter.add(rulesFrom: text) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("line \(line) of the filter rules: ") == true)
        #expect(error?.message.contains(reason) == true)
        #expect(filter.rules.count == 1)
    }

    @Test("The bounds of sizes are inclusive")
    func sizes() throws {
        var filter = TransferFilter()
        filter.minimumSize = 10
        filter.maximumSize = 20
        let path = try path("a")
        for size: Int64 in [10, 15, 20] { #expect(!filter.excludes(path: path, size: size, modified: nil)) }
        for size: Int64 in [0, 9, 21, .max] { #expect(filter.excludes(path: path, size: size, modified: nil)) }
        filter.minimumSize = nil
        #expect(!filter.excludes(path: path, size: 0, modified: nil))
        filter.maximumSize = nil
        #expect(!filter.excludes(path: path, size: .max, modified: nil))
    }

    @Test("Adjacent intervals of times share no file and miss none")
    func times() throws {
        let noon = Date(timeIntervalSince1970: 1_700_000_000)
        let path = try path("a")
        var before = TransferFilter()
        before.modifiedBefore = noon
        var after = TransferFilter()
        after.modifiedAfter = noon
        for offset in [-1, -0.001, 0, 0.001, 1] {
            let time = noon.addingTimeInterval(offset)
            #expect(before.excludes(path: path, size: 0, modified: time) == (offset >= 0))
            #expect(after.excludes(path: path, size: 0, modified: time) == (offset < 0))
        }
        #expect(!before.excludes(path: path, size: 0, modified: nil))
        #expect(!after.excludes(path: path, size: 0, modified: nil))
    }

    @Test("The predicate is called for each file within the bounds and no other")
    func predicate() throws {
        var filter = TransferFilter()
        filter.maximumSize = 100
        let time = Date(timeIntervalSince1970: 1)
        let expected = TransferCandidate(path: "a/é", size: 7, modified: time)
        filter.predicate = { candidate in
            #expect(candidate.size <= 100)
            return candidate == expected
        }
        #expect(!filter.excludes(expected))
        #expect(try !filter.excludes(path: path("a/é"), size: 7, modified: time))
        #expect(try filter.excludes(path: path("a/é"), size: 8, modified: time))
        #expect(try filter.excludes(path: path("a/é"), size: 101, modified: time))
        #expect(try filter.excludes(path: path("b"), size: 7, modified: time))
        #expect(try !filter.excludes(path: path("b")))
    }

    @Test("Bounds that exclude every file are rejected")
    func impossibleBounds() throws {
        func check(_ change: (inout TransferFilter) -> Void) -> OSSError.Code? {
            var filter = TransferFilter()
            change(&filter)
            do throws(OSSError) {
                try filter.validate()
                return nil
            } catch {
                return error.code
            }
        }
        let time = Date(timeIntervalSince1970: 1)
        #expect(check { _ in } == nil)
        #expect(check { ($0.minimumSize, $0.maximumSize) = (5, 5) } == nil)
        #expect(check { ($0.minimumSize, $0.maximumSize) = (6, 5) } == .invalidArgument)
        #expect(check { $0.maximumSize = -1 } == .invalidArgument)
        #expect(check { $0.minimumSize = -1 } == nil)
        #expect(check { ($0.modifiedAfter, $0.modifiedBefore) = (time, time + 1) } == nil)
        #expect(check { ($0.modifiedAfter, $0.modifiedBefore) = (time, time) } == .invalidArgument)
        #expect(check { ($0.modifiedAfter, $0.modifiedBefore) = (time + 1, time) } == .invalidArgument)
    }
}
