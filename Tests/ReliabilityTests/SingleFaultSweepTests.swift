import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests that inject a single fault at every possible request.
@Suite("A single fault at every request")
struct SingleFaultSweepTests {
    private let service: TestService
    private let folder: ScratchDirectory

    init() throws {
        service = try TestService()
        folder = try ScratchDirectory()
        for (index, size) in [0, 1, 1000, 70_000, 300_000].enumerated() {
            try folder.write("tree/\(index)/file", Data.pattern(size, seed: UInt64(index)))
        }
    }

    private static let faults: [MockFault.Action] = [
        .respond(status: 500, code: "InternalError"), .closeBeforeReading(), .closeAfterApplying(),
    ]

    @Test("B15: a fault at any single request of an upload is repaired", arguments: faults)
    func b15Upload(fault: MockFault.Action) async throws {
        let source = try folder.contents()
        let transfer = DirectoryTransfer(service.bucket, concurrency: 2)
        #expect(try await transfer.upload(from: folder.path, to: "up").isComplete)
        let count = service.count()
        #expect(count >= 5)
        for number in 1...count {
            try service.server.reset()
            service.server.add(fault, when: .requestNumber(number))
            let report = try await transfer.upload(from: folder.path, to: "up")
            #expect(report.isComplete, "fault at request \(number): \(report.failures)")
            for (name, data) in source { #expect(service.stored("up/" + name) == data, "fault at request \(number)") }
            #expect(service.count() == count + 1)
            #expect(service.server.unusedFaults.isEmpty)
        }
    }

    @Test("B15: a fault at any single request of a download is repaired", arguments: faults)
    func b15Download(fault: MockFault.Action) async throws {
        let source = try folder.contents()
        let transfer = DirectoryTransfer(service.bucket, concurrency: 2)
        func fill() throws {
            try service.server.reset()
            for (name, data) in source { try service.server.put("up/" + name, data, in: "photos") }
        }
        func download(_ name: String) async throws -> [String: Data] {
            let target = try ScratchDirectory()
            let report = try await transfer.download(from: "up", to: target.path)
            #expect(report.isComplete, "\(name): \(report.failures)")
            return try target.contents()
        }
        try fill()
        #expect(try await download("without a fault") == source)
        let count = service.count()
        #expect(count >= 6)
        for number in 1...count {
            try fill()
            service.server.add(fault, when: .requestNumber(number))
            #expect(try await download("fault at request \(number)") == source)
            #expect(service.server.unusedFaults.isEmpty)
        }
    }
}
