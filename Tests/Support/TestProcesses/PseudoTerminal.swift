import Foundation
import Synchronization

/// A pseudo-terminal for a program, with the screen that a user would see.
package final class PseudoTerminal: Sendable {
    /// The program's side, to use as its standard streams.
    package let programSide: FileHandle
    private let userSide: FileHandle
    private let state: Mutex<(screen: TerminalScreen, bytes: Data, isEnded: Bool)>

    /// Opens a pseudo-terminal with the given size.
    package init(columns: Int, rows: Int) throws {
        var (user, program): (Int32, Int32) = (-1, -1)
        guard openpty(&user, &program, nil, nil, nil) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        for descriptor in [user, program] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        userSide = FileHandle(fileDescriptor: user, closeOnDealloc: true)
        programSide = FileHandle(fileDescriptor: program, closeOnDealloc: true)
        state = Mutex((TerminalScreen(columns: columns), Data(), false))
        resize(columns: columns, rows: rows)
        let reading = user
        Thread.detachNewThread { self.readAll(reading) }
    }

    /// The lines of the screen without the blanks at their ends, and without the empty lines at the end.
    package var lines: [String] { state.withLock { $0.screen.lines } }
    package var isCursorVisible: Bool { state.withLock { $0.screen.isCursorVisible } }
    /// Everything that the program has written.
    package var output: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

    /// Changes the size, without a signal to the program.
    package func resize(columns: Int, rows: Int) {
        var size = winsize()
        (size.ws_col, size.ws_row) = (UInt16(columns), UInt16(rows))
        _ = ioctl(userSide.fileDescriptor, UInt(TIOCSWINSZ), &size)
        state.withLock { $0.screen = TerminalScreen(columns: columns) }
    }

    /// Waits until the screen meets a condition.
    package func wait(until condition: @Sendable ([String]) -> Bool) async throws {
        while !condition(lines) { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// Waits until everything that the program wrote before its end has been read.
    package func waitForEnd() async throws {
        try programSide.close()
        while !state.withLock({ $0.isEnded }) { try await Task.sleep(for: .milliseconds(10)) }
    }

    private func readAll(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            // EIO means that no program has the terminal open any more.
            guard count > 0 else { break }
            state.withLock { state in
                state.bytes.append(contentsOf: buffer.prefix(count))
                state.screen.write(buffer.prefix(count))
            }
        }
        state.withLock { $0.isEnded = true }
    }
}

/// The cells of a terminal, which understands the control sequences that the programs of this package use.
package struct TerminalScreen: Sendable {
    private let columns: Int
    private var cells: [[Unicode.Scalar]] = [[]]
    private var row = 0
    private var column = 0
    private var pending: [UInt8] = []
    package private(set) var isCursorVisible = true

    package init(columns: Int) {
        self.columns = columns
    }

    package var lines: [String] {
        var lines = cells.map { line in
            var text = String(String.UnicodeScalarView(line))
            while text.last == " " { text.removeLast() }
            return text
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    package mutating func write(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        while let (token, length) = nextToken() {
            pending.removeFirst(length)
            apply(token)
        }
    }

    private enum Token {
        case character(Unicode.Scalar)
        case sequence(parameters: String, final: UInt8)
    }

    /// Returns the first complete token, or `nil` if more bytes are needed.
    private func nextToken() -> (Token, Int)? {
        guard let first = pending.first else { return nil }
        guard first == 0x1B else {
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            guard pending.count >= length else { return nil }
            let text = String(decoding: pending.prefix(length), as: UTF8.self)
            return (.character(text.unicodeScalars.first ?? "?"), length)
        }
        guard let end = pending.indices.dropFirst(2).first(where: { (0x40...0x7E).contains(pending[$0]) }) else {
            return nil
        }
        return (.sequence(parameters: String(decoding: pending[2..<end], as: UTF8.self), final: pending[end]), end + 1)
    }

    private mutating func apply(_ token: Token) {
        switch token {
        case .character("\r"): column = 0
        case .character("\n"): moveDown()
        case .character(let scalar):
            if column >= columns {
                column = 0
                moveDown()
            }
            while cells[row].count <= column { cells[row].append(" ") }
            cells[row][column] = scalar
            column += 1
        case .sequence(let parameters, let final):
            switch (UnicodeScalar(final), parameters) {
            case ("A", _): row = max(0, row - (Int(parameters) ?? 1))
            case ("K", ""): cells[row].removeSubrange(min(column, cells[row].count)...)
            case ("J", ""):
                cells[row].removeSubrange(min(column, cells[row].count)...)
                cells.removeSubrange((row + 1)...)
            case ("h", "?25"): isCursorVisible = true
            case ("l", "?25"): isCursorVisible = false
            default: break
            }
        }
    }

    private mutating func moveDown() {
        row += 1
        if row == cells.count { cells.append([]) }
        // The screen keeps the lines that have scrolled out, as the scrollback of a terminal does.
    }
}
