import AliyunOSS

/// The commands `up`, `down` and `copy`.
struct MirrorCommand: Command {
    enum Direction: Equatable {
        case up
        case down
        case copy(from: RemoteAddress)
    }

    let direction: Direction
    let arguments: MirrorArguments

    func run() async throws -> Int32 {
        let concurrency = arguments.concurrency ?? DirectoryTransfer.Options().concurrency
        let bucket = try await Connection.bucket(
            arguments.remote.bucket, arguments.connection, concurrency: concurrency, limits: arguments.limits)
        var transfer = DirectoryTransfer(bucket, concurrency: concurrency)
        try transfer.options.apply(arguments)
        transfer.options.onEvent = { note($0) }
        transfer.options.onWarning = { Diagnostics.say("warning: \($0)") }
        if ProgressLine.shared.start(unless: arguments.output.noProgress || arguments.output.quiet) {
            transfer.options.onProgress = { progress in
                ProgressLine.shared.show {
                    $0.bytes = progress.bytesTransferred
                    $0.knownBytes = progress.bytesTotal
                    $0.bytesPerSecond = progress.bytesPerSecond
                }
            }
        }
        let report = try await report(transfer)
        ProgressLine.shared.finish()
        // Nothing failed, but the prefix may be mistyped.
        if direction == .down, !arguments.output.quiet, report.isEmpty {
            Diagnostics.say("no objects under \(arguments.remote)")
        }
        try output(report)
        if let file = report.failureFile {
            Diagnostics.say(
                "all failures are listed in '\(file)'; pass this file to --retry-failed, and delete it when you no longer need it"
            )
        }
        if let refusal = report.deletionRefusal {
            Diagnostics.say("\(refusal.message); see the options --max-delete and --allow-empty-source")
            return report.failures.isEmpty ? ExitStatus.refused : ExitStatus.failure
        }
        if report.withheldDeletions > 0 {
            Diagnostics.say("\(Readable.files(report.withheldDeletions)) not deleted because other actions failed")
        }
        return report.isComplete ? ExitStatus.success : ExitStatus.failure
    }

    /// Runs the transfer and returns its report. If there are no objects under the prefix, treats the prefix as the key
    /// of an object.
    private func report(_ transfer: DirectoryTransfer) async throws -> TransferReport {
        let source = if case .copy(let source) = direction { source } else { arguments.remote }
        let object = SingleObject(source)
        if direction == .down, SingleObject.isFile(arguments.local),
            let report = try await object?.download(transfer, arguments)
        {
            return report
        }
        do {
            var plan = try await plan(transfer)
            if let path = arguments.options.retryReport { plan = try plan.retrying(reportAt: path) }
            return try await plan.run()
        } catch let error as OSSError where error.code == .notFound && error.serviceError == nil {
            switch direction {
            case .down: if let report = try await object?.download(transfer, arguments) { return report }
            case .copy(let source):
                let bucket = try await Connection.bucket(source.bucket, arguments.connection)
                try await object?.refuse(for: .copy, in: bucket)
            case .up: break
            }
            throw error
        }
    }

    private func plan(_ transfer: DirectoryTransfer) async throws -> TransferPlan {
        switch direction {
        case .up: return try await transfer.planUpload(from: arguments.local, to: arguments.remote.folder)
        case .down: return try await transfer.planDownload(from: arguments.remote.folder, to: arguments.local)
        case .copy(let source):
            let bucket = try await Connection.bucket(source.bucket, arguments.connection)
            return try await transfer.planCopy(from: source.folder, in: bucket, to: arguments.remote.folder)
        }
    }

    private func note(_ event: TransferEvent) {
        switch event.kind {
        case .failed: if let error = event.error { Diagnostics.say("\(event.path): \(error)") }
        case .transferred, .folder, .deleted: if arguments.options.dryRun { announce(event) }
        default: break
        }
        ProgressLine.shared.show {
            $0.files = event.transferred.files
            $0.unchanged = event.unchanged.files
            $0.failed = event.failed.files
        }
    }

    /// Prints an action of a dry run, such as `upload css/site.css (changedContent)`.
    private func announce(_ event: TransferEvent) {
        guard !arguments.output.json, !arguments.output.quiet else { return }
        let path = event.path.isEmpty ? "." : Printable.line(event.path)
        try? StandardStream.output.line("\(event.action.rawValue) \(path) (\(event.reason))")
    }

    private func output(_ report: TransferReport) throws {
        if arguments.output.json {
            try JSONOutput.print(
                JSONReport(
                    command: direction.verb, local: arguments.local, remote: arguments.remote,
                    succeeded: report.isComplete, report: report))
        } else if !arguments.output.quiet {
            try StandardStream.output.resultLine(summary(report))
        }
    }

    /// Returns a summary of a report, such as `uploaded 7911 files, 120.3 MiB, in 12.3 s; unchanged 12; skipped 2`.
    private func summary(_ report: TransferReport) -> String {
        var text = report.isDryRun ? "would have \(direction.participle) " : "\(direction.participle) "
        text += "\(Readable.files(report.transferred.files)), \(Readable.bytes(report.transferred.bytes))"
        text += ", in \(Readable.seconds(report.elapsedSeconds))"
        if report.folders > 0 { text += "; folders \(report.folders)" }
        if report.unchanged.files > 0 { text += "; unchanged \(report.unchanged.files)" }
        if report.skipped.files > 0 { text += "; skipped \(report.skipped.files)" }
        if report.deleted.files > 0 { text += "; deleted \(report.deleted.files)" }
        if report.failed.files > 0 { text += "; failed \(report.failed.files)" }
        if report.withheldDeletions > 0 { text += "; not deleted \(report.withheldDeletions)" }
        if report.stoppedEarly { text += "; stopped early" }
        return text
    }
}

extension MirrorCommand.Direction {
    var verb: Verb {
        switch self {
        case .up: .up
        case .down: .down
        case .copy: .copy
        }
    }

    fileprivate var participle: String {
        switch self {
        case .up: "uploaded"
        case .down: "downloaded"
        case .copy: "copied"
        }
    }
}

extension TransferReport {
    fileprivate var isEmpty: Bool {
        transferred.files + unchanged.files + skipped.files + failed.files + deleted.files + folders == 0
    }
}
