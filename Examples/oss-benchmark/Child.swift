import Foundation

/// A child process that runs this program with other arguments.
struct Child {
    /// First argument of a child process.
    static let argument = "child"
    /// Path of this program.
    static let program =
        FileManager.default.fileExists(atPath: "/proc/self/exe")
        ? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path : CommandLine.arguments[0]

    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    init(_ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = [Self.argument] + arguments
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

    /// Writes a line to the standard input of the process.
    func send(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Performs the work of a child process.
    static func run(_ arguments: [String]) async throws {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case MemoryBenchmark.childName: try await MemoryBenchmark.runChild(rest)
        case FilesBenchmark.childName: try await FilesBenchmark.runChild(rest)
        case TransferServer.childName: try TransferServer.runChild(rest)
        case LibraryClient.childName: try await LibraryClient.runChild(rest)
        case BareClient.childName: try await BareClient.runChild(rest)
        default: throw BenchmarkFailure(description: "invalid arguments for a child process")
        }
    }
}

/// Measurements of memory.
enum Memory {
    /// Returns the peak resident memory of this process, in MiB.
    static func peakMebibytes() -> Double {
        #if canImport(Darwin)
            var usage = rusage()
            getrusage(RUSAGE_SELF, &usage)
            return Double(usage.ru_maxrss) / Double(1 << 20)
        #else
            // Not ru_maxrss: on Linux it includes the memory before exec, and `swift run` is large.
            return mebibytes("VmHWM", in: "/proc/self/status") ?? .infinity
        #endif
    }

    /// Returns the value of a field of a file of the `/proc` file system, in MiB, or `nil` if there is none.
    static func mebibytes(_ field: String, in file: String) -> Double? {
        let text = try? String(contentsOfFile: file, encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("\(field):") }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
            .map { $0 / 1024 }
    }
}

/// An error that ends a benchmark.
struct BenchmarkFailure: Error, CustomStringConvertible {
    var description: String
}
