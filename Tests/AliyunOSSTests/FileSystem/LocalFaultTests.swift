import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Faults of the local file system")
struct LocalFaultTests {
    private let content = [UInt8]((0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ ($0 >> 8)) })

    @Test("D7: a download is written, synced and renamed, and then its folder is synced, in this order")
    func order() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        let disk = FaultyFileSystem()
        try service.server.put("a", Data(content), in: "photos")
        try await disk.run { _ = try await service.bucket.downloadObject("a", to: folder["a"]) }
        let kinds = disk.calls.map(\.kind)
        let created = try #require(kinds.firstIndex(of: .create))
        let lastWrite = try #require(kinds.lastIndex(of: .write))
        let synced = try #require(kinds.firstIndex(of: .synchronize))
        let renamed = try #require(kinds.firstIndex(of: .rename))
        let folderSynced = try #require(kinds.lastIndex(of: .synchronize))
        #expect(created < lastWrite && lastWrite < synced && synced < renamed && renamed < folderSynced)
        #expect(disk.calls[synced].path.hasSuffix(".oss-partial"))
        #expect(disk.calls[folderSynced].path == folder.path + "/")
        #expect(try folder.content("a") == content)
    }

    @Test(
        "If a call fails, the old file remains and no other file is left",
        arguments: [
            (FileSystemCall.Kind.create, EACCES), (.write, ENOSPC), (.truncate, EIO), (.setPermissions, EIO),
            (.synchronize, EIO), (.rename, EXDEV), (.status, EIO),
        ])
    func failures(kind: FileSystemCall.Kind, code: Int32) async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        let disk = FaultyFileSystem()
        try folder.write("a", "old")
        try service.server.put("a", Data(content), in: "photos")
        disk.add(.fail(code), to: kind)
        let error = await #expect(throws: OSSError.self) {
            try await disk.run { try await service.bucket.downloadObject("a", to: folder["a"]) }
        }
        #expect(disk.unused.isEmpty)
        #expect(error?.code == .fileSystem)
        #expect(error?.message.contains(String(cString: strerror(code))) == true)
        #expect(try folder.text("a") == "old")
        #expect(folder.names() == ["a"])
    }

    @Test("A disk that fills up during a download is an error, and the old file remains")
    func fullDisk() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        let disk = FaultyFileSystem()
        try folder.write("a", "old")
        try service.server.put("a", Data(content), in: "photos")
        disk.add(.short(100), to: .write, skip: 1)
        disk.add(.fail(ENOSPC), to: .write, skip: 1)
        await #expect(throws: OSSError.self) {
            try await disk.run { try await service.bucket.downloadObject("a", to: folder["a"]) }
        }
        #expect(disk.unused.isEmpty)
        #expect(try folder.text("a") == "old")
        #expect(folder.names() == ["a"])
        #expect(service.server.requests.count == 1)
    }

    @Test("Short and interrupted reads and writes are continued")
    func shortCalls() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        let disk = FaultyFileSystem()
        try folder.write("source", content)
        disk.add(.fail(EINTR), to: .read, skip: 1)
        disk.add(.fail(EINTR), to: .write, skip: 1)
        disk.add(.fail(EINTR), to: .synchronize)
        disk.add(.short(10_001), to: .read, times: nil)
        disk.add(.short(10_001), to: .write, times: nil)
        try await disk.run {
            _ = try await service.bucket.uploadObject("a", from: folder["source"])
            _ = try await service.bucket.downloadObject("a", to: folder["copy"])
        }
        #expect(disk.unused.isEmpty)
        #expect(service.server.data(of: "a", in: "photos") == Data(content))
        #expect(try folder.content("copy") == content)
    }

    @Test("A file that cannot be read to its end is not stored")
    func unreadable() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        let disk = FaultyFileSystem()
        try folder.write("source", content)
        disk.add(.fail(EIO), to: .read, skip: 2)
        let error = await #expect(throws: OSSError.self) {
            try await disk.run { try await service.bucket.uploadObject("a", from: folder["source"]) }
        }
        #expect(disk.unused.isEmpty)
        #expect(error?.code == .fileSystem)
        #expect(service.server.keys(in: "photos").isEmpty)
    }

    @Test(
        "If any single call of a mirror fails, each file is the old or the new one, and no failure looks like a success"
    )
    func sweep() async throws {
        let service = try TestService()
        for name in ["a", "d/b", "d/e/c"] {
            try service.server.put("p/\(name)", Data("new \(name)".utf8), in: "photos")
        }
        func run(_ disk: FaultyFileSystem) async throws -> (isComplete: Bool, folder: ScratchDirectory) {
            let folder = try ScratchDirectory()
            try folder.write("a", "old a")
            try folder.write("d/b", "old d/b")
            var options = DirectoryTransfer.Options()
            options.concurrency = 1
            // The batch closes when nothing else is in flight, so the order of the calls does not depend on time.
            options.batchRule.delay = .seconds(600)
            let transfer = DirectoryTransfer(service.bucket, options: options)
            let report = try? await disk.run { try await transfer.download(from: "p", to: folder.path) }
            return (report?.isComplete ?? false, folder)
        }
        let clean = FaultyFileSystem()
        #expect(try await run(clean).isComplete)
        let count = clean.calls.count
        #expect(count > 20)
        for index in 0..<count {
            let disk = FaultyFileSystem()
            disk.add(.fail(EIO), skip: index)
            let (isComplete, folder) = try await run(disk)
            #expect(disk.unused.isEmpty, "call \(index) was not met")
            let failed = try #require(disk.calls.dropFirst(index).first)
            for name in ["a", "d/b", "d/e/c"] {
                let text = folder.status(name) == nil ? nil : try folder.text(name)
                #expect(
                    text == "new \(name)"
                        || (!isComplete && (text == "old \(name)" || (text == nil && name == "d/e/c"))))
            }
            #expect(failed.kind == .unlink || !folder.names().contains { $0.hasSuffix(".oss-partial") })
        }
    }
}
