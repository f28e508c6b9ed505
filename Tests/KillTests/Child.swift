import Foundation
import TestProcesses

/// Runs `kill-child`, and kills it where it stops.
enum Child {
    /// Where it is to stop.
    enum Stop: Sendable {
        /// Nowhere; it prints the points it passes.
        case listing
        case nowhere
        /// At the n-th point, from 1.
        case at(Int)

        fileprivate var argument: String {
            switch self {
            case .listing: "all"
            case .nowhere: "none"
            case .at(let number): "\(number)"
            }
        }
    }

    struct Outcome: Sendable {
        /// What it printed.
        var lines: [String]
        /// The signal that ended it, or 0.
        var signal: Int32

        /// Whether it did everything that it was to do.
        var hasFinished: Bool { signal == 0 && lines.last == "END" }
        /// The points it passed, when it was to print them.
        var passed: [String] { lines.filter { $0.hasPrefix("PASSED ") }.map { String($0.dropFirst(7)) } }
        /// The point at which it was killed.
        var killedAt: String? {
            guard signal == SIGKILL, let last = lines.last, last.hasPrefix("POINT ") else { return nil }
            return String(last.dropFirst(6))
        }
    }

    /// - Parameter words: VERB ENDPOINT LOCAL REMOTE STATE-DIRECTORY PART-SIZE.
    static func run(_ words: [String], stop: Stop, conflict: String?) async throws -> Outcome {
        let pipe = try ChildPipe()
        let process = try ChildProcess(
            ChildProcess.builtExecutable("kill-child").path, words + [stop.argument] + (conflict.map { [$0] } ?? []),
            environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"], standardOutput: pipe.writing)
        try pipe.writing.close()
        let lines = await lines(from: pipe.reading, killing: process)
        guard case .signalled(let signal) = await process.end() else { return Outcome(lines: lines, signal: 0) }
        return Outcome(lines: lines, signal: signal)
    }

    /// What it prints, to the end. Kills it as soon as it says that it has come to its point.
    private static func lines(from output: FileHandle, killing process: ChildProcess) async -> [String] {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var text = Data()
                while true {
                    let chunk = output.availableData
                    guard !chunk.isEmpty else { break }
                    text += chunk
                    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
                    if text.last == UInt8(ascii: "\n"), lines.last?.hasPrefix("POINT ") == true {
                        process.send(SIGKILL)
                    }
                }
                let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
                continuation.resume(returning: lines)
            }
        }
    }
}
