import AliyunOSSTesting
import Foundation
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

@Suite("TransferMonitor", .timeLimit(.minutes(5)))
struct TransferMonitorTests {
    private final class Clock: Sendable {
        private let origin = ContinuousClock.now
        private let elapsed = Mutex(Duration.zero)

        var now: ContinuousClock.Instant { origin + elapsed.withLock { $0 } }
        func advance(by duration: Duration) { elapsed.withLock { $0 += duration } }
    }

    private func transfer(
        _ store: MemoryStore, _ monitor: TransferMonitor?,
        _ configure: (inout DirectoryTransfer.Options) -> Void = { _ in }
    ) -> DirectoryTransfer {
        var options = DirectoryTransfer.Options()
        options.monitor = monitor
        configure(&options)
        return DirectoryTransfer(store: store, options: options)
    }

    @Test("The rate and the remaining time do not count resumed bytes")
    func rate() {
        let clock = Clock()
        let monitor = TransferMonitor { clock.now }
        monitor.expect(bytes: 1000)
        monitor.start("a", "a", size: 1000, .transferring)
        monitor.move("a", bytes: 600, resumed: 600)
        clock.advance(by: .seconds(1))
        #expect(monitor.status.progress.bytesPerSecond == 0)
        #expect(monitor.status.progress.estimatedTimeRemaining == nil)
        monitor.move("a", bytes: 100, resumed: 0)
        clock.advance(by: .seconds(1))
        let status = monitor.status
        #expect(status.progress.bytesTransferred == 700 && status.progress.bytesResumed == 600)
        #expect(status.progress.bytesPerSecond == 50)
        #expect(status.progress.estimatedTimeRemaining == .seconds(6))
        #expect(status.filesInFlight.map(\.bytesDone) == [700] && status.filesInFlight.map(\.bytesResumed) == [600])
    }

    @Test(
        "When a file ends, its expected bytes are replaced with those that were transferred",
        arguments: [
            // Reported bytes, size of a file that was transferred, transferred bytes of the run, and its total.
            (100, 100, 100, 200), (0, nil, 0, 100), (40, nil, 40, 140), (130, 130, 130, 230), (0, 100, 100, 200),
            (0, 70, 70, 170),
        ] as [(Int64, Int64?, Int64, Int64)])
    func ended(reported: Int64, transferred: Int64?, moved: Int64, total: Int64) {
        let monitor = TransferMonitor()
        monitor.expect(bytes: 200)
        monitor.start("a", "a", size: 100, .transferring)
        monitor.move("a", bytes: reported, resumed: 0)
        monitor.end("a", expected: 100, transferred: transferred)
        #expect(monitor.status.progress.bytesTotal == total)
        #expect(monitor.status.progress.bytesTransferred == moved)
        #expect(monitor.status.filesInFlight.isEmpty)
    }

    @Test("Files in flight are in the order of their start, also after a change of the phase")
    func order() {
        let clock = Clock()
        let monitor = TransferMonitor { clock.now }
        let start = clock.now
        for name in ["c", "a", "b"] {
            monitor.start(ObjectKey(unchecked: name), name, size: 10, .comparing)
            clock.advance(by: .seconds(1))
        }
        monitor.compare("c", bytes: 10)
        #expect(monitor.status.filesInFlight[0].bytesDone == 10)
        #expect(monitor.status.progress.bytesTransferred == 0)
        monitor.start("c", "c", size: 10, .transferring)
        let files = monitor.status.filesInFlight
        #expect(files.map(\.path) == ["c", "a", "b"])
        #expect(files[0] == .init(path: "c", phase: .transferring, size: 10, startTime: start))
    }

    @Test("In a comparison, the compared bytes are the progress")
    func comparison() {
        let monitor = TransferMonitor()
        monitor.startComparison()
        monitor.expect(bytes: 30)
        monitor.start("a", "a", size: 10, .comparing)
        monitor.compare("a", bytes: 10)
        #expect(monitor.status.progress.bytesTransferred == 10 && monitor.status.progress.bytesTotal == 30)
    }

    @Test("A run shows the files that it found, those in flight with their phases, and the listing's end")
    func run() async throws {
        let scratch = try ScratchDirectory()
        for name in ["compared", "new", "same", "size"] { try scratch.write(name, "1234") }
        let (comparing, transferring) = (Gate(), Gate())
        let store = MemoryStore { operation, key in
            if operation == "head", key == "compared" { try await comparing.pass() }
            if operation == "put", key != "compared" { try await transferring.pass() }
        }
        // The checksum of this object is requested, because its ETag is not an MD5.
        store["compared"] = .init(content: Array("1235".utf8), type: "Multipart", eTag: "ABC-2")
        store.add(["size"], "12")
        store.add(["same"], "1234")
        let monitor = TransferMonitor()
        let transfer = transfer(store, monitor)
        async let report = transfer.upload(from: scratch.path)
        await comparing.waitForArrivals(1)
        await transferring.waitForArrivals(2)
        var status = monitor.status
        #expect(status.found == TransferTally(files: 4, bytes: 16))
        let phases = Dictionary(uniqueKeysWithValues: status.filesInFlight.map { ($0.path, $0.phase) })
        #expect(phases["compared"] == .comparing && phases["new"] == .transferring && phases["size"] == .transferring)
        #expect(monitor.unfinishedReport == nil)
        await comparing.unlock()
        await transferring.unlock()
        let result = try await report
        status = monitor.status
        #expect(result.isComplete && status.isListingComplete && status.filesInFlight.isEmpty)
        #expect(status.transferred == result.transferred && status.transferred.files == 3)
        #expect(status.unchanged == TransferTally(files: 1, bytes: 4) && status.filesDone == 4)
        #expect(monitor.unfinishedReport == nil)
    }

    @Test("A run that ends with an error leaves a report on what was done", arguments: [true, false])
    func unfinished(isCancelled: Bool) async throws {
        let scratch = try ScratchDirectory()
        // It comes first, because the files are visited in the order of their keys.
        try scratch.makeFIFO("_pipe")
        for name in ["a", "b", "c"] { try scratch.write(name, "1234") }
        let gate = Gate()
        let store = MemoryStore { _, key in
            guard key == "c" else { return }
            try await gate.pass()
            throw OSSError(
                .notFound, "no bucket", serviceError: .init(status: 404, code: "NoSuchBucket", message: ""), key: key)
        }
        let monitor = TransferMonitor()
        let transfer = transfer(store, monitor) { $0.concurrency = 1 }
        let run = Task { try await transfer.upload(from: scratch.path) }
        await gate.waitForArrivals(1)
        if isCancelled { run.cancel() } else { await gate.unlock() }
        await #expect(throws: (any Error).self) { try await run.value }
        let report = try #require(monitor.unfinishedReport)
        #expect(report.transferred == TransferTally(files: 2, bytes: 8))
        #expect(report.skippedFiles == [SkippedFile(path: "_pipe", reason: .specialFile)])
        #expect(report.stoppedEarly && !report.isComplete)
        #expect(monitor.status.transferred == report.transferred && monitor.status.found.files == 4)
    }

    @Test("Files that the plan excludes, before or after a comparison, are not counted as found")
    func excluded() async throws {
        let scratch = try ScratchDirectory()
        for name in ["a", "b", "c"] { try scratch.write(name, "1234") }
        let store = MemoryStore()
        store["b"] = .init(content: Array("1235".utf8), type: "Multipart", eTag: "ABC-2")
        let monitor = TransferMonitor()
        let plan = try await transfer(store, monitor).planUpload(from: scratch.path)
        let report = try await plan.retrying(paths: ["c"]).run()
        #expect(report.transferred.files == 1)
        let status = monitor.status
        #expect(status.found == TransferTally(files: 1, bytes: 4))
        #expect(status.progress.bytesTotal == status.progress.bytesTransferred)
    }

    @Test("A check counts its results, and leaves a report that is not equal if it is cancelled")
    func check() async throws {
        let scratch = try ScratchDirectory()
        for name in ["a", "b", "local"] { try scratch.write(name, "1234") }
        let gate = Gate()
        let store = MemoryStore { operation, key in if key == "b" { try await gate.pass() } }
        store.add(["a", "remote"], "1234")
        store["b"] = .init(content: Array("1234".utf8), type: "Multipart", eTag: "ABC-2")
        let monitor = TransferMonitor()
        let transfer = transfer(store, monitor)
        let run = Task { try await transfer.check(scratch.path) }
        await gate.waitForArrivals(1)
        #expect(monitor.status.filesInFlight.contains { $0.path == "b" && $0.phase == .comparing })
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        let report = try #require(monitor.unfinishedComparison)
        #expect(report.equal.files == 1 && report.onlyLocal == ["local"] && report.onlyRemote == ["remote"])
        #expect(report.stoppedEarly && !report.isEqual)

        await gate.unlock()
        let second = TransferMonitor()
        let complete = try await self.transfer(store, second).check(scratch.path)
        #expect(!complete.stoppedEarly && second.unfinishedComparison == nil)
        let status = second.status
        #expect(status.unchanged.files == 2 && status.different.files == 2 && status.found.files == 4)
        #expect(status.isListingComplete && status.progress.bytesTransferred == 8 && status.progress.bytesTotal == 8)
    }

    @Test("A resumed upload of a folder reports the bytes of the earlier run as resumed")
    func resumed() async throws {
        let state = try ScratchDirectory()
        let service = try TestService { $0.stateDirectory = .path(state.path) }
        let folder = try ScratchDirectory()
        try folder.write("large", pattern(1_000_000))
        service.server.add(
            .respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPart", partNumber: 6))
        var options = DirectoryTransfer.Options()
        (options.concurrency, options.partSize, options.multipartThreshold) = (1, 100 << 10, 100 << 10)
        #expect(
            try await DirectoryTransfer(service.bucket, options: options).upload(from: folder.path).failed.files == 1)
        #expect(service.server.unusedFaults.isEmpty)

        let monitor = TransferMonitor()
        let last = Mutex<TransferProgress?>(nil)
        options.monitor = monitor
        options.onProgress = { progress in last.withLock { $0 = progress } }
        #expect(try await DirectoryTransfer(service.bucket, options: options).upload(from: folder.path).isComplete)
        for progress in [monitor.status.progress, try #require(last.withLock { $0 })] {
            #expect(progress.bytesTransferred == 1_000_000 && progress.bytesTotal == 1_000_000)
            #expect(progress.bytesResumed == 5 * 100 << 10)
        }
    }
}
