import Foundation

/// The reader of our standard output has gone (`ossmirror ls … | head`): for what only prints a reason to stop, and nothing
/// to complain of. For what does something, see ``StandardStream/result(_:)``.
struct ReaderLeft: Error {}

/// A standard stream, written without buffering of its own.
struct StandardStream: Sendable {
    static let output = StandardStream(descriptor: 1)
    static let diagnostics = StandardStream(descriptor: 2)

    let descriptor: Int32

    /// Whether a person is reading.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// The width of the terminal in columns; 80 when it does not say.
    var columns: Int {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes all bytes.
    ///
    /// - Throws: ``ReaderLeft``, or ``WriteFailed`` when the disk behind a redirection is full, say.
    func write(_ bytes: some ContiguousBytes) throws {
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                guard let start = buffer.baseAddress else { return }
                #if canImport(Darwin)
                    let count = Darwin.write(descriptor, start + done, buffer.count - done)
                #else
                    let count = Glibc.write(descriptor, start + done, buffer.count - done)
                #endif
                if count >= 0 {
                    done += count
                    continue
                }
                switch errno {
                case EINTR: continue
                case EAGAIN: waitUntilWritable()
                case EPIPE: throw ReaderLeft()
                default: throw WriteFailed(reason: String(cString: strerror(errno)))
                }
            }
        }
    }

    /// Writes a text and a line break.
    func line(_ text: String) throws {
        try write(Array((text + "\n").utf8))
    }

    /// Writes what became of something that was done. A reader who has left misses it, and that changes nothing about it:
    /// the exit status is still to tell.
    func result(_ bytes: some ContiguousBytes) throws {
        do { try write(bytes) } catch is ReaderLeft {}
    }

    /// Writes a line of what became of something, as ``result(_:)`` does.
    func resultLine(_ text: String) throws {
        try result(Array((text + "\n").utf8))
    }

    /// Standard output may be a pipe that someone else made non-blocking.
    private func waitUntilWritable() {
        var descriptors = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&descriptors, 1, -1)
    }
}

/// Standard output could not be written.
struct WriteFailed: Error, CustomStringConvertible {
    let reason: String

    var description: String { "cannot write to standard output: \(reason)" }
}

/// What is said on standard error.
enum Diagnostics {
    /// One line that begins with the name of the program. A stream that is closed loses it, and that is all.
    static func say(_ text: String) {
        // An argument or a text of the server that is quoted in it may be of any length.
        let shown = text.unicodeScalars.count > 8192 ? String(text.unicodeScalars.prefix(8192)) + "…" : text
        ProgressLine.shared.interrupted {
            try? StandardStream.diagnostics.line("ossmirror: " + Printable.line(shown))
        }
    }
}

/// Text from elsewhere, made safe to print on one line.
enum Printable {
    /// The text with control characters escaped. Keys and messages of a server may hold line breaks and escape
    /// sequences, and a terminal must not act on them.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            if isControl(scalar) { result += escaped(scalar) } else { result.unicodeScalars.append(scalar) }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }
}
