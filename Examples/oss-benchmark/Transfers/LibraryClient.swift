import AliyunOSS
import Foundation

/// The line of JSON that a client prints.
struct ClientResult: Codable {
    /// Number of files or objects that the client has processed.
    var files: Int
}

/// A process that performs a task with this library, in the same way as `ossmirror`.
enum LibraryClient {
    static let childName = "library"

    static func command(_ transport: BenchmarkOptions.Transport, _ task: TransferTask, _ scene: Scene)
        -> MeasuredCommand
    {
        MeasuredCommand(
            Child.program, [Child.argument, childName, transport.rawValue, task.rawValue] + scene.arguments)
    }

    static func runChild(_ arguments: [String]) async throws {
        guard arguments.count == 8, let choice = BenchmarkOptions.Transport(rawValue: arguments[0]),
            let task = TransferTask(rawValue: arguments[1]), let concurrency = Int(arguments[7])
        else { throw BenchmarkFailure(description: "invalid arguments for a client") }
        let (source, copy, state) = (arguments[4], arguments[5], arguments[6])
        var configuration = BucketConfiguration()
        configuration.maximumConnections = max(configuration.maximumConnections, concurrency)
        configuration.stateDirectory = .path(state)
        configuration.transport = try transport(choice, configuration.maximumConnections)
        let bucket = try Bucket(
            arguments[3], endpoint: arguments[2], region: TransferServer.region, configuration: configuration)
        var transfer = DirectoryTransfer(bucket, concurrency: concurrency)
        if task == .snapshot || task == .unchangedSnapshot { transfer.options.snapshotPath = state + "/snapshot" }

        var count = 0
        switch task {
        case .upload, .snapshot: count = try await check(transfer.upload(from: source, to: "")).transferred.files
        case .download: count = try await check(transfer.download(from: "", to: copy)).transferred.files
        case .unchanged, .unchangedSnapshot:
            count = try await check(transfer.upload(from: source, to: "")).unchanged.files
        case .list: for try await _ in bucket.listObjects() { count += 1 }
        }
        print(String(decoding: try JSONEncoder().encode(ClientResult(files: count)), as: UTF8.self))
    }

    private static func check(_ report: TransferReport) throws -> TransferReport {
        guard report.isComplete else {
            throw BenchmarkFailure(description: report.failures.first.map { "\($0)" } ?? "\(report)")
        }
        return report
    }

    /// Returns the transport that `ossmirror` chooses for `auto`, and any other choice unchanged.
    static func resolved(_ choice: BenchmarkOptions.Transport) -> BenchmarkOptions.Transport {
        guard choice == .auto else { return choice }
        #if os(Linux)
            return (try? LibcurlTransport()) == nil ? .urlsession : .libcurl
        #else
            return .urlsession
        #endif
    }

    /// Returns a transport, or `nil` for the library's default, which uses URLSession.
    private static func transport(
        _ choice: BenchmarkOptions.Transport, _ connections: Int
    ) throws -> (any HTTPTransport)? {
        guard choice == .libcurl else { return nil }
        #if os(Linux)
            var settings = LibcurlTransport.Configuration()
            settings.maximumConnections = connections
            return try LibcurlTransport(configuration: settings)
        #else
            throw BenchmarkFailure(description: "--transport libcurl requires Linux; remove the option")
        #endif
    }
}
