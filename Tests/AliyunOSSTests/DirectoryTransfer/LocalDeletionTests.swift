import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Local files deleted by a download")
struct LocalDeletionTests {
    private let service: TestService
    private let target: ScratchDirectory
    private let backup: ScratchDirectory

    init() throws {
        service = try TestService()
        target = try ScratchDirectory()
        backup = try ScratchDirectory()
        try service.server.put("kept", Data("kept".utf8), in: "photos")
    }

    private func download(
        into backupFolder: String? = nil, _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }
    ) async throws -> TransferReport {
        var options = DirectoryTransfer.Options()
        options.deletion = DeletionOptions()
        options.deletion?.backupFolder = backupFolder
        configure(&options)
        let report = try await DirectoryTransfer(service.bucket, options: options).download(from: "", to: target.path)
        #expect(report.isComplete, "\(report.failures)")
        return report
    }

    @Test("Deleted files move to the backup folder with their path, time and permissions, and replace nothing there")
    func backupFolder() async throws {
        for round in ["first", "second", "third"] {
            for name in ["a.txt", "d/e/.hidden", "d/noextension"] { try target.write(name, "\(round) \(name)") }
            chmod(target["a.txt"], 0o600)
            let time = target.status("a.txt")?.modified
            #expect(try await download(into: backup.path).deleted.files == 3)
            #expect(target.names() == ["kept"])
            if round == "first" {
                #expect(backup.status("a.txt")?.modified == time && backup.status("a.txt")?.permissions == 0o600)
            }
        }
        #expect(
            backup.names() == [
                "a (1).txt", "a (2).txt", "a.txt", "d/", "d/e/", "d/e/.hidden", "d/e/.hidden (1)", "d/e/.hidden (2)",
                "d/noextension", "d/noextension (1)", "d/noextension (2)",
            ])
        #expect(try backup.text("a.txt") == "first a.txt" && backup.text("a (2).txt") == "third a.txt")
    }

    @Test(
        "Deleted files are copied to a backup folder on another disk with the same outcome",
        .enabled(if: OtherDisk.path != nil))
    func otherDisk() async throws {
        let disk = try OtherDisk()
        for round in ["first", "second"] {
            try target.write("d/a.txt", Array(round.utf8) + pattern(700_000))
            chmod(target["d/a.txt"], 0o640)
            let status = try #require(target.status("d/a.txt"))
            #expect(try await download(into: disk.folder).deleted.files == 1)
            #expect(target.names() == ["kept"])
            let name = disk.folder + (round == "first" ? "/d/a.txt" : "/d/a (1).txt")
            #expect(FileManager.default.contents(atPath: name) == Data(Array(round.utf8) + pattern(700_000)))
            var copied = stat()
            try #require(lstat(name, &copied) == 0)
            #expect(FileStatus(copied).modified == status.modified)
            #expect(FileStatus(copied).permissions == 0o640)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.folder + "/d").count == 2)
    }

    @Test("A backup folder inside the destination is not part of the transfer")
    func backupInTarget() async throws {
        try target.write("gone", "x")
        #expect(try await download(into: target["kept files"]).deleted.files == 1)
        #expect(try await download(into: target["kept files"]).deleted.files == 0)
        #expect(target.names() == ["kept", "kept files/", "kept files/gone"])
    }

    @Test("A backup folder that is or contains the destination is rejected, even through a link")
    func targetInBackup() async throws {
        try target.makeDirectory("below")
        try backup.link("link", to: target.path)
        for (folder, kept) in [
            (target.path, target.path), (target["below"], target.path), (target["below"] + "/", target.path + "/./"),
            (target["below/not/there"], target.path), (target["below"], backup["link"]), (target.path, "/"),
        ] {
            var options = DirectoryTransfer.Options()
            options.deletion = DeletionOptions()
            options.deletion?.backupFolder = kept
            let transfer = DirectoryTransfer(service.bucket, options: options)
            let error = await #expect(throws: OSSError.self, "'\(folder)' in '\(kept)'") {
                try await transfer.planDownload(from: "", to: folder)
            }
            #expect(error?.code == .invalidArgument)
        }
        #expect(service.server.requests.isEmpty)
        #expect(target.names() == ["below/"])
    }

    @Test("Folders that become empty are deleted, and no others")
    func emptyFolders() async throws {
        for name in ["a/b/c/gone", "a/gone", "d/gone", "d/left.out", "e/f/gone"] { try target.write(name, "x") }
        try target.makeDirectory("e/empty before")
        try target.makeDirectory("untouched")
        let report = try await download { try? $0.filter.exclude("*.out") }
        #expect(report.deleted.files == 4)
        #expect(target.names() == ["d/", "d/left.out", "e/", "e/empty before/", "kept", "untouched/"])
    }

    @Test("If empty folders are included, earlier empty folders are deleted unless the bucket has them")
    func mirroredFolders() async throws {
        for name in ["e/empty before", "untouched", "in the bucket", "also/there"] { try target.makeDirectory(name) }
        for key in ["in the bucket/", "also/"] { try service.server.put(key, Data(), in: "photos") }
        let report = try await download { $0.includesEmptyDirectories = true }
        #expect(report.deleted.files == 0)
        #expect(target.names() == ["also/", "in the bucket/", "kept"])
    }

    /// A folder on another disk than the temporary folder, if this machine has one.
    private final class OtherDisk {
        static let path: String? = {
            var (memory, temporary) = (stat(), stat())
            guard stat("/dev/shm", &memory) == 0, access("/dev/shm", W_OK) == 0,
                stat(FileManager.default.temporaryDirectory.path, &temporary) == 0, memory.st_dev != temporary.st_dev
            else { return nil }
            return "/dev/shm"
        }()

        let folder: String

        init() throws {
            folder = try #require(Self.path) + "/oss-test-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }
}
