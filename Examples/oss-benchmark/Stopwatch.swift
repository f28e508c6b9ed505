import Foundation

/// CPU time, so that whatever else the machine does counts little.
enum Stopwatch {
    /// The median CPU time of one call of `work`, in seconds, over runs that are long enough for the clock.
    static func seconds(runs: Int = 7, each duration: Double = 0.02, _ work: () throws -> Void) rethrows -> Double {
        var calls = 1
        while true {
            let elapsed = try time(calls, work)
            if elapsed >= duration / 2 || calls > 1 << 30 {
                calls = max(1, Int(Double(calls) * duration / max(elapsed, 1e-9)))
                break
            }
            calls *= 4
        }
        var times: [Double] = []
        for _ in 0..<runs { times.append(try time(calls, work) / Double(calls)) }
        return times.sorted()[runs / 2]
    }

    private static func time(_ calls: Int, _ work: () throws -> Void) rethrows -> Double {
        let start = processorSeconds()
        for _ in 0..<calls { try work() }
        return processorSeconds() - start
    }

    /// The CPU time of the process so far.
    static func processorSeconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}

/// Keeps the optimiser from dropping work whose result nothing else needs.
@inline(never)
func keep<Value>(_ value: Value) {
    withExtendedLifetime(value) {}
}
