import Foundation

/// A child process that runs this program with other arguments.
struct Child {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    init(_ arguments: [String]) throws {
        let path = CommandLine.arguments[0]
        process.executableURL =
            FileManager.default.fileExists(atPath: "/proc/self/exe")
            ? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() : URL(fileURLWithPath: path)
        process.arguments = [MemoryBenchmark.childScenario] + arguments
        process.standardOutput = output
        process.standardInput = input
        try process.run()
    }

    /// Returns the next line of output, or `nil` if there is none.
    func line() -> String? {
        var line: [UInt8] = []
        while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}

/// Measurements of the memory use of this process.
enum Memory {
    /// Returns the peak resident memory of this process, in MiB.
    static func peakMebibytes() -> Double {
        #if canImport(Darwin)
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return Double(usage.ru_maxrss) / Double(1 << 20)
        #else
            // Not ru_maxrss: on Linux it includes the memory before exec, and `swift run` is large.
            let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
            return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
                .map { $0 / 1024 } ?? .infinity
        #endif
    }
}

/// An error that ends a benchmark.
struct BenchmarkFailure: Error {
    var description: String
}
