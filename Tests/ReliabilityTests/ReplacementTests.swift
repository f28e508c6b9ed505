import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of objects that need the name of a file or folder that a download deletes. The IDs and outcomes are those in
/// `Docs/Scenarios.md`.
@Suite("Replacement of files and folders to be deleted")
struct ReplacementTests {
    /// A local item and an object that needs its name.
    enum Shape: String, CaseIterable, Sendable {
        case objectForFolder, folderForFile

        var local: [String] { self == .objectForFolder ? ["n/in", "n/deep/er"] : ["n"] }
        var object: String { self == .objectForFolder ? "n" : "n/x" }
    }

    /// Returns a scene with a blocked object, an unblocked object and files to delete.
    private func scene(_ shape: Shape) throws -> MirrorScene {
        let scene = try MirrorScene(.down)
        try scene.addSource([shape.object, "other"])
        try scene.addDestination(shape.local + ["aaa", "zzz"])
        return scene
    }

    private static let refusals: [(status: Int, code: String)] = [
        (403, "InvalidObjectState"), (500, "InternalError"),
    ]

    @Test(
        "E6: an object that cannot be downloaded leaves the file or folder with its name, and everything else, unchanged",
        arguments: Shape.allCases, refusals)
    func failedFetch(shape: Shape, refusal: (status: Int, code: String)) async throws {
        let scene = try scene(shape)
        scene.service.server.add(
            .respond(status: refusal.status, code: refusal.code),
            when: .operation("GetObject", key: "src/" + shape.object), times: .max)
        let report = try await scene.run()
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(report.failures.map(\.path) == [shape.object] && report.transferred.files == 1)
        #expect(report.deleted.files == 0 && report.withheldDeletions == shape.local.count + 2)
        #expect(report.withheldPaths.sorted() == (shape.local + ["aaa", "zzz"]).sorted())
        #expect(try scene.destination == (shape.local + ["aaa", "other", "zzz"]).sorted())

        scene.service.server.faults.removeAll()
        let next = try await scene.run()
        #expect(next.isComplete && next.transferred.files == 1, "\(next.failures)")
        #expect(next.deleted.files == shape.local.count + 2)
        #expect(try scene.destination == [shape.object, "other"])
        #expect(scene.read(shape.object) == Data(shape.object.utf8))
    }

    @Test("E6: of several names, none is replaced if the object of one of them cannot be downloaded")
    func oneOfSeveral() async throws {
        let scene = try MirrorScene(.down)
        try scene.addSource(["a", "b/x", "b/y", "c"])
        try scene.addDestination(["a/old", "b", "c/old"])
        scene.service.server.add(
            .respond(status: 403, code: "InvalidObjectState"), when: .operation("GetObject", key: "src/b/y"))
        let report = try await scene.run()
        #expect(Set(report.failures.map(\.path)) == ["a", "b/x", "b/y", "c"])
        #expect(report.transferred.files == 0 && report.deleted.files == 0 && report.withheldDeletions == 3)
        #expect(try scene.destination == ["a/old", "b", "c/old"])
        let next = try await scene.run()
        #expect(next.isComplete && next.transferred.files == 4 && next.deleted.files == 3, "\(next.failures)")
        #expect(try scene.destination == ["a", "b/x", "b/y", "c"])
    }

    @Test("E6: files that were moved aside are put back if the object cannot be installed", arguments: Shape.allCases)
    func failedRename(shape: Shape) async throws {
        let scene = try scene(shape)
        let disk = FaultyFileSystem()
        disk.add(.fail(EIO), to: .link, path: "\(scene.folder.path)/n")
        let report = try await disk.run { try await scene.run() }
        #expect(disk.unused.isEmpty)
        #expect(report.failures.map(\.path) == [shape.object] && report.failures.first?.error.code == .fileSystem)
        #expect(report.deleted.files == 0 && report.withheldDeletions == shape.local.count + 2)
        #expect(try scene.destination == (shape.local + ["aaa", "other", "zzz"]).sorted())
        #expect(try await scene.run().isComplete)
        #expect(try scene.destination == [shape.object, "other"])
    }

    @Test(
        "E5: files to be moved aside count as deletions, and too many are rejected before any is moved",
        arguments: Shape.allCases)
    func limit(shape: Shape) async throws {
        let scene = try scene(shape)
        let all = shape.local.count + 2
        let before = try scene.destination
        let report = try await scene.run { $0.deletion?.limit = .count(all - 1) }
        #expect(report.deletionRefusal?.code == .deletionRefused && report.withheldDeletions == all)
        #expect(report.failures.map(\.path) == [shape.object] && report.failures.first?.error.code == .unsafeKey)
        #expect(try scene.destination == (before + ["other"]).sorted())
        #expect(
            !scene.service.server.requests.contains { $0.operation == "GetObject" && $0.key?.contains("n") == true })
        #expect(try await scene.run { $0.deletion?.limit = .count(all) }.isComplete)
        #expect(try scene.destination == [shape.object, "other"])
    }

    @Test("E5: a dry run reports the same limit and moves nothing", arguments: Shape.allCases)
    func dryRun(shape: Shape) async throws {
        let scene = try scene(shape)
        let before = try scene.destination
        let report = try await scene.run { $0.isDryRun = true }
        #expect(report.isComplete && report.transferred.files == 2 && report.deleted.files == shape.local.count + 2)
        let refused = try await scene.run {
            $0.isDryRun = true
            $0.deletion?.limit = .count(0)
        }
        #expect(refused.deletionRefusal != nil && refused.failures.map(\.path) == [shape.object])
        #expect(try scene.destination == before)
    }

    @Test("E6: files that were moved aside go to the backup folder with their paths", arguments: Shape.allCases)
    func backup(shape: Shape) async throws {
        let scene = try scene(shape)
        let backup = try ScratchDirectory()
        #expect(try await scene.run { $0.deletion?.backupFolder = backup.path }.isComplete)
        #expect(try scene.destination == [shape.object, "other"])
        #expect(try backup.files() == (shape.local + ["aaa", "zzz"]).sorted())
        for name in shape.local { #expect(try backup.read(name) == Data(name.utf8)) }
    }

    @Test(
        "E14: a file that changes or appears before the files are moved aside remains", arguments: Shape.allCases,
        [false, true])
    func changed(shape: Shape, appears: Bool) async throws {
        let scene = try scene(shape)
        // A folder can receive another file; a file cannot.
        let name = appears && shape == .objectForFolder ? "n/new" : shape.local[0]
        let meanwhile = Meanwhile(.create, ".oss-partial/new/") { try scene.addDestination([name], Data("newer".utf8)) }
        let report = try await meanwhile.run { try await scene.run() }
        #expect(meanwhile.hasHappened)
        #expect(report.failures.map(\.path) == [shape.object] && report.failures.first?.error.code == .unsafeKey)
        #expect(report.deleted.files == 0 && scene.read(name) == Data("newer".utf8))
        #expect(try scene.destination == Set(shape.local + ["aaa", "other", "zzz", name]).sorted())
    }

    @Test("E14: a file that changes at the moment it is moved aside is not deleted, and the error states its new path")
    func changedLate() async throws {
        let scene = try scene(.objectForFolder)
        let meanwhile = Meanwhile(.rename, "/old/n") { try scene.addDestination(["n/in"], Data("newer".utf8)) }
        let report = try await meanwhile.run { try await scene.run() }
        #expect(meanwhile.hasHappened)
        #expect(report.failures.map(\.path) == ["n/in"])
        #expect(report.failures.map(\.error.code) == [.destinationChanged])
        let kept = try #require(try scene.destination.first { $0.hasSuffix("/old/n/in") })
        #expect(report.failures.first?.error.message.contains(kept) == true)
        #expect(scene.read(kept) == Data("newer".utf8) && scene.read("n") == Data("n".utf8))
        #expect(scene.read("aaa") != nil && report.withheldPaths.sorted() == ["aaa", "zzz"])
        // No run treats it as a file to upload, and it is still reported.
        try await expectTold(scene, of: String(kept.dropLast("/in".count)))
        let last = try await scene.run()
        #expect(last.isComplete && last.deleted.files == 3, "\(last.failures)")
        #expect(try scene.destination == ["n", "other"])
    }

    @Test(
        "E7: files that a killed download moved aside are put back by the next one; other runs report them and do not send them",
        arguments: Shape.allCases, [false, true])
    func leftAside(shape: Shape, deletes: Bool) async throws {
        let scene = try scene(shape)
        let place = AtomicFile.temporaryName(for: FileName(unchecked: "n".utf8), token: 7).description
        try FileManager.default.createDirectory(atPath: scene.folder[place + "/old"], withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: scene.folder["n"], toPath: scene.folder[place + "/old/n"])
        try scene.addDestination([place + "/new/n/half"])
        try await expectTold(scene, of: place + "/old/n")

        let report = try await scene.run { if !deletes { $0.deletion = nil } }
        #expect(report.isComplete == deletes)
        let expected = deletes ? [shape.object, "other"] : shape.local + ["aaa", "other", "zzz"]
        #expect(try scene.destination == expected.sorted())
        if !deletes { #expect(report.failures.map(\.error.code) == [.unsafeKey]) }
        #expect(!FileManager.default.fileExists(atPath: scene.folder[place]))
    }

    @Test(
        "E7: files that were already replaced are deleted by the next run that deletes, and reported by one that does not"
    )
    func leftReplaced() async throws {
        let scene = try MirrorScene(.down)
        try scene.addSource(["d/n", "other"])
        let place = "d/" + AtomicFile.temporaryName(for: FileName(unchecked: "n".utf8), token: 7).description
        try scene.addDestination(["d/n", "other", place + "/old/n/in", place + "/new/n"])
        let kept = try await scene.run { $0.deletion = nil }
        #expect(kept.failures.map(\.path) == ["d/n"] && kept.failures.map(\.error.code) == [.destinationChanged])
        #expect(scene.read(place + "/old/n/in") != nil && scene.read(place + "/new/n") == nil)
        try await expectTold(scene, of: place + "/old/n")

        let refused = try await scene.run { $0.deletion?.limit = .count(0) }
        #expect(refused.withheldDeletions == 1 && scene.read(place + "/old/n/in") != nil)
        let last = try await scene.run()
        #expect(last.isComplete && last.deleted.files == 1, "\(last.failures)")
        #expect(try scene.destination == ["d/n", "other"])
        #expect(!FileManager.default.fileExists(atPath: scene.folder[place]))
    }

    @Test("E7: a replacement by a process that is still running is not changed")
    func inUse() async throws {
        let scene = try scene(.objectForFolder)
        let root = try SafeDirectory(scene.folder.path)
        let alive = try NameReplacement(of: FileName(unchecked: "n".utf8), in: root, token: 7)
        let place = AtomicFile.temporaryName(for: FileName(unchecked: "n".utf8), token: 7).description
        try scene.addDestination([place + "/new/n"], Data("theirs".utf8))
        let up = try await scene.transfer { $0.isDryRun = true }.planUpload(from: scene.folder.path, to: "up")
        for try await action in up { #expect(action.kind != .upload || !action.path.contains(".oss-partial")) }
        let report = try await scene.run()
        #expect(report.isComplete && scene.read("n") == Data("n".utf8))
        #expect(scene.read(place + "/new/n") == Data("theirs".utf8))
        alive.discard()
        #expect(try scene.destination == ["n", "other"])
    }

    /// Expects that an upload with deletions, a comparison and a dry run report the path without uploading or changing
    /// it.
    private func expectTold(_ scene: MirrorScene, of place: String) async throws {
        let before = try scene.destination
        let up = try await scene.transfer().upload(from: scene.folder.path, to: "up")
        let check = try await scene.transfer().check(scene.folder.path, against: "src")
        let dry = try await scene.run { $0.isDryRun = true }
        for failures in [up.failures, check.failures, dry.failures] {
            #expect(failures.contains { $0.error.message.contains(place) }, "\(failures)")
        }
        #expect(!scene.service.server.keys(in: "photos").contains { $0.contains(".oss-partial") })
        #expect(up.deleted.files == 0)
        #expect(try scene.destination == before)
    }
}
