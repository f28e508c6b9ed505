import AliyunOSS
import Foundation

/// A benchmark of the time and memory needed to plan an upload of a million files, without a file system or network.
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
        guard outcome.entries > count else { throw BenchmarkFailure(description: "\(outcome)") }
        return Double(outcome.entries) / seconds
    }
}
