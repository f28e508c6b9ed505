import AliyunOSS
import AliyunOSSTesting
import Foundation

/// A mock server in a process of its own, so that a measured client shares neither its time nor its memory.
///
/// It is controlled through its standard input, because a request would count as a connection of the client.
struct TransferServer {
    static let childName = "server"
    static let bucket = "bench"
    static let region = "cn-hangzhou"
    static let accessKeyID = "LTAI5tBenchmarkKeyId"
    static let accessKeySecret = "BenchmarkSecretBenchmark12345"

    static let credentials = Credentials(accessKeyID: accessKeyID, accessKeySecret: accessKeySecret)

    private enum Command: String {
        case statistics, reset, fill
    }

    private let child: Child
    let endpoint: String

    init(delay: Int, computesMD5: Bool) throws {
        child = try Child([Self.childName, "\(delay)", "\(computesMD5)"])
        guard let endpoint = child.line() else { throw BenchmarkFailure(description: "the server did not start") }
        self.endpoint = endpoint
    }

    func end() { child.end() }

    func statistics() throws -> MockStatistics {
        try JSONDecoder().decode(MockStatistics.self, from: Data(ask(.statistics).utf8))
    }

    /// Removes all objects.
    func reset() throws { _ = try ask(.reset) }

    /// Stores empty objects.
    func fill(_ count: Int) throws { _ = try ask(.fill, count) }

    private func ask(_ command: Command, _ argument: Int = 0) throws -> String {
        try child.send("\(command.rawValue) \(argument)")
        guard let line = child.line() else { throw BenchmarkFailure(description: "the server has ended") }
        return line
    }

    // MARK: Child process

    static func runChild(_ arguments: [String]) throws {
        guard arguments.count == 2, let delay = Int(arguments[0]), let computesMD5 = Bool(arguments[1]) else {
            throw BenchmarkFailure(description: "invalid arguments for the server")
        }
        var configuration = MockOSSServer.Configuration(
            region: region, buckets: [bucket], accessKeys: [.init(id: accessKeyID, secret: accessKeySecret)])
        configuration.computesMD5 = computesMD5
        configuration.maximumLoggedRequests = 0
        let server = try MockOSSServer(configuration)
        func addDelay() {
            if delay > 0 { server.add(.delay(.milliseconds(delay)), times: .max) }
        }
        addDelay()
        func say(_ line: String) {
            print(line)
            fflush(nil)
        }
        say(server.endpoint)
        // Runs until the parent closes the pipe.
        while let line = readLine() {
            let words = line.split(separator: " ")
            switch words.first.flatMap({ Command(rawValue: String($0)) }) {
            case .statistics?:
                say(String(decoding: try JSONEncoder().encode(server.statistics), as: UTF8.self))
            case .reset?:
                try server.reset()
                addDelay()
                say("ok")
            case .fill?:
                for number in 0..<(words.last.flatMap { Int($0) } ?? 0) {
                    try server.put(FileSet.name(number), Data(), in: bucket)
                }
                say("ok")
            case nil: throw BenchmarkFailure(description: "the server does not know the command '\(line)'")
            }
        }
        server.shutDown()
    }
}
