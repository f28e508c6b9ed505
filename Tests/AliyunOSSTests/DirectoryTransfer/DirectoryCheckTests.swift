import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Comparing a folder with a prefix")
struct DirectoryCheckTests {
    private let store = MemoryStore()

    private func check(_ scratch: ScratchDirectory, _ prefix: String = "") async throws -> ComparisonReport {
        try await DirectoryTransfer(store: store, options: .init()).check(scratch.path, against: prefix)
    }

    @Test("An uploaded folder is equal, without a request for each file")
    func equal() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1")
        try scratch.write("d/e", "22")
        try scratch.write("empty")
        try scratch.makeDirectory("folder")
        _ = try await DirectoryTransfer(store: store, options: .init()).upload(from: scratch.path, to: "p")
        let before = store.log.count
        let report = try await check(scratch, "p")
        #expect(report.isEqual)
        #expect(report.equal == TransferTally(files: 3, bytes: 3))
        #expect(store.log.count == before)
    }

    @Test("Each kind of difference is reported, and nothing is changed")
    func differences() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("content", "aaaa")
        try scratch.write("local", "1")
        try scratch.write("same", "1")
        try scratch.write("size", "1")
        store.add(["content"], "bbbb")
        store.add(["remote", "same"], "1")
        store.add(["size"], "22")
        let report = try await check(scratch)
        #expect(!report.isEqual)
        #expect(report.onlyLocal == ["local"])
        #expect(report.onlyRemote == ["remote"])
        #expect(
            report.different == [
                .init(path: "content", key: "content", difference: .content),
                .init(path: "size", key: "size", difference: .size),
            ])
        #expect(report.equal.files == 1)
        #expect(store.log.allSatisfy { $0.hasPrefix("list") || $0.hasPrefix("head") })
    }

    @Test("An object whose ETag is not an MD5 is compared by CRC-64")
    func multipart() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1234")
        try scratch.write("b", "1234")
        store["a"] = .init(content: Array("1234".utf8), type: "Multipart", eTag: "ABC-2")
        store["b"] = .init(content: Array("1235".utf8), type: "Multipart", eTag: "ABC-2")
        let report = try await check(scratch)
        #expect(report.equal.files == 1)
        #expect(report.different.map(\.path) == ["b"])
        #expect(store.log.filter { $0.hasPrefix("head") }.count == 2)
    }

    @Test("An object without a checksum is a failure of its own, even if it is the first one")
    func incomparable() async throws {
        let scratch = try ScratchDirectory()
        for name in ["a", "b", "c"] { try scratch.write(name, "1234") }
        store["a"] = .init(content: Array("1234".utf8), type: "Appendable", eTag: "none", hasChecksum: false)
        store.add(["b", "c"], "1234")
        var options = DirectoryTransfer.Options()
        options.concurrency = 1
        let report = try await DirectoryTransfer(store: store, options: options).check(scratch.path, against: "")
        #expect(report.failures.map(\.path) == ["a"] && report.equal.files == 2 && !report.isEqual)
        options.failurePolicy = .failFast
        let stopped = try await DirectoryTransfer(store: store, options: options).check(scratch.path, against: "")
        #expect(stopped.failures.map(\.path) == ["a"] && stopped.equal.files == 0)
    }

    @Test("Empty folders are compared if the option is set")
    func emptyFolders() async throws {
        let scratch = try ScratchDirectory()
        for name in ["both", "here", "d"] { try scratch.makeDirectory(name) }
        try scratch.write("d/file", "1")
        store.add(["d/file"], "1")
        for key in ["both/", "d/", "there/"] as [ObjectKey] { store[key] = .init(content: []) }
        #expect(try await check(scratch).isEqual)
        var options = DirectoryTransfer.Options()
        options.includesEmptyDirectories = true
        let report = try await DirectoryTransfer(store: store, options: options).check(scratch.path, against: "")
        #expect(report.onlyLocal == ["here/"] && report.onlyRemote == ["there/"])
    }

    @Test("Files of the transfer itself are not a difference")
    func ownFiles() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1")
        var options = DirectoryTransfer.Options()
        options.snapshotPath = scratch["snapshot"]
        let transfer = DirectoryTransfer(store: store, options: options)
        _ = try await transfer.upload(from: scratch.path)
        #expect(scratch.names() == ["a", "snapshot"])
        let report = try await transfer.check(scratch.path, against: "")
        #expect(report.isEqual && report.skipped.files == 0)
    }

    @Test("Objects below a skipped folder are not a difference in any partition", arguments: 1...4)
    func leftOutElsewhere(index: Int) async throws {
        let scratch = try ScratchDirectory()
        try scratch.link("data", to: "nowhere")
        store.add((0..<20).map { ObjectKey(unchecked: "data/\($0)") }, "1")
        var options = DirectoryTransfer.Options()
        (options.partition, options.symbolicLinks) = (try Partition(index, of: 4), .skip)
        let report = try await DirectoryTransfer(store: store, options: options).check(scratch.path, against: "")
        #expect(report.isEqual, "\(report.onlyRemote)")
    }

    @Test("A different MD5 is not a difference: an encrypted object with the same CRC-64 is equal")
    func encrypted() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1234")
        store["a"] = .init(content: Array("1234".utf8), eTag: String(repeating: "A", count: 32))
        #expect(try await check(scratch).isEqual)
    }

    @Test("An empty object that stands for a folder is not a difference; one with content is")
    func folders() async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeDirectory("a")
        store.add(["a/", "b/"], "")
        #expect(try await check(scratch).isEqual)
        store.add(["a/"], "content")
        #expect(try await check(scratch).onlyRemote == ["a/"])
    }

    @Test("A file that could not be compared is a failure and not equal")
    func failure() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write(bytes: [0xFF], [1])
        let report = try await check(scratch)
        #expect(report.failures.map(\.error.code) == [.unrepresentableName])
        #expect(!report.isEqual)
    }

    @Test("A comparison report is encoded as JSON")
    func json() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "1")
        store.add(["a"], "22")
        store.add(["b"])
        var report = try await check(scratch)
        report.elapsedSeconds = 1.5
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = String(decoding: try encoder.encode(report), as: UTF8.self)
        #expect(
            json == """
                {"different":[{"difference":"size","key":"a","path":"a"}],"elapsedSeconds":1.5,\
                "equal":{"bytes":0,"files":0},"failures":[],"isEqual":false,"onlyLocal":[],"onlyRemote":["b"],\
                "operation":"check","skipped":{"bytes":0,"files":0},"skippedFiles":[],"stoppedEarly":false}
                """)
    }
}
