import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Renamed files")
struct RenameTests {
    private let service: TestService
    private let folder: ScratchDirectory

    init() throws {
        service = try TestService()
        folder = try ScratchDirectory()
    }

    private func upload(deletes: Bool = true, tracksRenames: Bool = true) async throws -> TransferReport {
        var options = DirectoryTransfer.Options()
        options.deletion = deletes ? DeletionOptions() : nil
        options.detectsRenames = tracksRenames
        return try await DirectoryTransfer(service.bucket, options: options).upload(from: folder.path)
    }

    /// Returns the requests of a run that change something, in order.
    private func requests(_ run: () async throws -> TransferReport) async throws -> [String] {
        let before = service.server.requests.count
        let report = try await run()
        #expect(report.isComplete, "\(report.failures)")
        return service.server.requests.dropFirst(before).filter { $0.method != "GET" && $0.method != "HEAD" }
            .map { [$0.operation, $0.key].compactMap { $0 }.joined(separator: " ") }
    }

    private func rename(_ name: String, to newName: String) throws {
        if let slash = newName.lastIndex(of: "/") { try folder.makeDirectory(String(newName[..<slash])) }
        try #require(Foundation.rename(folder[name], folder[newName]) == 0)
    }

    @Test(
        "A renamed file is copied by the service, and with deletions its old object is deleted afterwards",
        arguments: [true, false])
    func copied(deletes: Bool) async throws {
        try folder.write("old.txt", "content")
        try folder.write("other", "CONTENT")
        _ = try await upload()
        try rename("old.txt", to: "d/new.txt")
        let done = try await requests { try await upload(deletes: deletes) }
        #expect(done == ["CopyObject d/new.txt"] + (deletes ? ["DeleteMultipleObjects"] : []))
        #expect(service.server.data(of: "d/new.txt", in: "photos") == Data("content".utf8))
        #expect((service.server.data(of: "old.txt", in: "photos") == nil) == deletes)
        #expect(try await requests { try await upload(deletes: deletes) } == [])
    }

    @Test("A renamed file has the content type, time and permissions of its new name")
    func attributes() async throws {
        try folder.write("page.txt", "content")
        _ = try await upload()
        #expect(try await service.bucket.headObject("page.txt").contentType == "text/plain")
        try rename("page.txt", to: "page.html")
        let moment = timespec(tv_sec: 1_600_000_000, tv_nsec: 7)
        try #require(utimensat(AT_FDCWD, folder["page.html"], [moment, moment], 0) == 0)
        chmod(folder["page.html"], 0o600)
        let done = try await requests { try await upload() }
        #expect(done == ["CopyObject page.html", "DeleteMultipleObjects"])
        let stored = try await service.bucket.headObject("page.html")
        #expect(stored.contentType == "text/html")
        #expect(stored.metadata["mtime"] == "1600000000.000000007" && stored.metadata["mode"] == "600")
    }

    @Test("The reason in the plan is that the file was renamed")
    func reason() async throws {
        try folder.write("a", "content")
        _ = try await upload()
        try rename("a", to: "b")
        var options = DirectoryTransfer.Options()
        options.detectsRenames = true
        let plan = try await DirectoryTransfer(service.bucket, options: options).planUpload(from: folder.path)
        var actions: [String] = []
        for try await action in plan { actions.append(action.description) }
        #expect(actions == ["copy b (renamed)"])
        let report = try await plan.run()
        #expect(report.reasons.keys.map(\.rawValue) == ["renamed"])
        #expect(report.transferred == TransferTally(files: 1, bytes: 7))
    }

    @Test("Renames are not detected unless the option is set")
    func off() async throws {
        try folder.write("a", "content")
        _ = try await upload()
        try rename("a", to: "b")
        let done = try await requests { try await upload(tracksRenames: false) }
        #expect(done == ["PutObject b", "DeleteMultipleObjects"])
    }

    @Test(
        "A file with different content of the same size and an empty file are uploaded; one object may become two files"
    )
    func others() async throws {
        try folder.write("a", "content")
        try folder.write("empty")
        try folder.write("twice", "two of it")
        _ = try await upload()
        for name in ["a", "empty", "twice"] { unlink(folder[name]) }
        try folder.write("b", "CONTENT")
        try folder.write("empty 2")
        try folder.write("x", "two of it")
        try folder.write("y", "two of it")
        let done = try await requests { try await upload() }
        #expect(done.dropLast().sorted() == ["CopyObject x", "CopyObject y", "PutObject b", "PutObject empty 2"])
        #expect(done.last == "DeleteMultipleObjects")
        #expect(service.server.keys(in: "photos") == ["b", "empty 2", "x", "y"])
        #expect(service.server.data(of: "b", in: "photos") == Data("CONTENT".utf8))
    }

    @Test("A renamed file that changes before its copy is uploaded with its current content")
    func changedMeanwhile() async throws {
        let folder = folder
        try folder.write("new", "content")
        let store = MemoryStore { operation, _ in
            // The comparison has read the file and requests the checksum of the object.
            if operation == "head" { try folder.write("new", "CONTENT") }
        }
        var object = MemoryStore.Object(content: Array("content".utf8))
        (object.type, object.eTag) = ("Multipart", "no MD5")
        store["old"] = object
        var options = DirectoryTransfer.Options()
        (options.deletion, options.detectsRenames) = (DeletionOptions(), true)
        let transfer = DirectoryTransfer(store: store, options: options)
        let report = try await transfer.upload(from: folder.path)
        #expect(report.isComplete, "\(report.failures)")
        #expect(!store.log.contains { $0.hasPrefix("copy") } && store.log.contains { $0.hasPrefix("head") })
        #expect(store.keys == ["new"])
        #expect(store["new"]?.content == Array("CONTENT".utf8))
    }

    @Test("If the old object is deleted before the copy, the file is uploaded")
    func vanished() async throws {
        try folder.write("new", "content")
        let store = MemoryStore { operation, key in
            if operation == "copy" { throw OSSError(.notFound, "no such key", key: key, attempts: 1) }
        }
        store["old"] = MemoryStore.Object(content: Array("content".utf8))
        var options = DirectoryTransfer.Options()
        (options.deletion, options.detectsRenames) = (DeletionOptions(), true)
        let transfer = DirectoryTransfer(store: store, options: options)
        #expect(try await transfer.upload(from: folder.path).isComplete)
        #expect(store.log.contains { $0.hasPrefix("copy") })
        #expect(store.keys == ["new"])
        #expect(store["new"]?.content == Array("content".utf8))
    }

    @Test(
        "If the old object is replaced before the copy, the file is uploaded and nothing of the other is recorded")
    func replaced() async throws {
        let (state, bucket) = (try ScratchDirectory(), service.bucket)
        try folder.write("new", "content")
        try service.server.put("old", Data("content".utf8), in: "photos")
        service.server.add(
            .afterwards(.putObject(key: "old", bytes: Array("CONTENT".utf8))), when: .operation("ListObjects"))
        var options = DirectoryTransfer.Options()
        (options.detectsRenames, options.snapshotPath) = (true, state["snapshot"])
        let report = try await DirectoryTransfer(bucket, options: options).upload(from: folder.path)
        #expect(report.isComplete && report.transferred.files == 1)
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.server.data(of: "new", in: "photos") == Data("content".utf8))
        #expect(service.server.requests.contains { $0.status == 412 })
        #expect(!service.server.requests.contains { $0.operation == "CopyObject" && $0.status == 200 })
    }
}
