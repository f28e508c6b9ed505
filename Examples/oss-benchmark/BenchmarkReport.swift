import Foundation

/// What a scenario measured.
struct BenchmarkReport: Encodable {
    /// One number, beside what else does the same work in the same run on the same machine.
    struct Measure: Encodable {
        /// Something to compare with.
        struct Peer: Encodable {
            var name: String
            var value: Double
            /// How many times as good as the peer the measured thing is; below 1 it is worse.
            var ratio: Double
        }

        var name: String
        var value: Double
        var unit: Unit
        /// What the project promises: a floor for rates, a ceiling for times.
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

    func write(asJSON: Bool) throws {
        if asJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(self), as: UTF8.self))
        } else {
            for measure in measures { print(measure.line) }
        }
    }
}

extension BenchmarkReport.Measure {
    /// The measure on one line: name, value, what was promised, ratios.
    var line: String {
        var parts = [name.padding(toLength: 34, withPad: " ", startingAt: 0), "\(Self.text(value)) \(unit.rawValue)"]
        if let bound {
            let isMet = unit.isRate ? value >= bound : value <= bound
            parts.append("(\(isMet ? "promised" : "MISSED"): \(unit.isRate ? ">=" : "<=") \(Self.text(bound)))")
        }
        parts += peers.map { "· \(Self.text($0.ratio))x \($0.name) (\(Self.text($0.value)))" }
        return parts.joined(separator: " ")
    }

    private static func text(_ value: Double) -> String {
        String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }
}
