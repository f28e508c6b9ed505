import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of the number of requests for an unchanged tree.
@Suite("Requests for an unchanged tree")
struct RequestCountTests {
    private let state: ScratchDirectory
    private let service: TestService
    private let folder: ScratchDirectory

    init() throws {
        let state = try ScratchDirectory()
        self.state = state
        service = try TestService { $0.stateDirectory = .path(state["state"]) }
        folder = try ScratchDirectory()
    }

    private func writeFiles(_ count: Int, alsoIn prefix: String? = nil) async throws {
        for number in 0..<count {
            let (name, content) = ("folder \(number % 30)/\(number)", "content of \(number)")
            try folder.write(name, content)
            if let prefix { try service.server.put(prefix + name, Data(content.utf8), in: "photos") }
            if number.isMultiple(of: 100) { await Task.yield() }
        }
    }

    private func cost(
        _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in },
        _ transfer: (DirectoryTransfer) async throws -> TransferReport
    ) async throws -> [String: Int] {
        let before = service.server.requests.count
        var options = DirectoryTransfer.Options()
        configure(&options)
        let report = try await transfer(DirectoryTransfer(service.bucket, options: options))
        #expect(report.isComplete && report.warnings.isEmpty)
        return service.server.requests.dropFirst(before).reduce(into: [:]) { $0[$1.operation, default: 0] += 1 }
    }

    @Test(
        "An unchanged tree costs one request for each thousand listed objects, in both directions and with deletions"
    )
    func listing() async throws {
        try await writeFiles(1001, alsoIn: "p/")
        let listing = ["ListObjects": 2]
        // The first run has no record, so contents are compared with the listing.
        for mode in [.modified] + UpdateMode.allCases where mode != .always {
            let cost = try await cost {
                ($0.updateMode, $0.deletion) = (mode, DeletionOptions())
            } _: {
                try await $0.upload(from: folder.path, to: "p")
            }
            #expect(cost == listing, "\(mode)")
        }
        for _ in 0..<2 {
            #expect(try await cost { try await $0.download(from: "p", to: folder.path) } == listing)
        }
    }

    @Test("With a snapshot, an unchanged tree costs no request and a changed file costs one")
    func snapshot() async throws {
        try await writeFiles(150)
        func upload() async throws -> [String: Int] {
            try await cost {
                $0.snapshotPath = state["snapshot"]
            } _: {
                try await $0.upload(from: folder.path)
            }
        }
        #expect(try await upload() == ["PutObject": 150])
        #expect(try await upload() == [:])
        try folder.write("folder 7/7", "otherwise")
        #expect(try await upload() == ["PutObject": 1])
        #expect(try await upload() == [:])
    }
}
