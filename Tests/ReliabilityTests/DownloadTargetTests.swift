import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of downloads whose destination exists or appears during the download. The IDs and outcomes are those in
/// `Docs/Scenarios.md`.
@Suite("Existing files at the destination of a download")
struct DownloadTargetTests {
    private let old = Data("old".utf8)

    private func scene() throws -> DownloadScene {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        return scene
    }

    @Test(
        "D13: a folder at the path of the file is an error and keeps its content, even if it appears during the download"
    )
    func d13() async throws {
        let scene = try DownloadScene()
        try scene.folder.write("copy/kept", old)
        let error = await failure { try await scene.download() }
        #expect(error?.code == .fileSystem)
        #expect(error?.message.contains("Is a directory") == true)
        #expect(scene.service.count() == 0)

        let later = scene.folder["later"]
        let meanwhile = Meanwhile(.synchronize) {
            try FileManager.default.createDirectory(atPath: later, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: later + "/kept"))
        }
        let second = await failure { try await meanwhile.run { try await scene.download(to: "later") } }
        #expect(meanwhile.hasHappened)
        #expect(second?.message.contains("Is a directory") == true, "\(second as Any)")
        #expect(try scene.folder.contents() == ["copy/kept": old, "later/kept": Data()])
        scene.expectNothingLeft()
    }

    @Test("D14: a symbolic link is replaced, and its target is not changed", arguments: ["target", "nowhere", "."])
    func d14(target: String) async throws {
        let scene = try DownloadScene()
        try scene.folder.write("target", old)
        try FileManager.default.createSymbolicLink(atPath: scene.folder["copy"], withDestinationPath: target)
        try await scene.download()
        #expect(try scene.folder.contents() == ["copy": scene.content, "target": old])
        var status = stat()
        #expect(lstat(scene.folder["copy"], &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
        scene.expectNothingLeft()
    }

    @Test("D15: other hard links to the replaced file keep its old content")
    func d15() async throws {
        let scene = try scene()
        #expect(link(scene.folder["copy"], scene.folder["other"]) == 0)
        try await scene.download()
        #expect(try scene.folder.contents() == ["copy": scene.content, "other": old])
        scene.expectNothingLeft()
    }

    @Test("D16: an existing file is replaced, kept, or kept under another name, according to the policy")
    func d16() async throws {
        let scene = try scene()
        try scene.folder.write("report.pdf", old)
        let error = await failure { try await scene.download { $0.conflictPolicy = .keep } }
        #expect(error?.code == .alreadyExists)
        #expect(scene.service.count() == 0)
        for (name, number) in [("copy", 1), ("copy", 2), ("report.pdf", 1)] {
            let result = try await scene.download(to: name) { $0.conflictPolicy = .keepBoth }
            let beside = name == "copy" ? "copy (\(number))" : "report (1).pdf"
            #expect(result.path == scene.folder[beside])
            #expect(try scene.folder.read(beside) == scene.content)
        }
        #expect(try scene.folder.read("copy") == old && scene.folder.read("report.pdf") == old)
        try await scene.download { $0.conflictPolicy = .replace }
        #expect(try scene.folder.read("copy") == scene.content)
        try await scene.download(to: "new") { $0.conflictPolicy = .keep }
        #expect(try scene.folder.files() == ["copy", "copy (1)", "copy (2)", "new", "report (1).pdf", "report.pdf"])
        scene.expectNothingLeft()
    }

    @Test(
        "D17: a file that is edited, created or removed during the download is not overwritten",
        arguments: ConflictPolicy.allCases, [FileSystemCall.Kind.write, .setPermissions, .synchronize])
    func d17(policy: ConflictPolicy, moment: FileSystemCall.Kind) async throws {
        let edited = Data("edited".utf8)
        let scene = try DownloadScene()
        let meanwhile = Meanwhile(moment) { try scene.folder.write("copy", edited) }
        func download() async throws -> DownloadResult {
            try await meanwhile.run {
                try await scene.download {
                    $0.multipartThreshold = 1 << 20
                    $0.conflictPolicy = policy
                }
            }
        }
        switch policy {
        case .replace: #expect(await failure { try await download() }?.code == .destinationChanged)
        case .keep: #expect(await failure { try await download() }?.code == .alreadyExists)
        case .keepBoth: #expect(try await download().path == scene.folder["copy (1)"])
        }
        #expect(meanwhile.hasHappened)
        #expect(try scene.folder.read("copy") == edited)
        #expect(try scene.folder.files() == (policy == .keepBoth ? ["copy", "copy (1)"] : ["copy"]))
        scene.expectNothingLeft()
        guard policy == .replace else { return }

        let again = Meanwhile(moment) { try scene.folder.write("copy", Data("once more".utf8)) }
        #expect(await failure { try await again.run { try await scene.download() } }?.code == .destinationChanged)
        #expect(try scene.folder.contents() == ["copy": Data("once more".utf8)])
        let gone = Meanwhile(moment) { try FileManager.default.removeItem(atPath: scene.folder["copy"]) }
        #expect(await failure { try await gone.run { try await scene.download() } }?.code == .destinationChanged)
        #expect(again.hasHappened && gone.hasHappened)
        #expect(try scene.folder.files() == [])
        scene.expectNothingLeft()
    }

    @Test("D17: in a folder transfer, such a file is a failure in the report, and the others are downloaded")
    func d17Folder() async throws {
        let scene = try DownloadScene()
        for name in ["a", "b", "c"] { try scene.service.store("d/" + name) }
        let content = try #require(scene.service.stored("d/a"))
        try scene.folder.write("b", old)
        let edited = Data("edited".utf8)
        let meanwhile = Meanwhile(.synchronize, "/.b.") { try scene.folder.write("b", edited) }
        let report = try await meanwhile.run {
            try await DirectoryTransfer(scene.service.bucket).download(from: "d", to: scene.folder.path)
        }
        #expect(meanwhile.hasHappened)
        #expect(report.failures.map(\.key) == ["d/b"])
        #expect(report.failures.map(\.error.code) == [.destinationChanged])
        #expect(try scene.folder.contents() == ["a": content, "b": edited, "c": content])
        scene.expectNothingLeft()
    }

    @Test("D22: a FIFO, a socket or a device is rejected before any request and remains")
    func d22() async throws {
        let scene = try DownloadScene()
        var kinds: [String: mode_t] = [:]
        #expect(mkfifo(scene.folder["fifo"], 0o600) == 0)
        kinds["fifo"] = S_IFIFO
        let socket = try UnixSocket(scene.folder["socket"])
        kinds["socket"] = S_IFSOCK
        // Only root can create a device, and not on every system.
        if mknod(scene.folder["device"], S_IFCHR | 0o600, 0x103) == 0 { kinds["device"] = S_IFCHR }
        for (name, kind) in kinds {
            for policy in ConflictPolicy.allCases {
                let error = await failure { try await scene.download(to: name) { $0.conflictPolicy = policy } }
                #expect(error?.code == .fileSystem)
                #expect(error?.message.contains("is a FIFO, socket or device") == true, "\(error as Any)")
            }
            var status = stat()
            #expect(lstat(scene.folder[name], &status) == 0 && status.st_mode & S_IFMT == kind)
        }
        #expect(scene.service.count() == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.folder.path).count == kinds.count)
        withExtendedLifetime(socket) {}
    }

    @Test(
        "Impossible destinations are one clear error each, before any request",
        arguments: [
            ("missing/copy", "No such file or directory"), ("file/copy", "Not a directory"), ("", "Is a directory"),
            ("folder/", "Is a directory"), ("folder/.", "Is a directory"), ("folder/..", "Is a directory"),
            (String(repeating: "x", count: 256), "File name too long"),
        ])
    func impossibleTargets(name: String, reason: String) async throws {
        let scene = try DownloadScene()
        try scene.folder.write("file", old)
        try scene.folder.write("folder/kept", old)
        let error = await failure { try await scene.download(to: name) }
        #expect(error?.code == .fileSystem)
        #expect(error?.message.contains(reason) == true, "\(error as Any)")
        #expect(scene.service.count() == 0)
        #expect(try scene.folder.contents() == ["file": old, "folder/kept": old])
        scene.expectNothingLeft()
    }

    private static let codes = [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EMLINK]

    private func disk(_ code: Int32) -> FaultyFileSystem {
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .link, times: nil)
        return disk
    }

    @Test("The conflict policies keep and keepBoth work on a file system without hard links", arguments: codes)
    func conflicts(code: Int32) async throws {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        let disk = disk(code)
        try await disk.run {
            for number in 1...2 {
                let result = try await scene.download { $0.conflictPolicy = .keepBoth }
                #expect(result.path == scene.folder["copy (\(number))"])
            }
            try await scene.download(to: "new") { $0.conflictPolicy = .keep }
            #expect(await failure { try await scene.download { $0.conflictPolicy = .keep } }?.code == .alreadyExists)
        }
        #expect(disk.unused.isEmpty)
        let content = scene.content
        #expect(
            try scene.folder.contents()
                == ["copy": old, "copy (1)": content, "copy (2)": content, "new": content])
        scene.expectNothingLeft()
    }

    @Test(
        "On a file system without hard links, a download does not replace a file that appears at the last moment",
        arguments: codes)
    func appearing(code: Int32) throws {
        let folder = try ScratchDirectory()
        let disk = disk(code)
        try FileSystemSeam.$interceptor.withValue(disk) {
            let file = try AtomicFile(replacing: folder["a"])
            try folder.write("a", old)
            let error = #expect(throws: FileError.self) { try file.commit(replacing: .never) }
            #expect(error?.code == EEXIST)
        }
        #expect(disk.unused.isEmpty)
        #expect(try folder.contents() == ["a": old])
    }

    @Test("Files that a download deletes go to the backup folder and never overwrite each other", arguments: codes)
    func backup(code: Int32) throws {
        let folder = try ScratchDirectory()
        try folder.write("backup/a.txt", old)
        let disk = disk(code)
        try FileSystemSeam.$interceptor.withValue(disk) {
            for round in ["first", "second"] {
                try folder.write("a.txt", Data(round.utf8))
                try SafeDirectory(folder.path)
                    .move(try #require(FileName("a.txt".utf8)), into: SafeDirectory(folder["backup"]))
            }
        }
        #expect(disk.unused.isEmpty)
        #expect(
            try folder.contents()
                == [
                    "backup/a.txt": old, "backup/a (1).txt": Data("first".utf8),
                    "backup/a (2).txt": Data("second".utf8),
                ])
    }
}
