import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Locked files")
struct LockedFileTests {
    private let name = FileName(unchecked: Array("lock".utf8))

    @Test("A file has one holder at a time and is free when the holder releases it")
    func oneHolder() throws {
        let folder = try ScratchDirectory()
        let directory = try SafeDirectory(folder.path)
        do {
            let holder = try #require(try LockedFile.open(name, in: directory))
            #expect(try LockedFile.open(name, in: directory) == nil)
            withExtendedLifetime(holder) {}
        }
        #expect(try LockedFile.open(name, in: directory) != nil)
    }

    @Test("A file that is released or kept for the next attempt is free, even if its holder still exists")
    func givenBack() throws {
        let folder = try ScratchDirectory()
        let directory = try SafeDirectory(folder.path)
        let holder = try #require(try LockedFile.open(name, in: directory))
        holder.unlock()
        #expect(try LockedFile.open(name, in: directory) != nil)
        withExtendedLifetime(holder) {}

        let unfinished = try AtomicFile(replacing: folder["a"], identity: 7)
        try unfinished.file.write(Array("half".utf8), at: 0)
        #expect(try !AtomicFile(replacing: folder["a"], identity: 7).isReused)
        unfinished.keep()
        #expect(try AtomicFile(replacing: folder["a"], identity: 7).isReused)
        withExtendedLifetime(unfinished) {}
    }

    @Test(
        "A released file is free even if a child process still has its descriptor for a moment")
    func inheritedDescriptor() throws {
        let folder = try ScratchDirectory()
        let file = try #require(try SafeDirectory(folder.path).openPrivateFile(name)?.file)
        let copy: Int32
        do {
            let holder = OpenFile(descriptor: dup(file.descriptor), path: file.path)
            // As after fork, another descriptor for the same open file.
            copy = dup(holder.descriptor)
            #expect(try holder.lock() == .acquired)
            withExtendedLifetime(holder) {}
        }
        defer { close(copy) }
        let next = try LockedFile.open(name, in: SafeDirectory(folder.path))
        #expect(next != nil)
    }
}
