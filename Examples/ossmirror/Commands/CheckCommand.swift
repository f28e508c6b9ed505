import AliyunOSS

/// The command `check`, which prints the differences between a folder and a prefix, one per line.
struct CheckCommand: Command {
    let arguments: MirrorArguments

    func run() async throws -> Int32 {
        let concurrency = arguments.concurrency ?? DirectoryTransfer.Options().concurrency
        let bucket = try await Connection.bucket(
            arguments.remote.bucket, arguments.connection, concurrency: concurrency, limits: arguments.limits)
        var transfer = DirectoryTransfer(bucket, concurrency: concurrency)
        try transfer.options.apply(arguments)
        transfer.options.onWarning = { Diagnostics.say("warning: \($0)") }
        let monitor = TransferMonitor()
        transfer.options.monitor = monitor
        ProgressDisplay.shared.start(arguments.output, isComparison: true) { monitor.status }
        let report: ComparisonReport
        do {
            report = try await transfer.check(arguments.local, against: arguments.remote.folder)
        } catch {
            ProgressDisplay.shared.finish()
            throw try self.error(error, after: monitor.unfinishedComparison)
        }
        ProgressDisplay.shared.finish()
        if !report.hasRemote { try await checkPrefix(report, bucket) }
        for failure in report.failures { Diagnostics.say("\(failure)") }
        if !arguments.output.quiet { OmissionNotes.say(report.skippedFiles) }
        if arguments.output.json {
            try printJSON(report)
        } else {
            try StandardStream.output.result(Array(text(report).utf8))
        }
        return report.isEqual ? ExitStatus.success : ExitStatus.failure
    }

    /// Reports what was compared before an error ended the run, and returns the error to throw.
    private func error(_ error: any Error, after report: ComparisonReport?) throws -> any Error {
        guard let report else { return error }
        if error is CancellationError { Interruption.summarize("compared so far: \(counts(report))") }
        guard arguments.output.json else { return error }
        try printJSON(report, error)
        return ReportedError(error: error)
    }

    private func printJSON(_ report: ComparisonReport, _ error: (any Error)? = nil) throws {
        try JSONOutput.print(
            JSONReport(
                command: .check, local: arguments.local, remote: arguments.remote, succeeded: report.isEqual,
                error: error.map { JSONError($0) }, report: report))
    }

    /// Throws an error if the prefix names an object or if both sides are empty. In either case, the prefix is probably
    /// mistyped.
    private func checkPrefix(_ report: ComparisonReport, _ bucket: Bucket) async throws {
        let remote = arguments.remote
        try await SingleObject(remote)?.refuse(for: .check, in: bucket)
        guard report.isEqual, !remote.folder.isEmpty else { return }
        for try await _ in bucket.listObjects(prefix: remote.folder) { return }
        throw OSSError(.notFound, "no objects under '\(remote.folder)'; check the prefix", bucket: remote.bucket)
    }

    private func text(_ report: ComparisonReport) -> String {
        var lines = report.onlyLocal.map { "only local: \(Printable.line($0))" }
        lines += report.onlyRemote.map { "only remote: \(Printable.line($0.rawValue))" }
        lines += report.different.map { "different \($0.difference.rawValue): \(Printable.line($0.path))" }
        if !arguments.output.quiet { lines.append(summary(report)) }
        return lines.map { $0 + "\n" }.joined()
    }

    private func summary(_ report: ComparisonReport) -> String {
        report.isEqual ? "equal: \(equal(report))" : "not equal: \(counts(report))"
    }

    private func equal(_ report: ComparisonReport) -> String {
        "\(Readable.files(report.equal.files)), \(Readable.bytes(report.equal.bytes))"
    }

    private func counts(_ report: ComparisonReport) -> String {
        var text = "\(report.different.count) different, \(report.onlyLocal.count) only local, "
        text += "\(report.onlyRemote.count) only remote"
        if !report.failures.isEmpty { text += ", \(report.failures.count) could not be compared" }
        return text + "; equal: \(equal(report))"
    }
}

extension ComparisonReport {
    /// Whether the report includes any object under the prefix.
    fileprivate var hasRemote: Bool {
        equal.files > 0 || !different.isEmpty || !onlyRemote.isEmpty || !failures.isEmpty
    }
}
