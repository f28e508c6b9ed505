// Logs the requests of a client, the retry of a failed one, and a folder transfer with swift-log. The service is a server
// inside this program; to use the real service, change only the first lines of `main`.
import AliyunOSS
import AliyunOSSTesting
import Foundation
import Logging

@main
struct LoggingExample {
    static func main() async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        defer { server.shutDown() }
        // The first upload fails once, and the library repeats it: a warning in the log.
        server.add(.respond(status: 503, code: "ServiceUnavailable"), when: .operation("PutObject"))

        var logger = Logger(label: "com.example.photos")
        logger.logLevel = .debug  // In production, .info omits successful requests.
        logger[metadataKey: "job"] = "example"  // Part of every message, like any metadata of the logger.

        var configuration = BucketConfiguration()
        configuration.log(to: SwiftLogAdapter(logger: logger))
        let bucket = try Bucket(
            "photos", endpoint: server.endpoint, region: server.region,
            credentials: .static(accessKeyID: "test", accessKeySecret: "secret"), configuration: configuration)

        try await bucket.putObject("hello.txt", "Hello, OSS")
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("logging-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let report = try await DirectoryTransfer(bucket).download(from: "", to: folder.path)
        logger.info("done", metadata: ["files": "\(report.transferred.files)"])
    }
}
