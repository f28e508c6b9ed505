import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of transfer plans, which can be inspected before they run.
@Suite("Transfer plans")
struct TransferPlanTests {
    private let service: TestService
    private let folder: ScratchDirectory

    init() throws {
        service = try TestService()
        folder = try ScratchDirectory()
    }

    private func put(_ objects: [String: String], in bucket: String = "photos") throws {
        for (key, content) in objects { try service.server.put(key, Data(content.utf8), in: bucket) }
    }

    private func write(_ files: [String: String]) throws {
        for (name, content) in files { try folder.write(name, content) }
    }

    private func transfer(_ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }) -> DirectoryTransfer {
        var options = DirectoryTransfer.Options()
        options.deletion = DeletionOptions()
        configure(&options)
        return DirectoryTransfer(service.bucket, options: options)
    }

    /// Returns the actions and their reasons, one line for each file.
    private func lines(_ plan: TransferPlan) async throws -> [String] {
        var lines: [String] = []
        for try await action in plan { lines.append("\(action.kind.rawValue) \(action.path) (\(action.reason))") }
        return lines.sorted()
    }

    private var objects: [String: Data] {
        service.server.keys(in: "photos").reduce(into: [:]) { $0[$1] = service.server.data(of: $1, in: "photos") }
    }

    private var writes: [String] {
        service.server.requests.map(\.operation).filter { !["ListObjects", "HeadObject", "GetObject"].contains($0) }
    }

    @Test("An upload plan states the action and reason for each file")
    func upload() async throws {
        try write([
            "new": "n", "size": "longer", "content": "left!", "same": "same", "left.out": "x", "d/new": "n",
        ])
        try folder.write(bytes: [0x66, 0xFF], [1])
        try folder.link("broken", to: "nowhere")
        try folder.makeFIFO("pipe")
        try folder.makeDirectory("empty")
        try put([
            "size": "short", "content": "right", "same": "same", "gone": "g", "left.out2": "x", "d/gone": "g",
            "z.out/kept": "x",
        ])
        let plan = try await transfer {
            try? $0.filter.exclude("*.out")
            $0.includesEmptyDirectories = true
        }.planUpload(from: folder.path)
        let before = objects
        let expected = [
            "delete d/gone (notInSource)", "delete gone (notInSource)", "delete left.out2 (notInSource)",
            "fail f\u{FFFD} (unsafeName)", "leave broken (brokenLink)", "leave left.out (excluded)",
            "leave pipe (specialFile)", "leave same (sameContent)", "makeFolder empty (new)",
            "upload content (changedContent)", "upload d/new (new)", "upload new (new)", "upload size (changedSize)",
        ]
        #expect(try await lines(plan) == expected)
        // A second iteration returns the same actions and performs none.
        #expect(try await lines(plan).count == expected.count)
        #expect(objects == before && writes.isEmpty)
    }

    @Test("A download plan states the action and reason for each object")
    func download() async throws {
        try put([
            "new": "n", "size": "longer", "content": "left!", "same": "same", "left.out": "x", "a/../b": "x",
            "clash": "x", "clash/file": "x", "folder/": "",
        ])
        try write(["size": "short", "content": "right", "same": "same", "gone": "g", "d/gone": "g"])
        let plan = try await transfer { try? $0.filter.exclude("*.out") }.planDownload(from: "", to: folder.path)
        let names = folder.names()
        let expected = [
            "delete d/gone (notInSource)", "delete gone (notInSource)", "download clash/file (new)",
            "download content (changedContent)", "download new (new)", "download size (changedSize)",
            "fail a/../b (unsafeName)", "fail clash (conflict)", "leave left.out (excluded)",
            "leave same (sameContent)", "makeFolder folder (new)",
        ]
        #expect(try await lines(plan) == expected)
        #expect(try await lines(plan) == expected)
        #expect(folder.names() == names)
        #expect(try folder.text("content") == "right")
    }

    @Test("A copy plan states the action and reason for each object")
    func copy() async throws {
        try put([
            "from/new": "n", "from/size": "longer", "from/content": "left!", "from/same": "same", "from/left.out": "x",
            "to/size": "short", "to/content": "right", "to/same": "same", "to/gone": "g", "other/gone": "g",
        ])
        let plan = try await transfer { try? $0.filter.exclude("*.out") }.planCopy(from: "from", to: "to")
        let expected = [
            "copy content (changedContent)", "copy new (new)", "copy size (changedSize)", "delete gone (notInSource)",
            "leave left.out (excluded)", "leave same (sameContent)",
        ]
        let before = objects
        #expect(try await lines(plan) == expected)
        #expect(objects == before && writes.isEmpty)
    }

    @Test("A second plan after a transfer reports everything as unchanged")
    func unchanged() async throws {
        let state = try ScratchDirectory()
        let service = try TestService { $0.stateDirectory = .path(state.path) }
        try write(["a": "x", "d/b": "y"])
        let transfer = DirectoryTransfer(service.bucket)
        _ = try await transfer.upload(from: folder.path)
        #expect(
            try await lines(transfer.planUpload(from: folder.path)) == ["leave a (unchanged)", "leave d/b (unchanged)"])
    }

    @Test("A filtered plan performs only the remaining actions, even if contents decide")
    func filtered() async throws {
        try write(["new": "n", "content": "left!", "same": "same", "other": "1"])
        try put(["content": "right", "same": "same", "gone": "g", "kept": "k", "other": "2"])
        let plan = try await transfer().planUpload(from: folder.path).filtered { $0.path != "kept" }
            .filtered { $0.kind == .delete || $0.reason == .changedContent && $0.path == "content" }
        let expected = ["delete gone (notInSource)", "upload content (changedContent)"]
        #expect(try await lines(plan) == expected)
        let report = try await plan.run()
        #expect(report.isComplete)
        #expect(report.transferred.files == 1 && report.deleted.files == 1 && report.unchanged.files == 0)
        #expect(service.server.keys(in: "photos") == ["content", "kept", "other", "same"])
        #expect(objects["other"] == Data("2".utf8))
        #expect(objects["content"] == Data("left!".utf8))
    }

    @Test("A retry includes only the failures and distinguishes the Unicode spellings of a name")
    func retrying() async throws {
        // These are two names on a disk and in a bucket, but equal as `String`.
        try write(["a": "1", "b": "2", "\u{E9}": "composed"])
        try write(["e\u{301}": "decomposed"])
        let refusal = MockFault.Action.respond(status: 403, code: "AccessDenied")
        for key in ["b", "e\u{301}"] { service.server.add(refusal, when: .operation("PutObject", key: key)) }
        let plan = try await transfer().planUpload(from: folder.path)
        let first = try await plan.run()
        #expect(first.failures.map { Array($0.path.utf8) }.count == 2)
        // This failure must not be included, although the file no longer exists.
        service.server.delete("a", in: "photos")
        let retry = try plan.retrying(first)
        #expect(try await lines(retry) == ["upload b (new)", "upload e\u{301} (new)"])
        let second = try await retry.run()
        #expect(second.isComplete && second.transferred.files == 2)
        #expect(
            service.server.keys(in: "photos").map { Array($0.utf8) } == [[0x62], [0x65, 0xCC, 0x81], [0xC3, 0xA9]])
        #expect(try await plan.retrying(second).run().transferred.files == 0)
    }

    @Test("A dry run reports the same numbers as the run after it", arguments: [true, false])
    func dryRun(isUpload: Bool) async throws {
        try write(["new": "n", "size": "longer", "content": "left!", "same": "same", "left.out": "x", "a": "1"])
        try put(["size": "short", "content": "right", "same": "same", "gone": "gone", "b/c": "2"])
        try folder.makeDirectory("empty")
        func run(dry: Bool) async throws -> TransferReport {
            let transfer = transfer {
                $0.isDryRun = dry
                try? $0.filter.exclude("*.out")
                $0.includesEmptyDirectories = true
            }
            return isUpload
                ? try await transfer.upload(from: folder.path) : try await transfer.download(from: "", to: folder.path)
        }
        let (before, names) = (objects, folder.names())
        let dry = try await run(dry: true)
        #expect(objects == before && folder.names() == names && writes.isEmpty)
        let wet = try await run(dry: false)
        #expect(dry.isDryRun && !wet.isDryRun)
        #expect(wet.isComplete && dry.isComplete)
        #expect(dry.transferred == wet.transferred && dry.deleted == wet.deleted && dry.unchanged == wet.unchanged)
        #expect(dry.skipped == wet.skipped && dry.failed == wet.failed && dry.folders == wet.folders)
        #expect(dry.reasons == wet.reasons)
        #expect(wet.transferred.files > 0 && wet.deleted.files > 0)
    }

    @Test(
        "The description of an action is one line",
        arguments: [
            (.leave, .excluded, "a/b", "leave a/b (excluded)"),
            (.download(.folder(nil)), .always, "", "makeFolder . (always)"),
            (.delete(.object("k")), .notInSource, "k", "delete k (notInSource)"),
            (
                .copy(.init(source: RemoteEntry(key: "k", size: 0, eTag: "", type: "Normal"), key: "l")), .new, "l",
                "copy l (new)"
            ),
            (.upload(.folder("d/")), .new, "d", "makeFolder d (new)"),
            (
                .fail(OSSError(.unsafeKey, "no such name")), .unsafeName, "..",
                "fail .. (unsafeName): \(OSSError(.unsafeKey, "no such name"))"
            ),
        ] as [(TransferAction.Work, TransferReason, String, String)])
    func description(work: TransferAction.Work, reason: TransferReason, path: String, text: String) {
        #expect(TransferAction(work: work, reason: reason, key: nil, path: path).description == text)
    }
}
