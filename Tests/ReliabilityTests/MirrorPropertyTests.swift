import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests with random trees, random edits on both sides and random faults. After a run without errors, both sides are
/// equal. After a run with errors, nothing that should exist is missing, and the next run without faults makes both
/// sides equal.
@Suite("Properties of a mirror under random faults")
struct MirrorPropertyTests {
    @Test("A mirror upload under random faults ends with equal trees or loses nothing", arguments: 1...20)
    func upload(seed: UInt64) async throws {
        try await check(.up, seed: seed)
    }

    @Test("A mirror download under random faults ends with equal trees or loses nothing", arguments: 1...20)
    func download(seed: UInt64) async throws {
        try await check(.down, seed: seed)
    }

    private enum Direction { case up, down }

    private func check(_ direction: Direction, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let scene = try Scene(hasRecord: Bool.random(using: &random))
        scene.fill(using: &random)
        for round in 1...4 {
            let comment: Comment = "seed \(seed), round \(round)"
            scene.editLocally(using: &random)
            try scene.editRemotely(using: &random)
            let (source, before) =
                direction == .up ? (scene.local, scene.remote) : (scene.remote, scene.local)
            scene.addFaults(using: &random)
            let report = try? await scene.run(direction == .up)
            scene.service.server.faults.removeAll()
            let after = direction == .up ? scene.remote : scene.local
            // The source must not change.
            #expect((direction == .up ? scene.local : scene.remote) == source, comment)
            if report?.isComplete == true {
                #expect(after == source, comment)
            } else {
                for (path, content) in after {
                    let known = [source[path], before[path]]
                    #expect(known.contains(content), "\(comment): '\(path)' is neither the old nor the new one")
                }
                for path in source.keys where before[path] != nil {
                    #expect(after[path] != nil, "\(comment): '\(path)' is gone")
                }
                for path in before.keys where after[path] == nil {
                    // A missing file must be one that the source does not have or that had to be replaced.
                    #expect(source[path] == nil, "\(comment): '\(path)' is gone")
                }
                let last = try await scene.run(direction == .up)
                #expect(last.isComplete, "\(comment): \(last.failures)")
                #expect((direction == .up ? scene.remote : scene.local) == source, comment)
            }
        }
    }
}

/// A folder and a prefix to be made equal.
private struct Scene {
    let service: TestService
    let folder: ScratchDirectory
    private let root: String

    private static let names = [
        "a", "b", "A", "a.txt", "a b", "é", "e\u{301}", ".hidden", "x+y&z", "日本", "-dash", "end.",
    ]

    init(hasRecord: Bool) throws {
        let folder = try ScratchDirectory()
        self.folder = folder
        root = folder["tree"]
        service = try TestService {
            if hasRecord { $0.stateDirectory = .path(folder["state"]) }
            $0.retry.maximumAttempts = 2
        }
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    var local: [ObjectKey: Data] {
        var contents: [ObjectKey: Data] = [:]
        for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init() {
            var isFolder: ObjCBool = false
            // The temporary files of interrupted downloads are not part of the tree.
            guard FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isFolder),
                !isFolder.boolValue,
                !path.hasSuffix(".oss-partial")
            else { continue }
            contents[ObjectKey(unchecked: path)] = FileManager.default.contents(atPath: root + "/" + path)
        }
        return contents
    }

    var remote: [ObjectKey: Data] {
        let keys = service.server.keys(in: "photos").filter { $0.hasPrefix("p/") }
        return Dictionary(
            uniqueKeysWithValues: keys.map {
                (ObjectKey(unchecked: String($0.dropFirst(2))), service.stored($0) ?? Data())
            })
    }

    func run(_ isUpload: Bool) async throws -> TransferReport {
        var options = DirectoryTransfer.Options()
        options.deletion = DeletionOptions()
        options.deletion?.limit = .unlimited
        options.deletion?.allowsEmptySource = true
        options.concurrency = 4
        options.multipartThreshold = 150_000
        options.partSize = 100 << 10
        let transfer = DirectoryTransfer(service.bucket, options: options)
        return isUpload
            ? try await transfer.upload(from: root, to: "p") : try await transfer.download(from: "p", to: root)
    }

    func fill(using random: inout SeededRandom) {
        for _ in 0..<15 { write(path(using: &random), using: &random) }
    }

    func editLocally(using random: inout SeededRandom) {
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            guard let path = local.keys.sorted().randomElement(using: &random)?.rawValue else { break }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: try? FileManager.default.removeItem(atPath: root + "/" + path)
            case 1: rewriteInSize(path)
            case 2: write(path, using: &random)
            default: rename(path, to: self.path(using: &random))
            }
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) { write(path(using: &random), using: &random) }
    }

    func editRemotely(using random: inout SeededRandom) throws {
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            let key = "p/" + (remote.keys.sorted().randomElement(using: &random)?.rawValue ?? "new")
            if Bool.random(using: &random) {
                service.server.delete(key, in: "photos")
            } else if isFree(String(key.dropFirst(2)), in: remote) {
                try service.server.put(key, Data.pattern(size(using: &random), seed: random.next()), in: "photos")
            }
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let path = path(using: &random)
            guard isFree(path, in: remote) else { continue }
            try service.server.put("p/" + path, Data.pattern(size(using: &random), seed: random.next()), in: "photos")
        }
    }

    /// Adds faults of the service and the network, and responses from other servers or to other requests.
    func addFaults(using random: inout SeededRandom) {
        let faults: [[MockFault.Action]] = [
            [.respond(status: 500, code: "InternalError")], [.respond(status: 503, code: "ServerBusy")],
            [.respond(status: 403, code: "AccessDenied")], [.closeBeforeReading()], [.closeAfterApplying()],
            [.truncateBody(after: 10)], [.corruptBody(at: 3)], [.header("x-oss-hash-crc64ecma", "1")],
            [.raw(Array("x".utf8))],
        ]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let isForeign = Bool.random(using: &random)
            let actions = isForeign ? HostileResponse.all.randomElement(using: &random)?.actions : nil
            guard let actions = actions ?? faults.randomElement(using: &random) else { return }
            let skip = Int.random(in: 0...12, using: &random)
            let times = Bool.random(using: &random) ? 1 : 3
            for action in actions { service.server.add(action, when: .init(skip: skip), times: times) }
        }
    }

    private func path(using random: inout SeededRandom) -> String {
        let depth = Int.random(in: 1...3, using: &random)
        return (0..<depth).map { _ in Self.names.randomElement(using: &random) ?? "a" }.joined(separator: "/")
    }

    private func size(using random: inout SeededRandom) -> Int {
        [0, 1, 100, 100, 5000, 250_000].randomElement(using: &random) ?? 1
    }

    /// Returns whether a path can be added without replacing a folder by a file, or the reverse.
    private func isFree(_ path: String, in tree: [ObjectKey: Data]) -> Bool {
        !tree.keys.contains {
            $0.rawValue.utf8.starts(with: (path + "/").utf8) || path.utf8.starts(with: ($0.rawValue + "/").utf8)
        }
    }

    private func write(_ path: String, using random: inout SeededRandom) {
        guard isFree(path, in: local) else { return }
        let full = root + "/" + path
        let parent = String(full[..<(full.lastIndex(of: "/") ?? full.endIndex)])
        try? FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(
            atPath: full, contents: Data.pattern(size(using: &random), seed: random.next()))
    }

    /// Replaces a file with a new one of the same size and time but different content.
    private func rewriteInSize(_ path: String) {
        let full = root + "/" + path
        guard var content = FileManager.default.contents(atPath: full), !content.isEmpty,
            let time = try? FileManager.default.attributesOfItem(atPath: full)[.modificationDate]
        else { return }
        content[0] ^= 0xFF
        let new = folder["new"]
        _ = FileManager.default.createFile(atPath: new, contents: content)
        try? FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: new)
        rename(new, full)
    }

    private func rename(_ path: String, to new: String) {
        guard isFree(new, in: local), local[ObjectKey(unchecked: new)] == nil,
            let content = local[ObjectKey(unchecked: path)]
        else { return }
        let full = root + "/" + new
        let parent = String(full[..<(full.lastIndex(of: "/") ?? full.endIndex)])
        try? FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        if FileManager.default.createFile(atPath: full, contents: content) {
            try? FileManager.default.removeItem(atPath: root + "/" + path)
        }
    }

    private func rename(_ path: String, _ new: String) {
        _ = Foundation.rename(path, new)
    }
}
