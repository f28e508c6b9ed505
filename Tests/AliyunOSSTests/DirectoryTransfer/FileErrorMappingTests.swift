import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("File errors in a transfer")
struct FileErrorMappingTests {
    @Test("The error for an unreadable file names the cause and the remedy")
    func unreadable() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1")
        chmod(scratch["a"], 0)
        let root = try scratch.root
        let path = try RelativePath("a".utf8)
        let failure = await withoutPrivileges {
            do throws(FileError) {
                _ = try root.openFile(at: path)
                return OSSError(.fileSystem, "opened")
            } catch {
                return OSSError(reading: error)
            }
        }
        #expect(failure.code == .fileSystem)
        #expect(failure.message == "cannot open '\(scratch["a"])': Permission denied; check its permissions")
    }

    @Test("A missing file maps to the code vanished")
    func gone() {
        #expect(OSSError(reading: FileError("open", "a", code: ENOENT)).code == .vanished)
    }

    @Test(
        "A file that blocks a download maps to the code unsafeKey",
        arguments: [
            (ENOTDIR, "file or link"), (ELOOP, "file or link"), (EISDIR, "folder"),
            (EEXIST, "FIFO, socket or device"),
        ])
    func inTheWay(code: Int32, kind: String) {
        let error = OSSError(writing: FileError("open", "x/a", code: code), key: "a/b")
        #expect(error.code == .unsafeKey)
        #expect(error.key == "a/b")
        #expect(error.message.contains("'x/a'") && error.message.contains("move the \(kind) elsewhere"))
    }

    @Test("The errors for a full disk and for too many open files name the remedy")
    func advice() {
        #expect(OSSError(writing: FileError("write", "a", code: ENOSPC), key: "a").message.contains("free some space"))
        #expect(OSSError(reading: FileError("open", "a", code: EMFILE)).message.contains("ulimit"))
    }

    @Test("A mapped error keeps its cause")
    func cause() {
        let error = OSSError(writing: FileError("write", "a", code: ENOSPC), key: "a")
        #expect((error.underlying as? FileError)?.code == ENOSPC)
        #expect(FatalErrors.contains(error, hasAnswered: true))
    }
}
