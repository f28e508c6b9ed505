import Testing

@testable import AliyunOSS

@Suite("TransferCount, TransferRate and TransferProgress")
struct TransferCountTests {
    private enum Event {
        case moved(Int, Int64)
        case finished(Int, Int64)
        case skipped(Int64)
        case total(Int64)
        case restarted
        case done
    }

    @Test(
        "The count never decreases and never exceeds the total",
        arguments: [
            (nil, [], 0, 0),
            (100, [.moved(1, 10), .moved(2, 20)], 30, 30),
            (100, [.moved(1, 10), .moved(1, 30)], 30, 30),
            (100, [.moved(1, 30), .moved(1, 0), .moved(1, 20)], 30, 30),
            (100, [.moved(1, 30), .moved(1, 0), .moved(2, 5), .moved(1, 40)], 45, 45),
            (100, [.moved(1, 30), .finished(1, 40), .moved(1, 5), .moved(1, 90)], 40, 40),
            (100, [.finished(1, 40), .finished(1, 40)], 40, 40),
            (100, [.moved(1, 70), .moved(2, 70)], 100, 100),
            (100, [.skipped(60), .moved(3, 10)], 70, 10),
            (100, [.moved(1, 50), .moved(1, 0), .skipped(20), .moved(2, 40)], 60, 40),
            (100, [.moved(1, 10), .done], 100, 100),
            (nil, [.moved(1, 10), .done], 10, 10),
            (nil, [.moved(1, 10), .moved(2, .max - 10)], .max, .max),
            (nil, [.moved(1, 10), .total(50), .moved(1, 60)], 50, 50),
            (50, [.moved(1, 60), .total(100)], 60, 60),
            (100, [.finished(1, 60), .restarted, .moved(1, 10)], 60, 60),
            (100, [.finished(1, 60), .restarted, .moved(1, 70)], 70, 70),
            (100, [.skipped(60), .restarted, .finished(1, 50), .moved(2, 20)], 70, 10),
        ] as [(Int64?, [Event], Int64, Int64)])
    private func count(total: Int64?, events: [Event], transferred: Int64, moved: Int64) {
        var count = TransferCount(total: total)
        var highest: Int64 = 0
        for event in events {
            switch event {
            case .moved(let part, let bytes): count.part(part, moved: bytes)
            case .finished(let part, let bytes): count.finishPart(part, bytes: bytes)
            case .skipped(let bytes): count.skip(bytes)
            case .total(let total): count.setTotal(total)
            case .restarted: count.restart()
            case .done:
                count.finish()
                #expect(count.total == count.transferred)
            }
            #expect(count.transferred >= highest)
            highest = count.transferred
        }
        #expect(count.transferred == transferred)
        #expect(count.moved == moved)
    }

    @Test("The count decreases only if an object turns out to be smaller")
    func smaller() {
        var count = TransferCount(total: 100)
        count.part(1, moved: 80)
        count.restart()
        count.setTotal(50)
        #expect(count.transferred == 50)
        count.part(1, moved: 20)
        #expect(count.transferred == 50)
        count.finish()
        #expect(count.transferred == 50)
    }

    @Test(
        "The rate covers the last five seconds",
        arguments: [
            // Time in tenths of a second, total bytes, and bytes per second.
            [(0, 0, 0)],
            [(0, 500, 5000)],
            [(1, 100, 1000), (2, 200, 1000), (10, 1000, 1000)],
            [(10, 1000, 1000), (20, 1000, 500), (40, 1000, 250)],
            [(50, 5000, 1000), (100, 5000, 0), (110, 5600, 100)],
            // After a long pause, the rate refers to the last sample before it.
            [(10, 1000, 1000), (210, 3000, 100)],
            // A retry that falls behind the reported bytes is not a negative speed.
            [(10, 1000, 1000), (70, 500, 0)],
            (1...1000).map { ($0, 100 * Int64($0), 1000) },
        ] as [[(Int, Int64, Double)]])
    func rate(updates: [(Int, Int64, Double)]) {
        let origin = ContinuousClock.now
        var rate = TransferRate(at: origin)
        for (tenths, bytes, expected) in updates {
            let result = rate.update(bytes, at: origin + .milliseconds(100 * tenths))
            #expect(abs(result - expected) < 0.001, "after \(tenths) tenths of a second")
        }
    }

    @Test(
        "The remaining time is the remaining bytes at the current rate",
        arguments: [
            (0, 100, 10, .seconds(10)), (50, 100, 25, .seconds(2)), (100, 100, 0, .zero), (100, 100, 5, .zero),
            (50, 100, 0, nil), (50, nil, 10, nil), (0, .max, 1, nil),
        ] as [(Int64, Int64?, Double, Duration?)])
    func remaining(transferred: Int64, total: Int64?, rate: Double, expected: Duration?) {
        let progress = TransferProgress(transferred, of: total, bytesPerSecond: rate)
        #expect(progress.estimatedTimeRemaining == expected)
        #expect(progress.bytesTransferred == transferred && progress.bytesTotal == total)
        #expect(progress.fractionCompleted == total.map { Double(transferred) / Double($0) })
    }
}
