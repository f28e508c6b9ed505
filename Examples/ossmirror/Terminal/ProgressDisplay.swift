import AliyunOSS
import Dispatch
import Foundation
import Synchronization

/// The display of the progress on standard error: on a terminal a few lines that are redrawn in place, otherwise a line
/// from time to time.
///
/// Everything is written by a queue of its own, so that a terminal that stands still does not slow the transfer. While
/// the display is live, messages and results are written by the same queue, above the display.
final class ProgressDisplay: Sendable {
    static let shared = ProgressDisplay()

    /// The way in which progress is shown.
    enum Mode: Equatable {
        case live(TerminalStyle)
        /// A plain line at an interval.
        case lines(every: Duration)
    }

    private struct State {
        var mode = Mode.lines(every: .seconds(30))
        /// A closure that returns the state of the run.
        var status: (@Sendable () -> TransferStatus)?
        var isComparison = false
        var isStopping = false
        var drawn: [String] = []
        var sources: [any DispatchSourceProtocol] = []
    }

    private static let frameInterval = DispatchTimeInterval.milliseconds(100)
    /// Number of messages that may wait for the terminal before the run waits as well.
    private static let maximumWaiting = 1000

    private let queue = DispatchQueue(label: "ossmirror.display")
    /// Used by the queue only, or before the first block is added to it.
    private let state = Mutex(State())
    private let isLive = Atomic(false)
    private let isCursorHidden = Atomic(false)
    private let waiting = Atomic(0)

    private init() {}

    /// Starts the display that the options and the terminal require, if any.
    ///
    /// - Parameter status: A closure that returns the state of the run.
    func start(
        _ output: OutputArguments, isComparison: Bool = false, status: @escaping @Sendable () -> TransferStatus
    ) {
        let isTerminal = StandardStream.diagnostics.isTerminal
        let environment = ProcessInfo.processInfo.environment
        guard let mode = output.progressMode(isTerminal: isTerminal, environment: environment) else { return }
        queue.sync {
            state.withLock { state in
                (state.status, state.mode, state.isComparison) = (status, mode, isComparison)
                switch mode {
                case .live:
                    isLive.store(true, ordering: .releasing)
                    state.sources = [timer(Self.frameInterval), signalSource(SIGWINCH), signalSource(SIGTSTP)]
                case .lines(let interval):
                    guard interval > .zero else { return }
                    // Dispatch cannot represent every interval.
                    state.sources = [timer(.seconds(Int(min(interval.components.seconds, 31_536_000))))]
                }
            }
        }
    }

    /// Shows that the run was interrupted and is ending.
    func showStopping() {
        guard isLive.load(ordering: .acquiring) else { return }
        queue.async {
            self.state.withLock { $0.isStopping = true }
            self.tick()
        }
    }

    /// Erases the display, restores the cursor and ends.
    func finish() {
        queue.sync {
            state.withLock { state in
                for source in state.sources { source.cancel() }
                state.sources = []
                erase(&state)
                state.status = nil
            }
            isLive.store(false, ordering: .releasing)
        }
    }

    /// Restores the cursor at once, unless the terminal does not accept any bytes. The caller ends the process.
    func abandon() {
        guard isCursorHidden.load(ordering: .acquiring), StandardStream.diagnostics.isWritable else { return }
        try? StandardStream.diagnostics.write(Array("\r\n\(Self.showCursor)".utf8))
    }

    /// Writes a line above the display. Errors are ignored.
    func print(_ line: String, to stream: StandardStream) {
        guard isLive.load(ordering: .acquiring) else {
            try? stream.line(line)
            return
        }
        let work: @Sendable () -> Void = { [self] in
            state.withLock { state in
                // Both streams can be the same terminal.
                if stream.isTerminal { erase(&state) }
                try? stream.line(line)
            }
            waiting.subtract(1, ordering: .relaxed)
        }
        if waiting.add(1, ordering: .relaxed).newValue > Self.maximumWaiting {
            queue.sync(execute: work)
        } else {
            queue.async(execute: work)
        }
    }

    // MARK: The queue's part

    private func timer(_ interval: DispatchTimeInterval) -> any DispatchSourceProtocol {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now() + interval, repeating: interval)
        timer.setEventHandler { [self] in tick() }
        timer.resume()
        return timer
    }

    private func signalSource(_ number: Int32) -> any DispatchSourceProtocol {
        // The default action of SIGTSTP would stop the process before the cursor is restored.
        if number == SIGTSTP { signal(number, SIG_IGN) }
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { [self] in
            if number == SIGTSTP {
                state.withLock { erase(&$0) }
                // A signal to the process would be delivered to any thread, and this one would draw again before it stops.
                raise(SIGSTOP)
            }
            tick()
        }
        source.resume()
        return source
    }

    private func tick() {
        state.withLock { state in
            guard let status = state.status else { return }
            let frame = ProgressFrame(
                isComparison: state.isComparison, status: status(), now: .now, isStopping: state.isStopping)
            switch state.mode {
            case .lines: try? StandardStream.diagnostics.line("ossmirror: \(frame.text)")
            case .live(let style):
                // A process in the background must not draw over the shell.
                guard StandardStream.diagnostics.isInForeground else { return state.drawn = [] }
                let (columns, rows) = StandardStream.diagnostics.size
                draw(frame.lines(columns: columns, rows: rows, style), columns, &state)
            }
        }
    }

    private func draw(_ lines: [String], _ columns: Int, _ state: inout State) {
        let text =
            Self.hideCursor + Self.start(of: state.drawn, columns)
            + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J"
        state.drawn = lines
        isCursorHidden.store(true, ordering: .releasing)
        try? StandardStream.diagnostics.write(Array(text.utf8))
    }

    private func erase(_ state: inout State) {
        guard isCursorHidden.load(ordering: .acquiring) else { return }
        let columns = StandardStream.diagnostics.size.columns
        let text = Self.start(of: state.drawn, columns) + "\u{1B}[J" + Self.showCursor
        state.drawn = []
        try? StandardStream.diagnostics.write(Array(text.utf8))
        isCursorHidden.store(false, ordering: .releasing)
    }

    private static let hideCursor = "\u{1B}[?25l"
    private static let showCursor = "\u{1B}[?25h"

    /// Returns the sequence that moves the cursor from the end of the drawn lines to their start. If the terminal has
    /// become narrower, the lines may have been wrapped.
    private static func start(of drawn: [String], _ columns: Int) -> String {
        let rows = drawn.reduce(0) { $0 + max(1, (visibleWidth($1) + columns - 1) / columns) }
        return rows > 1 ? "\r\u{1B}[\(rows - 1)A" : "\r"
    }

    /// Returns the width of a line without its color sequences.
    private static func visibleWidth(_ line: String) -> Int {
        var (width, isSequence) = (0, false)
        for scalar in line.unicodeScalars {
            if scalar == "\u{1B}" {
                isSequence = true
            } else if isSequence {
                isSequence = scalar != "m"
            } else {
                width += ColumnWidth.of(scalar)
            }
        }
        return width
    }
}
