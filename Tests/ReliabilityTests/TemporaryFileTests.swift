import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of file names, temporary files and leftovers of crashes. The IDs and outcomes are those in
/// `Docs/Scenarios.md`.
@Suite("Temporary files of downloads")
struct TemporaryFileTests {
    private let old = Data("old".utf8)
    private let partial = ".oss-partial"

    @Test(
        "D19: files with the longest possible names are downloaded, resumed and numbered; temporary names are shorter and valid UTF-8",
        arguments: [
            String(repeating: "x", count: 255), String(repeating: "é", count: 127), String(repeating: "漢", count: 85),
            String(repeating: "🗂", count: 63), String(repeating: "x", count: 94) + String(repeating: "漢", count: 53),
            String(repeating: "漢", count: 83) + ".txt", "." + String(repeating: "é", count: 127),
            "x." + String(repeating: "é", count: 126),
        ])
    func d19(name: String) async throws {
        let scene = try DownloadScene()
        let disk = FaultyFileSystem()
        try await disk.run {
            try await scene.interrupt(name)
            #expect(try await scene.download(to: name).resumedBytes == Int64(3 * DownloadScene.partSize))
            for _ in 0..<2 {
                let beside = try await scene.download(to: name) { $0.conflictPolicy = .keepBoth }.path.dropFirst(
                    scene.folder.path.count + 1)
                #expect(beside.utf8.count <= 255 && beside.contains(" (") && !beside.contains("\u{FFFD}"))
            }
        }
        let names = try scene.folder.files()
        #expect(names.count == 3 && names.contains(name))
        #expect(try scene.folder.contents().values.allSatisfy { $0 == scene.content })
        let temporary = disk.calls.filter { $0.kind == .create && $0.path.hasSuffix(partial) }
            .map { $0.path.dropFirst(scene.folder.path.count + 1) }
        #expect(temporary.count >= 4)
        #expect(temporary.allSatisfy { $0.utf8.count <= 143 && !$0.contains("\u{FFFD}") })
        scene.expectNothingLeft()
    }

    @Test("D20: a leftover of a crash is not uploaded, is reused by the next download, and is removed when it is old")
    func d20() async throws {
        let scene = try DownloadScene()
        try await scene.interrupt()
        let temporary = try #require(scene.temporaries.first)
        try scene.folder.write("mine", old)
        let up = try await DirectoryTransfer(scene.service.bucket).upload(from: scene.folder.path, to: "up")
        #expect(up.skipped.files == 1 && up.transferred.files == 1 && up.isComplete)
        #expect(scene.service.server.keys(in: "photos") == ["big", "up/mine"])

        // A download of another object does not change it; a download of the same object reuses it, also in a folder
        // transfer.
        try await scene.download("up/mine")
        #expect(scene.temporaries == [temporary])
        let disk = FaultyFileSystem()
        try await disk.run { _ = try await scene.download() }
        #expect(Set(disk.calls.map(\.path).filter { $0.hasSuffix(partial) }) == [scene.folder[temporary]])
        #expect(try scene.folder.contents() == ["copy": scene.content, "mine": old])
        scene.expectNothingLeft()
    }

    @Test("D20: a leftover that is one week old and not in use is removed with its journal")
    func d20Sweep() async throws {
        let scene = try DownloadScene()
        try await scene.interrupt()
        let temporary = try #require(scene.temporaries.first)
        let journal = try #require(scene.journals.first)
        func age(days: Double) throws {
            let date = Date(timeIntervalSinceNow: -days * 86_400)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: scene.state[journal])
        }
        // For the process, each spelling of the path is a different folder, and each is cleaned when it is opened.
        try age(days: 6)
        try JournalDirectory(.path(scene.state.path + "/."))?.sweepOnce()
        #expect(scene.temporaries == [temporary] && scene.journals == [journal])

        try age(days: 8)
        let name = try #require(FileName(journal.utf8.dropFirst("transfers/".utf8.count)))
        let folder = try SafeDirectory(scene.state["transfers"])
        do {
            let holder = try #require(try LockedFile.open(name, in: folder))
            try JournalDirectory(.path(scene.state.path + "/./."))?.sweepOnce()
            #expect(scene.temporaries == [temporary] && scene.journals == [journal])
            withExtendedLifetime(holder) {}
        }
        try scene.folder.write("." + "mine" + partial, old)
        try JournalDirectory(.path(scene.state.path + "/././."))?.sweepOnce()
        #expect(scene.journals == [])
        // Only the file that the journal names is removed, not one with a similar name.
        #expect(try scene.folder.files() == [".mine" + partial])
    }

    @Test("D18: a temporary file that another process locks before its creator belongs to that process")
    func d18Locked() throws {
        let folder = try ScratchDirectory()
        let faster = Mutex<AtomicFile?>(nil)
        let meanwhile = Meanwhile(.lock) {
            let file = try AtomicFile(replacing: folder["a"], identity: 7)
            faster.withLock { $0 = file }
        }
        try FileSystemSeam.$interceptor.withValue(meanwhile) {
            let slower = try AtomicFile(replacing: folder["a"], identity: 7)
            let faster = try #require(faster.withLock { $0 })
            #expect(faster.isReusable && !slower.isReusable)
            try faster.file.write(Array(old), at: 0)
            try faster.commit()
            #expect(try folder.contents().filter { !$0.key.hasSuffix(partial) } == ["a": old])
        }
        #expect(meanwhile.hasHappened)
        #expect(try folder.contents() == ["a": old])
    }

    @Test(
        "D18: a finished temporary file is not mistaken for one that a third process has started",
        arguments: [false, true])
    func d18Finished(hasThird: Bool) throws {
        let folder = try ScratchDirectory()
        let third = Mutex<AtomicFile?>(nil)
        let meanwhile = Meanwhile(.lock) {
            let second = try AtomicFile(replacing: folder["a"], identity: 7)
            try second.file.write(Array(old), at: 0)
            try second.commit()
            let file = hasThird ? try AtomicFile(replacing: folder["a"], identity: 7) : nil
            third.withLock { $0 = file }
        }
        try FileSystemSeam.$interceptor.withValue(meanwhile) {
            let first = try AtomicFile(replacing: folder["a"], identity: 7)
            #expect(!first.isReusable && !first.isReused)
            guard hasThird else { return }
            let third = try #require(third.withLock { $0 })
            #expect(third.isReusable)
            try third.file.write(Array(old), at: 0)
            try third.commit()
        }
        #expect(meanwhile.hasHappened)
        #expect(try folder.contents() == ["a": old])
    }

    @Test("D18: on a file system without locks, every attempt has its own file, and nothing else is left behind")
    func d18Lockless() throws {
        let folder = try ScratchDirectory()
        for code in [ENOTSUP, ENOLCK, ENOSYS] {
            let disk = FaultyFileSystem()
            disk.add(.fail(code), to: .lock, times: nil)
            try FileSystemSeam.$interceptor.withValue(disk) {
                let file = try AtomicFile(replacing: folder["a"], identity: 7)
                #expect(!file.isReusable)
                #expect(try folder.files().count { $0.hasSuffix(partial) } == 1)
                try file.file.write(Array(old), at: 0)
                try file.commit()
            }
            #expect(disk.unused.isEmpty)
            #expect(try folder.contents() == ["a": old])
        }
    }

    @Test("D20: a link in place of a leftover is not followed when writing")
    func d20Planted() async throws {
        let scene = try DownloadScene()
        try await scene.interrupt()
        let temporary = try #require(scene.temporaries.first)
        try scene.folder.write("victim", old)
        try FileManager.default.removeItem(atPath: scene.folder[temporary])
        try FileManager.default.createSymbolicLink(atPath: scene.folder[temporary], withDestinationPath: "victim")
        #expect(try await scene.download().resumedBytes == 0)
        #expect(try scene.folder.read("copy") == scene.content)
        #expect(try scene.folder.read("victim") == old)
    }

    @Test(
        "D21: a file whose time or permissions cannot be set is still kept",
        arguments: [FileSystemCall.Kind.setPermissions, .setTime], [EPERM, EACCES, ENOTSUP, EINVAL, ENOSYS])
    func d21(kind: FileSystemCall.Kind, code: Int32) async throws {
        let scene = try DownloadScene()
        let headers: HTTPHeaders = ["x-oss-meta-mtime": "1600000000.5", "x-oss-meta-mode": "640"]
        try scene.service.server.put("d/a", old, in: "photos", headers: headers)
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: kind, times: nil)
        let report = try await disk.run {
            try await DirectoryTransfer(scene.service.bucket).download(from: "d", to: scene.folder.path)
        }
        #expect(disk.unused.isEmpty)
        #expect(report.isComplete && report.transferred.files == 1)
        #expect(try scene.folder.contents() == ["a": old])
        scene.expectNothingLeft()
    }
}
