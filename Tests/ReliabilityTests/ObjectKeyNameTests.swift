import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of keys that are unusual in a URL, in XML or as a file name. The IDs and outcomes are those in
/// `Docs/Scenarios.md`.
@Suite("Unusual object keys")
struct ObjectKeyNameTests {
    // MARK: Keys that must not become files

    @Test(
        "F1: keys that would leave the folder are separate failures, nothing outside is changed, and the others are downloaded",
        arguments: ["", "p/"], [1, 30])
    func f1(prefix: String, concurrency: Int) async throws {
        let scene = try NameScene()
        var unsafe = ["..", "../x", "../etc/x", "a/../../x", "a/..", "n\0l"]
        // No key starts with a slash, but the part after a prefix may.
        if !prefix.isEmpty { unsafe += ["/etc/x", "/"] }
        let names = ["..hidden", "C:\\x", "a\\..\\b", "a/...", "ok"]
        try scene.store((unsafe + names).map { prefix + $0 })
        let transfer = scene.transfer { $0.concurrency = concurrency }

        let plan = try await transfer.planDownload(from: prefix, to: scene.target)
        let refusals = unsafe.map { "fail " + ScratchDirectory.printable((prefix + $0).utf8) + " (unsafeName)" }
        #expect(try await plan.summary { $0.kind == .fail } == refusals.sorted())
        #expect(scene.entries == [])

        let report = try await plan.run()
        #expect(
            report.problems == unsafe.map { ScratchDirectory.printable((prefix + $0).utf8) + " unsafeKey" }.sorted())
        #expect(report.transferred.files == names.count && !report.isComplete)
        #expect(scene.entries == ["..hidden", "C:\\x", "a/", "a/...", "a\\..\\b", "ok"])
        try scene.expectContents(of: names, under: prefix)
        #expect(scene.fetched.count == names.count)
        try scene.expectOutsideUntouched()
    }

    @Test("F1: an absolute path listed as a key does not leave the folder either")
    func f1Root() async throws {
        let scene = try NameScene()
        try scene.store(["a"])
        let contents = ["/etc/x", "\(scene.parent["evil"])", "a"].map {
            "<Contents><Key>\($0)</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"0\"</ETag>"
                + "<Type>Normal</Type><Size>1</Size><StorageClass>Standard</StorageClass></Contents>"
        }
        let document = "<ListBucketResult><IsTruncated>false</IsTruncated>\(contents.joined())</ListBucketResult>"
        scene.service.server.add(.response(status: 200, body: Array(document.utf8)), when: .operation("ListObjects"))
        let report = try await scene.transfer().download(from: "", to: scene.target)
        #expect(report.problems == ["/etc/x unsafeKey", "\(scene.parent["evil"]) unsafeKey"])
        #expect(scene.entries == ["a"])
        try scene.expectOutsideUntouched()
        #expect(scene.service.server.unusedFaults.isEmpty)
    }

    @Test("F2: percent signs in keys are ordinary characters, and the files have the same names as the keys")
    func f2() async throws {
        let scene = try NameScene()
        let names = ["%2e%2e/x", "%2E%2E%2Fx", "..%2fx", "a%2Fb", "%00", "%", "%zz", "%252e", "%2e"]
        try scene.store(names.map { "p/" + $0 })
        let transfer = scene.transfer()
        let report = try await transfer.download(from: "p", to: scene.target)
        #expect(report.isComplete && report.transferred.files == names.count)
        #expect(scene.entries == (names + ["%2e%2e/"]).sorted())
        try scene.expectContents(of: names, under: "p/")
        try scene.expectOutsideUntouched()
        #expect(try await transfer.upload(from: scene.target, to: "q").isComplete)
        #expect(scene.keys.filter { $0.hasPrefix("q/") } == names.map { "q/" + $0 }.sorted())
    }

    @Test(
        "F9: a file and a folder of one name are detected before the file is written, and the policy decides",
        arguments: [
            (
                ClashPolicy.keepFolder, ["a", "d", "e/f"],
                ["a.txt", "a/", "a/b", "a/c/", "a/c/d", "c", "d/", "e/", "e/f/", "e/f/g"]
            ),
            (.keepFile, ["a/b", "a/c/d", "d/", "e/f/g"], ["a", "a.txt", "c", "d", "e/", "e/f"]),
            (.keepNeither, ["a", "a/b", "a/c/d", "d", "d/", "e/f", "e/f/g"], ["a.txt", "c"]),
        ], [1, 30])
    func f9(expected: (policy: ClashPolicy, failures: [String], entries: [String]), concurrency: Int) async throws {
        let scene = try NameScene()
        try scene.store(["p/a", "p/a.txt", "p/a/b", "p/a/c/d", "p/c", "p/d", "p/e/f", "p/e/f/g"])
        try scene.service.server.put("p/d/", Data(), in: "photos")
        let transfer = scene.transfer {
            $0.clashPolicy = expected.policy
            $0.concurrency = concurrency
        }
        let plan = try await transfer.planDownload(from: "p", to: scene.target)
        #expect(try await plan.summary { $0.kind == .fail } == expected.failures.map { "fail p/\($0) (conflict)" })
        let disk = FaultyFileSystem()
        let report = try await disk.run { try await plan.run() }
        #expect(report.problems == expected.failures.map { "p/\($0) unsafeKey" })
        #expect(scene.entries == expected.entries)
        let files = expected.entries.filter { !$0.hasSuffix("/") }
        try scene.expectContents(of: files, under: "p/")
        #expect(report.transferred.files == files.count)
        #expect(scene.fetched == files.map { "p/" + $0 })
        // No file was started and then removed.
        #expect(disk.calls.count { $0.kind == .rename } == files.count)
        #expect(disk.calls.count { $0.kind == .create } == files.count)
        #expect(!disk.calls.contains { $0.kind == .unlink })
    }

    @Test("F10: keys that normalize to another key's path are failures, and the other key keeps its own content")
    func f10() async throws {
        let scene = try NameScene()
        let unsafe = ["/a", "a//b", "a/./b", "./a", "a/b/", "dir/", "dir//"]
        try scene.store((unsafe + ["a/b", "dir/x"]).map { "p/" + $0 })
        try scene.parent.write("target/mine", Data("mine".utf8))
        let transfer = scene.transfer { $0.deletion = DeletionOptions() }
        let report = try await transfer.download(from: "p", to: scene.target)
        #expect(report.problems == unsafe.map { "p/\($0) unsafeKey" }.sorted())
        #expect(report.reasons[.unsafeName] == nil && report.failed.files == unsafe.count)
        #expect(scene.entries == ["a/", "a/b", "dir/", "dir/x", "mine"])
        try scene.expectContents(of: ["a/b", "dir/x"], under: "p/")
        // If part of the bucket could not be processed, a missing object does not prove that the file can be deleted.
        #expect(report.withheldPaths == ["mine"] && report.deleted.files == 0)
        try scene.expectOutsideUntouched()

        // The same applies at the root of a bucket.
        let other = try NameScene()
        try other.store(["a//b", "a/./b", "./a", "a/b"])
        let all = try await other.transfer().download(from: "", to: other.target)
        #expect(all.problems == ["./a unsafeKey", "a/./b unsafeKey", "a//b unsafeKey"].sorted())
        #expect(ScratchDirectory.printableEntries(at: other.target) == ["a/", "a/b"])
        try other.expectContents(of: ["a/b"], under: "")
    }

    @Test("F14: a name of more than 255 bytes is a separate failure before any request; one of 255 bytes is downloaded")
    func f14Name() async throws {
        let scene = try NameScene()
        let fitting = [
            String(repeating: "x", count: 255), String(repeating: "é", count: 127),
            "d/" + String(repeating: "y", count: 255),
        ]
        let long = [
            String(repeating: "x", count: 256), String(repeating: "é", count: 128),
            String(repeating: "z", count: 300) + "/a",
            "d/" + String(repeating: "y", count: 256) + "/b",
        ]
        try scene.store((fitting + long).map { "p/" + $0 })
        let plan = try await scene.transfer().planDownload(from: "p", to: scene.target)
        #expect(try await plan.summary { $0.kind == .fail }.count { $0.hasSuffix("(unsafeName)") } == long.count)
        let report = try await plan.run()
        #expect(report.problems == long.map { ScratchDirectory.printable("p/\($0)".utf8) + " unsafeKey" }.sorted())
        #expect(report.failures.allSatisfy { $0.error.message.contains("more than 255 bytes") })
        #expect(scene.entries == (fitting + ["d/"]).map { ScratchDirectory.printable($0.utf8) }.sorted())
        try scene.expectContents(of: fitting, under: "p/")
        #expect(scene.fetched.count == fitting.count)
    }

    // MARK: Keys that are strange on the wire

    static let controls = [
        "a\u{1}b", "a\tb", "a\nb", "a\rb", "a\r\nb", "a\u{B}b", "a\u{1F}", "\u{7F}", "\u{80}", "\u{85}", "\u{2028}",
        "\u{FFFD}",
        "\u{FFFE}", "\u{FFFF}", "\u{1FFFE}", "\u{FEFF}x", " ", "z\u{8}",
    ]

    @Test(
        "F15: keys with control characters and U+FFFE can be put, listed, downloaded, copied and deleted",
        arguments: [ListPaging.marker, .continuationToken])
    func f15Keys(paging: ListPaging) async throws {
        try await roundTrip(Self.controls + ["nul\0l"], paging: paging)
    }

    @Test(
        "F15: such names are downloaded, uploaded and deleted, one at a time if the service rejects them in XML",
        arguments: [false, true])
    func f15Folder(refusesXML: Bool) async throws {
        let scene = try NameScene()
        try scene.store((Self.controls + ["nul\0l", "plain"]).map { "p/" + $0 })
        let down = try await scene.transfer().download(from: "p", to: scene.target)
        #expect(down.problems == ["p/nul%00l unsafeKey"])
        #expect(scene.entries == (Self.controls + ["plain"]).map { ScratchDirectory.printable($0.utf8) }.sorted())
        try scene.expectContents(of: Self.controls, under: "p/")

        let transfer = scene.transfer { $0.deletion = DeletionOptions() }
        let up = try await transfer.upload(from: scene.target, to: "q")
        #expect(up.isComplete && up.transferred.files == Self.controls.count + 1)
        for name in Self.controls { #expect(scene.service.stored("q/" + name) == Data(("p/" + name).utf8)) }

        try scene.store(["q/nul\0l"])
        for name in Self.controls { try FileManager.default.removeItem(atPath: scene.target + "/" + name) }
        let refused = MockFault.Action.respond(status: 400, code: "MalformedXML")
        if refusesXML { scene.service.server.add(refused, when: .operation("DeleteMultipleObjects")) }
        let before = scene.service.count()
        let gone = try await transfer.upload(from: scene.target, to: "q")
        #expect(gone.problems == [])
        #expect(gone.isComplete && gone.deleted.files == Self.controls.count + 1)
        #expect(scene.keys.filter { $0.hasPrefix("q/") } == ["q/plain"])
        #expect(scene.service.server.unusedFaults.isEmpty)
        // Only keys that XML cannot represent are deleted one at a time.
        let singles = scene.service.operations(after: before)["DeleteObject"] ?? 0
        #expect(singles == (refusesXML ? 7 : 0))
    }

    @Test("F15: a deletion batch that is rejected for another reason is not split, and each key has its error")
    func f15Refused() async throws {
        let scene = try NameScene()
        try scene.store(["a", "b\u{1}"])
        scene.service.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("DeleteMultipleObjects"))
        let result = try await scene.service.bucket.deleteObjects(["a", "b\u{1}"])
        #expect(result.failures.map(\.error.code) == [.accessDenied, .accessDenied] && result.deleted == [])
        #expect(scene.service.count() == 1)
        // If no key causes the error, the document does.
        scene.service.server.add(.respond(status: 400, code: "MalformedXML"), when: .operation("DeleteMultipleObjects"))
        let plain = try await scene.service.bucket.deleteObjects(["a"])
        #expect(plain.failures.map(\.error.serviceError?.code) == ["MalformedXML"] && scene.service.count() == 2)
    }

    static let signs: [Character] = Array(" +%#?&=~*'();:@,$\"<>!-_.[]{}|^`\\/🗂é漢")

    @Test(
        "F16: every character with a meaning in URLs, headers or XML survives every operation",
        arguments: [SignatureVersion.v4, .v1])
    func f16(signature: SignatureVersion) async throws {
        let keys = Self.signs.map { "k\($0)k" } + Self.signs.map { "d/\($0)/\($0)x" } + Self.signs.map { "e\($0)" }
        let others = [
            String(Self.signs), "a+b c%20d%2Bd", "?acl", "x?uploads&partNumber=1", "q=1&q=2", "&amp;&#1;", "+", "%",
        ]
        try await roundTrip(keys + others) { $0.signature = signature }
    }

    @Test("F16: such keys survive a folder transfer in both directions and can be deleted")
    func f16Folder() async throws {
        let scene = try NameScene()
        let source = try ScratchDirectory()
        let names = Self.signs.filter { $0 != "/" }.map { "k\($0)" } + [" a b ", "d?/x&y", "e#/%2F"]
        for name in names { try source.write(nameAndContent: name.utf8) }
        let transfer = scene.transfer { $0.deletion = DeletionOptions() }
        for _ in 0..<2 { #expect(try await transfer.upload(from: source.path, to: "p &+%?").isComplete) }
        #expect(scene.service.count("PutObject") == names.count)
        #expect(scene.keys == names.map { ScratchDirectory.printable("p &+%?/\($0)".utf8) }.sorted())
        for _ in 0..<2 { #expect(try await transfer.download(from: "p &+%?", to: scene.target).isComplete) }
        #expect(scene.entries == ScratchDirectory.printableEntries(at: source.path))
        #expect(scene.fetched.count == names.count)
        for name in names.dropFirst() { try FileManager.default.removeItem(atPath: source[name]) }
        #expect(try await transfer.upload(from: source.path, to: "p &+%?").deleted.files == names.count - 1)
        #expect(try await transfer.download(from: "p &+%?", to: scene.target).deleted.files == names.count - 1)
        #expect(scene.entries == [names[0]])
    }

    @Test("F17: dot segments in keys are not resolved in transit; the service receives the key unchanged")
    func f17() async throws {
        let keys = ["a/../b", "../x", "./x", "a/./b", "a/..", "a/.", "...", "..a", "a//../b", "a/b/.."]
        let service = try TestService()
        try service.store("b", count: 3)
        try service.store("x", count: 3)
        try await roundTrip(keys, in: service)
        for request in service.server.requests where request.key != nil {
            let path = request.path.replacing(/%2[Ee]/, with: ".")
            #expect(!path.split(separator: "/").contains { $0 == "." || $0 == ".." }, "\(request.path)")
            #expect((keys + ["copy"]).contains { "/photos/" + $0 == request.path.removingPercentEncoding })
        }
        #expect(service.server.keys(in: "photos") == ["b", "x"])

        // A key of only dots cannot be written in another way.
        let before = service.count()
        for key in [".", ".."] as [ObjectKey] {
            #expect(await failure { try await service.bucket.putObject(key, "x") }?.code == .invalidArgument)
            #expect(await failure { try await service.bucket.getObject(key) }?.code == .invalidArgument)
            #expect(await failure { try await service.bucket.deleteObject(key) }?.code == .invalidArgument)
            #expect(
                await failure { try await service.bucket.copyObjectInOneRequest(from: key, to: "b") }?.code
                    == .invalidArgument)
        }
        #expect(service.count() == before)
    }

    /// Puts, heads, gets, copies, lists and deletes each key with verified signatures.
    private func roundTrip(
        _ keys: [String], paging: ListPaging = .marker, in given: TestService? = nil,
        _ configure: (inout BucketConfiguration) -> Void = { _ in }
    ) async throws {
        let service = try given ?? TestService(configure)
        let bucket = service.bucket
        let before = service.server.keys(in: "photos")
        for text in keys {
            let key = try ObjectKey(text)
            try await bucket.putObject(key, .data(Data(text.utf8)))
            #expect(service.stored(text) == Data(text.utf8), "\(text)")
            #expect(try await bucket.headObject(key).size == Int64(text.utf8.count), "\(text)")
            #expect(try await bucket.getObject(key).body.text() == text, "\(text)")
            var listed: [ObjectKey] = []
            for try await object in bucket.listObjects(prefix: text, paging: paging) { listed.append(object.key) }
            #expect(listed.first == key, "\(text)")
        }
        let sorted = Set(keys.map { ObjectKey(unchecked: $0) } + before.map { ObjectKey(unchecked: $0) }).sorted()
        var listed: [ObjectKey] = []
        for try await object in bucket.listObjects(pageSize: 1, paging: paging) { listed.append(object.key) }
        #expect(listed == sorted)
        for (index, text) in keys.enumerated() {
            let key = try ObjectKey(text)
            try await bucket.copyObjectInOneRequest(from: key, to: "copy")
            #expect(service.stored("copy") == Data(text.utf8), "\(text)")
            try await bucket.copyObjectInOneRequest(from: "copy", to: key)
            #expect(service.stored(text) == Data(text.utf8), "\(text)")
            if index.isMultiple(of: 2) { try await bucket.deleteObject(key) }
            #expect((service.stored(text) == nil) == index.isMultiple(of: 2), "\(text)")
        }
        try await bucket.deleteObject("copy")
        let result = try await bucket.deleteObjects(keys.map { ObjectKey(unchecked: $0) })
        #expect(result.failures.isEmpty)
        #expect(service.server.keys(in: "photos") == before)
    }
}
