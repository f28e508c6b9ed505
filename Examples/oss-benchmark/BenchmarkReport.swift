import Foundation

/// The results of a benchmark scenario.
struct BenchmarkReport: Encodable {
    /// A measured value and the values of other implementations, from the same run on the same machine.
    struct Measure: Encodable {
        /// Another implementation or a lower bound, for comparison.
        struct Peer: Encodable {
            var name: String
            var value: Double
            /// Ratio of the measured performance to the peer's performance. A value below 1 means that the peer
            /// performed better.
            var ratio: Double
        }

        var name: String
        var value: Double
        var unit: Unit
        /// Limit that the project guarantees; `nil` if it guarantees none. It is a minimum for rates, and a maximum for
        /// times and memory.
        var bound: Double?
        var peers: [Peer]

        init(
            _ name: String, _ value: Double, _ unit: Unit, bound: Double? = nil, peers: [(name: String, value: Double)]
        ) {
            self.name = name
            self.value = value
            self.unit = unit
            self.bound = bound
            self.peers = peers.map { peer in
                Peer(
                    name: peer.name, value: peer.value,
                    ratio: unit.isRate ? value / peer.value : peer.value / value)
            }
        }
    }

    enum Unit: String, Encodable {
        case gigabytesPerSecond = "GB/s"
        case megabytesPerSecond = "MB/s"
        case requestsPerSecond = "requests/s"
        case entriesPerSecond = "entries/s"
        case milliseconds = "ms CPU"
        case microseconds = "µs CPU"
        case mebibytes = "MiB resident"

        var isRate: Bool {
            switch self {
            case .gigabytesPerSecond, .megabytesPerSecond, .requestsPerSecond, .entriesPerSecond: true
            case .milliseconds, .microseconds, .mebibytes: false
            }
        }
    }

    var scenario: String
    var measures: [Measure]

    /// Prints the measures and writes the files that the options name.
    func write(_ options: BenchmarkOptions) throws {
        try options.write(self, as: measures.map(\.line).joined(separator: "\n"))
    }
}

extension BenchmarkReport.Measure {
    /// A one-line description of the measure, with its value, guaranteed limit and ratios.
    var line: String {
        var parts = [name.padding(toLength: 34, withPad: " ", startingAt: 0), "\(Self.text(value)) \(unit.rawValue)"]
        if let bound {
            let isMet = unit.isRate ? value >= bound : value <= bound
            parts.append("(\(isMet ? "guaranteed" : "MISSED"): \(unit.isRate ? ">=" : "<=") \(Self.text(bound)))")
        }
        parts += peers.map { "· \(Self.text($0.ratio))x \($0.name) (\(Self.text($0.value)))" }
        return parts.joined(separator: " ")
    }

    private static func text(_ value: Double) -> String {
        String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }
}

/// A stopwatch for CPU time, which other processes barely affect.
enum Stopwatch {
    /// Returns the median CPU time of a call to `work`, in seconds.
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

    /// Returns the CPU time of the process, in seconds.
    static func processorSeconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
}

/// Prevents the optimizer from removing work whose result is unused.
@inline(never)
func keep<Value>(_ value: Value) {
    withExtendedLifetime(value) {}
}
