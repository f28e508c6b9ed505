import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of two spellings of one name. The IDs and outcomes are those in `Docs/Scenarios.md`.
///
/// Most Linux file systems distinguish all names, so ``BlindVolume`` simulates one that does not. If the temporary
/// folder is on such a file system (on a Mac, or set by `TMPDIR`), it is also used.
@Suite("Names that differ in case or Unicode normalization")
struct NameSpellingTests {
    /// Two names that some file systems treat as the same.
    struct Names: CustomTestStringConvertible {
        var first: String
        var second: String
        var isReal: Bool

        var testDescription: String {
            ScratchDirectory.printable("\(first) \(second)".utf8) + (isReal ? " (real)" : "")
        }

        /// The first name is listed first.
        static let cases = ("A.txt", "a.txt")
        static let forms = ("e\u{301}.txt", "\u{E9}.txt")

        static let all = playable([cases, forms])

        /// Returns the pairs that are one name on this file system, or for which this can be simulated.
        static func playable(_ names: [(String, String)]) -> [Names] {
            names.map { Names(first: $0.0, second: $0.1, isReal: ScratchDirectory.isOneName($0.0, $0.1)) }
                .filter { $0.isReal || BlindVolume.isPlayable }
        }
    }

    /// Runs a closure on a file system where the two names are the same.
    private func run<Result>(_ names: Names, in scene: NameScene, _ body: () async throws -> Result) async throws
        -> Result
    {
        guard !names.isReal else { return try await body() }
        let (first, second) = (scene.target + "/" + names.first, scene.target + "/" + names.second)
        return try await BlindVolume(first, alsoKnownAs: second).run(body)
    }

    /// Returns the number of files at the destination, and the content of the first one.
    private func content(_ names: Names, in scene: NameScene) -> (count: Int, first: String?) {
        let data = FileManager.default.contents(atPath: scene.target + "/" + names.first)
        return (scene.entries.count, data.map { String(decoding: $0, as: UTF8.self) })
    }

    private func expectConflict(_ names: Names) async throws {
        let scene = try NameScene()
        try scene.store(["p/" + names.first, "p/" + names.second])
        let transfer = scene.transfer {
            $0.concurrency = 1
            $0.deletion = DeletionOptions()
        }
        // A file from an earlier run is treated like one from the same run.
        for _ in 0..<3 {
            let report = try await run(names, in: scene) { try await transfer.download(from: "p", to: scene.target) }
            #expect(report.problems == [ScratchDirectory.printable("p/\(names.second)".utf8) + " destinationChanged"])
            #expect(content(names, in: scene) == (1, "p/" + names.first))
        }
    }

    @Test(
        "F11: on a disk that does not distinguish A.txt from a.txt, the second is a failure and the first survives",
        arguments: Names.playable([Names.cases]))
    func f11(names: Names) async throws {
        try await expectConflict(names)
    }

    @Test(
        "F12: on a disk that does not distinguish the two spellings of é, the second is a failure and the first survives",
        arguments: Names.playable([Names.forms]))
    func f12(names: Names) async throws {
        try await expectConflict(names)
    }

    @Test(
        "F11: a local file that the bucket contains under a different spelling is never overwritten or deleted",
        arguments: Names.all, [false, true])
    func f11Deletion(names: Names, isEqual: Bool) async throws {
        let scene = try NameScene()
        try scene.store(["p/" + names.second, "p/x"])
        try scene.parent.write("target/x", Data("p/x".utf8))
        let old = isEqual ? "p/" + names.second : "mine"
        try scene.parent.write("target/" + names.first, Data(old.utf8))
        let transfer = scene.transfer { $0.deletion = DeletionOptions() }
        let report = try await run(names, in: scene) { try await transfer.download(from: "p", to: scene.target) }
        #expect(!report.isComplete && report.deleted.files == 0)
        #expect(report.failures.map(\.error.code) == [.destinationChanged])
        #expect(content(names, in: scene) == (2, old))
    }

    @Test(
        "F11: an object whose file now has a different spelling is deleted, and the file's own object is not",
        arguments: Names.all)
    func f11Upload(names: Names) async throws {
        let scene = try NameScene()
        try scene.parent.write("target/" + names.first, Data("new".utf8))
        try scene.store(["p/" + names.second])
        let report = try await run(names, in: scene) {
            try await scene.transfer { $0.deletion = DeletionOptions() }.upload(from: scene.target, to: "p")
        }
        #expect(report.problems == [])
        #expect(scene.keys == [ScratchDirectory.printable("p/\(names.first)".utf8)])
        #expect(scene.service.stored("p/" + names.first) == Data("new".utf8))
    }

    @Test(
        "F12: on a disk that distinguishes them, the two spellings of é are two files and two keys in every operation",
        .enabled(if: !ScratchDirectory.isOneName(Names.forms.0, Names.forms.1)))
    func f12Apart() async throws {
        let state = try ScratchDirectory()
        let scene = try NameScene { $0.stateDirectory = .path(state.path) }
        let source = try ScratchDirectory()
        let names = ["e\u{301}", "\u{E9}", "d/e\u{301}/x", "d/\u{E9}/x"]
        for name in names { try source.write(nameAndContent: name.utf8) }
        let transfer = scene.transfer {
            $0.deletion = DeletionOptions()
            $0.concurrency = 1
        }
        #expect(try await transfer.upload(from: source.path, to: "p").transferred.files == 4)
        #expect(scene.keys == names.map { ScratchDirectory.printable("p/\($0)".utf8) }.sorted())
        #expect(try await transfer.download(from: "p", to: scene.target).transferred.files == 4)
        #expect(scene.entries == ScratchDirectory.printableEntries(at: source.path))
        for name in names {
            #expect(FileManager.default.contents(atPath: scene.target + "/" + name) == Data(name.utf8))
        }
        #expect(try await transfer.download(from: "p", to: scene.target).unchanged.files == 4)
        #expect(try await transfer.check(scene.target, against: "p").isEqual)

        // Only one of them changes, fails, is retried and is deleted.
        let changed = Data("another one".utf8)
        for name in names { try scene.service.server.put("p/" + name, changed, in: "photos") }
        scene.service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", key: "p/\u{E9}"))
        let plan = try await transfer.planDownload(from: "p", to: scene.target)
        let report = try await plan.run()
        #expect(report.problems == ["p/%C3%A9 accessDenied"] && report.transferred.files == 3)
        try scene.service.server.put("p/e\u{301}", Data("once more".utf8), in: "photos")
        let again = try await plan.retrying(report).run()
        #expect(again.isComplete && again.transferred.files == 1 && again.unchanged.files == 0)
        #expect(FileManager.default.contents(atPath: scene.target + "/\u{E9}") == changed)
        #expect(FileManager.default.contents(atPath: scene.target + "/e\u{301}") == changed)
        scene.service.server.delete("p/\u{E9}", in: "photos")
        #expect(try await transfer.download(from: "p", to: scene.target).deleted.files == 1)
        #expect(scene.entries == ["d/", "d/%C3%A9/", "d/%C3%A9/x", "d/e%CC%81/", "d/e%CC%81/x", "e%CC%81"])
    }
}
