import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

/// The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Memory of open bodies", .timeLimit(.minutes(5)))
struct OpenBodyMemoryTests {
    private static let budget = 2 << 20
    private static let bodies = 64
    /// Maximum number of bytes that all bodies hold together.
    private static let bound = budget + bodies * 64 << 10

    /// Whether all bytes that the server has sent are in the memory of the readers. With libcurl, a response is received
    /// while it is read, and the sockets hold bytes as well.
    private static let holdsSentBytes = !TestTransport.isLibcurl

    /// Counts of the bytes that the readers have consumed.
    private final class Consumed: Sendable {
        private let bytes = Mutex(0)
        var count: Int { bytes.withLock { $0 } }
        func add(_ count: Int) { bytes.withLock { $0 += count } }
    }

    private func service() throws -> TestService {
        try TestService {
            $0.readRangeSize = 1 << 20
            $0.memoryBudget = Self.budget
        }
    }

    @Test("J10: open but unread bodies hold only the memory budget and 64 KiB each, and each can be read")
    func openBodies() async throws {
        let service = try service()
        let content = try service.store("k", count: 1_500_000)
        var open: [RemoteObject] = []
        for _ in 0..<Self.bodies {
            let sent = service.server.statistics.bytesSent
            open.append(try await service.bucket.getObject("k"))
            // This also holds if the other readers hold the entire budget.
            #expect(service.server.statistics.bytesSent - sent >= 64 << 10)
        }
        #expect(service.server.statistics.bytesSent <= Self.bound)
        #expect(service.bucket.client.readMemory.available == 0)
        for object in open { #expect(try await object.body.collect() == content) }
        // A body that was read holds no memory and can be downloaded again.
        #expect(service.bucket.client.readMemory.available == Self.budget)
        #expect(try await open[0].body.collect() == content)
    }

    @Test("J10: readers that pause in the middle hold only the memory budget and 64 KiB each until they are released")
    func slowReaders() async throws {
        let service = try service()
        let content = try service.store("k", count: 1_500_000)
        var readers: [ObjectContent.AsyncIterator] = []
        var consumed = 0
        for _ in 0..<Self.bodies {
            var reader = try await service.bucket.getObject("k").body.makeAsyncIterator()
            let first = try await reader.next() ?? Data()
            // The chunk that the reader holds still counts.
            let second = try await reader.next() ?? Data()
            consumed += first.count
            #expect(first + second == content.prefix(first.count + second.count))
            readers.append(reader)
        }
        #expect(!Self.holdsSentBytes || service.server.statistics.bytesSent - consumed <= Self.bound)
        #expect(service.bucket.client.readMemory.available == 0)
        readers = []
        #expect(service.bucket.client.readMemory.available == Self.budget)
    }

    @Test("J10: readers that wait for each other all finish within the memory budget")
    func readersTogether() async throws {
        let service = try service()
        let content = try service.store("k", count: 1_500_000)
        let consumed = Consumed()
        try await withThrowingTaskGroup(of: Data.self) { group in
            for _ in 0..<Self.bodies {
                group.addTask {
                    var gathered = Data()
                    for try await chunk in try await service.bucket.getObject("k").body {
                        // The order matters: bytes that others consume in the meantime are not held either.
                        let sent = service.server.statistics.bytesSent
                        #expect(!Self.holdsSentBytes || sent - consumed.count <= Self.bound)
                        gathered += chunk
                        consumed.add(chunk.count)
                    }
                    return gathered
                }
            }
            for try await gathered in group { #expect(gathered == content) }
        }
        #expect(service.bucket.client.readMemory.available == Self.budget)
    }

    @Test("J10: a sequence is uploaded while open bodies hold the entire memory budget")
    func readAndUpload() async throws {
        let service = try service()
        let content = try service.store("k", count: 1_500_000)
        var open: [RemoteObject] = []
        for _ in 0..<Self.bodies { open.append(try await service.bucket.getObject("k")) }
        try await service.bucket.uploadObject("copy", from: open[0].body)
        #expect(service.stored("copy") == content)
        #expect(open.count == Self.bodies)
    }
}
