import Dispatch
import Foundation
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("ProgressMeter", .timeLimit(.minutes(2)))
struct ProgressMeterTests {
    private final class Record: Sendable {
        private let state = Mutex<[TransferProgress]>([])

        func append(_ progress: TransferProgress) { state.withLock { $0.append(progress) } }
        var all: [TransferProgress] { state.withLock { $0 } }
        var bytes: [Int64] { all.map(\.bytesTransferred) }
    }

    /// A meter with a settable clock whose calls can be awaited.
    private final class TimedMeter: Sendable {
        let record = Record()
        let meter: ProgressMeter
        private let delivered = DispatchSemaphore(value: 0)
        private let time: SharedTime

        private final class SharedTime: Sendable {
            let elapsed = Mutex(Duration.zero)
        }

        init(total: Int64) {
            let (origin, time) = (ContinuousClock.now, SharedTime())
            self.time = time
            meter = ProgressMeter(
                total: total,
                onProgress: { [record, delivered] in
                    record.append($0)
                    delivered.signal()
                }, now: { origin + time.elapsed.withLock { $0 } })
        }

        /// Time since the start.
        func setTime(_ elapsed: Duration) { time.elapsed.withLock { $0 = elapsed } }

        func waitForCall() async throws {
            await BlockingWork.run { [delivered] in delivered.wait() }
        }
    }

    /// A clock that advances by one second with every query, so that every change causes a call.
    private static func hurriedClock() -> @Sendable () -> ContinuousClock.Instant {
        let origin = ContinuousClock.now
        let seconds = Atomic(0)
        return { origin + .seconds(seconds.add(1, ordering: .relaxed).newValue) }
    }

    @Test("Progress shortly after a call is reported later or at the end")
    func pace() async throws {
        let timed = TimedMeter(total: 1000)
        let (meter, record) = (timed.meter, timed.record)
        for round in Int64(0)..<5 {
            timed.setTime(ProgressPace.interval * Int(round))
            meter.part(1, moved: 100 * round)
            try await timed.waitForCall()
            // If these were reported, they would be in the queue before the next round.
            for bytes in 1..<Int64(100) { meter.part(1, moved: 100 * round + bytes) }
        }
        await meter.finish()
        #expect(record.bytes == [0, 100, 200, 300, 400, 1000])
    }

    @Test("Progress of concurrent and repeated parts never decreases and ends at the total")
    func monotonic() async {
        let record = Record()
        let meter = ProgressMeter(total: 32_000, onProgress: record.append, now: Self.hurriedClock())
        await withTaskGroup { group in
            for number in 1...32 {
                group.addTask {
                    for attempt in 1...3 {
                        for bytes in stride(from: Int64(0), through: attempt == 3 ? 1000 : 700, by: 10) {
                            meter.part(number, moved: bytes)
                        }
                    }
                    meter.finishPart(number, bytes: 1000)
                }
            }
        }
        await meter.finish()
        let bytes = record.bytes
        #expect(bytes == bytes.sorted())
        #expect(bytes.last == 32_000)
        #expect(record.all.last?.estimatedTimeRemaining == .zero)
        #expect(record.all.allSatisfy { $0.bytesTotal == 32_000 })
    }

    @Test("G8: a slow progress closure delays nothing; progress never decreases and ends at the total")
    func slowClosure() async throws {
        let record = Record()
        let isInside = DispatchSemaphore(value: 0)
        let mayLeave = DispatchSemaphore(value: 0)
        let meter = ProgressMeter(
            total: 100_000,
            onProgress: { progress in
                isInside.signal()
                mayLeave.wait()
                record.append(progress)
            }, now: Self.hurriedClock())
        meter.part(1, moved: 1)
        await BlockingWork.run { isInside.wait() }
        // The closure is still in its first call. If it ran on this thread or were awaited, this test would never end.
        for bytes in Int64(1)...99_999 { meter.part(1, moved: bytes) }
        meter.part(1, moved: 0)
        #expect(record.bytes.isEmpty)
        for _ in 0..<3 { mayLeave.signal() }
        await BlockingWork.run { isInside.wait() }
        await meter.finish()
        #expect(record.bytes == [1, 99_999, 100_000])
    }

    @Test("The last call reports the total once, and no call follows it")
    func ending() async {
        let record = Record()
        let meter = ProgressMeter(total: 10, onProgress: record.append)
        meter.finishPart(1, bytes: 10)
        await meter.finish()
        meter.part(2, moved: 7)
        await meter.finish()
        #expect(record.bytes.filter { $0 == 10 }.count <= 2)
        #expect(record.bytes.last == 10)

        let empty = Record()
        let nothing = ProgressMeter(total: 0, onProgress: empty.append)
        await nothing.finish()
        await nothing.finish()
        #expect(empty.bytes == [0])

        let unknown = Record()
        let open = ProgressMeter(total: nil, onProgress: unknown.append)
        open.part(1, moved: 5)
        await open.finish()
        #expect(unknown.all.last?.bytesTransferred == 5)
        #expect(unknown.all.last?.bytesTotal == 5)

        await ProgressMeter(total: 1, onProgress: nil).finish()
    }

    @Test("After a failure, no call starts, and no call reports an unreached total")
    func stopping() async throws {
        let record = Record()
        let isInside = DispatchSemaphore(value: 0)
        let mayLeave = DispatchSemaphore(value: 0)
        let meter = ProgressMeter(
            total: 10,
            onProgress: { progress in
                record.append(progress)
                isInside.signal()
                mayLeave.wait()
            }, now: Self.hurriedClock())
        meter.part(1, moved: 3)
        await BlockingWork.run { isInside.wait() }
        meter.part(1, moved: 6)
        meter.stop()
        mayLeave.signal()
        await meter.finish()
        #expect(record.bytes == [3])
    }

    @Test("Existing bytes count as transferred but not towards the speed")
    func speed() async throws {
        let timed = TimedMeter(total: 10_000)
        let (meter, record) = (timed.meter, timed.record)
        meter.skip(bytes: 4000)
        try await timed.waitForCall()
        timed.setTime(.seconds(2))
        meter.part(1, moved: 2000)
        try await timed.waitForCall()
        #expect(record.bytes == [4000, 6000])
        #expect(record.all.map(\.bytesPerSecond) == [0, 1000])
        #expect(record.all.map(\.estimatedTimeRemaining) == [nil, .seconds(4)])
    }
}
