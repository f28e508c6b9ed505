import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Retrying failures")
struct RetryingTests {
    private let service: TestService
    private let folder: ScratchDirectory

    init() throws {
        service = try TestService()
        folder = try ScratchDirectory()
        for name in ["a", "sub/b", "sub/deep/c", "sub.txt", "z"] { try folder.write(name, name) }
    }

    private func plan() async throws -> TransferPlan {
        try await DirectoryTransfer(service.bucket).planUpload(from: folder.path)
    }

    /// Returns the uploads of a retry while the folder `sub` is unreadable.
    private func runBlind(_ change: (TransferPlan) -> TransferPlan = { $0 }) async throws -> TransferReport {
        let disk = FaultyFileSystem()
        disk.add(.fail(EACCES), to: .list, path: "/sub")
        let report = try await disk.run { try await change(try await plan()).run() }
        #expect(disk.unused.isEmpty)
        return report
    }

    @Test("Retrying a folder that could not be read includes everything in it")
    func folderOnly() async throws {
        let first = try await runBlind()
        #expect(first.failures.map(\.path) == ["sub"] && first.transferred.files == 3)
        service.server.delete("a", in: "photos")
        let again = try await plan().retrying(first).run()
        #expect(again.isComplete, "\(again.failures)")
        #expect(service.server.keys(in: "photos") == ["sub.txt", "sub/b", "sub/deep/c", "z"])
    }

    @Test(
        "A retry includes the named paths and everything below them, and nothing else",
        arguments: [
            (["sub"], ["sub/b", "sub/deep/c"]), (["sub/deep"], ["sub/deep/c"]), (["su"], []),
            (["z", "a"], ["a", "z"]),
            ([""], ["a", "sub.txt", "sub/b", "sub/deep/c", "z"]), ([], []),
        ])
    func paths(named: [String], sent: [String]) async throws {
        #expect(try await plan().retrying(paths: named).run().isComplete)
        #expect(service.server.keys(in: "photos") == sent)
    }

    @Test("A folder that is unreadable during a retry, or that a filtered plan never saw, is a failure")
    func stillUnreadable() async throws {
        let again = try await runBlind { $0.retrying(paths: ["sub/b"]) }
        #expect(again.failures.map(\.path) == ["sub"] && !again.isComplete)
        let filtered = try await runBlind { $0.filtered { $0.path.hasSuffix(".txt") } }
        #expect(filtered.failures.map(\.path) == ["sub"] && filtered.transferred.files == 1)
    }
}
