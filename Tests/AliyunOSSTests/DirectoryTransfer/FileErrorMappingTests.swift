import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("File errors in a transfer")
struct FileErrorMappingTests {
    @Test("A file that may not be read says so and what to do")
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

    @Test("A file that is gone has vanished")
    func gone() {
        #expect(OSSError(reading: FileError("open", "a", code: ENOENT)).code == .vanished)
    }

    @Test("What stands in the way of a download is the key's problem", arguments: [ENOTDIR, ELOOP, EISDIR, EEXIST])
    func inTheWay(code: Int32) {
        let error = OSSError(writing: FileError("open", "x/a", code: code), key: "a/b")
        #expect(error.code == .unsafeKey)
        #expect(error.key == "a/b")
        #expect(error.message.contains("'x/a'") && error.message.contains("move it away"))
    }

    @Test("A full disk and too many open files say what to do")
    func advice() {
        #expect(OSSError(writing: FileError("write", "a", code: ENOSPC), key: "a").message.contains("free some space"))
        #expect(OSSError(reading: FileError("open", "a", code: EMFILE)).message.contains("ulimit"))
    }

    @Test("The cause stays with the error")
    func cause() {
        let error = OSSError(writing: FileError("write", "a", code: ENOSPC), key: "a")
        #expect((error.underlying as? FileError)?.code == ENOSPC)
        #expect(FatalErrors.contains(error, hasAnswered: true))
    }
}
