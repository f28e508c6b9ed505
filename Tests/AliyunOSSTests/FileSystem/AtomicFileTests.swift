import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Atomic file")
struct AtomicFileTests {
    private func write(_ text: String, to file: AtomicFile) throws {
        try Array(text.utf8).withUnsafeBytes { try file.file.write($0, at: 0) }
    }

    @Test("The file appears under its name with its entire content, and no other file is left")
    func commit() throws {
        let scratch = try ScratchDirectory()
        let file = try AtomicFile(replacing: scratch["a"])
        try write("new", to: file)
        #expect(scratch.status("a") == nil)
        try file.commit()
        #expect(scratch.names() == ["a"])
        #expect(try scratch.text("a") == "new")
    }

    @Test("Without a commit, the old file remains and the temporary file is removed")
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

    @Test("The temporary file is readable only by its owner until it is finished, and then has the default permissions")
    func permissions() throws {
        let scratch = try ScratchDirectory()
        let file = try AtomicFile(replacing: scratch["a"])
        #expect(try file.file.status().permissions == 0o600)
        try file.commit()
        try scratch.write("usual")
        #expect(scratch.status("a")?.permissions == scratch.status("usual")?.permissions)
    }

    @Test("A replaced file keeps its permissions unless others are specified")
    func keptPermissions() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "old")
        chmod(scratch["a"], 0o640)
        try AtomicFile(replacing: scratch["a"]).commit()
        #expect(scratch.status("a")?.permissions == 0o640)
        try AtomicFile(replacing: scratch["a"]).commit(permissions: 0o755)
        #expect(scratch.status("a")?.permissions == 0o755)
    }

    @Test("The modification time can be set to the nanosecond")
    func modified() throws {
        let scratch = try ScratchDirectory()
        let time = FileStatus.Time(seconds: 1_700_000_000, nanoseconds: 123_456_789)
        try AtomicFile(replacing: scratch["a"]).commit(modified: time)
        #expect(scratch.status("a")?.modified == time)
    }

    @Test("A folder with the name of the file is an error and remains, even if it appears during the write")
    func folderInTheWay() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a/x", "1")
        #expect(throws: FileError.self) { try AtomicFile(replacing: scratch["a"]) }
        let file = try AtomicFile(replacing: scratch["b"])
        try scratch.makeDirectory("b")
        #expect(throws: FileError.self) { try file.commit() }
        #expect(scratch.names() == ["a/", "a/x", "b/"])
    }

    @Test("A FIFO with the name of the file is an error and remains")
    func fifoInTheWay() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFIFO("pipe")
        #expect(throws: FileError.self) { try AtomicFile(replacing: scratch["pipe"]) }
        #expect(scratch.names() == ["pipe"])
    }

    @Test("A symbolic link is replaced, and its target is not changed")
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

    @Test("Other hard links to the replaced file keep the old content")
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

    @Test("Two concurrent writes to one name do not disturb each other, and the last one remains")
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
        "A temporary name fits the file system's limit, is valid UTF-8, and is recognized",
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

    /// Returns the temporary file that an attempt leaves behind if it is killed during its commit.
    private func leftover(_ scratch: ScratchDirectory) throws -> String {
        let killed = try AtomicFile(replacing: scratch["a"], identity: 7)
        try write("half", to: killed)
        killed.keep()
        return try #require(scratch.names().first { $0.hasSuffix(".oss-partial") })
    }

    @Test(
        "A temporary file of an attempt that was killed after setting permissions can be resumed",
        arguments: [0o644, 0o444, 0o777])
    func leftWithPermissions(permissions: mode_t) async throws {
        let scratch = try ScratchDirectory()
        let name = try leftover(scratch)
        chmod(scratch[name], permissions)
        let isReused = try AtomicFile(replacing: scratch["a"], identity: 7).isReused
        #expect(isReused)
        #expect(scratch.names().isEmpty)
    }

    @Test("A temporary file of an attempt that was killed between two links is released, and the file remains")
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

    @Test("A temporary file that another attempt holds is not changed, whatever its permissions")
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

    @Test("A file that must be unchanged is not replaced if it changed, unless it has the same bytes")
    func unchanged() throws {
        let scratch = try ScratchDirectory()
        for (text, isReplaced) in [("new", true), ("neu", false), ("newer", false), ("", false)] {
            try scratch.write("a", "old")
            // Two writes within one tick of the file system's clock have the same time.
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

    @Test("In a folder that is not writable, nothing is created, and the error states the reason")
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

    @Test("Only the leftovers of attempts with the same identity are found")
    func foundAgain() throws {
        let scratch = try ScratchDirectory()
        let first = try AtomicFile(replacing: scratch["a"], identity: 1)
        let second = try AtomicFile(replacing: scratch["a"], identity: 1)
        #expect(first.isReusable && !second.isReusable)
        #expect(try !AtomicFile(replacing: scratch["b"]).isReusable)
    }

    @Test(
        "A number is inserted before the extension, and the result is a valid name",
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
