import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Cancellation", .timeLimit(.minutes(10)))
struct CancellationTests {
    private static let partSize = 100 << 10
    private static let content = Data.pattern(5 * partSize + 77)

    /// The cancelled operation.
    enum Transfer: String, CaseIterable {
        case upload, download, folderUp, folderDown
    }

    @Test(
        "G1: a cancellation at any request ends the call and leaves nothing behind",
        arguments: Transfer.allCases)
    func g1Discarding(transfer: Transfer) async throws {
        try await cancelEverywhere(transfer, interruptionPolicy: .discard) { service, folder, _ in
            #expect(service.server.statistics.openUploads == 0)
            #expect(service.stored("up/file") == nil && service.stored("up/tree/file") == nil)
            let contents = try folder.contents()
            #expect(contents == ["down/file": Data("old".utf8), "source/file": Self.content])
        }
    }

    @Test(
        "G1: a transfer that was cancelled at any request resumes from that point",
        arguments: Transfer.allCases)
    func g1Keeping(transfer: Transfer) async throws {
        try await cancelEverywhere(transfer, interruptionPolicy: .keep) { service, folder, run in
            try await run(service)
            switch transfer {
            case .upload: #expect(service.stored("up/file") == Self.content)
            case .folderUp: #expect(service.stored("up/tree/file") == Self.content)
            case .download, .folderDown:
                #expect(FileManager.default.contents(atPath: folder["down/file"]) == Self.content)
            }
            #expect(service.server.statistics.openUploads == 0)
            // Only the record of equal files remains, and nothing of the transfer.
            let names = try folder.files().filter { !$0.hasPrefix("state/records/") }
            #expect(names == ["down/file", "source/file"])
        }
    }

    /// Runs a transfer once for each of its requests, and cancels it when that request is about to be sent.
    private func cancelEverywhere(
        _ transfer: Transfer, interruptionPolicy policy: InterruptionPolicy,
        afterwards check: (TestService, ScratchDirectory, (TestService) async throws -> Void) async throws -> Void
    ) async throws {
        var number = 1
        while true {
            let folder = try ScratchDirectory()
            try folder.write("source/file", Self.content)
            try folder.write("down/file", Data("old".utf8))
            let canceller = CancellingTransport(at: number)
            let service = try TestService {
                $0.transport = canceller
                $0.stateDirectory = .path(folder["state"])
                // A machine that is busy with other tests is slow.
                $0.cancellationGrace = .seconds(60)
            }
            try service.server.put("from/file", Self.content, in: "photos")
            let run: @Sendable (TestService) async throws -> Void = { service in
                try await Self.perform(transfer, service.bucket, folder, policy)
            }
            let task = Task { try await run(service) }
            canceller.watch { task.cancel() }
            let outcome = await task.result
            guard canceller.hasCancelled else {
                try outcome.get()
                #expect(number > 6)
                return
            }
            #expect(throws: CancellationError.self, "request \(number)") { try outcome.get() }
            let sent = canceller.count
            // No request is in flight: every sent request is known, and none follows.
            try await service.bucket.putObject("after", "x")
            #expect(canceller.count == sent + 1, "request \(number)")
            try await check(service, folder, run)
            number += 1
        }
    }

    private static func perform(
        _ transfer: Transfer, _ bucket: Bucket, _ folder: ScratchDirectory, _ policy: InterruptionPolicy
    ) async throws {
        switch transfer {
        case .upload:
            var options = UploadOptions()
            (options.multipartThreshold, options.partSize) = (1, Int64(partSize))
            options.interruptionPolicy = policy
            try await bucket.uploadObject("up/file", from: folder["source/file"], options: options)
        case .download:
            var options = DownloadOptions()
            (options.multipartThreshold, options.partSize) = (Int64(partSize), Int64(partSize))
            options.interruptionPolicy = policy
            try await bucket.downloadObject("from/file", to: folder["down/file"], options: options)
        case .folderUp, .folderDown:
            var options = DirectoryTransfer.Options()
            (options.multipartThreshold, options.partSize) = (Int64(partSize), Int64(partSize))
            options.interruptionPolicy = policy
            let directory = DirectoryTransfer(bucket, options: options)
            _ =
                transfer == .folderUp
                ? try await directory.upload(from: folder["source"], to: "up/tree")
                : try await directory.download(from: "from", to: folder["down"])
        }
    }

    @Test(
        "G2: a call that waits for a connection, memory or a retry is cancelled at once and leaks nothing"
    )
    func g2() async throws {
        let service = try TestService {
            $0.maximumConnections = 1
            $0.memoryBudget = 1 << 20
            $0.retry.maximumDelay = .seconds(3600)
        }
        // One call has the only connection and gets no response; the next call waits for it.
        service.server.add(.neverRespond, when: .operation("PutObject", key: "held"))
        let holder = Task { try await service.bucket.putObject("held", "x") }
        #expect(await service.server.waitForRequests(1))
        let waiter = Task { try await service.bucket.putObject("waiting", "x") }
        #expect(try await eventually { service.bucket.client.limit.waiterCount == 1 })
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        holder.cancel()
        await #expect(throws: CancellationError.self) { try await holder.value }

        let reservation = try await service.bucket.client.partMemory.acquire(1 << 20)
        let gatherer = Task {
            try await service.bucket.uploadObject("stream", from: Chunks(count: 3, size: 10))
        }
        #expect(try await eventually { service.bucket.client.partMemory.waiterCount == 1 })
        gatherer.cancel()
        await #expect(throws: CancellationError.self) { try await gatherer.value }
        reservation.release()

        // The next attempt would start an hour later.
        service.server.add(
            .response(status: 503, headers: ["Retry-After": "3600"]), when: .operation("PutObject", key: "later"))
        let patient = Task { try await service.bucket.putObject("later", "x") }
        #expect(try await eventually { service.server.requests.contains { $0.key == "later" && $0.status == 503 } })
        patient.cancel()
        await #expect(throws: CancellationError.self) { try await patient.value }

        try await service.bucket.putObject("free", "x")
        #expect(service.bucket.client.partMemory.available == 1 << 20)
        #expect(service.server.keys(in: "photos") == ["free"])
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("G3: an upload that is cancelled while it is being aborted is still aborted")
    func g3() async throws {
        let folder = try ScratchDirectory()
        try folder.write("file", Self.content)
        let canceller = CancellingTransport(whenMethod: .delete)
        let service = try TestService {
            $0.transport = canceller
            $0.stateDirectory = .none
        }
        service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPart", partNumber: 2)))
        let task = Task {
            var options = UploadOptions()
            (options.multipartThreshold, options.partSize) = (1, Int64(Self.partSize))
            options.interruptionPolicy = .discard
            return try await service.bucket.uploadObject("k", from: folder["file"], options: options)
        }
        canceller.watch { task.cancel() }
        let error = await failure { try await task.value }
        #expect(error?.code == .accessDenied)
        #expect(canceller.hasCancelled)
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.count("AbortMultipartUpload") == 1)
        #expect(service.server.statistics.openUploads == 0)
    }

    @Test("G7: a bucket whose transport was shut down always fails with an error")
    func g7() async throws {
        let transport = TestTransport()
        let service = try TestService { $0.transport = transport }
        try await service.bucket.putObject("k", "x")
        transport.shutDown()
        transport.shutDown()
        for _ in 0..<3 {
            #expect(await failure { try await service.bucket.putObject("k", "y") }?.code == .shutDown)
        }
        let folder = try ScratchDirectory()
        try folder.write("file", Data("x".utf8))
        #expect(
            await failure { try await DirectoryTransfer(service.bucket).upload(from: folder.path) }?.code == .shutDown)
        #expect(service.stored("k") == Data("x".utf8))
    }

    @Test("G8: a slow progress closure does not delay a transfer; its progress never decreases and ends at the total")
    func g8() async throws {
        let folder = try ScratchDirectory()
        try folder.write("file", Self.content)
        let service = try TestService { $0.stateDirectory = .none }
        // A part that is truncated and sent again starts at zero.
        service.server.add(
            MockFault(.closeAfterReading(bytes: 50_000), when: .init(operation: "UploadPart", partNumber: 3)))
        let readings = Recorder<TransferProgress>()
        let isStored = DispatchSemaphore(value: 0)
        var options = UploadOptions()
        (options.multipartThreshold, options.partSize) = (1, Int64(Self.partSize))
        options.onProgress = { progress in
            // The first call returns only when the object exists. The object can exist only if the upload does not wait
            // for the call.
            if readings.append(progress) == 1 { isStored.wait() }
        }
        let task = Task { [options] in
            try await service.bucket.uploadObject("k", from: folder["file"], options: options)
        }
        #expect(try await eventually { service.stored("k") != nil })
        isStored.signal()
        _ = try await task.value
        #expect(service.server.unusedFaults.isEmpty)
        let values = readings.values.map(\.bytesTransferred)
        #expect(values == values.sorted())
        #expect(values.last == Int64(Self.content.count))
        #expect(readings.values.allSatisfy { $0.bytesTotal == Int64(Self.content.count) })
    }

    @Test("G12: many simultaneous cancellations and lost connections end every call, and the next call succeeds")
    func g12() async throws {
        let service = try TestService { $0.retry.maximumAttempts = 2 }
        try service.store("k", count: 50_000)
        service.server.add(MockFault(.closeBeforeReading(.reset), when: .init(probability: 0.2), times: .max))
        for round in 0..<10 {
            let tasks = (0..<32).map { _ in
                Task { try await service.bucket.getObject("k").body.collect() }
            }
            // Some are cancelled before they start, some in the middle.
            for (index, task) in tasks.enumerated() where (index + round) % 2 == 0 { task.cancel() }
            for task in tasks {
                switch await task.result {
                case .success(let data): #expect(data.count == 50_000)
                case .failure(let error): #expect(error is CancellationError || error is OSSError)
                }
            }
        }
        service.server.faults.removeAll()
        #expect(try await service.bucket.getObject("k").body.collect() == service.stored("k"))
    }
}
