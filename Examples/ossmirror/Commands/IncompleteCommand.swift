import AliyunOSS
import Foundation

/// The command `incomplete`, which lists incomplete multipart uploads and, with `--abort-older-than`, aborts old ones.
struct IncompleteCommand: Command {
    let arguments: IncompleteArguments

    init(_ scanned: ScannedArguments) throws(UsageError) {
        arguments = IncompleteArguments(
            remote: try scanned.address(0), connection: try ConnectionArguments(scanned),
            output: OutputArguments(scanned), long: scanned.has("--long"),
            abortOlderThan: scanned.seconds("--abort-older-than"))
    }

    private struct Report: Encodable {
        struct Upload: Encodable {
            var key: String
            var uploadID: String
            var initiated: Date
            var bytes: Int64?
            var parts: Int?
            var aborted: Bool
            var error: JSONError?
        }

        var command = Verb.incomplete
        var succeeded = true
        var uploads: [Upload] = []
    }

    func run() async throws -> Int32 {
        let bucket = try await Connection.bucket(arguments.remote.bucket, arguments.connection)
        var report = Report()
        let age = Duration.seconds(arguments.abortOlderThan ?? 0)
        for try await summary in bucket.incompleteMultipartUploads(prefix: arguments.remote.key, olderThan: age) {
            var upload = Report.Upload(
                key: summary.upload.key.rawValue, uploadID: summary.upload.uploadID, initiated: summary.initiated,
                aborted: false)
            do {
                if arguments.long { try await measure(&upload, summary.upload, bucket) }
                if arguments.abortOlderThan != nil {
                    try await bucket.abortMultipartUpload(summary.upload)
                    upload.aborted = true
                }
            } catch let error as OSSError {
                upload.error = JSONError(error)
                report.succeeded = false
                Diagnostics.say("\(summary.upload.key): \(Explanation.of(error))")
            }
            report.uploads.append(upload)
            try show(upload)
        }
        if arguments.output.json {
            try JSONOutput.print(report)
        } else if arguments.abortOlderThan != nil, !arguments.output.quiet {
            let failed = report.uploads.count { !$0.aborted }
            try StandardStream.output.resultLine("aborted \(report.uploads.count - failed), failed \(failed)")
        }
        return report.succeeded ? ExitStatus.success : ExitStatus.failure
    }

    private func measure(
        _ upload: inout Report.Upload, _ multipartUpload: MultipartUpload, _ bucket: Bucket
    ) async throws {
        var (bytes, parts) = (Int64(0), 0)
        for try await part in bucket.listParts(of: multipartUpload) {
            bytes += part.size
            parts += 1
        }
        (upload.bytes, upload.parts) = (bytes, parts)
    }

    /// Prints a line such as `2026-11-25T08:00:00Z  UPLOADID  KEY`, preceded by the size in bytes and the number of
    /// parts if `--long` is given.
    private func show(_ upload: Report.Upload) throws {
        guard !arguments.output.json, !arguments.output.quiet else { return }
        var line = "\(Readable.time(upload.initiated))  \(upload.uploadID)  "
        if let bytes = upload.bytes, let parts = upload.parts {
            let size = String(bytes)
            line = String(repeating: " ", count: max(0, 14 - size.count)) + "\(size)  \(parts) parts  " + line
        }
        let key = StandardStream.output.isTerminal ? Printable.line(upload.key) : upload.key
        // A closed pipe ends a listing, but not a run that aborts uploads.
        if arguments.abortOlderThan == nil {
            try StandardStream.output.line(line + key)
        } else {
            try StandardStream.output.resultLine(line + key)
        }
    }
}
