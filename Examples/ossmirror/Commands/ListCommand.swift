import AliyunOSS
import Foundation

/// The command `ls`, which prints buckets, or the objects and folders under a prefix, in byte order.
///
/// Control characters in keys are escaped on a terminal, and printed unchanged otherwise.
struct ListCommand: Command {
    /// The bucket or prefix to list; `nil` to list the buckets.
    let remote: RemoteAddress?
    let connection: ConnectionArguments
    let isRecursive: Bool
    let listsVersions: Bool
    let maximum: Int
    private let format: ListingOutput.Format

    init(_ scanned: ScannedArguments) throws(UsageError) {
        let isService = scanned.operands.first?.lowercased() ?? "oss://" == "oss://"
        remote = isService ? nil : try scanned.address(0)
        connection = try ConnectionArguments(scanned)
        isRecursive = scanned.has("--recursive")
        listsVersions = scanned.has("--versions")
        maximum = scanned.number("--max") ?? Int.max
        if isService, isRecursive || listsVersions {
            throw UsageError("--recursive and --versions require a bucket; use oss://BUCKET")
        }
        format = ListingOutput.Format(
            isJSON: scanned.has("--json"), isLong: scanned.has("--long") || scanned.has("--human"),
            isHuman: scanned.has("--human"), showsETags: scanned.has("--etag"))
    }

    var reportsItsErrors: Bool { true }

    func run() async throws -> Int32 {
        var output = ListingOutput(format, list: remote == nil ? "buckets" : listsVersions ? "versions" : "objects")
        do {
            if let remote {
                let bucket = try await Connection.bucket(remote.bucket, connection)
                if listsVersions {
                    try await listVersions(bucket, remote.key, to: &output)
                } else {
                    try await listObjects(bucket, remote.key, to: &output)
                }
            } else {
                try await listBuckets(try await Connection.service(connection), to: &output)
            }
        } catch  where !(error is ReaderLeft || error is WriteFailed) {
            // Prints the entries listed so far, and closes the JSON object.
            try output.finish(error: error)
            throw error
        }
        try output.finish(error: nil)
        return ExitStatus.success
    }

    private var delimiter: String? { isRecursive ? nil : "/" }
    private var pageSize: Int { min(maximum, 1000) }

    private func listObjects(_ bucket: Bucket, _ prefix: String, to output: inout ListingOutput) async throws {
        var left = maximum
        guard left > 0 else { return }
        let pages = bucket.listObjects(prefix: prefix, delimiter: delimiter, pageSize: pageSize).pages
        for try await page in pages {
            // OSS counts objects and prefixes together, and returns each of them in byte order.
            let entries =
                page.objects.map { ListingOutput.Entry.object($0) }
                + page.commonPrefixes.map { ListingOutput.Entry.prefix($0) }
            guard try output.add(entries, &left) else { return }
        }
    }

    private func listVersions(_ bucket: Bucket, _ prefix: String, to output: inout ListingOutput) async throws {
        var left = maximum
        guard left > 0 else { return }
        let pages = bucket.listObjectVersions(prefix: prefix, delimiter: delimiter, pageSize: pageSize).pages
        for try await page in pages {
            let entries =
                page.versions.map { ListingOutput.Entry.version($0) }
                + page.commonPrefixes.map { ListingOutput.Entry.prefix($0) }
            guard try output.add(entries, &left) else { return }
        }
    }

    private func listBuckets(_ service: OSSService, to output: inout ListingOutput) async throws {
        var left = maximum
        guard left > 0 else { return }
        for try await buckets in service.listBuckets(pageSize: pageSize).pages {
            guard try output.add(buckets.map { .bucket($0) }, &left) else { return }
        }
    }
}
