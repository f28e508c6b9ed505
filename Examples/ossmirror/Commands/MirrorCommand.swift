import AliyunOSS

/// The commands `up`, `down` and `copy`.
struct MirrorCommand: Command {
    enum Direction: Equatable {
        case up
        case down
        case copy(from: RemoteAddress)
    }

    /// The name under which the command was started, such as `sync`.
    let verb: Verb
    let direction: Direction
    let arguments: MirrorArguments
    /// Whether the source is removed after the transfer.
    var removesSource = false

    func run() async throws -> Int32 {
        let concurrency = arguments.concurrency ?? DirectoryTransfer.Options().concurrency
        let bucket = try await Connection.bucket(
            arguments.remote.bucket, arguments.connection, concurrency: concurrency, limits: arguments.limits)
        var transfer = DirectoryTransfer(bucket, concurrency: concurrency)
        let selection = try arguments.options.list.map { FileSelection(try PathList(contentsOf: $0)) }
        try transfer.options.apply(arguments, selection)
        let (reporter, monitor) = (try TransferReporter(arguments, verb), TransferMonitor())
        transfer.options.onEvent = { reporter.note($0) }
        transfer.options.onWarning = { reporter.warn($0) }
        transfer.options.monitor = monitor
        ProgressDisplay.shared.start(arguments.output) { monitor.status }
        var report: TransferReport
        do {
            report = try await self.report(transfer)
        } catch {
            ProgressDisplay.shared.finish()
            throw try self.error(error, after: monitor.unfinishedReport, reporter)
        }
        ProgressDisplay.shared.finish()
        selection?.addMissing(to: &report)
        reporter.end(summary(report))
        let sourceRemoved: Int?
        do {
            try await restoreArchived(report)
            sourceRemoved = try await removeSource(after: report, transfer)
        } catch {
            guard arguments.output.json else { throw error }
            try output(report, error)
            throw ReportedError(error: error)
        }
        // Nothing failed, but the prefix may be mistyped.
        if direction == .down, !arguments.output.quiet, report.isEmpty {
            Diagnostics.say("no objects under \(arguments.remote)")
        }
        try output(report, sourceRemoved: sourceRemoved)
        if !arguments.output.quiet { explainOmissions(report) }
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
            let report = try await object?.download(transfer, arguments, for: verb)
        {
            return report
        }
        do {
            var plan = try await plan(transfer)
            if let path = arguments.options.retryReport { plan = try plan.retrying(reportAt: path) }
            return try await plan.run()
        } catch let error as OSSError where error.code == .notFound && error.serviceError == nil {
            switch direction {
            case .down: if let report = try await object?.download(transfer, arguments, for: verb) { return report }
            case .copy(let source):
                let bucket = try await Connection.bucket(source.bucket, arguments.connection)
                try await object?.refuse(for: .copy, in: bucket)
            case .up: break
            }
            throw error
        }
    }

    func plan(_ transfer: DirectoryTransfer) async throws -> TransferPlan {
        switch direction {
        case .up: return try await transfer.planUpload(from: arguments.local, to: arguments.remote.folder)
        case .down: return try await transfer.planDownload(from: arguments.remote.folder, to: arguments.local)
        case .copy(let source):
            let bucket = try await Connection.bucket(source.bucket, arguments.connection)
            return try await transfer.planCopy(from: source.folder, in: bucket, to: arguments.remote.folder)
        }
    }

    /// Reports what was done before an error ended the run, and returns the error to throw.
    private func error(
        _ error: any Error, after report: TransferReport?, _ reporter: TransferReporter
    ) throws -> any Error {
        reporter.end(Explanation.of(error))
        guard let report else { return error }
        if arguments.output.json { try output(report, error) }
        if report.transferred.files + report.deleted.files > 0 || error is CancellationError {
            var text = summary(report, isUnfinished: true)
            if !report.isDryRun { text += "; run the same command again to resume" }
            if error is CancellationError {
                Interruption.summarize(text)
            } else {
                Diagnostics.say("\(text) after the error below is resolved")
            }
        }
        return arguments.output.json ? ReportedError(error: error) : error
    }

    /// Names the files that were skipped although no option asks for it, and the attributes that were not applied.
    private func explainOmissions(_ report: TransferReport) {
        OmissionNotes.say(report.skippedFiles)
        let names = arguments.options.attributeOptions
        if report.attributesNotApplied.files > 0, !names.isEmpty {
            Diagnostics.say(
                "\(Readable.list(names)) not applied to \(Readable.files(report.attributesNotApplied.files)) with unchanged "
                    + "content; add --update-attributes to change their objects")
        }
    }

    private func output(
        _ report: TransferReport, _ error: (any Error)? = nil, sourceRemoved: Int? = nil
    ) throws {
        if arguments.output.json {
            try JSONOutput.print(
                JSONReport(
                    command: verb, local: arguments.local, remote: arguments.remote,
                    succeeded: error == nil && report.isComplete, error: error.map { JSONError($0) },
                    sourceRemoved: sourceRemoved, report: report))
        } else if !arguments.output.quiet {
            let removal = sourceRemoved.map { "; removed from the source \($0)" } ?? ""
            try StandardStream.output.resultLine(summary(report) + removal)
        }
    }

    /// Returns a summary of a report, such as `uploaded 7911 files, 120.3 MiB, in 12.3 s; unchanged 12; skipped 2`.
    private func summary(_ report: TransferReport, isUnfinished: Bool = false) -> String {
        var text = report.isDryRun ? "would have \(direction.participle) " : "\(direction.participle) "
        text += "\(Readable.files(report.transferred.files)), \(Readable.bytes(report.transferred.bytes))"
        text += ", in \(Readable.seconds(report.elapsedSeconds))"
        if report.folders > 0 { text += "; folders \(report.folders)" }
        if report.unchanged.files > 0 { text += "; unchanged \(report.unchanged.files)" }
        if report.skipped.files > 0 { text += "; skipped \(report.skipped.files)" }
        if report.attributesUpdated.files > 0 { text += "; attributes updated \(report.attributesUpdated.files)" }
        if report.deleted.files > 0 { text += "; deleted \(report.deleted.files)" }
        if report.failed.files > 0 { text += "; failed \(report.failed.files)" }
        if report.withheldDeletions > 0 { text += "; not deleted \(report.withheldDeletions)" }
        if report.stoppedEarly, !isUnfinished { text += "; stopped early" }
        return text
    }
}

extension MirrorCommand.Direction {
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
