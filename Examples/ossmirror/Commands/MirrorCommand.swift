import AliyunOSS

/// `ossmirror up` and `down`.
struct MirrorCommand {
    enum Direction { case up, down }

    let direction: Direction
    let arguments: MirrorArguments

    func run() async throws -> Int32 {
        let concurrency = arguments.concurrency ?? DirectoryTransfer.Options().concurrency
        let bucket = try await Connection.bucket(
            arguments.remote.bucket, arguments.connection, concurrency: concurrency, limits: arguments.limits)
        var transfer = DirectoryTransfer(bucket, concurrency: concurrency)
        transfer.options.apply(arguments)
        transfer.options.onEvent = { Self.note($0) }
        if ProgressLine.shared.start(unless: arguments.output.noProgress || arguments.output.quiet) {
            transfer.options.onProgress = { progress in
                ProgressLine.shared.show {
                    $0.bytes = progress.bytesTransferred
                    $0.bytesPerSecond = progress.bytesPerSecond
                }
            }
        }
        let report =
            switch direction {
            case .up: try await transfer.upload(from: arguments.local, to: arguments.remote.folder)
            case .down: try await transfer.download(from: arguments.remote.folder, to: arguments.local)
            }
        ProgressLine.shared.finish()
        // Nothing failed, but it may well be a mistyped prefix.
        if direction == .down, !arguments.output.quiet, report.isEmpty {
            Diagnostics.say("there is nothing below \(arguments.remote)")
        }
        try output(report)
        return report.isComplete ? ExitStatus.success : ExitStatus.failure
    }

    private static func note(_ event: TransferEvent) {
        if case .failed(let error) = event.kind { Diagnostics.say("\(event.path): \(error)") }
        ProgressLine.shared.show {
            $0.files = event.transferred.files
            $0.failed = event.failed.files
        }
    }

    private func output(_ report: TransferReport) throws {
        let verb: Verb = direction == .up ? .up : .down
        if arguments.output.json {
            try JSONOutput.print(
                JSONReport(
                    command: verb, local: arguments.local, remote: arguments.remote, succeeded: report.isComplete,
                    report: report))
        } else if !arguments.output.quiet {
            try StandardStream.output.line(summary(report))
        }
    }

    /// For example `sent 7911 files, 120.3 MiB, in 12.3 s; skipped 2`.
    private func summary(_ report: TransferReport) -> String {
        let verb = direction == .up ? "sent" : "fetched"
        var text = "\(verb) \(Readable.files(report.transferred.files)), \(Readable.bytes(report.transferred.bytes))"
        text += ", in \(Readable.seconds(report.elapsedSeconds))"
        if report.folders > 0 { text += "; folders \(report.folders)" }
        if report.skipped.files > 0 { text += "; skipped \(report.skipped.files)" }
        if report.failed.files > 0 { text += "; failed \(report.failed.files)" }
        if report.stoppedEarly { text += "; stopped at the first failure" }
        return text
    }
}

extension TransferReport {
    fileprivate var isEmpty: Bool { transferred.files + skipped.files + failed.files + folders == 0 }
}

extension DirectoryTransfer.Options {
    mutating func apply(_ arguments: MirrorArguments) {
        switch arguments.symlinks {
        case .follow: symbolicLinks = .follow
        case .skip: symbolicLinks = .skip
        case nil: break
        }
        emptyDirectories = arguments.emptyDirectories
        if let threshold = arguments.limits.multipartThreshold { multipartThreshold = threshold }
        partSize = arguments.limits.partSize
        failurePolicy = arguments.failFast ? .failFast : .keepGoing
    }
}

/// A report of the library with the addresses it is about, in one JSON object.
struct JSONReport<Report: Encodable>: Encodable {
    var command: Verb
    var local: String
    var remote: RemoteAddress
    var succeeded: Bool
    var report: Report

    private enum CodingKeys: String, CodingKey { case command, local, remote, succeeded }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(command, forKey: .command)
        try container.encode(local, forKey: .local)
        try container.encode(remote.description, forKey: .remote)
        try container.encode(succeeded, forKey: .succeeded)
    }
}
