import Foundation

/// An error that is thrown when standard output is a closed pipe, as in `ossmirror ls … | head`. The error ends a
/// command that only prints, without a message. Commands that change something continue; see
/// ``StandardStream/result(_:)``.
struct ReaderLeft: Error {}

/// An unbuffered standard stream.
struct StandardStream: Sendable {
    static let output = StandardStream(descriptor: 1)
    static let diagnostics = StandardStream(descriptor: 2)

    let descriptor: Int32

    /// Opens `/dev/null` for each closed standard file descriptor. Otherwise, a file, socket or event queue that is
    /// opened later would become a standard stream. `/dev/null` is opened for reading only, so that writing still fails
    /// with "Bad file descriptor".
    ///
    /// - Returns: Whether all three descriptors are open.
    static func occupyClosedDescriptors() -> Bool {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            // open(2) returns the lowest free descriptor.
            guard open("/dev/null", O_RDONLY) == descriptor else { return false }
        }
        return true
    }

    /// Whether the stream is a terminal.
    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Size of the terminal; 80 columns and 24 rows if unknown.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Whether the shell has given the terminal to this process, and not to another one.
    var isInForeground: Bool {
        let group = tcgetpgrp(descriptor)
        // The group is unknown if the terminal does not control the process.
        return group < 0 || group == getpgrp()
    }

    /// Whether the stream accepts bytes at once. A terminal that was stopped with Ctrl-S does not.
    var isWritable: Bool {
        var descriptors = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptors, 1, 0) == 1
    }

    /// Writes all of the given bytes.
    ///
    /// - Throws: ``ReaderLeft`` if the pipe is closed, or ``WriteFailed`` for any other error, such as a full disk.
    func write(_ bytes: some ContiguousBytes) throws {
        try bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                guard let start = buffer.baseAddress else { return }
                let count = Foundation.write(descriptor, start + done, buffer.count - done)
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

    /// Writes a line.
    func line(_ text: String) throws {
        try write(Array((text + "\n").utf8))
    }

    /// Writes the result of a completed operation. A closed pipe is ignored, because the exit status must still report the
    /// result.
    func result(_ bytes: some ContiguousBytes) throws {
        do { try write(bytes) } catch is ReaderLeft {}
    }

    /// Writes a line with the result of a completed operation; see ``result(_:)``.
    func resultLine(_ text: String) throws {
        try result(Array((text + "\n").utf8))
    }

    /// Waits until the stream accepts more bytes. The wait is needed only for a pipe that another process made
    /// non-blocking.
    private func waitUntilWritable() {
        var descriptors = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&descriptors, 1, -1)
    }
}

/// An error that is thrown when a write to standard output fails.
struct WriteFailed: Error, CustomStringConvertible {
    let reason: String

    var description: String { "cannot write to standard output: \(reason)" }
}

/// A writer of messages to standard error.
enum Diagnostics {
    /// Writes a message on a line that starts with the program name. Errors are ignored.
    static func say(_ text: String) {
        // Quoted arguments and messages from a server can have any length.
        let shown = text.unicodeScalars.count > 8192 ? String(text.unicodeScalars.prefix(8192)) + "…" : text
        ProgressDisplay.shared.print("ossmirror: " + Printable.line(shown), to: .diagnostics)
    }
}
