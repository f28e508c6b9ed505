import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Atomic file")
struct AtomicFileTests {
    private func write(_ text: String, to file: AtomicFile) throws {
        try Array(text.utf8).withUnsafeBytes { try file.file.write($0, at: 0) }
    }

    @Test("The file appears under its name with its whole content, and nothing else stays")
    func commit() throws {
        let scratch = try ScratchDirectory()
        let file = try AtomicFile(replacing: scratch["a"])
        try write("new", to: file)
        #expect(scratch.status("a") == nil)
        try file.commit()
        #expect(scratch.names() == ["a"])
        #expect(try scratch.text("a") == "new")
    }

    @Test("Without a commit the old file stays and the temporary one is removed")
    func discard() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "old")
        do {
            let file = try AtomicFile(replacing: scratch["a"])
            try write("new", to: file)
            #expect(scratch.names().count == 2)
        }
        #expect(scratch.names() == ["a"])
        #expect(try scratch.text("a") == "old")
    }

    @Test("The temporary file is nobody else's to read until it is finished, and then has the usual permissions")
    func permissions() throws {
        let scratch = try ScratchDirectory()
        let file = try AtomicFile(replacing: scratch["a"])
        #expect(try file.file.status().permissions == 0o600)
        try file.commit()
        try scratch.write("usual")
        #expect(scratch.status("a")?.permissions == scratch.status("usual")?.permissions)
    }

    @Test("A file that is replaced keeps its permissions, unless others are given")
    func keptPermissions() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "old")
        chmod(scratch["a"], 0o640)
        try AtomicFile(replacing: scratch["a"]).commit()
        #expect(scratch.status("a")?.permissions == 0o640)
        try AtomicFile(replacing: scratch["a"]).commit(permissions: 0o755)
        #expect(scratch.status("a")?.permissions == 0o755)
    }

    @Test("The time of the last change can be given, to the nanosecond")
    func modified() throws {
        let scratch = try ScratchDirectory()
        let time = FileStatus.Time(seconds: 1_700_000_000, nanoseconds: 123_456_789)
        try AtomicFile(replacing: scratch["a"]).commit(modified: time)
        #expect(scratch.status("a")?.modified == time)
    }

    @Test("A folder under that name is refused and stays, also when it appears while the file is written")
    func folderInTheWay() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a/x", "1")
        #expect(throws: FileError.self) { try AtomicFile(replacing: scratch["a"]) }
        let file = try AtomicFile(replacing: scratch["b"])
        try scratch.makeDirectory("b")
        #expect(throws: FileError.self) { try file.commit() }
        #expect(scratch.names() == ["a/", "a/x", "b/"])
    }

    @Test("A FIFO under that name is refused and stays")
    func fifoInTheWay() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFIFO("pipe")
        #expect(throws: FileError.self) { try AtomicFile(replacing: scratch["pipe"]) }
        #expect(scratch.names() == ["pipe"])
    }

    @Test("A link is replaced, and what it points to is not written to")
    func link() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("target", "old")
        try scratch.link("a", to: "target")
        let file = try AtomicFile(replacing: scratch["a"])
        try write("new", to: file)
        try file.commit()
        #expect(try scratch.text("target") == "old")
        #expect(scratch.status("a")?.kind == .regular)
    }

    @Test("Other names of the replaced file keep the old content")
    func hardLink() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "old")
        Foundation.link(scratch["a"], scratch["other"])
        let file = try AtomicFile(replacing: scratch["a"])
        try write("new", to: file)
        try file.commit()
        #expect(try scratch.text("other") == "old")
        #expect(try scratch.text("a") == "new")
    }

    @Test("Two at once for one name do not disturb each other: the last one stays")
    func twice() throws {
        let scratch = try ScratchDirectory()
        let first = try AtomicFile(replacing: scratch["a"])
        let second = try AtomicFile(replacing: scratch["a"])
        try write("first", to: first)
        try write("second", to: second)
        try second.commit()
        try first.commit()
        #expect(scratch.names() == ["a"])
        #expect(try scratch.text("a") == "first")
    }

    @Test(
        "The temporary name fits where names are short, is whole UTF-8, and is recognised",
        arguments: [
            "a", String(repeating: "x", count: 255), String(repeating: "é", count: 127),
            String(repeating: "🗂", count: 63),
        ])
    func temporaryName(name: String) throws {
        let original = try #require(FileName(name.utf8))
        let temporary = AtomicFile.temporaryName(for: original, token: 7)
        #expect(temporary.bytes.count <= 143)
        #expect(String(validating: temporary.bytes, as: UTF8.self) != nil)
        #expect(AtomicFile.isTemporary(temporary))
        #expect(!AtomicFile.isTemporary(original))
    }

    /// The temporary file that an attempt leaves that is killed during its commit.
    private func leftover(_ scratch: ScratchDirectory) throws -> String {
        let killed = try AtomicFile(replacing: scratch["a"], identity: 7)
        try write("half", to: killed)
        killed.keep()
        return try #require(scratch.names().first { $0.hasSuffix(".oss-partial") })
    }

    @Test(
        "What an attempt left that was killed when the file had its permissions already is gone on with",
        arguments: [0o644, 0o444, 0o777])
    func leftWithPermissions(permissions: mode_t) async throws {
        let scratch = try ScratchDirectory()
        let name = try leftover(scratch)
        chmod(scratch[name], permissions)
        let isReused = try AtomicFile(replacing: scratch["a"], identity: 7).isReused
        #expect(isReused)
        #expect(scratch.names().isEmpty)
    }

    @Test("What an attempt left that was killed between two names of the file is let go, and the file stays")
    func leftWithTwoNames() throws {
        let scratch = try ScratchDirectory()
        let name = try leftover(scratch)
        Foundation.link(scratch[name], scratch["a"])
        let file = try AtomicFile(replacing: scratch["a"], identity: 7)
        #expect(!file.isReused)
        try write("new", to: file)
        #expect(try scratch.text("a") == "half")
        file.discard()
        #expect(scratch.names() == ["a"])
    }

    @Test("What another attempt holds is left alone, whatever its permissions")
    func heldWithPermissions() throws {
        let scratch = try ScratchDirectory()
        let held = try AtomicFile(replacing: scratch["a"], identity: 7)
        try write("first", to: held)
        try held.file.setPermissions(0o644)
        let other = try AtomicFile(replacing: scratch["a"], identity: 7)
        #expect(!other.isReused)
        #expect(try held.file.status().permissions == 0o644)
        try held.commit()
        #expect(try scratch.text("a") == "first")
    }

    @Test("A file that changed meanwhile is not replaced when it is to be unchanged, unless it has the same bytes")
    func unchanged() throws {
        let scratch = try ScratchDirectory()
        for (text, isReplaced) in [("new", true), ("neu", false), ("newer", false), ("", false)] {
            try scratch.write("a", "old")
            // Two writes within a tick of the file system's clock have the same time.
            let past = Date(timeIntervalSince1970: 1_600_000_000)
            try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: scratch["a"])
            let file = try AtomicFile(replacing: scratch["a"])
            try write("new", to: file)
            try scratch.write("a", text)
            if isReplaced {
                #expect(try file.commit(replacing: .unchanged) == scratch["a"])
            } else {
                let error = #expect(throws: FileError.self) { try file.commit(replacing: .unchanged) }
                #expect(error?.code == EEXIST)
            }
            #expect(scratch.names() == ["a"])
            #expect(try scratch.text("a") == text)
        }
    }

    @Test("In a folder that nobody may write to nothing is made, and the error says so")
    func readOnlyFolder() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "old")
        chmod(scratch.path, 0o555)
        let error = await withoutPrivileges { () -> FileError? in
            do {
                _ = try AtomicFile(replacing: scratch["a"], identity: 1)
                return nil
            } catch { return error as? FileError }
        }
        #expect(error?.code == EACCES)
        #expect(scratch.names() == ["a"])
    }

    @Test("Only what an attempt leaves under the name of its identity is found again")
    func foundAgain() throws {
        let scratch = try ScratchDirectory()
        let first = try AtomicFile(replacing: scratch["a"], identity: 1)
        let second = try AtomicFile(replacing: scratch["a"], identity: 1)
        #expect(first.isReusable && !second.isReusable)
        #expect(try !AtomicFile(replacing: scratch["b"]).isReusable)
    }

    @Test(
        "A number goes before the extension, and the whole stays a name",
        arguments: [
            ("a.txt", "a (3).txt"), ("a", "a (3)"), (".hidden", ".hidden (3)"), ("a.tar.gz", "a.tar (3).gz"),
            (String(repeating: "x", count: 255), String(repeating: "x", count: 251) + " (3)"),
            (String(repeating: "é", count: 127), String(repeating: "é", count: 125) + " (3)"),
            ("x." + String(repeating: "é", count: 126), "x." + String(repeating: "é", count: 124) + " (3)"),
            (String(repeating: "漢", count: 83) + ".txt", String(repeating: "漢", count: 82) + " (3).txt"),
        ])
    func numbered(name: String, expected: String) throws {
        #expect(try #require(FileName(name.utf8)).numbered(3).description == expected)
    }
}
