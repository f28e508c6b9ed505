import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of downloads that are affected by the local disk, its names or other programs. The IDs and outcomes are those
/// in `Docs/Scenarios.md`.
@Suite("Disk faults during downloads")
struct DiskFaultTests {
    private let old = Data("old".utf8)
    private let partial = ".oss-partial"

    private func scene() throws -> DownloadScene {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        return scene
    }

    /// Downloads to a disk with a fault, and expects an error and no change.
    private func expectHarmless(
        _ disk: FaultyFileSystem, _ code: Int32, in scene: DownloadScene,
        _ change: (inout DownloadOptions) -> Void = { _ in },
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let error = await failure {
            try await disk.run {
                try await scene.download {
                    $0.concurrency = 1
                    change(&$0)
                }
            }
        }
        #expect(disk.unused.isEmpty, sourceLocation: sourceLocation)
        #expect(error?.code == .fileSystem, "\(error as Any)", sourceLocation: sourceLocation)
        #expect((error?.underlying as? FileError)?.code == code, sourceLocation: sourceLocation)
        #expect(
            error?.message.contains(String(cString: strerror(code))) == true, "\(error as Any)",
            sourceLocation: sourceLocation)
        #expect((try? scene.folder.contents()) == ["copy": old], sourceLocation: sourceLocation)
        scene.expectNothingLeft(sourceLocation: sourceLocation)
    }

    // MARK: Calls and their order

    @Test(
        "D7: bytes are synced before the journal records them, and the file is synced before it is renamed")
    func d7() async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        try await disk.run { _ = try await scene.download { $0.concurrency = 1 } }
        let calls = disk.calls
        func indices(_ kind: FileSystemCall.Kind, _ suffix: String) -> [Int] {
            calls.indices.filter { calls[$0].kind == kind && calls[$0].path.hasSuffix(suffix) }
        }
        let writes = indices(.write, partial)
        let syncs = indices(.synchronize, partial)
        let lines = indices(.write, ".journal")
        // The header and six ranges.
        #expect(lines.count == 7)
        for line in lines.dropFirst() {
            let write = try #require(writes.last { $0 < line })
            #expect(syncs.contains { write < $0 && $0 < line })
        }
        // Each range is recorded before the next one arrives.
        for (line, next) in zip(lines.dropFirst(), lines.dropFirst(2)) {
            #expect(writes.contains { line < $0 && $0 < next })
        }
        let named = try #require(indices(.rename, "/copy").first)
        let changes = indices(.truncate, partial) + indices(.setPermissions, partial) + writes
        #expect(syncs.contains { sync in sync < named && changes.allSatisfy { $0 < sync } })
        let folderSynced = try #require(indices(.synchronize, scene.folder.path + "/").last)
        let forgotten = try #require(indices(.unlink, ".journal").last)
        #expect(named < folderSynced && folderSynced < forgotten)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("Unlike in ossutil, space is reserved before the second range is requested, and everything is synced")
    func preallocation() async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        try await disk.run { _ = try await scene.download { $0.concurrency = 1 } }
        let calls = disk.calls.filter { $0.path.hasSuffix(partial) }.map(\.kind)
        let allocated = try #require(calls.firstIndex(of: .allocate))
        #expect(calls[..<allocated].count { $0 == .write } == 1)
        #expect(calls[allocated...].count { $0 == .write } == 5)
        #expect(try #require(calls.lastIndex(of: .synchronize)) > #require(calls.lastIndex(of: .write)))
    }

    // MARK: Disks that fail

    @Test(
        "D8: a full disk is an error without a retry, and the temporary file frees its space",
        arguments: [
            (FileSystemCall.Kind.allocate, ENOSPC, 0, 1), (.allocate, EDQUOT, 0, 1), (.write, ENOSPC, 0, 1),
            (.write, ENOSPC, 2, 3), (.write, EDQUOT, 1, 2), (.synchronize, ENOSPC, 0, 1),
        ])
    func d8(kind: FileSystemCall.Kind, code: Int32, skip: Int, requests: Int) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: kind, path: partial, skip: skip)
        await expectHarmless(disk, code, in: scene)
        #expect(scene.ranges.count == requests)
    }

    @Test("D8: a full disk ends a folder transfer with this error, and no further transfer starts", arguments: [1, 4])
    func d8Folder(concurrency: Int) async throws {
        let scene = try DownloadScene()
        for index in 0..<30 { try scene.service.store("d/\(10 + index)", count: 30_000) }
        try scene.folder.write("12", old)
        try scene.folder.write("35", old)
        let disk = FaultyFileSystem()
        disk.add(.fail(ENOSPC), to: .write, path: partial, skip: 2, times: nil)
        let error = await failure {
            try await disk.run {
                try await DirectoryTransfer(scene.service.bucket, concurrency: concurrency)
                    .download(from: "d", to: scene.folder.path)
            }
        }
        #expect(disk.unused.isEmpty)
        #expect(error?.code == .fileSystem)
        #expect((error?.underlying as? FileError)?.code == ENOSPC)
        #expect(scene.ranges.count <= 3 + 2 * (concurrency - 1))
        let contents = try scene.folder.contents()
        #expect(contents["35"] == old)
        #expect(contents.values.allSatisfy { $0 == old || $0.count == 30_000 })
        #expect(contents.keys.contains("12") && contents.count <= 4)
        scene.expectNothingLeft()
    }

    #if os(Linux)
        @Test(
            "D8: a download to a real disk that is too small fails at once and leaves the disk empty",
            .enabled(if: TinyDisk.isAvailable, "a small disk needs the right to mount one"))
        func d8Real() async throws {
            let disk = try TinyDisk()
            let scene = try DownloadScene()
            try disk.folder.write("copy", old)
            for threshold in [Int64(DownloadScene.partSize), 16 << 20] {
                let error = await failure {
                    try await scene.service.bucket.downloadObject(
                        "big", to: disk.folder["copy"], options: scene.options { $0.multipartThreshold = threshold })
                }
                #expect((error?.underlying as? FileError)?.code == ENOSPC, "\(error as Any)")
                #expect(try disk.folder.contents() == ["copy": old])
            }
            #expect(scene.ranges.count == 2)
            // The free space is the same as before.
            try scene.service.store("small", count: TinyDisk.size - (16 << 10))
            try await scene.service.bucket.downloadObject("small", to: disk.folder["copy"])
            #expect(try disk.folder.contents() == ["copy": try #require(scene.service.stored("small"))])
        }
    #endif

    @Test(
        "D8: if the disk is too full or broken for the journal, the download succeeds but cannot be resumed",
        arguments: [FileSystemCall.Kind.write, .synchronize, .truncate, .lock, .create], [ENOSPC, EIO])
    func d8Journal(kind: FileSystemCall.Kind, code: Int32) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: kind, path: ".journal", times: nil)
        try await disk.run { _ = try await scene.download() }
        #expect(disk.unused.isEmpty)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        #expect(scene.temporaries == [])
    }

    @Test("D9: short or interrupted system calls are continued, in a new and in a resumed download")
    func d9() async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        for kind in [FileSystemCall.Kind.write, .synchronize, .truncate, .lock, .allocate] {
            disk.add(.fail(EINTR), to: kind, path: partial)
        }
        disk.add(.fail(EINTR), to: .read, path: partial, skip: 1)
        disk.add(.fail(EAGAIN), to: .write, path: partial, skip: 3)
        disk.add(.fail(EAGAIN), to: .read, path: partial, skip: 3)
        disk.add(.fail(EINTR), to: .write, path: ".journal", skip: 1)
        disk.add(.short(10_001), to: .read, times: nil)
        disk.add(.short(10_001), to: .write, times: nil)
        try await disk.run {
            try await scene.interrupt()
            #expect(try await scene.download().resumedBytes == Int64(3 * DownloadScene.partSize))
        }
        #expect(disk.unused.isEmpty, "\(disk.unused)")
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("D10: a file that cannot be synced is not renamed", arguments: [(0, 1), (3, 4), (6, 6)])
    func d10(skip: Int, requests: Int) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(EIO), to: .synchronize, path: partial, skip: skip)
        await expectHarmless(disk, EIO, in: scene)
        #expect(!disk.calls.contains { $0.kind == .rename })
        #expect(scene.ranges.count == requests)

        // The folder cannot be synced, so the name could be lost again, which is not a success.
        let other = FaultyFileSystem()
        other.add(.fail(EIO), to: .synchronize, path: scene.folder.path + "/")
        #expect(await failure { try await other.run { try await scene.download() } }?.code == .fileSystem)
        #expect(other.unused.isEmpty)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("D11: a file system that cannot sync is still used", arguments: [EINVAL, ENOTSUP])
    func d11(code: Int32) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .synchronize, times: nil)
        try await disk.run {
            try await scene.interrupt()
            #expect(try await scene.download().resumedBytes == Int64(3 * DownloadScene.partSize))
        }
        #expect(disk.unused.isEmpty)
        #expect(try scene.folder.contents() == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test(
        "D12: a file that cannot be renamed is an error; it was created in its destination folder",
        arguments: [EXDEV, EACCES, EISDIR])
    func d12(code: Int32) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .rename)
        await expectHarmless(disk, code, in: scene)
        let made = disk.calls.filter { $0.kind == .create && $0.path.hasSuffix(partial) }
        #expect(!made.isEmpty)
        #expect(made.allSatisfy { $0.path.hasPrefix(scene.folder.path + "/.copy.") })
    }

    @Test(
        "A read-only folder or disk is one clear error, and the existing file remains",
        arguments: [EACCES, EROFS])
    func readOnly(code: Int32) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .create, path: partial, times: nil)
        await expectHarmless(disk, code, in: scene)
        #expect(scene.service.count() == 0)
    }
}
