import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// Tests that kill a process (SIGKILL) before each change that it would make, and start it again.
///
/// The tests run one at a time, because each runs two processes.
@Suite("Transfers killed at any point", .serialized)
struct KillTests {
    private static let partCount = 5
    private static let content = Data.pattern(4 * Scene.partSize + 123)
    private static let old = Data("what was there before".utf8)

    // MARK: One file

    @Test(
        "G4: an upload that is killed at any point resumes with the missing parts and leaves no part behind"
    )
    func upload() async throws {
        try await Killing.atEveryPoint {
            let scene = try Scene("upload", local: "source", remote: "big")
            try scene.write("source", Self.content)
            try scene.put("big", Self.old)
            return scene
        } whenKilled: { scene, comment in
            let stored = scene.stored("big")
            #expect(stored == Self.old || stored == Self.content, comment)
            #expect(scene.server.statistics.openUploads <= 1, comment)
        } finished: { scene, comment in
            #expect(scene.stored("big") == Self.content, comment)
            let files = try scene.files()
            #expect(files == ["source": Self.content], comment)
        } rerun: { killing, comment in
            let sent = Set(killing.before.compactMap(\.partNumber))
            let missing = (1...Self.partCount).filter { !sent.contains($0) }
            #expect(killing.after.compactMap(\.partNumber) == missing, comment)
            // An upload whose ID was not recorded has no parts, and another one is started.
            let isKnown = killing.count(of: "go on writing journal", since: "POST /photos/big uploads") == 1
            #expect(killing.after.count { $0.operation == "InitiateMultipartUpload" } == (isKnown ? 0 : 1), comment)
            let isComplete = killing.before.contains { $0.operation == "CompleteMultipartUpload" }
            #expect(killing.after.count { $0.operation == "CompleteMultipartUpload" } == (isComplete ? 0 : 1), comment)
        }
    }

    @Test(
        "G4: a download that is killed at any point resumes with the missing ranges and leaves no file behind",
        arguments: [nil, "replace", "keep", "keepBoth"] as [String?])
    func download(conflict: String?) async throws {
        // If the file already exists, one policy rejects the download, and the other uses a different name.
        let hasOld = conflict == "replace" || conflict == "keepBoth"
        let name = conflict == "keepBoth" ? "copy (1)" : "copy"
        let others = conflict == "keepBoth" ? ["copy": Self.old] : [:]
        try await Killing.atEveryPoint {
            let scene = try Scene("download", local: "copy", remote: "big", conflict: conflict)
            try scene.put("big", Self.content)
            if hasOld { try scene.write("copy", Self.old) }
            return scene
        } whenKilled: { scene, comment in
            var files = try scene.files().filter { !$0.key.hasSuffix(".oss-partial") }
            if let file = files.removeValue(forKey: name) {
                #expect(file == Self.content || conflict == "replace" && file == Self.old, comment)
            }
            #expect(files == others, comment)
        } finished: { scene, comment in
            let expected = others.merging([name: Self.content]) { $1 }
            let files = try scene.files()
            #expect(files == expected, comment)
            let permissions = try scene.permissions(of: name)
            #expect(permissions == 0o666 & ~Self.mask, comment)
        } rerun: { killing, comment in
            #expect(
                killing.after.compactMap(\.window) == killing.missingWindows(of: "big", Self.content.count), comment)
        }
    }

    @Test(
        "G4: a single-request download that is killed at any point eventually produces one file",
        arguments: ["replace", "keepBoth"])
    func smallDownload(conflict: String) async throws {
        let content = Self.content.prefix(1000)
        let name = conflict == "keepBoth" ? "copy (1)" : "copy"
        let others = conflict == "keepBoth" ? ["copy": Self.old] : [:]
        try await Killing.atEveryPoint {
            let scene = try Scene("download", local: "copy", remote: "small", conflict: conflict)
            try scene.put("small", content)
            try scene.write("copy", Self.old)
            return scene
        } whenKilled: { scene, comment in
            let files = try scene.files()
            let isOld = files["copy"] == Self.old
            #expect(isOld || files["copy"] == content, comment)
        } finished: { scene, comment in
            let expected = others.merging([name: content]) { $1 }
            let files = try scene.files()
            #expect(files == expected, comment)
        } rerun: { killing, comment in
            #expect(killing.after.compactMap(\.window).count <= 1, comment)
        }
    }

    // MARK: Folders

    private static let tree = [
        "a/empty": Data(), "a/small": Data.pattern(1000, seed: 2), "big": Data.pattern(2 * Scene.partSize + 5, seed: 3),
        "z": Data.pattern(70_000, seed: 4),
    ]

    @Test("G4: a folder upload that is killed at any point converges and changes nothing else")
    func folderUp() async throws {
        let others = ["www/a/extra": Self.old, "www-2/x": Self.old]
        try await Killing.atEveryPoint {
            let scene = try Scene("up", local: "site", remote: "www/")
            for (name, data) in Self.tree { try scene.write("site/" + name, data) }
            for (key, data) in others { try scene.put(key, data) }
            try scene.put("www/big", Self.old)
            return scene
        } whenKilled: { scene, comment in
            for key in scene.server.keys(in: "photos") where others[key] == nil {
                let stored = scene.stored(key)
                #expect(
                    stored == Self.tree[String(key.dropFirst(4))] || key == "www/big" && stored == Self.old, comment)
            }
            #expect(scene.server.statistics.openUploads <= 1, comment)
        } finished: { scene, comment in
            #expect(scene.server.keys(in: "photos") == (Self.tree.keys.map { "www/" + $0 } + others.keys).sorted())
            for (name, data) in Self.tree { #expect(scene.stored("www/" + name) == data, comment) }
            for (key, data) in others { #expect(scene.stored(key) == data, comment) }
        } rerun: { killing, comment in
            guard !killing.passed.contains("unlink journal") else { return }
            let sent = Set(killing.before.compactMap(\.partNumber))
            #expect(killing.after.compactMap(\.partNumber) == (1...3).filter { !sent.contains($0) }, comment)
        }
    }

    @Test("G4: a folder download that is killed at any point converges and changes nothing else")
    func folderDown() async throws {
        let others = ["copy/a/extra": Self.old, "other": Self.old]
        try await Killing.atEveryPoint {
            let scene = try Scene("down", local: "copy", remote: "www/")
            for (name, data) in Self.tree {
                try scene.put(
                    "www/" + name, data, headers: ["x-oss-meta-mtime": "1700000000.5", "x-oss-meta-mode": "444"])
            }
            try scene.put("www/folder/", Data())
            for (name, data) in others { try scene.write(name, data) }
            try scene.write("copy/big", Self.old)
            return scene
        } whenKilled: { scene, comment in
            for (name, data) in try scene.files() where others[name] == nil && !name.hasSuffix(".oss-partial") {
                #expect(data == Self.tree[String(name.dropFirst(5))] || name == "copy/big" && data == Self.old, comment)
            }
        } finished: { scene, comment in
            let files = try scene.files()
            #expect(Set(files.keys) == Set(Self.tree.keys.map { "copy/" + $0 }).union(others.keys), comment)
            for (name, data) in Self.tree {
                #expect(files["copy/" + name] == data, comment)
                let permissions = try scene.permissions(of: "copy/" + name)
                #expect(permissions == 0o444, comment)
            }
            for (name, data) in others { #expect(files[name] == data, comment) }
        } rerun: { killing, comment in
            guard !killing.passed.contains("unlink journal") else { return }
            let windows = killing.missingWindows(of: "www/big", 2 * Scene.partSize + 5)
            #expect(killing.after.filter { $0.key == "www/big" }.compactMap(\.window) == windows, comment)
        }
    }

    @Test("G4: a batch of downloads that is killed at any point leaves only old or entire new files and converges")
    func batch() async throws {
        let names = ["a0", "a1", "a2", "d/b0", "d/b1", "new/c"]
        let replaced = ["a1", "d/b1"]
        @Sendable func content(_ name: String) -> Data { Data("the new content of \(name)".utf8) }
        try await Killing.atEveryPoint {
            let scene = try Scene("down", local: "copy", remote: "www/")
            for name in names { try scene.put("www/" + name, content(name)) }
            for name in replaced { try scene.write("copy/" + name, Self.old) }
            return scene
        } whenKilled: { scene, comment in
            let files = try scene.files()
            for name in names {
                let file = files["copy/" + name]
                #expect(
                    file == (replaced.contains(name) ? Self.old : nil) || file == content(name), "\(comment): \(name)")
            }
        } finished: { scene, comment in
            let files = try scene.files()
            #expect(files == names.reduce(into: [:]) { $0["copy/" + $1] = content($1) }, comment)
        } rerun: { killing, comment in
            // All files are downloaded before the first one is renamed, and a renamed file is not downloaded again.
            let renamed = names.filter { killing.passed.contains("rename \($0.split(separator: "/").last ?? "")") }
            #expect(renamed.isEmpty || killing.before.count { $0.operation == "GetObject" } == names.count, comment)
            #expect(
                killing.after.count { $0.operation == "GetObject" } == names.count - renamed.count, comment)
        }
    }

    // MARK: Mirrors

    private static let site = ["a": Data.pattern(1000, seed: 5), "b/c": Data.pattern(2000, seed: 6)]
    /// The content of the destination: a file to replace and two to delete.
    private static let before = ["a": old, "extra": old, "old/x": old]

    @Test(
        "E7: a mirror that is killed at any point deletes nothing before every transfer is complete, and converges",
        arguments: ["mirror-up", "mirror-down"])
    func mirror(verb: String) async throws {
        let isUp = verb == "mirror-up"
        @Sendable func destination(_ scene: Scene) throws -> [String: Data] {
            guard isUp else {
                return try scene.files().filter { $0.key.hasPrefix("site/") && !$0.key.hasSuffix(".oss-partial") }
                    .reduce(into: [:]) { $0[String($1.key.dropFirst(5))] = $1.value }
            }
            return scene.server.keys(in: "photos").filter { $0.hasPrefix("www/") }
                .reduce(into: [:]) { $0[String($1.dropFirst(4))] = scene.stored($1) }
        }
        try await Killing.atEveryPoint {
            let scene = try Scene(verb, local: "site", remote: "www/")
            for (name, data) in isUp ? Self.site : Self.before { try scene.write("site/" + name, data) }
            for (name, data) in isUp ? Self.before : Self.site { try scene.put("www/" + name, data) }
            try scene.put("www-2/extra", Self.old)
            return scene
        } whenKilled: { scene, comment in
            let found = try destination(scene)
            for (name, data) in found {
                #expect(data == Self.site[name] || data == Self.before[name], "\(comment): \(name)")
            }
            let isTransferred = Self.site.allSatisfy { found[$0.key] == $0.value }
            #expect(isTransferred || Self.before.keys.allSatisfy { found[$0] != nil }, comment)
        } finished: { scene, comment in
            let found = try destination(scene)
            #expect(found == Self.site, comment)
            #expect(scene.stored("www-2/extra") == Self.old, comment)
        } rerun: { killing, comment in
            // Deletions come last, so completed transfers are not repeated.
            let operation = isUp ? "PutObject" : "GetObject"
            let again = killing.after.count { $0.operation == operation }
            let hasDeleted =
                isUp
                ? killing.before.contains { $0.operation == "DeleteMultipleObjects" }
                : killing.passed.contains("unlink extra")
            #expect(again <= (hasDeleted ? 0 : Self.site.count), comment)
        }
    }

    /// A file and a folder that are a folder and a file in the bucket, and a file to delete.
    private static let blocked = [
        "n": Data.pattern(2 * Scene.partSize + 7, seed: 7), "d/x": Data.pattern(900, seed: 8),
        "d/y/z": Data.pattern(800, seed: 9),
    ]
    private static let blocking = ["n/in": old, "n/deep/er": Data("another".utf8), "d": Data("a third".utf8)]

    @Test(
        "E7: a mirror that is killed while it replaces files to be deleted loses nothing and converges"
    )
    func replacement() async throws {
        try await Killing.atEveryPoint {
            let scene = try Scene("mirror-down", local: "site", remote: "www/")
            for (name, data) in Self.blocked { try scene.put("www/" + name, data) }
            for (name, data) in Self.blocking { try scene.write("site/" + name, data) }
            try scene.write("site/extra", Self.old)
            return scene
        } whenKilled: { scene, comment in
            let files = try scene.files()
            for (name, data) in Self.blocking {
                let isReplaced = files["site/n"] == Self.blocked["n"] && name.hasPrefix("n/")
                let isReplacedFolder = files["site/d/x"] == Self.blocked["d/x"] && name == "d"
                let isThere = files["site/" + name] == data
                let isAside = files.contains { $0.key.hasSuffix(".oss-partial/old/" + name) && $0.value == data }
                #expect(isThere || isAside || isReplaced || isReplacedFolder, "\(comment): \(name) is gone")
            }
            if files["site/extra"] == nil {
                for (name, data) in Self.blocked { #expect(files["site/" + name] == data, "\(comment): \(name)") }
            }
        } finished: { scene, comment in
            let files = try scene.files()
            #expect(files == Self.blocked.reduce(into: [:]) { $0["site/" + $1.key] = $1.value }, comment)
            let left = scene.folders().filter { $0.contains(".oss-partial") }
            #expect(left.isEmpty, comment)
        } rerun: { killing, comment in
            // A file that is already in place is not downloaded again.
            if killing.passed.contains("unlink extra") {
                #expect(killing.after.count { $0.operation == "GetObject" } == 0, comment)
            }
        }
    }

    private static let mask: Int = {
        let mask = umask(0o022)
        umask(mask)
        return Int(mask)
    }()
}

extension Killing {
    /// The ranges of a large object that the killed run had not recorded: those that it had not requested, and the last
    /// one unless its record is complete.
    fileprivate func missingWindows(of key: String, _ size: Int) -> [String] {
        let windows = stride(from: 0, to: size, by: Scene.partSize).map { start in
            // The first range is requested before the size is known.
            "bytes=\(start)-\((start == 0 ? Scene.partSize : min(start + Scene.partSize, size)) - 1)"
        }
        var done = before.filter { $0.key == key }.compactMap(\.window)
        // The header is written with the first range.
        let lines = done.count == 1 ? 2 : 1
        if count(of: "go on writing journal", since: "GET /photos/\(key) ") < lines { _ = done.popLast() }
        return windows.filter { !done.contains($0) }
    }
}
