import AliyunOSS
import AliyunOSSTesting
import Foundation

/// A benchmark of the peak memory use of transferring many small files. It measures uploads, downloads and failed
/// uploads, and the same requests sent through the transport alone. Foundation leaks memory with every request on
/// Linux, so this share is reported separately. Each case and the mock server run in separate processes.
struct FilesBenchmark {
    /// The work that a child process performs.
    enum Work: String, CaseIterable {
        case oneRequest = "one request"
        case sendAlone = "requests up"
        case up = "files up"
        case fetchAlone = "requests down"
        case down = "files down"
        case failing = "files that all fail"
    }

    static let childName = "files"
    static let defaultCount = 100_000

    private static let concurrency = 30
    private static let filesInFolder = 1000
    private static let size = 100
    private static let limit = 100.0

    var count = defaultCount

    func report() throws -> BenchmarkReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-benchmark-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let content = Data(repeating: UInt8(ascii: "x"), count: Self.size)
        for number in 0..<count {
            let file = folder.appendingPathComponent("source/\(Self.name(number))")
            if number % Self.filesInFolder == 0 {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            }
            try content.write(to: file)
        }
        let server = try Child([Self.childName, "server"])
        defer { server.end() }
        guard let endpoint = server.line() else { throw BenchmarkFailure(description: "the server did not start") }
        var peaks: [Work: Double] = [:]
        for work in Work.allCases {
            let child = try Child([Self.childName, work.rawValue, endpoint, folder.path, "\(count)"])
            let peak = child.line().flatMap { Double($0) }
            child.end()
            guard let peak else {
                throw BenchmarkFailure(description: "the child process for '\(work.rawValue)' printed no result")
            }
            peaks[work] = peak
        }
        func measures(_ work: Work, comparedWith alone: Work) -> [BenchmarkReport.Measure] {
            guard let peak = peaks[work], let transport = peaks[alone], let floor = peaks[.oneRequest] else {
                return []
            }
            return [
                .init(
                    "\(count) \(work.rawValue)", peak, .mebibytes,
                    peers: [("the transport alone", transport), (Work.oneRequest.rawValue, floor)]),
                .init(
                    "  without the transport's growth", peak - max(0, transport - floor), .mebibytes, bound: Self.limit,
                    peers: []),
            ]
        }
        return BenchmarkReport(
            scenario: "files",
            measures: measures(.up, comparedWith: .sendAlone) + measures(.down, comparedWith: .fetchAlone)
                + measures(.failing, comparedWith: .sendAlone))
    }

    private static func name(_ number: Int) -> String {
        "d\(1_000_000 + number / filesInFolder)/f\(10_000_000 + number).dat"
    }

    // MARK: Child processes

    /// Runs the work of a child process and prints one line of results for the parent process.
    static func runChild(_ arguments: [String]) async throws {
        if arguments.first == "server" { return try serve() }
        guard arguments.count == 4, let work = Work(rawValue: arguments[0]), let count = Int(arguments[3]) else {
            throw BenchmarkFailure(description: "invalid arguments for a child process")
        }
        let (endpoint, folder) = (arguments[1], arguments[2])
        switch work {
        case .oneRequest: try await bucket("bench", endpoint, folder).putObject("small", "small")
        case .sendAlone:
            try await send(count) { number in
                HTTPRequest(
                    method: .put, url: "\(endpoint)/alone/\(name(number))",
                    body: .data(Data(repeating: UInt8(ascii: "x"), count: size)))
            }
        case .fetchAlone:
            try await send(count) { HTTPRequest(method: .get, url: "\(endpoint)/alone/\(name($0))") }
        case .up:
            let report = try await transfer("bench", endpoint, folder).upload(from: folder + "/source", to: "")
            guard report.transferred.files == count, report.isComplete else {
                throw BenchmarkFailure(description: "\(report)")
            }
        case .down:
            let report = try await transfer("alone", endpoint, folder).download(from: "", to: folder + "/copy")
            guard report.transferred.files == count, report.isComplete else {
                throw BenchmarkFailure(description: "\(report)")
            }
        case .failing:
            let report = try await transfer("failing", endpoint, folder).upload(from: folder + "/source", to: "")
            guard report.failed.files == count else { throw BenchmarkFailure(description: "\(report)") }
        }
        print(Memory.peakMebibytes())
        fflush(nil)
    }

    private static func serve() throws {
        let server = try MockOSSServer(.init(buckets: ["bench", "alone", "failing"]))
        server.add(
            .respond(status: 403, code: "InvalidObjectState"), when: .init(operation: "PutObject", bucket: "failing"),
            times: .max)
        print(server.endpoint)
        fflush(nil)
        // Runs until the parent closes the pipe.
        while readLine() != nil {}
        server.shutDown()
    }

    private static func bucket(_ name: String, _ endpoint: String, _ folder: String) throws -> Bucket {
        var configuration = BucketConfiguration()
        configuration.stateDirectory = .path(folder + "/state")
        return try Bucket(
            name, endpoint: endpoint, region: "cn-hangzhou",
            credentials: .static(accessKeyID: "id", accessKeySecret: "secret"), configuration: configuration)
    }

    private static func transfer(_ name: String, _ endpoint: String, _ folder: String) throws -> DirectoryTransfer {
        DirectoryTransfer(try bucket(name, endpoint, folder), concurrency: concurrency)
    }

    private static func send(_ count: Int, _ request: @escaping @Sendable (Int) -> HTTPRequest) async throws {
        let transport = URLSessionTransport()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<count {
                if number >= concurrency, try await group.next() != 200 {
                    throw BenchmarkFailure(description: "unexpected response status")
                }
                group.addTask { try await transport.send(request(number)).status }
            }
            for try await status in group where status != 200 {
                throw BenchmarkFailure(description: "unexpected response status")
            }
        }
    }
}
