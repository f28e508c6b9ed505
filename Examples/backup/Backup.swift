// Backs up a folder to a bucket, and reports the outcome as text or JSON:
//     backup FOLDER BUCKET PREFIX [--snapshot FILE] [--delete] [--check] [--json]
// OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_ENDPOINT and OSS_REGION are used.
//
// Only new and changed files are sent. Objects whose files no longer exist are deleted only with --delete, after all
// transfers, and only if no file failed: a disk that cannot be read must not empty its backup. The exit status is 0
// only if the backup is complete, so a scheduled job can send an alarm otherwise. Enable versioning of the bucket to
// keep earlier versions of the files.
import AliyunOSS
import Foundation

@main
struct Backup {
    static let usage = """
        usage: backup FOLDER BUCKET PREFIX [--snapshot FILE] [--delete] [--check] [--json]

        Backs up a folder to a bucket.

          --snapshot FILE  save the state of the backup in this file, and send what has changed since the last run
                           without listing the bucket; only for a prefix that no other program changes
          --delete         delete the objects whose files no longer exist
          --check          compare the folder with the bucket afterwards
          --json           print the report as JSON

          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_REGION (default: cn-hangzhou) and OSS_ENDPOINT are used.
        """

    /// The outcome of a run, as printed with `--json`.
    struct Outcome: Encodable {
        var isComplete: Bool
        var upload: TransferReport
        var check: ComparisonReport?
    }

    static func main() async {
        var words = Array(CommandLine.arguments.dropFirst())
        if words.contains("--help") { return print(usage) }
        var options = DirectoryTransfer.Options()
        if let index = words.firstIndex(of: "--snapshot"), index + 1 < words.count {
            options.snapshotPath = words[index + 1]
            words.removeSubrange(index...index + 1)
        }
        let flags = Set(words.filter { $0.hasPrefix("--") })
        words.removeAll { flags.contains($0) }
        guard words.count == 3, flags.isSubset(of: ["--delete", "--check", "--json"]) else { stop(usage, status: 2) }
        if flags.contains("--delete") { options.deletion = DeletionOptions() }

        do {
            let transfer = DirectoryTransfer(try bucket(words[1]), options: options)
            let upload = try await transfer.upload(from: words[0], to: words[2])
            var outcome = Outcome(isComplete: upload.isComplete, upload: upload)
            if upload.isComplete, flags.contains("--check") {
                let check = try await transfer.check(words[0], against: words[2])
                outcome.check = check
                outcome.isComplete = isBackup(check, deletes: options.deletion != nil)
            }
            print(flags.contains("--json") ? try json(outcome) : text(outcome))
            exit(outcome.isComplete ? 0 : 1)
        } catch {
            stop("backup: \(error)", status: 1)
        }
    }

    /// Returns whether all files are in the bucket. Without `--delete`, there can be objects of earlier files.
    static func isBackup(_ check: ComparisonReport, deletes: Bool) -> Bool {
        var check = check
        if !deletes { check.onlyRemote = [] }
        return check.isEqual
    }

    static func json(_ outcome: Outcome) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(outcome), as: UTF8.self)
    }

    static func text(_ outcome: Outcome) -> String {
        let upload = outcome.upload
        var lines = [
            ("sent", upload.transferred), ("unchanged", upload.unchanged), ("skipped", upload.skipped),
            ("deleted", upload.deleted), ("failed", upload.failed),
        ].map { name, tally in "\(name): \(tally.files) files, \(tally.bytes) bytes" }
        lines += upload.skippedFiles.map { "  skipped \($0.path) (\($0.reason))" }
        lines += upload.failures.map { "  failed \($0)" }
        lines += upload.warnings.map { "warning: \($0)" }
        if let refusal = upload.deletionRefusal { lines.append("\(refusal)") }
        if upload.withheldDeletions > 0 { lines.append("not deleted: \(upload.withheldDeletions) objects") }
        if let check = outcome.check {
            lines.append("check: \(outcome.isComplete ? "the bucket contains all files" : "the bucket differs")")
            lines += check.onlyLocal.map { "  only in the folder: \($0)" }
            lines += check.different.map { "  different: \($0.path) (\($0.difference))" }
            lines += check.failures.map { "  failed \($0)" }
        }
        lines.append(outcome.isComplete ? "The backup is complete." : "The backup is NOT complete.")
        return lines.joined(separator: "\n")
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
