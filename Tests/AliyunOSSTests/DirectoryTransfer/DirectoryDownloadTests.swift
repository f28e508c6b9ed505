import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Downloading a folder", .timeLimit(.minutes(5)))
struct DirectoryDownloadTests {
    private let store = MemoryStore()

    private func transfer(
        _ store: MemoryStore? = nil, _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }
    ) -> DirectoryTransfer {
        var options = DirectoryTransfer.Options()
        configure(&options)
        return DirectoryTransfer(store: store ?? self.store, options: options)
    }

    @Test("Every object under the prefix becomes a file, and other files in the folder stay")
    func everyObject() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("other", "1")
        store.add(["p/a", "p/d/e", "p2/x", "q"])
        let report = try await transfer().download(from: "p", to: scratch.path)
        #expect(scratch.names() == ["a", "d/", "d/e", "other"])
        #expect(report.transferred == TransferTally(files: 2, bytes: 2))
        #expect(report.isComplete)
    }

    @Test("The folder and its parents are created even if there is nothing to download")
    func makesFolder() async throws {
        let scratch = try ScratchDirectory()
        var transfer = transfer()
        transfer.options.allowsMissingPrefix = true
        _ = try await transfer.download(from: "p", to: scratch["x/y"])
        #expect(scratch.names() == ["x/", "x/y/"])
    }

    @Test("Objects that stand for folders become folders")
    func folders() async throws {
        let scratch = try ScratchDirectory()
        store.add(["p/", "p/empty/", "p/full/", "p/full/a"], "")
        let report = try await transfer().download(from: "p", to: scratch.path)
        #expect(scratch.names() == ["empty/", "full/", "full/a"])
        #expect(report.folders == 3)
        #expect(report.transferred.files == 1)
    }

    @Test("Time and permissions are restored unless the option is off")
    func attributes() async throws {
        let scratch = try ScratchDirectory()
        store["a"] = .init(content: [1], metadata: ["mtime": "1600000000.000000005", "mode": "640"])
        _ = try await transfer().download(from: "", to: scratch.path)
        #expect(scratch.status("a")?.modified == FileStatus.Time(seconds: 1_600_000_000, nanoseconds: 5))
        #expect(scratch.status("a")?.permissions == 0o640)
        _ = try await transfer { $0.preservesAttributes = false }.download(from: "", to: scratch["other"])
        #expect(scratch.status("other/a")?.modified.seconds ?? 0 > 1_700_000_000)
    }

    @Test("Keys that would leave the folder are failures, nothing outside is changed, and other objects are downloaded")
    func traversal() async throws {
        let scratch = try ScratchDirectory()
        let unsafe = ["p/../evil", "p//abs", "p/a/../../evil", "p/./x", "p/x//y", "p/n\0l"].map {
            ObjectKey(unchecked: $0)
        }
        store.add(unsafe + ["p/ok", "p/..hidden", "p/C:\\x", "p/%2e%2e/x"])
        let report = try await transfer().download(from: "p", to: scratch["target"])
        #expect(
            scratch.names(in: "target") == ["%2e%2e/", "%2e%2e/x", "..hidden", "C:\\x", "ok"])
        #expect(scratch.names().allSatisfy { $0.hasPrefix("target/") })
        #expect(report.failures.compactMap(\.key).sorted() == unsafe.sorted())
        #expect(report.failures.allSatisfy { $0.error.code == .unsafeKey })
    }

    @Test("A symbolic link inside the folder is not followed, and its target is not changed")
    func linkedFolder() async throws {
        let outside = try ScratchDirectory()
        let scratch = try ScratchDirectory()
        try scratch.link("door", to: outside.path)
        store.add(["a", "door/x", "door/y/z", "e"])
        let report = try await transfer().download(from: "", to: scratch.path)
        #expect(outside.names().isEmpty)
        #expect(scratch.names() == ["a", "door", "e"])
        #expect(report.failures.map(\.error.code) == [.unsafeKey, .unsafeKey])
    }

    @Test("A destination folder that is a symbolic link is followed")
    func linkedRoot() async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeDirectory("real")
        try scratch.link("link", to: "real")
        store.add(["a"])
        _ = try await transfer().download(from: "", to: scratch["link"])
        #expect(scratch.names() == ["link", "real/", "real/a"])
    }

    @Test("If a key is both a file and a folder, the folder is created and the file is a failure", arguments: [1, 30])
    func clash(concurrency: Int) async throws {
        let scratch = try ScratchDirectory()
        store.add(["a", "a.txt", "a/b", "c"])
        let report = try await transfer { $0.concurrency = concurrency }.download(from: "", to: scratch.path)
        #expect(scratch.names() == ["a.txt", "a/", "a/b", "c"])
        #expect(report.failures.map(\.key) == ["a"])
        #expect(report.failures.map(\.error.code) == [.unsafeKey])
    }

    @Test("A folder in place of a file and a file in place of a folder stay and are failures")
    func occupied() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a/kept", "old")
        try scratch.write("b", "old")
        try scratch.makeFIFO("c")
        store.add(["a", "b/x", "c", "d"])
        let report = try await transfer().download(from: "", to: scratch.path)
        #expect(scratch.names() == ["a/", "a/kept", "b", "c", "d"])
        #expect(try scratch.text("b") == "old")
        #expect(report.failures.compactMap(\.key).sorted() == ["a", "b/x", "c"])
        #expect(report.failures.allSatisfy { $0.error.code == .unsafeKey })
    }

    @Test("A failed download leaves the old file unchanged and no temporary file")
    func failure() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "old")
        let store = MemoryStore { operation, key in
            if operation == "body", key == "a" { throw OSSError(.truncatedBody, "short", key: key, attempts: 4) }
        }
        store.add(["a", "b"], "new")
        let report = try await transfer(store).download(from: "", to: scratch.path)
        #expect(scratch.names() == ["a", "b"])
        #expect(try scratch.text("a") == "old")
        #expect(report.failures.map(\.attempts) == [4])
    }

    @Test("An object that no longer exists when its turn comes is a failure")
    func vanished() async throws {
        let scratch = try ScratchDirectory()
        let store = MemoryStore()
        store.add(["a", "b"])
        let disappearing = MemoryStore { operation, key in
            if operation == "get", key == "b" { throw OSSError(.notFound, "gone", key: key) }
        }
        disappearing.add(["a", "b"])
        let report = try await transfer(disappearing).download(from: "", to: scratch.path)
        #expect(scratch.names() == ["a"])
        #expect(report.failures.map(\.error.code) == [.notFound])
    }

    @Test("Cancelling a download throws CancellationError and leaves no temporary file")
    func cancellation() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("a", "old")
        let gate = Gate()
        let store = MemoryStore { operation, _ in if operation == "body" { try await gate.pass() } }
        store.add(["a", "b", "c", "d", "e"], "new")
        let transfer = transfer(store) { $0.concurrency = 3 }
        let task = Task { try await transfer.download(from: "", to: scratch.path) }
        await gate.waitForArrivals(3)
        #expect(scratch.names().filter { $0.hasSuffix(".oss-partial") }.count == 3)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(scratch.names() == ["a"])
        #expect(try scratch.text("a") == "old")
    }

    @Test("With failFast, the first failure cancels downloads in flight, which leave no temporary file")
    func failFast() async throws {
        let scratch = try ScratchDirectory()
        let gate = Gate()
        let store = MemoryStore { operation, key in
            guard operation == "body" else { return }
            if key == "c" {
                await gate.waitForArrivals(2)
                throw OSSError(.truncatedBody, "short", key: key)
            }
            try await gate.pass()
        }
        store.add(["a", "b", "c", "d", "e"])
        let report = try await transfer(store) {
            $0.concurrency = 3
            $0.failurePolicy = .failFast
        }.download(from: "", to: scratch.path)
        #expect(scratch.names().isEmpty)
        #expect(report.failures.map(\.key) == ["c"])
        #expect(report.stoppedEarly)
    }

    @Test("An incomplete listing is thrown after the downloads in flight are completed and saved")
    func listingFailure() async throws {
        let scratch = try ScratchDirectory()
        let store = MemoryStore(listingFailsAfter: 3)
        store.add(["a", "b", "c", "d", "e"])
        await #expect { try await transfer(store).download(from: "", to: scratch.path) } throws: {
            ($0 as? OSSError)?.code == .serviceUnavailable
        }
        // It is unknown whether objects exist below `c/`.
        #expect(scratch.names() == ["a", "b"])
    }

    @Test("A listing that fails at once creates no folder")
    func noFolder() async throws {
        let scratch = try ScratchDirectory()
        let store = MemoryStore(listingFailsAfter: 0)
        await #expect(throws: OSSError.self) {
            try await transfer(store).download(from: "", to: scratch["target"])
        }
        #expect(scratch.names().isEmpty)
    }

    @Test("A folder that cannot be created is one error and not one for each file")
    func unmakeable() async throws {
        let scratch = try ScratchDirectory()
        try scratch.link("dangling", to: "missing/missing")
        store.add(["a", "b", "c"])
        await #expect { try await transfer().download(from: "", to: scratch["dangling"]) } throws: {
            ($0 as? OSSError)?.code == .fileSystem
        }
        #expect(scratch.names() == ["dangling"])
    }

    @Test("A full disk ends a download with one error")
    func fullDisk() async throws {
        let scratch = try ScratchDirectory()
        let store = MemoryStore { operation, key in
            if operation == "body", key == "b" {
                throw OSSError(.fileSystem, "full", key: key, underlying: FileError("write", "b", code: ENOSPC))
            }
        }
        store.add(["a", "b", "c", "d"])
        let transfer = transfer(store) { $0.concurrency = 1 }
        await #expect { try await transfer.download(from: "", to: scratch.path) } throws: {
            ($0 as? OSSError)?.code == .fileSystem
        }
        #expect(scratch.names() == ["a"])
    }

    @Test("A file in place of the destination folder is an error before any request")
    func fileAsTarget() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("file", "old")
        for path in ["file", "file/x"] {
            await #expect { try await transfer().download(from: "", to: scratch[path]) } throws: {
                ($0 as? OSSError)?.message.contains("not a folder") ?? false
            }
        }
        #expect(store.log.isEmpty)
        #expect(try scratch.text("file") == "old")
    }
}
