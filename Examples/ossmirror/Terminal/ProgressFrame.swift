import AliyunOSS

/// One picture of the progress of a run: the state to show, which is rendered without side effects.
struct ProgressFrame: Equatable, Sendable {
    /// Whether the run only compares.
    var isComparison = false
    var status: TransferStatus
    /// Current time, from which the time in flight of a file is calculated.
    var now: ContinuousClock.Instant
    /// Whether the run was interrupted and is ending.
    var isStopping = false

    /// Maximum number of files in flight that are shown.
    static let maximumFiles = 4
    /// Time in flight after which a file is shown. Names of small files would only flicker.
    static let minimumTimeInFlight = Duration.milliseconds(500)

    /// Returns the lines of the display, none of which is wider than the terminal.
    func lines(columns: Int, rows: Int, _ style: TerminalStyle) -> [String] {
        // A text that reaches the last column wraps on some terminals.
        let width = max(1, columns - 1)
        let lines = [bytesLine(width, style), filesLine(width, style)] + files(width, style)
        return Array(lines.prefix(max(1, rows - 1)))
    }

    /// Returns the progress as one line of plain text, such as
    /// `47%, 1.2 GiB of 2.5 GiB, 112.0 MiB/s, 12 s left; 1204 of 3811+ files, 17 unchanged`.
    var text: String {
        let bytes = [percent] + amounts
        return bytes.joined(separator: ", ") + "; " + counts.map(\.text).joined(separator: ", ")
    }

    // MARK: Bytes

    private var fraction: Double {
        if let total = status.progress.bytesTotal, total == 0 {
            let found = status.found.files
            return found == 0 ? (status.isListingComplete ? 1 : 0) : min(1, Double(status.filesDone) / Double(found))
        }
        return status.progress.fractionCompleted ?? 0
    }

    private var percent: String {
        // 100% only if nothing is left.
        let percent = Int(fraction * 100)
        return "\(percent == 100 && !status.isFinished ? 99 : percent)%"
    }

    /// The sign after a number that grows until the listing is complete.
    private var more: String { status.isListingComplete ? "" : "+" }

    private var amounts: [String] {
        let progress = status.progress
        var amounts = [
            "\(Readable.bytes(progress.bytesTransferred)) of \(Readable.bytes(progress.bytesTotal ?? 0))\(more)"
        ]
        if progress.bytesPerSecond >= 1 { amounts.append(Readable.bytes(Int64(progress.bytesPerSecond)) + "/s") }
        if isStopping {
            amounts.append("stopping")
        } else if let left = progress.estimatedTimeRemaining, left > .zero {
            // A part of a second counts as a second.
            amounts.append(Readable.duration(left + .milliseconds(999)) + more + " left")
        }
        return amounts
    }

    private func bytesLine(_ width: Int, _ style: TerminalStyle) -> String {
        let percent = String(repeating: " ", count: max(0, 4 - percent.count)) + percent
        let text = ([percent] + amounts).joined(separator: "  ")
        let bar = min(30, width - text.count - 1)
        guard bar >= 8 else { return ColumnWidth.prefix(text, width) }
        return style.bar(fraction, width: bar) + " " + text
    }

    // MARK: Files

    private var counts: [(text: String, color: TerminalStyle.Color?)] {
        let found = max(status.found.files, status.filesDone)
        var counts: [(text: String, color: TerminalStyle.Color?)] = [
            ("\(status.filesDone) of \(found)\(more) \(found == 1 ? "file" : "files")", nil)
        ]
        func add(_ count: Int, _ word: String, _ color: TerminalStyle.Color? = nil) {
            if count > 0 { counts.append(("\(count) \(word)", color)) }
        }
        add(status.unchanged.files, isComparison ? "equal" : "unchanged")
        add(status.different.files, "different", .yellow)
        add(status.skipped.files, "skipped")
        add(status.deleted.files, "deleted")
        add(status.failed.files, "failed", .red)
        let resumed = status.progress.bytesResumed
        if resumed > 0 { counts.append(("\(Readable.bytes(resumed)) resumed", nil)) }
        return counts
    }

    private func filesLine(_ width: Int, _ style: TerminalStyle) -> String {
        var (line, rest) = ("", width)
        for (index, count) in counts.enumerated() {
            let text = ColumnWidth.prefix((index > 0 ? "  " : "") + count.text, rest)
            rest -= text.count
            line += style.colored(text, count.color)
        }
        return line
    }

    private func files(_ width: Int, _ style: TerminalStyle) -> [String] {
        let shown = status.filesInFlight.lazy.filter { now - $0.startTime >= Self.minimumTimeInFlight }
        return shown.prefix(Self.maximumFiles).map { file in
            let isComparing = file.phase == .comparing
            let percent = file.size > 0 ? "\(Int(min(1, Double(file.bytesDone) / Double(file.size)) * 100))%" : ""
            var right = String(repeating: " ", count: max(0, 5 - percent.count)) + percent
            right += "  \(Readable.bytes(file.size))"
            if isComparing, !isComparison { right += "  comparing" }
            // On a narrow terminal, the name is more important than the numbers.
            let name = width - 2 - right.count
            let path = Printable.line(file.path)
            guard name >= 8 else {
                return ColumnWidth.prefix("  ", width)
                    + ColumnWidth.fit(path, max(0, width - 2), ellipsis: style.ellipsis)
            }
            return "  " + ColumnWidth.fit(path, name, ellipsis: style.ellipsis)
                + style.colored(right, isComparing ? .cyan : nil)
        }
    }
}

extension TransferStatus {
    /// Whether everything that was found is done.
    fileprivate var isFinished: Bool { isListingComplete && filesDone >= found.files }
}
