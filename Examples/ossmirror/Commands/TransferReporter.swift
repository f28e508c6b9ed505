import AliyunOSS

/// A reporter that prints and logs the events of a transfer.
struct TransferReporter: Sendable {
    private let output: OutputArguments
    private let isDryRun: Bool
    private let log: TransferLog?

    /// Creates a reporter, and opens the log file if there is one.
    init(_ arguments: MirrorArguments, _ verb: Verb) throws {
        output = arguments.output
        isDryRun = arguments.options.dryRun
        log = try output.log.map { try TransferLog(path: $0) }
        log?.write("ossmirror \(verb.rawValue): started, \(arguments.local) and \(arguments.remote)")
    }

    /// Reports the outcome of an action.
    func note(_ event: TransferEvent) {
        guard event.kind != .started else { return }
        if let error = event.error { Diagnostics.say("\(event.path): \(error)") }
        log?.write(Self.logLine(event))
        // A dry run prints the actions that a run would perform, and with --verbose also the files that it would skip.
        let isShown = output.verbose || isDryRun && !output.json && event.kind != .skipped
        if isShown, event.kind != .failed, !output.quiet {
            ProgressDisplay.shared.print(Self.line(event), to: output.json ? .diagnostics : .output)
        }
    }

    /// Reports a warning.
    func warn(_ warning: String) {
        Diagnostics.say("warning: \(warning)")
        log?.write("warning: \(warning)")
    }

    /// Logs the end of the run.
    func end(_ summary: String) { log?.write("ended: \(summary)") }

    /// Returns the line that describes an event, such as `upload css/site.css (changedContent)`.
    static func line(_ event: TransferEvent) -> String {
        let action = event.kind == .skipped ? "skip" : event.action.rawValue
        return "\(action) \(event.path.isEmpty ? "." : Printable.line(event.path)) (\(event.reason))"
    }

    /// Returns the line of the log, such as `upload css/site.css (changedContent), 1204 bytes`.
    static func logLine(_ event: TransferEvent) -> String {
        guard let error = event.error else { return "\(line(event)), \(event.bytes) bytes" }
        return "failed \(event.path.isEmpty ? "." : event.path) (\(event.reason)): \(error)"
    }
}

extension OutputArguments {
    /// Returns the way in which progress is shown, or `nil` if it is not shown.
    func progressMode(isTerminal: Bool, environment: [String: String]) -> ProgressDisplay.Mode? {
        guard !noProgress, !quiet else { return nil }
        let style = TerminalStyle(isTerminal: isTerminal, environment: environment)
        if style.movesCursor, progressInterval == nil { return .live(style) }
        let seconds = progressInterval ?? 30
        return seconds > 0 ? .lines(every: .seconds(seconds)) : nil
    }
}

/// Notes about files that were left out of a run although no option asks for it.
enum OmissionNotes {
    private static let maximumShown = 20

    /// Names the first files on standard error, with the reasons.
    static func say(_ files: [SkippedFile]) {
        for file in files.prefix(maximumShown) {
            Diagnostics.say("skipped '\(file.path)': \(explanation(file.reason))")
        }
        let hidden = files.count - maximumShown
        if hidden > 0 {
            Diagnostics.say("skipped \(hidden) more \(hidden == 1 ? "entry" : "entries"); --json lists them")
        }
    }

    private static func explanation(_ reason: TransferReason) -> String {
        switch reason {
        case .brokenLink: "it is a broken symbolic link"
        case .linkLoop: "it is a symbolic link to a folder that contains the link"
        case .specialFile: "it is a FIFO, a socket or a device"
        case .partialFile: "it is the temporary file of an interrupted download"
        case .transferState: "it belongs to the transfer itself, such as its snapshot or its backup folder"
        default: reason.rawValue
        }
    }
}
