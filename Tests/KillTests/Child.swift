import Foundation
import TestKit
import TestProcesses

/// A runner that starts `kill-child` and kills it where it stops.
enum Child {
    /// A point at which the process stops.
    enum Stop: Sendable {
        /// No point: the process prints the points that it passes.
        case listing
        case nowhere
        /// The point with the given number, counted from 1.
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
        /// Lines that the process printed.
        var lines: [String]
        /// Signal that ended the process, or 0.
        var signal: Int32

        /// Whether the process completed its transfer.
        var hasFinished: Bool { signal == 0 && lines.last == "END" }
        /// Points that the process passed, if it was asked to print them.
        var passed: [String] { lines.filter { $0.hasPrefix("PASSED ") }.map { String($0.dropFirst(7)) } }
        /// Point at which the process was killed.
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
            environment: [
                "PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
                // The process uses the same transport as the tests.
                "OSS_TEST_TRANSPORT": TestTransport.isLibcurl ? "libcurl" : "urlsession",
            ], standardOutput: pipe.writing)
        try pipe.writing.close()
        let lines = await lines(from: pipe.reading, killing: process)
        guard case .signalled(let signal) = await process.end() else { return Outcome(lines: lines, signal: 0) }
        return Outcome(lines: lines, signal: signal)
    }

    /// Returns all lines that the process prints. Kills the process when it reports that it has reached its point.
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
