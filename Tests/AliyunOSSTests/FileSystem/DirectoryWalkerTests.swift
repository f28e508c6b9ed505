import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Directory walker")
struct DirectoryWalkerTests {
    private func walk(_ scratch: ScratchDirectory, links: SymbolicLinkPolicy = .follow) throws -> [String] {
        var walker = try DirectoryWalker(scratch.root, links: links)
        var found: [String] = []
        while let entry = walker.next() { found.append(entry.path.description + entry.content.mark) }
        return found
    }

    @Test("Files are returned in byte order of their paths, so a folder sorts as its name with a slash")
    func order() throws {
        let scratch = try ScratchDirectory()
        let paths = ["a", "a!", "a.txt", "ab", "b-/x", "b/x", "b/x.y/z", "b/x/y", "b0", "b0/x", "z", "\u{E9}", "🗂️"]
            .filter { $0 != "b0/x" && $0 != "b/x" }
        for path in paths.reversed() { try scratch.write(path) }
        #expect(try walk(scratch) == paths)
    }

    @Test("A random tree is returned sorted and complete", arguments: 0..<20)
    func randomTrees(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let scratch = try ScratchDirectory()
        let letters = Array("ab!-./0~é🗂".unicodeScalars)
        var expected: Set<RelativePath> = []
        for _ in 0..<60 {
            var text = ""
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                text.unicodeScalars.append(letters.randomElement(using: &generator) ?? "a")
            }
            guard let path = try? RelativePath(text.utf8), scratch.status(text) == nil,
                (try? scratch.write(text)) != nil
            else { continue }
            expected.insert(path)
        }
        let empty = scratch.names().filter { $0.hasSuffix("/") }
        var walker = try DirectoryWalker(scratch.root, links: .skip)
        var found: [RelativePath] = []
        while let entry = walker.next() {
            if case .file = entry.content {
                found.append(entry.path)
            } else {
                #expect(empty.contains("\(entry.path)/"))
            }
        }
        #expect(found == expected.sorted())
    }

    @Test("Every regular file is found: hidden, without an extension, empty, or with an unusual name")
    func everyFile() throws {
        let scratch = try ScratchDirectory()
        let names = [
            "\n", " ", "%2F", "+", "-rf", ".hidden", ".hidden.d/.x", "README", "a\\b", "e\u{301}", "trailing ",
            String(repeating: "x", count: 255), "\u{E9}", "📄",
        ]
        for name in names { try scratch.write(name) }
        #expect(try walk(scratch).map { Array($0.utf8) } == names.map { Array($0.utf8) })
    }

    @Test("An empty folder is returned as an entry, and any other folder only through its content")
    func emptyFolders() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeDirectory("a/b")
        try scratch.write("c/d")
        #expect(try walk(scratch) == ["a/b [empty]", "c/d"])
    }

    @Test("An empty root returns no entries")
    func emptyRoot() throws {
        #expect(try walk(ScratchDirectory()).isEmpty)
    }

    @Test("Links to files and folders are followed, and broken or cyclic links are skipped")
    func followedLinks() throws {
        let outside = try ScratchDirectory()
        try outside.write("in", "x")
        let scratch = try ScratchDirectory()
        try scratch.write("real/file", "x")
        try scratch.link("broken", to: "nowhere")
        try scratch.link("filelink", to: "real/file")
        try scratch.link("folderlink", to: outside.path)
        try scratch.link("real/loop", to: "..")
        try scratch.link("self", to: ".")
        #expect(
            try walk(scratch) == [
                "broken [brokenLink]", "filelink", "folderlink/in", "real/file", "real/loop [linkLoop]",
                "self [linkLoop]",
            ])
    }

    @Test("A followed link to a folder is sorted as a folder")
    func orderOfLinks() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("z/x")
        try scratch.link("a", to: "z")
        try scratch.write("a.txt")
        #expect(try walk(scratch) == ["a.txt", "a/x", "z/x"])
    }

    @Test("Links are skipped with a reason if the option is set")
    func skippedLinks() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("real/file")
        try scratch.link("broken", to: "nowhere")
        try scratch.link("folder", to: "real")
        #expect(try walk(scratch, links: .skip) == ["broken [symbolicLink]", "folder [symbolicLink]", "real/file"])
    }

    @Test("FIFOs and temporary files of interrupted downloads are skipped and never opened")
    func skipped() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFIFO("pipe")
        try scratch.write(".a.0123456789abcdef.oss-partial")
        try scratch.write(".b.oss-partial")
        #expect(
            try walk(scratch) == [
                ".a.0123456789abcdef.oss-partial [partialFile]", ".b.oss-partial", "pipe [specialFile]",
            ])
    }

    @Test("A name that is not UTF-8 is reported once for an entire folder")
    func notUTF8() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(bytes: [0x61, 0xFF])
        try scratch.makeDirectory(bytes: [0x62, 0xFF])
        try scratch.write(bytes: [0x62, 0xFF, 0x2F, 0x63])
        try scratch.write("c")
        #expect(try walk(scratch) == ["a\u{FFFD} [unrepresentable]", "b\u{FFFD} [unrepresentable]", "c"])
    }

    @Test("An unreadable folder is one failed entry, and the walk continues")
    func unreadableFolder() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a/x")
        try scratch.write("b/x")
        try scratch.write("c/x")
        chmod(scratch["b"], 0)
        let found = await withoutPrivileges { try? walk(scratch) }
        #expect(found == ["a/x", "b [Permission denied]", "c/x"])
    }

    @Test("A folder that the caller excludes is one entry in its place and is never opened")
    func skippedFolder() async throws {
        let outside = try ScratchDirectory()
        try outside.write("x")
        let scratch = try ScratchDirectory()
        for path in ["a.txt", "a/x", "b/a/x/y", "b/a0", "c/x", "d"] { try scratch.write(path) }
        try scratch.link("e", to: outside.path)
        try scratch.makeDirectory(bytes: [0x66, 0xFF])
        let unwanted: Set<String> = ["a", "b/a", "e", "f\u{FFFD}", "d", "a.txt"]
        let disk = FaultyFileSystem()
        let found = try await disk.run {
            var walker = try DirectoryWalker(scratch.root, links: .follow) { unwanted.contains($0.description) }
            var found: [String] = []
            while let entry = walker.next() { found.append(entry.path.description + entry.content.mark) }
            return found
        }
        #expect(
            found == [
                "a.txt", "a [excluded]", "b/a [excluded]", "b/a0", "c/x", "d", "e [excluded]", "f\u{FFFD} [excluded]",
            ])
        let calls = disk.calls.filter { $0.kind == .open || $0.kind == .list }.map(\.path)
        for entered in ["b", "c"] { #expect(calls.contains { $0.contains(scratch[entered]) }) }
        for skipped in ["a", "b/a", "e", "f"] {
            #expect(!calls.contains { $0.hasPrefix(scratch[skipped] + "/") || $0 == scratch[skipped] })
        }
    }

    @Test("A folder that the caller excludes may be unreadable")
    func skippedUnreadableFolder() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a/x")
        try scratch.write("b/x")
        chmod(scratch["a"], 0)
        let found = await withoutPrivileges { () -> [String]? in
            guard var walker = try? DirectoryWalker(scratch.root, links: .skip, skipsFolder: { $0.description == "a" })
            else { return nil }
            var found: [String] = []
            while let entry = walker.next() { found.append(entry.path.description + entry.content.mark) }
            return found
        }
        #expect(found == ["a [excluded]", "b/x"])
    }

    @Test("An unreadable root is an error")
    func unreadableRoot() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a/x")
        chmod(scratch["a"], 0)
        let code = await withoutPrivileges {
            do throws(FileError) {
                _ = try SafeDirectory(scratch["a"])
                return Int32(0)
            } catch {
                return error.code
            }
        }
        #expect(code == EACCES)
    }

    @Test("A file that disappears after its folder is read is a failed entry")
    func disappearing() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a")
        try scratch.write("b")
        var walker = try DirectoryWalker(scratch.root, links: .skip)
        unlink(scratch["a"])
        let first = walker.next()
        #expect(first?.content.mark == " [No such file or directory]")
        #expect(walker.next()?.path.description == "b")
    }
}

extension DirectoryWalker.Content {
    fileprivate var mark: String {
        switch self {
        case .file: ""
        case .emptyDirectory: " [empty]"
        case .skipped(let reason): " [\(reason)]"
        case .unrepresentableName: " [unrepresentable]"
        case .movedAside(let from, let to): " [\(from) at \(to)]"
        case .failed(let error): " [" + String(cString: strerror(error.code)) + "]"
        }
    }
}

/// A generator whose random numbers are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
