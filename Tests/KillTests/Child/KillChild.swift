import AliyunOSS
import Foundation

/// A program to be killed by tests. It performs one transfer and stops forever at the specified point.
///
///     kill-child VERB ENDPOINT LOCAL REMOTE STATE-DIRECTORY PART-SIZE POINT [CONFLICT-POLICY]
///
/// VERB is `upload`, `download`, `up` or `down`, or `mirror-up` or `mirror-down` to include deletions. POINT is a
/// number, counted from 1. At that point, the program prints `POINT name` and stops. If POINT is `all`, it prints
/// `PASSED name` at each point and continues; if POINT is `none`, it prints no points. The last line is `END` if the
/// transfer succeeded; otherwise, `FAILED reason`.
@main
struct KillChild {
    static func main() async {
        // Ends the process even if its parent no longer exists.
        alarm(300)
        do {
            try await Order(Array(CommandLine.arguments.dropFirst())).carryOut()
            Points.say("END")
        } catch {
            Points.say("FAILED \(error)")
            exit(1)
        }
    }
}

/// The transfer to perform.
private struct Order {
    struct Misunderstood: Error {
        var arguments: [String]
    }

    let verb: String
    let endpoint: String
    let local: String
    let remote: String
    let stateDirectory: String
    let partSize: Int64
    let points: Points
    let conflict: ConflictPolicy

    init(_ arguments: [String]) throws {
        guard arguments.count >= 7, let partSize = Int64(arguments[5]),
            let points = Points(arguments[6]),
            let conflict = arguments.count > 7 ? ConflictPolicy(rawValue: arguments[7]) : .replace
        else { throw Misunderstood(arguments: arguments) }
        verb = arguments[0]
        endpoint = arguments[1]
        local = arguments[2]
        remote = arguments[3]
        stateDirectory = arguments[4]
        self.partSize = partSize
        self.points = points
        self.conflict = conflict
    }

    func carryOut() async throws {
        try await FileSystemSeam.$interceptor.withValue(StoppingFileSystem(points)) {
            let bucket = try bucket()
            switch verb {
            case "upload":
                var options = UploadOptions()
                (options.multipartThreshold, options.partSize, options.concurrency) = (partSize, partSize, 1)
                _ = try await bucket.uploadObject(ObjectKey(remote), from: local, options: options)
            case "download":
                var options = DownloadOptions()
                (options.multipartThreshold, options.partSize, options.concurrency) = (partSize, partSize, 1)
                options.conflictPolicy = conflict
                _ = try await bucket.downloadObject(ObjectKey(remote), to: local, options: options)
            case "up", "mirror-up": try check(try await transfer(bucket).upload(from: local, to: remote))
            case "down", "mirror-down": try check(try await transfer(bucket).download(from: remote, to: local))
            default: throw Misunderstood(arguments: [verb])
            }
        }
    }

    private func bucket() throws -> Bucket {
        var configuration = BucketConfiguration()
        configuration.stateDirectory = .path(stateDirectory)
        configuration.transport = StoppingTransport(base: try transport(), points: points)
        return try Bucket(
            "photos", endpoint: endpoint, region: "cn-hangzhou",
            credentials: .static(accessKeyID: "test-id", accessKeySecret: "test-secret"), configuration: configuration)
    }

    /// The transport under test, selected by the same variable as in the tests.
    private func transport() throws -> any HTTPTransport {
        #if os(Linux)
            if ProcessInfo.processInfo.environment["OSS_TEST_TRANSPORT"] == "libcurl" { return try LibcurlTransport() }
        #endif
        return URLSessionTransport()
    }

    private func transfer(_ bucket: Bucket) -> DirectoryTransfer {
        var options = DirectoryTransfer.Options()
        // One request at a time, so that the points have the same order in every run.
        (options.multipartThreshold, options.partSize, options.concurrency) = (partSize, partSize, 1)
        // Downloaded files are committed when all of them are complete, however slow the machine is.
        options.batchRule.delay = .seconds(600)
        if verb.hasPrefix("mirror-") { options.deletion = DeletionOptions() }
        return DirectoryTransfer(bucket, options: options)
    }

    private func check(_ report: TransferReport) throws {
        if let failure = report.failures.first { throw failure.error }
    }
}
