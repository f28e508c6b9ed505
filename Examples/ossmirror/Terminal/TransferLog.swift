import AliyunOSS
import Foundation
import Synchronization

/// The file of `--log`, to which a line with the time is appended for each file, warning and run.
final class TransferLog: Sendable {
    private let descriptor: Int32
    private let path: String
    private let hasFailed = Mutex(false)

    /// Opens or creates the file.
    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        self.path = path
        guard descriptor >= 0 else {
            throw UsageError("--log: cannot open '\(path)': \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Appends a line. A failure is reported once, and does not end the run.
    func write(_ text: String) {
        let line = "\(Readable.time(.now)) \(Printable.line(text))\n"
        do {
            // One call for each line, so that the lines of several processes do not mix.
            try StandardStream(descriptor: descriptor).write(Array(line.utf8))
        } catch {
            let isFirst = hasFailed.withLock { hasFailed in
                defer { hasFailed = true }
                return !hasFailed
            }
            if isFirst { Diagnostics.say("warning: the log '\(path)' is incomplete: \(error)") }
        }
    }
}
