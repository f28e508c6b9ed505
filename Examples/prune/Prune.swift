// Deletes the objects under a prefix that have not been written for some time:
//     prune BUCKET PREFIX --older-than AGE [--delete]
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used.
//
// Without --delete, the objects are only printed. They are deleted in batches while the listing continues, so the
// number of objects is not limited by memory. In a bucket with versioning, deleting an object hides it and keeps its
// versions. For a rule that the service applies every day, see the example `lifecycle`.
import AliyunOSS
import Foundation

@main
struct Prune {
    static let usage = """
        usage: prune BUCKET PREFIX --older-than AGE [--delete]

        Deletes the objects under a prefix that have not been written for some time.

          --older-than AGE  select objects that were last written before this time: 90m, 12h or 30d
          --delete          delete the objects; without this option, only print them

          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_REGION (default: cn-hangzhou) and OSS_ENDPOINT are used.
        """
    /// Maximum number of objects in one request.
    static let batchSize = 1000

    static func main() async {
        var words = Array(CommandLine.arguments.dropFirst())
        if words.contains("--help") { return print(usage) }
        guard let index = words.firstIndex(of: "--older-than"), index + 1 < words.count,
            let age = seconds(words[index + 1])
        else { stop(usage, status: 2) }
        words.removeSubrange(index...index + 1)
        let deletes = words.contains("--delete")
        words.removeAll { $0 == "--delete" }
        // An empty prefix is probably an empty variable of a script, and would select the entire bucket.
        guard words.count == 2, !words[1].isEmpty else { stop(usage, status: 2) }
        do {
            let isComplete = try await prune(
                bucket(words[0]), words[1], writtenBefore: Date() - age, deletes: deletes)
            exit(isComplete ? 0 : 1)
        } catch {
            stop("prune: \(error)", status: 1)
        }
    }

    /// Prints and deletes the objects, and returns whether all of them were deleted.
    static func prune(
        _ bucket: Bucket, _ prefix: String, writtenBefore limit: Date, deletes: Bool
    ) async throws -> Bool {
        var (objects, bytes, failures) = (0, Int64(0), 0)
        var batch: [ObjectKey] = []

        func deleteBatch() async throws {
            let result = try await bucket.deleteObjects(batch)
            for key in result.deleted { print("deleted \(key)") }
            for failure in result.failures { report("\(failure.key): \(failure.error)") }
            failures += result.failures.count
            batch = []
        }

        for try await object in bucket.listObjects(prefix: prefix) where object.lastModified < limit {
            objects += 1
            bytes += object.size
            if deletes {
                batch.append(object.key)
                if batch.count == batchSize { try await deleteBatch() }
            } else {
                let date = object.lastModified.formatted(.iso8601)
                print("would delete \(object.key), \(object.size) bytes, written \(date)")
            }
        }
        try await deleteBatch()
        let remark = deletes ? ", \(failures) not deleted" : "; add --delete to delete them"
        report("\(objects) objects, \(bytes) bytes\(remark)")
        return failures == 0
    }

    /// Parses an age, such as `30d`.
    static func seconds(_ text: String) -> TimeInterval? {
        let units: [Character: TimeInterval] = ["m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()) else { return nil }
        return TimeInterval(count) * unit
    }

    static func bucket(_ name: String) throws -> Bucket {
        let environment = ProcessInfo.processInfo.environment
        let region = environment["OSS_REGION"]
        let endpoint = environment["OSS_ENDPOINT"] ?? "oss-\(region ?? "cn-hangzhou").aliyuncs.com"
        return try Bucket(name, endpoint: endpoint, region: region)
    }

    static func report(_ message: String) {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
    }

    static func stop(_ message: String, status: Int32) -> Never {
        report(message)
        exit(status)
    }
}
