import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Concurrency and memory limits", .timeLimit(.minutes(10)))
struct ResourceLimitTests {
    private static let limit = 4
    private static let partSize = 100 << 10
    private static let content = Data.pattern(5 * partSize + 77)

    /// Returns the number of requests in flight when more copies start than are permitted and the service responds to
    /// none.
    private func requestsInFlight(_ operation: String, _ service: TestService) async throws -> Int {
        try service.store("source")
        var options = DirectoryTransfer.Options()
        (options.multipartThreshold, options.concurrency) = (1, Self.limit)
        options.interruptionPolicy = .discard
        let context = TransferContext(options)
        service.server.add(.neverRespond, when: .operation(operation), times: .max)
        defer { service.server.faults.removeAll() }
        func unanswered() -> Int {
            service.server.requests.count { $0.operation == operation && $0.status == 0 }
        }
        return try await withThrowingTaskGroup { group in
            for number in 0...Self.limit {
                group.addTask {
                    let key = ObjectKey(unchecked: "copy\(number)")
                    _ = try? await service.bucket.copy(
                        "source", in: nil, ifMatch: nil, to: key, attributes: nil, context)
                }
            }
            let isSettled = try await eventually {
                let count = unanswered()
                return count > Self.limit || count == Self.limit && context.slots.waiterCount > 0
            }
            #expect(isSettled)
            let inFlight = unanswered()
            group.cancelAll()
            return inFlight
        }
    }

    @Test("Single-request copies of several objects respect the concurrency limit")
    func atOnce() async throws {
        #expect(try await requestsInFlight("CopyObject", try TestService()) == Self.limit)
    }

    @Test("Multipart copies of several objects share one concurrency limit")
    func parts() async throws {
        let service = try TestService()
        // The bytes need not exist, because none of them is read.
        service.server.add(
            .header("Content-Length", String(1 << 30)), when: .operation("HeadObject"), times: .max)
        #expect(try await requestsInFlight("UploadPartCopy", service) == Self.limit)
    }

    @Test(
        "G6: parts in memory stay within the budget, and a larger part is sent alone",
        arguments: [1, 4] as [Int64])
    func g6(partMebibytes: Int64) async throws {
        let service = try TestService { $0.memoryBudget = 3 << 20 }
        // The delay ensures that the parts in flight overlap.
        service.server.add(.delay(.milliseconds(20)), when: .operation("UploadPart"), times: .max)
        let size = Int(partMebibytes) << 20
        let memory = service.bucket.client.partMemory
        let chunks = Chunks(count: 10, size: size)
        var options = UploadOptions()
        options.partSize = Int64(size)
        options.concurrency = 64
        let result = try await service.bucket.uploadObject("k", from: chunks, options: options)
        #expect(result.partCount == 10)
        #expect(service.stored("k")?.count == 10 * size)
        #expect(service.server.statistics.peakConcurrency <= max(1, 3 / Int(partMebibytes)))
        #expect(memory.available == 3 << 20)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "G10: the result does not depend on the concurrency, and the number of requests never exceeds it",
        arguments: [1, 2, 32])
    func g10(concurrency: Int) async throws {
        let folder = try ScratchDirectory()
        for index in 0..<20 { try folder.write("tree/small/\(index)", Data.pattern(index * 100, seed: UInt64(index))) }
        try folder.write("tree/large/one", Self.content)
        try folder.write("tree/large/two", Self.content)
        let service = try TestService { $0.stateDirectory = .none }
        var options = DirectoryTransfer.Options()
        options.concurrency = concurrency
        (options.multipartThreshold, options.partSize) = (Int64(Self.partSize), Int64(Self.partSize))
        let transfer = DirectoryTransfer(service.bucket, options: options)
        #expect(try await transfer.upload(from: folder["tree"], to: "up").isComplete)
        #expect(try await transfer.download(from: "up", to: folder["back"]).isComplete)
        let contents = try folder.contents()
        for (name, data) in contents where name.hasPrefix("tree/") {
            #expect(contents["back/" + name.dropFirst(5)] == data)
        }
        #expect(contents.count == 44)
        #expect(service.server.statistics.peakConcurrency <= concurrency)
    }

    @Test("G10: the next file is opened while all permitted requests are in flight")
    func g10NextFile() async throws {
        let folder = try ScratchDirectory()
        for index in 0..<20 { try folder.write("tree/\(index)", Data.pattern(100)) }
        let service = try TestService()
        service.server.add(.neverRespond, when: .operation("PutObject"), times: .max)
        let disk = FaultyFileSystem()
        let opened = { disk.calls.count { $0.kind == .open && $0.path.contains("tree/") } }
        try await disk.run {
            let run = Task {
                var options = DirectoryTransfer.Options()
                options.concurrency = Self.limit
                return try await DirectoryTransfer(service.bucket, options: options).upload(
                    from: folder["tree"], to: "up")
            }
            let isOpened = try await eventually {
                service.count("PutObject") == Self.limit && opened() == Self.limit + 1
            }
            #expect(isOpened)
            run.cancel()
            await #expect(throws: CancellationError.self) { try await run.value }
        }
        #expect(service.server.statistics.peakConcurrency == Self.limit && opened() == Self.limit + 1)
    }

    @Test(
        "G10: starting and completing a multipart upload require a permit, as parts do",
        arguments: [("InitiateMultipartUpload", "up/two"), ("CompleteMultipartUpload", "up/one")])
    func g10Parts(operation: String, key: String) async throws {
        let folder = try ScratchDirectory()
        try folder.write("tree/one", Data.pattern(2 * Self.partSize))
        try folder.write("tree/two", Data.pattern(8 * Self.partSize, seed: 2))
        let service = try TestService { $0.stateDirectory = .none }
        // The delay is long enough to overlap with the parts of the other file.
        service.server.add(.delay(.milliseconds(300)), when: .operation(operation, key: key))
        service.server.add(.delay(.milliseconds(30)), when: .operation("UploadPart"), times: .max)
        var options = DirectoryTransfer.Options()
        options.concurrency = 2
        (options.multipartThreshold, options.partSize) = (1, Int64(Self.partSize))
        let report = try await DirectoryTransfer(service.bucket, options: options).upload(
            from: folder["tree"], to: "up")
        #expect(report.isComplete && service.count("UploadPart") == 10)
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.server.statistics.peakConcurrency <= 2)
    }

    @Test("G10: each page of a listing requires a permit")
    func g10Listing() async throws {
        let folder = try ScratchDirectory()
        let service = try TestService()
        for index in 0..<1100 { try service.store("p/\(index)", count: 1) }
        // The second page is requested while objects of the first one are being downloaded.
        service.server.add(.delay(.milliseconds(100)), when: .operation("ListObjects", skip: 1))
        service.server.add(.delay(.milliseconds(5)), when: .operation("GetObject"), times: .max)
        var options = DirectoryTransfer.Options()
        options.concurrency = Self.limit
        let report = try await DirectoryTransfer(service.bucket, options: options).download(
            from: "p", to: folder["copy"])
        #expect(report.isComplete && report.transferred.files == 1100)
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.server.statistics.peakConcurrency <= Self.limit)
    }

    @Test("G10: requests that compare objects require a permit")
    func g10Comparing() async throws {
        let scene = try MirrorScene(.copy)
        try scene.folder.write("file", Data.pattern(1000))
        // A multipart object has an ETag that does not describe its bytes.
        var parts = UploadOptions()
        parts.multipartThreshold = 1
        for index in 0..<4 {
            try scene.addSource(["\(index)"], Data.pattern(1000))
            let key = try ObjectKey(scene.destinationKey("\(index)"))
            try await scene.service.bucket.uploadObject(key, from: scene.folder["file"], options: parts)
        }
        scene.service.server.add(.delay(.milliseconds(100)), when: .operation("HeadObject"), times: .max)
        let report = try await scene.run { $0.concurrency = 2 }
        #expect(report.isComplete && report.unchanged.files == 4)
        #expect(scene.service.count("HeadObject") == 8)
        #expect(scene.service.server.unusedFaults.isEmpty)
        #expect(scene.service.server.statistics.peakConcurrency <= 2)
    }
}
