import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Files that became folders and folders that became files")
struct TypeChangeTests {
    private let service: TestService
    private let target: ScratchDirectory

    init() throws {
        service = try TestService()
        target = try ScratchDirectory()
    }

    private func download(deletes: Bool = true, keys: [String]) async throws -> TransferReport {
        for key in keys { try service.server.put(key, Data(key.hasSuffix("/") ? "".utf8 : key.utf8), in: "photos") }
        var options = DirectoryTransfer.Options()
        if deletes { options.deletion = DeletionOptions() }
        return try await DirectoryTransfer(service.bucket, options: options).download(from: "", to: target.path)
    }

    @Test("With deletions, a file in place of a folder is replaced, and what needs the folder is installed last")
    func fileBecameFolder() async throws {
        try target.write("a", "old")
        try target.write("a.txt", "extra")
        let report = try await download(keys: ["a/b", "a/c/d", "z"])
        #expect(report.isComplete, "\(report.failures)")
        #expect(target.names() == ["a/", "a/b", "a/c/", "a/c/d", "z"])
        #expect(report.transferred.files == 3 && report.deleted.files == 2)
    }

    @Test("With deletions, a folder in place of a file is replaced with everything in it that is to be deleted")
    func folderBecameFile() async throws {
        try target.write("a/x", "old")
        try target.write("a/deep/er/y", "old")
        try target.makeDirectory("a/empty")
        try target.write("b", "kept?")
        let report = try await download(keys: ["a", "b/", "c"])
        #expect(report.isComplete, "\(report.failures)")
        #expect(target.names() == ["a", "b/", "c"])
    }

    @Test("In a bucket, the object of a file that became a folder is deleted, and the reverse")
    func upload() async throws {
        for key in ["a", "b/x", "b/y/", "c/"] { try service.server.put(key, Data(), in: "photos") }
        try target.write("a/new", "1")
        try target.write("b", "1")
        try target.write("c", "1")
        var options = DirectoryTransfer.Options()
        options.deletion = DeletionOptions()
        let report = try await DirectoryTransfer(service.bucket, options: options).upload(from: target.path)
        #expect(report.isComplete, "\(report.failures)")
        #expect(service.server.keys(in: "photos") == ["a/new", "b", "c"])
    }

    @Test("Without deletions, or if something in the folder must stay, a type change is a failure that loses nothing")
    func kept() async throws {
        try target.write("a", "old")
        let report = try await download(deletes: false, keys: ["a/b"])
        #expect(report.failures.map(\.error.code) == [.unsafeKey])
        #expect(target.names() == ["a"])
        service.server.delete("a/b", in: "photos")

        let other = try ScratchDirectory()
        try other.write("a/keep.me", "old")
        try other.write("a/x", "old")
        try service.server.put("a", Data("new".utf8), in: "photos")
        var options = DirectoryTransfer.Options()
        options.deletion = DeletionOptions()
        try options.filter.exclude("keep.me")
        let second = try await DirectoryTransfer(service.bucket, options: options).download(from: "", to: other.path)
        #expect(second.failures.map(\.error.code) == [.unsafeKey])
        #expect(other.names() == ["a/", "a/keep.me", "a/x"])
    }

    @Test("If another file fails, nothing is deleted to resolve a type change")
    func otherFailure() async throws {
        try target.write("a", "old")
        service.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", key: "z"))
        let report = try await download(keys: ["a/b", "z"])
        #expect(Set(report.failures.map(\.path)) == ["a/b", "z"])
        #expect(report.withheldDeletions == 1)
        #expect(try String(contentsOfFile: target["a"], encoding: .utf8) == "old")
        #expect(service.server.unusedFaults.isEmpty)
    }
}
