import AliyunOSS
import AliyunOSSTesting
import Foundation

/// A benchmark of the peak memory use of large transfers. Each transfer, a small request for comparison, and the mock
/// server run in separate processes.
enum MemoryBenchmark {
    /// The work that a child process performs.
    enum Transfer: String, CaseIterable {
        case smallRequest = "one small request"
        case uploadFile = "file up"
        case downloadFile = "file down"
        case uploadSequence = "AsyncSequence up"
        case readBody = "body read as AsyncSequence"
        case openBodies = "200 bodies open, read in turn"
        case readBodyWithLibcurl = "body read, libcurl"
        case openBodiesWithLibcurl = "500 bodies open, libcurl"

        /// The transfers that this platform supports.
        static var supported: [Transfer] {
            #if os(Linux)
                allCases
            #else
                allCases.filter { !$0.usesLibcurl }
            #endif
        }

        var usesLibcurl: Bool { self == .readBodyWithLibcurl || self == .openBodiesWithLibcurl }

        /// Number of bodies that are open at the same time; `nil` if the entire content is transferred.
        var openBodyCount: Int? {
            switch self {
            case .openBodies: 200
            case .openBodiesWithLibcurl: 500
            default: nil
            }
        }

        /// Greatest acceptable memory, in MiB. Each open body may hold 64 KiB in addition to the budget.
        var bound: Double { self == .openBodiesWithLibcurl ? 150 : 100 }
    }

    static let childName = "memory"

    private static let size: Int64 = 4 << 30
    private static let concurrency = 8

    private struct Outcome {
        var peakMebibytes: Double
        var seconds: Double
    }

    static func report() throws -> BenchmarkReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-benchmark-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try makeFile(folder.appendingPathComponent("source").path)
        let server = try Child([Self.childName, "server"])
        defer { server.end() }
        guard let endpoint = server.line() else { throw BenchmarkFailure(description: "the server did not start") }

        var outcomes: [Transfer: Outcome] = [:]
        for transfer in Transfer.supported {
            let child = try Child([Self.childName, transfer.rawValue, endpoint, folder.path])
            let numbers = child.line()?.split(separator: " ").compactMap { Double($0) } ?? []
            child.end()
            guard numbers.count == 2 else {
                throw BenchmarkFailure(description: "the child process for '\(transfer.rawValue)' printed no result")
            }
            outcomes[transfer] = Outcome(peakMebibytes: numbers[0], seconds: numbers[1])
        }
        let floor = outcomes.removeValue(forKey: .smallRequest)?.peakMebibytes ?? 0
        let gigabytes = Double(size) / 1e9
        return BenchmarkReport(
            scenario: "memory",
            measures: Transfer.supported.compactMap { transfer in outcomes[transfer].map { (transfer, $0) } }.flatMap {
                transfer, outcome -> [BenchmarkReport.Measure] in
                [
                    .init(
                        "4 GiB, \(transfer.rawValue)", outcome.peakMebibytes, .mebibytes, bound: transfer.bound,
                        peers: [(Transfer.smallRequest.rawValue, floor)])
                ]
                    + (transfer.openBodyCount != nil
                        ? [] : [.init("  at", gigabytes / outcome.seconds, .gigabytesPerSecond, peers: [])])
            })
    }

    private static func makeFile(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw BenchmarkFailure(description: "cannot create \(path)") }
        let block = Block.bytes
        for _ in 0..<size / Int64(block.count) { try file.write(contentsOf: block) }
        try file.close()
    }

    // MARK: Child processes

    /// Runs the work of a child process and prints one line of results for the parent process.
    static func runChild(_ arguments: [String]) async throws {
        if arguments.first == "server" {
            let server = try MockOSSServer(.init(buckets: ["bench"]))
            print(server.endpoint)
            fflush(nil)
            // Runs until the parent closes the pipe.
            while readLine() != nil {}
            server.shutDown()
            return
        }
        guard arguments.count == 3, let transfer = Transfer(rawValue: arguments[0]) else {
            throw BenchmarkFailure(description: "invalid arguments for a child process")
        }
        var configuration = BucketConfiguration()
        configuration.stateDirectory = .path(arguments[2] + "/state")
        #if os(Linux)
            if transfer.usesLibcurl { configuration.transport = try .libcurl() }
        #endif
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
            guard result.integrity == .checksum, result.size == size else {
                throw BenchmarkFailure(description: "\(result)")
            }
        case .downloadFile:
            var options = DownloadOptions()
            options.concurrency = concurrency
            let result = try await bucket.downloadObject("large", to: folder + "/copy", options: options)
            guard result.integrity == .checksum, result.size == size else {
                throw BenchmarkFailure(description: "\(result)")
            }
            try FileManager.default.removeItem(atPath: folder + "/copy")
        case .uploadSequence:
            try await bucket.deleteObject("large")
            var options = UploadOptions()
            options.concurrency = concurrency
            let result = try await bucket.uploadObject("large", from: Blocks(left: size), options: options)
            guard result.integrity == .checksum, result.size == size else {
                throw BenchmarkFailure(description: "\(result)")
            }
        case .readBody, .readBodyWithLibcurl:
            var length: Int64 = 0
            for try await chunk in try await bucket.getObject("large").body { length += Int64(chunk.count) }
            guard length == size else {
                throw BenchmarkFailure(description: "received \(length) bytes instead of \(size)")
            }
        case .openBodies, .openBodiesWithLibcurl:
            // Slow readers: each holds a chunk while another one reads.
            var readers: [ObjectContent.AsyncIterator] = []
            for _ in 0..<(transfer.openBodyCount ?? 0) {
                readers.append(try await bucket.getObject("large").body.makeAsyncIterator())
            }
            for _ in 0..<4 {
                for index in readers.indices {
                    guard try await readers[index].next() != nil else {
                        throw BenchmarkFailure(description: "the body is too short")
                    }
                }
            }
        }
    }
}

/// A block of object content that does not consist only of zeros.
private enum Block {
    static let bytes = Data((0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) })

}

/// The content of an object, as a sequence of unknown length.
private struct Blocks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    var left: Int64

    func makeAsyncIterator() -> Blocks { self }

    mutating func next() async -> Data? {
        guard left > 0 else { return nil }
        left -= Int64(Block.bytes.count)
        return Block.bytes
    }
}
