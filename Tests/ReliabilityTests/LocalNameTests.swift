import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of local names that cannot be keys, and of unusual names. The IDs and outcomes are those in
/// `Docs/Scenarios.md`.
@Suite("Unusual local names")
struct LocalNameTests {
    #if os(Linux)
        // The file systems of Apple platforms store no such names.
        @Test("F13: a name that is not UTF-8 is a failure, becomes no key, and nothing is deleted in that run")
        func f13() async throws {
            let scene = try NameScene()
            let source = try ScratchDirectory()
            for name in [[0x61], [0x62, 0xFF], [0xE9], [0xC3, 0x2F, 0x78], [0x64, 0x2F, 0xED, 0xA0, 0x80], [0x7A]]
                as [[UInt8]]
            {
                try source.write(nameAndContent: name)
            }
            try scene.store(["p/gone", "p/b\u{FFFD}"])
            let transfer = scene.transfer { $0.deletion = DeletionOptions() }
            let plan = try await transfer.planUpload(from: source.path, to: "p")
            #expect(
                try await plan.summary { $0.kind == .fail }
                    == ["%EF%BF%BD", "%EF%BF%BD", "b%EF%BF%BD", "d/%EF%BF%BD%EF%BF%BD%EF%BF%BD"].map {
                        "fail \($0) (unsafeName)"
                    })
            let report = try await plan.run()
            #expect(report.failures.map(\.error.code) == Array(repeating: .unrepresentableName, count: 4))
            #expect(report.failures.allSatisfy { $0.key == nil })
            #expect(scene.keys == ["p/a", "p/b%EF%BF%BD", "p/gone", "p/z"])
            #expect(report.deleted.files == 0 && report.withheldPaths == ["b\u{FFFD}", "gone"])

            // Without that file, they are deleted.
            for name in ["b", "", "d/"] { remove(name, in: source) }
            let clean = try await transfer.upload(from: source.path, to: "p")
            #expect(clean.isComplete && clean.deleted.files == 2)
            #expect(scene.keys == ["p/a", "p/z"])
        }

        /// Removes the files whose names start with the given name and are not UTF-8.
        private func remove(_ name: String, in source: ScratchDirectory) {
            let paths: [String: [[UInt8]]] = [
                "b": [[0x62, 0xFF]], "": [[0xE9], [0xC3, 0x2F, 0x78], [0xC3]], "d/": [[0x64, 0x2F, 0xED, 0xA0, 0x80]],
            ]
            for path in paths[name] ?? [] {
                let bytes = (Array(source.path.utf8) + [0x2F] + path + [0]).map { CChar(bitPattern: $0) }
                #expect(Foundation.remove(bytes) == 0)
            }
        }

        @Test("F13: in a download folder, a file whose name is not UTF-8 matches no object and is never deleted")
        func f13Download() async throws {
            let scene = try NameScene()
            try scene.store(["p/a", "p/b\u{FFFD}"])
            let target = try ScratchDirectory()
            for name in [[0x62, 0xFF], [0x67], [0xC3, 0x2F, 0x78]] as [[UInt8]] {
                try target.write(nameAndContent: name)
            }
            let report = try await scene.transfer { $0.deletion = DeletionOptions() }.download(
                from: "p", to: target.path)
            #expect(report.isComplete && report.deleted.files == 1)
            #expect(ScratchDirectory.printableEntries(at: target.path) == ["%C3/", "%C3/x", "a", "b%EF%BF%BD", "b%FF"])
        }
    #endif

    @Test(
        "F14: a path that becomes a key of more than 1023 bytes or with an initial backslash is a failure; 1023 bytes are valid"
    )
    func f14Key() async throws {
        let scene = try NameScene()
        let source = try ScratchDirectory()
        let deep = Array(repeating: String(repeating: "x", count: 203), count: 5).joined(separator: "/")
        for name in [deep, deep + "y", deep + "/z", "\\back", "ok"] where name != deep + "/z" {
            try source.write(nameAndContent: name.utf8)
        }
        try scene.store(["gone"])
        // 1019 bytes, plus the prefix.
        for (prefix, fits) in [("abc", true), ("abcd", false)] {
            let transfer = scene.transfer { $0.deletion = DeletionOptions() }
            let report = try await transfer.upload(from: source.path, to: prefix)
            #expect(report.failures.map(\.path).sorted() == (fits ? [deep + "y"] : [deep, deep + "y"]))
            #expect(
                report.failures.allSatisfy { $0.error.code == .invalidArgument && $0.error.message.contains("1023") })
            #expect((scene.service.stored("\(prefix)/\(deep)") != nil) == fits)
            #expect(scene.service.stored(prefix + "/ok") != nil && scene.service.stored(prefix + "/\\back") != nil)
        }
        let plan = try await scene.transfer { $0.deletion = DeletionOptions() }.planUpload(from: source.path)
        #expect(try await plan.summary { $0.kind == .fail } == ["fail \\back (unsafeName)"])
        #expect(try await plan.run().withheldPaths.contains("gone"))
        #expect(scene.service.stored("gone") != nil)
        let down = try await scene.transfer().download(from: "abc", to: scene.target)
        #expect(down.isComplete)
        #expect(FileManager.default.contents(atPath: scene.target + "/" + deep) == Data(deep.utf8))
    }

    @Test("F14: a path that is longer than the system accepts in one call is uploaded and downloaded name by name")
    func f14Path() async throws {
        let state = try ScratchDirectory()
        let scene = try NameScene { $0.stateDirectory = .path(state.path) }
        let long = Array(repeating: String(repeating: "r", count: 200), count: 19).joined(separator: "/")
        // Another path to it, for this test and for its removal.
        try FileManager.default.createDirectory(
            atPath: scene.parent["short/" + long], withIntermediateDirectories: true)
        try scene.parent.link("link", to: "short/" + long)
        let root = scene.parent["short/" + long]
        let name = Array(repeating: String(repeating: "n", count: 200), count: 3).joined(separator: "/")
        #expect(root.utf8.count < PATH_MAX && root.utf8.count + name.utf8.count > PATH_MAX)
        let content = Data.pattern(400_000)
        try scene.service.server.put("p/\(name)/large", content, in: "photos")
        try scene.store(["p/\(name)/small"])
        let transfer = scene.transfer {
            $0.multipartThreshold = 200_000
            $0.partSize = 100 << 10
        }
        defer {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: scene.parent["link"])) ?? [] {
                try? FileManager.default.removeItem(atPath: scene.parent["link/" + name])
            }
        }
        #expect(try await transfer.download(from: "p", to: root).transferred.files == 2)
        let fetched = scene.fetched.count
        #expect(try await transfer.download(from: "p", to: root).unchanged.files == 2)
        #expect(fetched > 3 && scene.fetched.count == fetched)
        #expect(FileManager.default.contents(atPath: scene.parent["link/\(name)/large"]) == content)
        for _ in 0..<2 { #expect(try await transfer.upload(from: root, to: "q").problems == []) }
        #expect(scene.service.stored("q/\(name)/large") == content)
        #expect(scene.service.stored("q/\(name)/small") == Data("p/\(name)/small".utf8))
        #expect(scene.service.count("PutObject") == 1 && scene.service.count("CompleteMultipartUpload") == 1)
        #expect(try state.files().filter { $0.hasSuffix(".journal") } == [])
    }

    @Test(
        "F18: newlines, leading dashes, trailing spaces and dots in names survive a round trip, a comparison and a deletion"
    )
    func f18() async throws {
        let scene = try NameScene()
        let source = try ScratchDirectory()
        let names = [
            "new\nline", "\n", "a\r\nb", "-rf", "--delete", "-d/-f", "trailing ", "trailing  ", "dot.", "dots...",
            "...", " leading", " ",
            "d /x. ", "d./ ", "tab\t", "con", "nul.txt", "a:b", "~", "$HOME", "`id`", "*", "?", "[a]", "\"q\"", "'",
            "a|b", ".hidden",
        ]
        for name in names { try source.write(nameAndContent: name.utf8) }
        let transfer = scene.transfer { $0.deletion = DeletionOptions() }
        #expect(try await transfer.upload(from: source.path, to: "p").transferred.files == names.count)
        #expect(scene.keys == names.map { ScratchDirectory.printable("p/\($0)".utf8) }.sorted())
        #expect(try await transfer.download(from: "p", to: scene.target).transferred.files == names.count)
        #expect(scene.entries == ScratchDirectory.printableEntries(at: source.path))
        for name in names {
            #expect(FileManager.default.contents(atPath: scene.target + "/" + name) == Data(name.utf8))
        }
        #expect(try await transfer.upload(from: source.path, to: "p").unchanged.files == names.count)
        #expect(try await transfer.download(from: "p", to: scene.target).unchanged.files == names.count)
        for name in names.dropFirst() { try FileManager.default.removeItem(atPath: source[name]) }
        #expect(try await transfer.upload(from: source.path, to: "p").deleted.files == names.count - 1)
        #expect(try await transfer.download(from: "p", to: scene.target).deleted.files == names.count - 1)
        #expect(scene.keys == ["p/new%0Aline"] && scene.entries == ["new%0Aline"])
    }
}
