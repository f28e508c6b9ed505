import Foundation
import Synchronization

/// The one line on a terminal's standard error that is refreshed while files move.
final class ProgressLine: Sendable {
    static let shared = ProgressLine()

    /// What the line shows.
    struct Reading: Equatable, Sendable {
        var files = 0
        var failed = 0
        var bytes: Int64 = 0
        var seconds: Double = 0
    }

    private struct State {
        var isOn = false
        var isShown = false
        var lastDrawn: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    private init() {}

    /// Starts to show readings, when someone is there to see them.
    func start(unless isUnwanted: Bool) {
        let isOn = !isUnwanted && StandardStream.diagnostics.isTerminal
        state.withLock { $0.isOn = isOn }
    }

    /// Shows a reading, at most ten a second.
    func show(_ reading: Reading) {
        state.withLock { state in
            guard state.isOn else { return }
            let now = ContinuousClock.now
            if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
            state.lastDrawn = now
            state.isShown = true
            let text = Self.text(reading).prefix(max(1, StandardStream.diagnostics.columns - 1))
            try? StandardStream.diagnostics.write(Array("\r\u{1B}[K\(text)".utf8))
        }
    }

    /// Takes the line away for good.
    func finish() {
        state.withLock { state in
            Self.erase(&state)
            state.isOn = false
        }
    }

    /// Takes the line away while something else is written.
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

    /// For example `1204 files  3.4 GiB  112.0 MiB/s  2 failed`.
    static func text(_ reading: Reading) -> String {
        var parts = [Readable.files(reading.files), Readable.bytes(reading.bytes)]
        if reading.seconds > 0.5 { parts.append(Readable.bytes(Int64(Double(reading.bytes) / reading.seconds)) + "/s") }
        if reading.failed > 0 { parts.append("\(reading.failed) failed") }
        return parts.joined(separator: "  ")
    }
}
