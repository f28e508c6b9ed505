import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of links and special files on the local disk. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Local symbolic links and special files")
struct LocalLinkTests {
    // MARK: Links in a folder for downloads

    @Test(
        "F3: a link at the destination is not followed, and a file replaces a link to a file",
        arguments: [false, true])
    func f3(deletes: Bool) async throws {
        let scene = try NameScene()
        try scene.store(["p/door/evil", "p/door/sub/x", "p/evil", "p/loop/x", "p/ok", "p/sub/door/x"])
        try scene.parent.write("target/mine", Data("mine".utf8))
        try FileManager.default.createDirectory(atPath: scene.target + "/sub", withIntermediateDirectories: true)
        for (link, destination) in [
            ("door", ".."), ("sub/door", "../../etc"), ("evil", "../evil"), ("loop", "."), ("nowhere", "../new"),
        ] {
            try scene.parent.link("target/" + link, to: destination)
        }
        let transfer = scene.transfer { if deletes { $0.deletion = DeletionOptions() } }
        let report = try await transfer.download(from: "p", to: scene.target)
        #expect(
            report.problems == ["p/door/evil", "p/door/sub/x", "p/loop/x", "p/sub/door/x"].map { $0 + " unsafeKey" })
        #expect(report.failures.allSatisfy { $0.error.message.contains("symbolic link") })
        #expect(report.transferred.files == 2 && report.deleted.files == 0)
        #expect(report.withheldPaths == (deletes ? ["mine"] : []))
        #expect(scene.entries == ["door@", "evil", "loop@", "mine", "nowhere@", "ok", "sub/", "sub/door@"])
        try scene.expectContents(of: ["evil", "ok"], under: "p/")
        try scene.expectOutsideUntouched()
    }

    /// The time at which a folder in the destination is swapped for a link to another folder.
    enum Moment: CaseIterable {
        case beforeItIsOpened, beforeTheFileIsMade, beforeTheFileHasItsName
    }

    @Test(
        "F4: a folder that is swapped for a link during the download does not redirect it out of the destination",
        arguments: Moment.allCases)
    func f4(moment: Moment) async throws {
        let scene = try NameScene()
        try scene.store(["p/a", "p/etc/x", "p/z"])
        try scene.parent.write("target/etc/old", Data("old".utf8))
        let (kind, part): (FileSystemCall.Kind, String) =
            switch moment {
            case .beforeItIsOpened: (.rename, "target/a")
            case .beforeTheFileIsMade: (.create, "target/etc/.x")
            case .beforeTheFileHasItsName: (.rename, "target/etc/x")
            }
        let swap = swap(in: scene, kind, part)
        let report = try await swap.run {
            try await scene.transfer {
                $0.concurrency = 1
                // The first file has its name before the folder of the second one is opened.
                $0.batchRule.files = 1
            }.download(from: "p", to: scene.target)
        }
        #expect(swap.hasHappened)
        if moment == .beforeItIsOpened {
            #expect(report.problems == ["p/etc/x unsafeKey"])
            #expect(scene.entries == ["a", "etc@", "moved/", "moved/old", "z"])
        } else {
            #expect(report.isComplete)
            #expect(scene.entries == ["a", "etc@", "moved/", "moved/old", "moved/x", "z"])
        }
        try scene.expectOutsideUntouched()
    }

    @Test(
        "F4: a swapped folder redirects deletions neither out of the destination nor out of the backup folder",
        arguments: [false, true])
    func f4Deletion(keeps: Bool) async throws {
        let scene = try NameScene()
        try scene.store(["p/a", "p/z"])
        try scene.parent.write("target/etc/x", Data("old".utf8))
        let swap = swap(in: scene, .rename, "target/a")
        let report = try await swap.run {
            try await scene.transfer {
                $0.deletion = DeletionOptions()
                if keeps { $0.deletion?.backupFolder = scene.target + "/kept" }
            }.download(from: "p", to: scene.target)
        }
        #expect(swap.hasHappened)
        #expect(report.problems == ["p/etc/x fileSystem"] && report.deleted.files == 0)
        #expect(scene.entries == ["a", "etc@", "moved/", "moved/x", "z"])
        try scene.expectOutsideUntouched()
    }

    private func swap(in scene: NameScene, _ kind: FileSystemCall.Kind, _ part: String) -> Meanwhile {
        Meanwhile(kind, part) {
            try FileManager.default.moveItem(atPath: scene.parent["target/etc"], toPath: scene.parent["target/moved"])
            try scene.parent.link("target/etc", to: "../etc")
        }
    }

    @Test("F4: an upload that follows no links does not follow a link that appears during the run")
    func f4Upload() async throws {
        let scene = try NameScene()
        for name in ["a", "etc/x", "z"] { try scene.parent.write("target/" + name, Data(name.utf8)) }
        let swap = swap(in: scene, .open, "target/a")
        let report = try await swap.run {
            try await scene.transfer {
                $0.symbolicLinks = .skip
                $0.concurrency = 1
            }.upload(from: scene.target, to: "p")
        }
        #expect(swap.hasHappened)
        #expect(report.problems == ["p/etc/x fileSystem"])
        #expect(scene.keys == ["p/a", "p/z"])
    }

    // MARK: Links and special files in a folder that goes up

    @Test(
        "F5: links are followed and loops are skipped, or no link is followed",
        arguments: [SymbolicLinkPolicy.follow, .skip])
    func f5(links: SymbolicLinkPolicy) async throws {
        let scene = try NameScene()
        let source = try ScratchDirectory()
        for name in ["a/file", "b/file", "c/d/file"] { try source.write(nameAndContent: name.utf8) }
        for (link, target) in [
            ("a/up", ".."), ("a/self", "."), ("a/b", "../b"), ("b/a", "../a"), ("c/d/back", "../../c"), ("same", "c"),
        ] {
            try source.link(link, to: target)
        }
        try scene.store(["p/a/up/a/file", "p/gone"])
        let report = try await scene.transfer {
            $0.symbolicLinks = links
            $0.deletion = DeletionOptions()
        }.upload(from: source.path, to: "p")
        #expect(report.isComplete)
        // The objects below a skipped link are kept.
        switch links {
        case .follow:
            #expect(
                scene.keys == [
                    "p/a/b/file", "p/a/file", "p/a/up/a/file", "p/b/a/file", "p/b/file", "p/c/d/file", "p/same/d/file",
                ])
            // a/up, a/self, a/b/a, b/a/b, b/a/self, b/a/up, c/d/back, same/d/back
            #expect(report.reasons[.linkLoop]?.files == 8 && report.skipped.files == 8)
        case .skip:
            #expect(scene.keys == ["p/a/file", "p/a/up/a/file", "p/b/file", "p/c/d/file"])
            #expect(report.reasons[.symbolicLink]?.files == 6 && report.skipped.files == 6)
        }
        #expect(report.deleted.files == 1)
    }

    @Test("F6: a broken link is skipped and reported, its object remains, and the other files are uploaded")
    func f6() async throws {
        let scene = try NameScene()
        let source = try ScratchDirectory()
        for name in ["a", "z"] { try source.write(nameAndContent: name.utf8) }
        for (link, target) in [("broken", "nothing"), ("itself", "itself"), ("d", "/nowhere/at/all")] {
            try source.link(link, to: target)
        }
        try scene.store(["p/broken", "p/d/x", "p/gone"])
        let events = Recorder<String>()
        let transfer = scene.transfer {
            $0.deletion = DeletionOptions()
            $0.onEvent = { event in if case .skipped = event.kind { events.append("\(event.path) \(event.reason)") } }
        }
        let report = try await transfer.upload(from: source.path, to: "p")
        #expect(report.isComplete && report.transferred.files == 2 && report.deleted.files == 1)
        #expect(events.values == ["broken brokenLink", "d brokenLink", "itself brokenLink"])
        #expect(scene.keys == ["p/a", "p/broken", "p/d/x", "p/z"])
    }

    @Test("F7: a source that is a link is resolved once; a later change of its target has no effect")
    func f7() async throws {
        let scene = try NameScene()
        for name in ["first/a", "first/d/b", "second/a", "second/d/b", "second/c"] {
            try scene.parent.write(name, Data(name.utf8))
        }
        try scene.parent.link("link", to: "first")
        let meanwhile = Meanwhile(.list, "/d") {
            try FileManager.default.removeItem(atPath: scene.parent["link"])
            try scene.parent.link("link", to: "second")
        }
        let report = try await meanwhile.run {
            try await scene.transfer { $0.symbolicLinks = .skip }.upload(from: scene.parent["link"], to: "p")
        }
        #expect(meanwhile.hasHappened && report.isComplete)
        #expect(scene.keys == ["p/a", "p/d/b"])
        for name in ["a", "d/b"] { #expect(scene.service.stored("p/" + name) == Data("first/\(name)".utf8)) }
    }

    @Test("F8: FIFOs, sockets and devices are skipped, reported and never opened, and their objects remain")
    func f8() async throws {
        let scene = try NameScene()
        let source = try ScratchDirectory()
        try source.write(nameAndContent: "a".utf8)
        #expect(mkfifo(source["fifo"], 0o600) == 0)
        let socket = try UnixSocket(source["socket"])
        try source.link("link", to: "fifo")
        var special = ["fifo", "link", "socket"]
        // Only root can create a device, and not on every system.
        if mknod(source["device"], S_IFCHR | 0o600, 0x103) == 0 { special.append("device") }
        try scene.store(["p/fifo", "p/socket/x"])
        let disk = FaultyFileSystem()
        let report = try await disk.run {
            try await scene.transfer { $0.deletion = DeletionOptions() }.upload(from: source.path, to: "p")
        }
        #expect(report.isComplete && report.transferred.files == 1)
        #expect(report.reasons[.specialFile]?.files == special.count)
        #expect(scene.keys == ["p/a", "p/fifo", "p/socket/x"])
        for name in special { #expect(!disk.calls.contains { $0.kind == .open && $0.path == source[name] }) }
        withExtendedLifetime(socket) {}
    }

    @Test("F8: a file that became a FIFO after the walk is a failure, and the run does not wait for its writer")
    func f8Swapped() async throws {
        let scene = try NameScene()
        let source = try ScratchDirectory()
        for name in ["a", "b", "c"] { try source.write(nameAndContent: name.utf8) }
        let meanwhile = Meanwhile(.open, source["a"]) {
            try FileManager.default.removeItem(atPath: source["b"])
            #expect(mkfifo(source["b"], 0o600) == 0)
        }
        let report = try await meanwhile.run {
            try await scene.transfer { $0.concurrency = 1 }.upload(from: source.path, to: "p")
        }
        #expect(meanwhile.hasHappened)
        #expect(report.problems == ["p/b fileSystem"])
        #expect(scene.keys == ["p/a", "p/c"])
    }
}
