import AliyunOSS
import Foundation

/// What planning an upload of a million files costs, without the file system and the network: time and memory.
enum PlanBenchmark {
    private static let count = 1_000_000

    static func report() async throws -> BenchmarkReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-benchmark-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let snapshot = folder.appendingPathComponent("snapshot").path
        let plan = SyntheticPlan(count: count)
        let floor = Memory.peakMebibytes()
        let first = try await measured { try await plan.run() }
        _ = try await plan.run(snapshot: snapshot, isRecording: true)
        let second = try await measured { try await plan.run(snapshot: snapshot) }
        let peak = Memory.peakMebibytes()
        return BenchmarkReport(
            scenario: "plan",
            measures: [
                .init(
                    "1M files, 1M keys, no record", first, .entriesPerSecond, bound: 100_000, peers: []),
                .init(
                    "1M files, 1M keys, recorded", second, .entriesPerSecond, bound: 100_000,
                    peers: [("no record", first)]),
                .init("  peak", peak, .mebibytes, bound: 100, peers: [("before", floor)]),
            ])
    }

    private static func measured(_ body: () async throws -> SyntheticPlan.Outcome) async throws -> Double {
        let start = ContinuousClock.now
        let outcome = try await body()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        guard outcome.entries > count else { throw Unplanned(description: "\(outcome)") }
        return Double(outcome.entries) / seconds
    }

    private struct Unplanned: Error {
        var description: String
    }
}

/// What this process needs of the machine.
enum Memory {
    /// The most memory this process ever had resident.
    static func peakMebibytes() -> Double {
        #if canImport(Darwin)
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return Double(usage.ru_maxrss) / Double(1 << 20)
        #else
            // Not ru_maxrss: on Linux it is also that of the program which became this one, and `swift run` is a large one.
            let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
                .map { $0 / 1024 } ?? .infinity
        #endif
    }
}
