import AliyunOSS
import AliyunOSSTesting
import Foundation

/// The most memory that transfers of large objects need: each in a process of its own, beside a process that sends one small
/// request, with the mock server in yet another.
enum MemoryBenchmark {
    /// What a child process does.
    enum Transfer: String, CaseIterable {
        case smallRequest = "one small request"
        case uploadFile = "file up"
        case downloadFile = "file down"
        case uploadSequence = "AsyncSequence up"
        case readBody = "body read as AsyncSequence"
        case openBodies = "200 bodies open, read in turn"
    }

    /// The name under which this program runs itself.
    static let childScenario = "memory-child"

    private static let size: Int64 = 4 << 30
    private static let concurrency = 8
    private static let limit = 100.0

    private struct Outcome {
        var peakMebibytes: Double
        var seconds: Double
    }

    private struct Failure: Error {
        var description: String
    }

    static func report() throws -> BenchmarkReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-benchmark-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try makeFile(folder.appendingPathComponent("source").path)
        let server = try Child(["server"])
        defer { server.end() }
        guard let endpoint = server.line() else { throw Failure(description: "the server did not start") }

        var outcomes: [Transfer: Outcome] = [:]
        for transfer in Transfer.allCases {
            let child = try Child([transfer.rawValue, endpoint, folder.path])
            let numbers = child.line()?.split(separator: " ").compactMap { Double($0) } ?? []
            child.end()
            guard numbers.count == 2 else { throw Failure(description: "\(transfer.rawValue): no result") }
            outcomes[transfer] = Outcome(peakMebibytes: numbers[0], seconds: numbers[1])
        }
        let floor = outcomes.removeValue(forKey: .smallRequest)?.peakMebibytes ?? 0
        let gigabytes = Double(size) / 1e9
        return BenchmarkReport(
            scenario: "memory",
            measures: Transfer.allCases.compactMap { transfer in outcomes[transfer].map { (transfer, $0) } }.flatMap {
                transfer, outcome -> [BenchmarkReport.Measure] in
                [
                    .init(
                        "4 GiB, \(transfer.rawValue)", outcome.peakMebibytes, .mebibytes, bound: limit,
                        peers: [(Transfer.smallRequest.rawValue, floor)])
                ]
                    + (transfer == .openBodies
                        ? [] : [.init("  at", gigabytes / outcome.seconds, .gigabytesPerSecond, peers: [])])
            })
    }

    private static func makeFile(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw Failure(description: "cannot create \(path)") }
        let block = Block.bytes
        for _ in 0..<size / Int64(block.count) { try file.write(contentsOf: block) }
        try file.close()
    }

    // MARK: The other processes

    /// What a child process is started with; prints a line for its parent.
    static func runChild(_ arguments: [String]) async throws {
        if arguments.first == FilesBenchmark.childName {
            return try await FilesBenchmark.runChild(Array(arguments.dropFirst()))
        }
        if arguments.first == "server" {
            let server = try MockOSSServer(.init(buckets: ["bench"]))
            print(server.endpoint)
            fflush(nil)
            // Until the parent is gone.
            while readLine() != nil {}
            server.shutDown()
            return
        }
        guard arguments.count == 3, let transfer = Transfer(rawValue: arguments[0]) else {
            throw Failure(description: "not to be called by anybody else")
        }
        var configuration = BucketConfiguration()
        configuration.stateDirectory = .path(arguments[2] + "/state")
        let bucket = try Bucket(
            "bench", endpoint: arguments[1], region: "cn-hangzhou",
            credentials: .static(accessKeyID: "id", accessKeySecret: "secret"), configuration: configuration)
        let start = ContinuousClock.now
        try await perform(transfer, bucket, arguments[2])
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print(Memory.peakMebibytes(), seconds)
        fflush(nil)
    }

    private static func perform(_ transfer: Transfer, _ bucket: Bucket, _ folder: String) async throws {
        switch transfer {
        case .smallRequest:
            try await bucket.putObject("small", "small")
        case .uploadFile:
            var options = UploadOptions()
            options.concurrency = concurrency
            let result = try await bucket.uploadObject("large", from: folder + "/source", options: options)
            guard result.integrity == .checksum, result.size == size else { throw Failure(description: "\(result)") }
        case .downloadFile:
            var options = DownloadOptions()
            options.concurrency = concurrency
            let result = try await bucket.downloadObject("large", to: folder + "/copy", options: options)
            guard result.integrity == .checksum, result.size == size else { throw Failure(description: "\(result)") }
            try FileManager.default.removeItem(atPath: folder + "/copy")
        case .uploadSequence:
            try await bucket.deleteObject("large")
            var options = UploadOptions()
            options.concurrency = concurrency
            let result = try await bucket.uploadObject("large", from: Blocks(left: size), options: options)
            guard result.integrity == .checksum, result.size == size else { throw Failure(description: "\(result)") }
        case .readBody:
            var length: Int64 = 0
            for try await chunk in try await bucket.getObject("large").body { length += Int64(chunk.count) }
            guard length == size else { throw Failure(description: "\(length) bytes") }
        case .openBodies:
            // Each is one of 200 readers that are slow: all of them hold a chunk while one is served.
            var readers: [ObjectContent.AsyncIterator] = []
            for _ in 0..<200 { readers.append(try await bucket.getObject("large").body.makeAsyncIterator()) }
            for _ in 0..<4 {
                for index in readers.indices {
                    guard try await readers[index].next() != nil else { throw Failure(description: "too short") }
                }
            }
        }
    }
}

/// The content: not all zeros, and made once.
private enum Block {
    static let bytes = Data((0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })

}

/// The content as a sequence that nobody knows the length of.
private struct Blocks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    var left: Int64

    func makeAsyncIterator() -> Blocks { self }

    mutating func next() async -> Data? {
        guard left > 0 else { return nil }
        left -= Int64(Block.bytes.count)
        return Block.bytes
    }
}

/// This program once more, with other arguments.
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

    /// The first line it prints.
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
