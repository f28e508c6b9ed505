import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Safe directory")
struct SafeDirectoryTests {
    @Test("A symbolic link in the path of a file is rejected, whatever its target")
    func linkOnTheWay() throws {
        let outside = try ScratchDirectory()
        let scratch = try ScratchDirectory()
        try outside.write("secret", "s")
        try scratch.link("door", to: outside.path)
        #expect(throws: FileError.self) { try scratch.root.openFile(at: RelativePath("door/secret".utf8)) }
        let names = try RelativePath("door/new".utf8).components
        #expect(throws: FileError.self) { try scratch.root.directory(at: names, creating: true) }
        #expect(outside.names() == ["secret"])
    }

    @Test("A link in place of a file is rejected, or followed if requested")
    func linkAtTheEnd() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("file", "content")
        try scratch.link("link", to: "file")
        let path = try RelativePath("link".utf8)
        #expect(throws: FileError.self) { try scratch.root.openFile(at: path) }
        #expect(try scratch.root.openFile(at: path, links: .follow).status().size == 7)
    }

    @Test("A link in the path of the root is followed, and the folder stays the same if the path changes")
    func pinned() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("real/file", "1")
        try scratch.makeDirectory("other")
        try scratch.link("link", to: "real")
        let folder = try SafeDirectory(scratch["link"])
        unlink(scratch["link"])
        try scratch.link("link", to: "other")
        #expect(try folder.openFile(at: RelativePath("file".utf8)).status().size == 1)
    }

    @Test("Missing folders are created at any depth, and existing ones are used")
    func creating() throws {
        let scratch = try ScratchDirectory()
        _ = try scratch.root.directory(at: RelativePath("a/b/c".utf8).components, creating: true)
        _ = try scratch.root.directory(at: RelativePath("a/b/d".utf8).components, creating: true)
        _ = try SafeDirectory.creating(scratch["x/y//z/"])
        #expect(scratch.names() == ["a/", "a/b/", "a/b/c/", "a/b/d/", "x/", "x/y/", "x/y/z/"])
    }

    @Test("A file in place of a folder is an error and remains")
    func fileInTheWay() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1")
        #expect(throws: FileError.self) {
            try scratch.root.directory(at: RelativePath("a/b".utf8).components, creating: true)
        }
        #expect(throws: FileError.self) { try SafeDirectory.creating(scratch["a/b"]) }
        #expect(try scratch.text("a") == "1")
    }

    @Test("A FIFO is rejected immediately, without waiting for its writer")
    func fifo() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFIFO("pipe")
        #expect(throws: FileError.self) { try scratch.root.openFile(at: RelativePath("pipe".utf8)) }
    }
}
