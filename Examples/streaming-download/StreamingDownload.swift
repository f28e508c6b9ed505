// Streams an object to a file, or to standard output, and prints the progress to standard error:
//     streaming-download BUCKET KEY [FILE]
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used.
//
// The content of an object is a sequence of chunks, which are fetched as the loop asks for them. Before the last chunk,
// the library compares the CRC-64 of all bytes with that of the service: a loop that ends without an error has received
// exactly the stored bytes. To store an object in a file, `Bucket.downloadObject` takes less code and resumes.
import AliyunOSS
import Foundation

@main
struct StreamingDownload {
    static let usage = """
        usage: streaming-download BUCKET KEY [FILE]

        Streams an object to a file, or to standard output, with its progress on standard error.

          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_REGION (default: cn-hangzhou) and OSS_ENDPOINT are used.
        """

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains("--help") { return print(usage) }
        guard (2...3).contains(arguments.count) else { stop(usage, status: 2) }
        do {
            let object = try await bucket(arguments[0]).getObject(ObjectKey(arguments[1]))
            if arguments.count == 3 {
                try await save(object.body, to: arguments[2])
            } else {
                try await write(object.body, to: .standardOutput)
            }
        } catch {
            stop("streaming-download: \(error)", status: 1)
        }
    }

    /// Writes the content to a temporary file, which receives its name when the content is complete and verified.
    static func save(_ content: ObjectContent, to path: String) async throws {
        let temporary = "\(path).\(UUID().uuidString).part"
        defer { unlink(temporary) }  // After a success, there is no such file.
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let file = FileHandle(forWritingAtPath: temporary)
        else { throw OSSError(.fileSystem, "cannot create '\(temporary)'; check its folder") }
        try await write(content, to: file)
        try file.synchronize()
        try file.close()
        guard rename(temporary, path) == 0 else {
            throw OSSError(.fileSystem, "cannot replace '\(path)': \(String(cString: strerror(errno)))")
        }
    }

    static func write(_ content: ObjectContent, to file: FileHandle) async throws {
        var progress = ProgressLine(total: content.length)
        for try await chunk in content {
            try file.write(contentsOf: chunk)
            progress.advance(by: chunk.count)
        }
        progress.finish()
    }

    static func bucket(_ name: String) throws -> Bucket {
        let environment = ProcessInfo.processInfo.environment
        let region = environment["OSS_REGION"]
        let endpoint = environment["OSS_ENDPOINT"] ?? "oss-\(region ?? "cn-hangzhou").aliyuncs.com"
        return try Bucket(name, endpoint: endpoint, region: region)
    }

    static func stop(_ message: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(status)
    }
}

/// A line on standard error with the percentage, the bytes and the rate of a download. A terminal replaces the line;
/// elsewhere, each state is a line of its own.
struct ProgressLine {
    private let total: Int64
    private var received: Int64 = 0
    private let start = ContinuousClock.now
    private var nextUpdate = ContinuousClock.now

    init(total: Int64) { self.total = total }

    /// Adds received bytes, and prints the line at most five times per second.
    mutating func advance(by bytes: Int) {
        received += Int64(bytes)
        guard ContinuousClock.now >= nextUpdate else { return }
        nextUpdate = .now + .milliseconds(200)
        print(isatty(STDERR_FILENO) == 1 ? "\r" : "\n")
    }

    func finish() { print("\n") }

    private func print(_ terminator: String) {
        let percent = total > 0 ? 100 * Double(received) / Double(total) : 100
        let megabytesPerSecond = Double(received) / 1e6 / max((ContinuousClock.now - start) / .seconds(1), 0.001)
        let numbers = String(format: "%3.0f %%  %.1f MB/s", percent, megabytesPerSecond)
        FileHandle.standardError.write(Data("\(numbers)  \(received) of \(total) bytes\(terminator)".utf8))
    }
}
