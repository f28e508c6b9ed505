import Foundation
import Synchronization

/// The progress line shown on standard error if it is a terminal.
final class ProgressLine: Sendable {
    static let shared = ProgressLine()

    /// The values shown on the progress line.
    struct Reading: Equatable, Sendable {
        var files = 0
        var unchanged = 0
        var failed = 0
        var bytes: Int64 = 0
        /// Total number of bytes to transfer, or `nil` if the number is not known.
        var knownBytes: Int64?
        var bytesPerSecond: Double = 0
    }

    private struct State {
        var isOn = false
        var reading = Reading()
        var isShown = false
        var lastDrawn: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    private init() {}

    /// Starts displaying progress unless it is unwanted or standard error is not a terminal.
    ///
    /// - Returns: Whether progress is displayed.
    func start(unless isUnwanted: Bool) -> Bool {
        let isOn = !isUnwanted && StandardStream.diagnostics.isTerminal
        state.withLock { $0.isOn = isOn }
        return isOn
    }

    /// Changes the reading and redraws the line, at most ten times per second.
    func show(_ change: (inout Reading) -> Void) {
        state.withLock { state in
            guard state.isOn else { return }
            change(&state.reading)
            let now = ContinuousClock.now
            if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
            state.lastDrawn = now
            state.isShown = true
            let text = Self.text(state.reading).prefix(max(1, StandardStream.diagnostics.columns - 1))
            try? StandardStream.diagnostics.write(Array("\r\u{1B}[K\(text)".utf8))
        }
    }

    /// Erases the line and stops displaying progress.
    func finish() {
        state.withLock { state in
            Self.erase(&state)
            state.isOn = false
        }
    }

    /// Erases the line while `body` writes other output.
    func interrupted(by body: () -> Void) {
        state.withLock { state in
            Self.erase(&state)
            body()
        }
    }

    private static func erase(_ state: inout State) {
        guard state.isShown else { return }
        state.isShown = false
        state.lastDrawn = nil
        try? StandardStream.diagnostics.write(Array("\r\u{1B}[K".utf8))
    }

    /// Returns the text of the line, such as `1204 files  3.4 GiB of 5.0 GiB  112.0 MiB/s  17 unchanged  2 failed`.
    static func text(_ reading: Reading) -> String {
        var parts = [Readable.files(reading.files)]
        if let known = reading.knownBytes, known > reading.bytes {
            parts.append("\(Readable.bytes(reading.bytes)) of \(Readable.bytes(known))")
        } else {
            parts.append(Readable.bytes(reading.bytes))
        }
        if reading.bytesPerSecond > 0 { parts.append(Readable.bytes(Int64(reading.bytesPerSecond)) + "/s") }
        if reading.unchanged > 0 { parts.append("\(reading.unchanged) unchanged") }
        if reading.failed > 0 { parts.append("\(reading.failed) failed") }
        return parts.joined(separator: "  ")
    }
}

/// Formatters for numbers and times.
enum Readable {
    /// Formats a number of bytes with binary units, such as `512 B` or `3.4 GiB`.
    static func bytes(_ count: Int64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(count)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(count) B" : String(format: "%.1f %@", value, units[unit])
    }

    /// Formats a number of files, such as `1 file` or `2 files`.
    static func files(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

    /// Formats a duration in seconds, such as `12.3 s`.
    static func seconds(_ seconds: Double) -> String { String(format: "%.1f s", seconds) }

    /// Formats a time in UTC, such as `2026-11-23T14:05:00Z`.
    static func time(_ date: Date) -> String {
        date.formatted(.iso8601)
    }
}
