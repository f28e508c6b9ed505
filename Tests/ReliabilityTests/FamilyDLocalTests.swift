import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

/// Downloads and what the local disk, its names and other programs do to them. The ids and outcomes are those of
/// `Docs/Scenarios.md`.
@Suite("D: local writes")
struct FamilyDLocalTests {
    private let old = Data("old".utf8)
    private let partial = ".oss-partial"

    private func scene() throws -> DownloadScene {
        let scene = try DownloadScene()
        try scene.folder.write("copy", old)
        return scene
    }

    /// Downloads on a disk with a fault, and expects an error and everything as it was.
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
        #expect((try? scene.folder.contents) == ["copy": old], sourceLocation: sourceLocation)
        scene.expectNothingLeft(sourceLocation: sourceLocation)
    }

    // MARK: Calls and their order

    @Test(
        "D7: bytes are on stable storage before the journal says so, the file before its name, and its name at the end")
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
        // What the transfer is, and six pieces.
        #expect(lines.count == 7)
        for line in lines.dropFirst() {
            let write = try #require(writes.last { $0 < line })
            #expect(syncs.contains { write < $0 && $0 < line })
        }
        // Each piece is noted before the next one comes.
        for (line, next) in zip(lines.dropFirst(), lines.dropFirst(2)) {
            #expect(writes.contains { line < $0 && $0 < next })
        }
        let named = try #require(indices(.rename, "/copy").first)
        let changes = indices(.truncate, partial) + indices(.setPermissions, partial) + writes
        #expect(syncs.contains { sync in sync < named && changes.allSatisfy { $0 < sync } })
        let folderSynced = try #require(indices(.synchronize, scene.folder.path + "/").last)
        let forgotten = try #require(indices(.unlink, ".journal").last)
        #expect(named < folderSynced && folderSynced < forgotten)
        #expect(try scene.folder.contents == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("As ossutil does not: space is set aside before the second window is asked for, and everything is synced")
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
        "D8: a full disk is an error at once, not repeated, and the temporary file makes room again",
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

    @Test("D8: a full disk ends the run of a folder with this error, and nothing more is started", arguments: [1, 4])
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
        let contents = try scene.folder.contents
        #expect(contents["35"] == old)
        #expect(contents.values.allSatisfy { $0 == old || $0.count == 30_000 })
        #expect(contents.keys.contains("12") && contents.count <= 4)
        scene.expectNothingLeft()
    }

    #if os(Linux)
        @Test(
            "D8: on a real disk that is too small a download fails at once, and leaves it as empty as it was",
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
                #expect(try disk.folder.contents == ["copy": old])
            }
            #expect(scene.ranges.count == 2)
            // There is as much room as before.
            try scene.service.store("small", count: TinyDisk.size - (16 << 10))
            try await scene.service.bucket.downloadObject("small", to: disk.folder["copy"])
            #expect(try disk.folder.contents == ["copy": try #require(scene.service.stored("small"))])
        }
    #endif

    @Test(
        "D8: a disk that is too full for the journal, or broken, costs going on after an interruption, and not the download",
        arguments: [FileSystemCall.Kind.write, .synchronize, .truncate, .lock, .create], [ENOSPC, EIO])
    func d8Journal(kind: FileSystemCall.Kind, code: Int32) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: kind, path: ".journal", times: nil)
        try await disk.run { _ = try await scene.download() }
        #expect(disk.unused.isEmpty)
        #expect(try scene.folder.contents == ["copy": scene.content])
        #expect(scene.temporaries == [])
    }

    @Test("D9: calls that come up short or are interrupted are continued, in a download and when it goes on")
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
        #expect(try scene.folder.contents == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("D10: what cannot be brought to stable storage gets no name", arguments: [(0, 1), (3, 4), (6, 6)])
    func d10(skip: Int, requests: Int) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(EIO), to: .synchronize, path: partial, skip: skip)
        await expectHarmless(disk, EIO, in: scene)
        #expect(!disk.calls.contains { $0.kind == .rename })
        #expect(scene.ranges.count == requests)

        // The name itself cannot be brought there: it may be lost again, so that is no success.
        let other = FaultyFileSystem()
        other.add(.fail(EIO), to: .synchronize, path: scene.folder.path + "/")
        #expect(await failure { try await other.run { try await scene.download() } }?.code == .fileSystem)
        #expect(other.unused.isEmpty)
        #expect(try scene.folder.contents == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test("D11: a file system that cannot sync is used all the same", arguments: [EINVAL, ENOTSUP])
    func d11(code: Int32) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .synchronize, times: nil)
        try await disk.run {
            try await scene.interrupt()
            #expect(try await scene.download().resumedBytes == Int64(3 * DownloadScene.partSize))
        }
        #expect(disk.unused.isEmpty)
        #expect(try scene.folder.contents == ["copy": scene.content])
        scene.expectNothingLeft()
    }

    @Test(
        "D12: a file that cannot get its name is an error; it was made in the folder it is for",
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

    // MARK: What stands there

    @Test("D13: a folder where the file is to go is refused and keeps what is in it, also when it appears meanwhile")
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
        #expect(try scene.folder.contents == ["copy/kept": old, "later/kept": Data()])
        scene.expectNothingLeft()
    }

    @Test("D14: a link is replaced, and what it points to is not written", arguments: ["target", "nowhere", "."])
    func d14(target: String) async throws {
        let scene = try DownloadScene()
        try scene.folder.write("target", old)
        try FileManager.default.createSymbolicLink(atPath: scene.folder["copy"], withDestinationPath: target)
        try await scene.download()
        #expect(try scene.folder.contents == ["copy": scene.content, "target": old])
        var status = stat()
        #expect(lstat(scene.folder["copy"], &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
        scene.expectNothingLeft()
    }

    @Test("D15: other names of the file that is replaced keep its old content")
    func d15() async throws {
        let scene = try scene()
        #expect(link(scene.folder["copy"], scene.folder["other"]) == 0)
        try await scene.download()
        #expect(try scene.folder.contents == ["copy": scene.content, "other": old])
        scene.expectNothingLeft()
    }

    @Test("D16: a file that is there already is replaced, kept, or kept beside, as its owner wants")
    func d16() async throws {
        let scene = try scene()
        try scene.folder.write("report.pdf", old)
        let error = await failure { try await scene.download { $0.conflict = .keep } }
        #expect(error?.code == .alreadyExists)
        #expect(scene.service.count() == 0)
        for (name, number) in [("copy", 1), ("copy", 2), ("report.pdf", 1)] {
            let result = try await scene.download(to: name) { $0.conflict = .keepBoth }
            let beside = name == "copy" ? "copy (\(number))" : "report (1).pdf"
            #expect(result.path == scene.folder[beside])
            #expect(try scene.folder.read(beside) == scene.content)
        }
        #expect(try scene.folder.read("copy") == old && scene.folder.read("report.pdf") == old)
        try await scene.download { $0.conflict = .replace }
        #expect(try scene.folder.read("copy") == scene.content)
        try await scene.download(to: "new") { $0.conflict = .keep }
        #expect(try scene.folder.names == ["copy", "copy (1)", "copy (2)", "new", "report (1).pdf", "report.pdf"])
        scene.expectNothingLeft()
    }

    @Test(
        "D17: a file that is edited, made or removed while the download runs is somebody's work, and stays",
        arguments: ConflictPolicy.allCases, [FileSystemCall.Kind.write, .setPermissions, .synchronize])
    func d17(policy: ConflictPolicy, moment: FileSystemCall.Kind) async throws {
        let edited = Data("edited".utf8)
        let scene = try DownloadScene()
        let meanwhile = Meanwhile(moment) { try scene.folder.write("copy", edited) }
        func download() async throws -> DownloadResult {
            try await meanwhile.run {
                try await scene.download {
                    $0.multipartThreshold = 1 << 20
                    $0.conflict = policy
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
        #expect(try scene.folder.names == (policy == .keepBoth ? ["copy", "copy (1)"] : ["copy"]))
        scene.expectNothingLeft()
        guard policy == .replace else { return }

        let again = Meanwhile(moment) { try scene.folder.write("copy", Data("once more".utf8)) }
        #expect(await failure { try await again.run { try await scene.download() } }?.code == .destinationChanged)
        #expect(try scene.folder.contents == ["copy": Data("once more".utf8)])
        let gone = Meanwhile(moment) { try FileManager.default.removeItem(atPath: scene.folder["copy"]) }
        #expect(await failure { try await gone.run { try await scene.download() } }?.code == .destinationChanged)
        #expect(again.hasHappened && gone.hasHappened)
        #expect(try scene.folder.names == [])
        scene.expectNothingLeft()
    }

    @Test("D17: in the run of a folder such a file is a failure in the report, and the others come")
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
        #expect(try scene.folder.contents == ["a": content, "b": edited, "c": content])
        scene.expectNothingLeft()
    }

    @Test("D22: a FIFO, a socket and a device are refused before anything is asked of the service, and stay")
    func d22() async throws {
        let scene = try DownloadScene()
        var kinds: [String: mode_t] = [:]
        #expect(mkfifo(scene.folder["fifo"], 0o600) == 0)
        kinds["fifo"] = S_IFIFO
        let socket = try UnixSocket(scene.folder["socket"])
        kinds["socket"] = S_IFSOCK
        // Only root may make one, and not everywhere.
        if mknod(scene.folder["device"], S_IFCHR | 0o600, 0x103) == 0 { kinds["device"] = S_IFCHR }
        for (name, kind) in kinds {
            for policy in ConflictPolicy.allCases {
                let error = await failure { try await scene.download(to: name) { $0.conflict = policy } }
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
        "Targets that cannot be are one clear error each, before anything is asked of the service",
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
        #expect(try scene.folder.contents == ["file": old, "folder/kept": old])
        scene.expectNothingLeft()
    }

    @Test(
        "A folder that is read-only, or on a disk that is, is one clear error, and the file in it stays",
        arguments: [EACCES, EROFS])
    func readOnly(code: Int32) async throws {
        let scene = try scene()
        let disk = FaultyFileSystem()
        disk.add(.fail(code), to: .create, path: partial, times: nil)
        await expectHarmless(disk, code, in: scene)
        #expect(scene.service.count() == 0)
    }

    // MARK: Names and leftovers

    @Test(
        "D19: names as long as names can be are downloaded, resumed and numbered; temporary names are shorter, and whole UTF-8",
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
                let beside = try await scene.download(to: name) { $0.conflict = .keepBoth }.path.dropFirst(
                    scene.folder.path.count + 1)
                #expect(beside.utf8.count <= 255 && beside.contains(" (") && !beside.contains("\u{FFFD}"))
            }
        }
        let names = try scene.folder.names
        #expect(names.count == 3 && names.contains(name))
        #expect(try scene.folder.contents.values.allSatisfy { $0 == scene.content })
        let temporary = disk.calls.filter { $0.kind == .create && $0.path.hasSuffix(partial) }
            .map { $0.path.dropFirst(scene.folder.path.count + 1) }
        #expect(temporary.count >= 4)
        #expect(temporary.allSatisfy { $0.utf8.count <= 143 && !$0.contains("\u{FFFD}") })
        scene.expectNothingLeft()
    }

    @Test("D20: what a crash left is not uploaded, is taken over by the next download, and is removed when it is old")
    func d20() async throws {
        let scene = try DownloadScene()
        try await scene.interrupt()
        let temporary = try #require(scene.temporaries.first)
        try scene.folder.write("mine", old)
        let up = try await DirectoryTransfer(scene.service.bucket).upload(from: scene.folder.path, to: "up")
        #expect(up.skipped.files == 1 && up.transferred.files == 1 && up.isComplete)
        #expect(scene.service.server.keys(in: "photos") == ["big", "up/mine"])

        // Another object's leaves it alone; the same one's takes it over, also in the run of a folder.
        try await scene.download("up/mine")
        #expect(scene.temporaries == [temporary])
        let disk = FaultyFileSystem()
        try await disk.run { _ = try await scene.download() }
        #expect(Set(disk.calls.map(\.path).filter { $0.hasSuffix(partial) }) == [scene.folder[temporary]])
        #expect(try scene.folder.contents == ["copy": scene.content, "mine": old])
        scene.expectNothingLeft()
    }

    @Test("D20: a week after it was last written, and unless somebody holds it, a leftover is removed with its journal")
    func d20Sweep() async throws {
        let scene = try DownloadScene()
        try await scene.interrupt()
        let temporary = try #require(scene.temporaries.first)
        let journal = try #require(scene.journals.first)
        func age(days: Double) throws {
            let date = Date(timeIntervalSinceNow: -days * 86_400)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: scene.state[journal])
        }
        // Each spelling of the path is another folder to the process: it is swept when it is opened.
        try age(days: 6)
        _ = JournalFolder(.path(scene.state.path + "/."))
        #expect(scene.temporaries == [temporary] && scene.journals == [journal])

        try age(days: 8)
        let name = try #require(FileName(journal.utf8.dropFirst("transfers/".utf8.count)))
        let folder = try SafeDirectory(scene.state["transfers"])
        do {
            let holder = try #require(try LockedFile.open(name, in: folder))
            _ = JournalFolder(.path(scene.state.path + "/./."))
            #expect(scene.temporaries == [temporary] && scene.journals == [journal])
            withExtendedLifetime(holder) {}
        }
        try scene.folder.write("." + "mine" + partial, old)
        _ = JournalFolder(.path(scene.state.path + "/././."))
        #expect(scene.journals == [])
        // Only the journal's own file, and none whose name merely looks like one.
        #expect(try scene.folder.names == [".mine" + partial])
    }

    @Test("D20: a link in the place of a leftover is not written through")
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
        "D21: a file whose time or permissions cannot be set is kept all the same",
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
        #expect(try scene.folder.contents == ["a": old])
        scene.expectNothingLeft()
    }
}
