import CSystem
import Foundation

/// A program that prints credentials as JSON to its standard output.
struct CredentialsProgram: Sendable, Equatable {
    /// Path or name of the program, followed by its arguments, which may be secret.
    let words: [String]

    private static let maximumOutputSize = 64 << 10

    init(_ words: [String]) { self.words = words }

    /// Splits a command into words, as a shell does, without expanding variables or patterns.
    ///
    /// - Throws: ``OSSError`` that does not repeat the command.
    init(command: String) throws(OSSError) {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = Substring(command)
        while let character = rest.popFirst() {
            switch character {
            case quote: quote = nil
            case "\\" where quote != "'":
                guard let next = rest.popFirst() else { throw Self.unreadableCommand }
                if next.isNewline { continue }
                // Between double quotes, a backslash is an ordinary character before most others.
                let isLiteral = quote == "\"" && !"\"\\$`".contains(next)
                word = (word ?? "") + (isLiteral ? "\\" : "") + String(next)
            case "'" where quote == nil, "\"" where quote == nil:
                quote = character
                word = word ?? ""
            case _ where quote == nil && character.isWhitespace:
                if let complete = word { words.append(complete) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        guard quote == nil, words.first?.nonEmpty != nil else { throw Self.unreadableCommand }
        self.words = words
    }

    private static let unreadableCommand = OSSError(
        .credentialsUnavailable,
        "the command that prints credentials is empty, or has an unmatched quotation mark or a backslash at its end")

    /// Runs the program and returns the credentials that it prints. Blocks the calling thread.
    ///
    /// - Parameter limit: Maximum duration. A program that exceeds it is killed with its child processes.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable``.
    func credentials(limit: Duration) throws(OSSError) -> Credentials {
        let name = "the program '\((words.first ?? "").excerpt)'"
        let output: Data
        do throws(Failure) {
            output = try run(limit: limit)
        } catch {
            throw OSSError(
                .credentialsUnavailable,
                "\(name), which prints credentials, \(error.reason); run it in a terminal to see its messages")
        }
        return try CredentialsDocument.credentials(in: output, from: name, isTemporary: false, now: Date())
    }

    private struct Failure: Error {
        let reason: String
    }

    private func run(limit: Duration) throws(Failure) -> Data {
        let deadline = ContinuousClock.now + limit
        var ends: [Int32] = [-1, -1]
        var error = oss_pipe(&ends)
        guard error == 0 else { throw Self.cannotStart(error) }
        defer { close(ends[0]) }
        let arguments = words.map { strdup($0) } + [nil]
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for string in arguments + variables { free(string) } }
        var process: pid_t = 0
        // Standard error is discarded: it may contain secrets, and the library prints nothing.
        error = oss_spawn(&process, words.first ?? "", arguments, variables, nil, [-1, ends[1], -1], 1)
        close(ends[1])
        guard error == 0 else { throw Self.cannotStart(error) }
        var child = Child(process: process)
        defer { child.kill() }
        let output = try Self.read(ends[0], before: deadline, limit)
        while child.isRunning {
            guard ContinuousClock.now < deadline else { throw Self.timedOut(limit) }
            usleep(2000)
        }
        guard let status = child.status else {
            throw Failure(reason: "ended with an unknown status, because this process ignores or handles SIGCHLD")
        }
        guard status == 0 else {
            // WIFEXITED and similar macros are not imported into Swift.
            throw Failure(
                reason: status & 0x7f == 0
                    ? "exited with status \(status >> 8 & 0xff)" : "was ended by signal \(status & 0x7f)")
        }
        return output
    }

    /// Reads a pipe until all its writers have closed it.
    private static func read(
        _ descriptor: Int32, before deadline: ContinuousClock.Instant, _ limit: Duration
    ) throws(Failure) -> Data {
        var output = Data()
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let remaining = (deadline - .now) / .milliseconds(1)
            guard remaining > 0 else { throw timedOut(limit) }
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, Int32(min(remaining, 1000)) + 1) > 0 else { continue }
            let count = Foundation.read(descriptor, &chunk, chunk.count)
            if count == 0 { return output }
            if count > 0 { output += chunk.prefix(count) }
            guard output.count <= maximumOutputSize else { throw Failure(reason: "printed more than 64 KiB") }
        }
    }

    private static func cannotStart(_ code: Int32) -> Failure {
        Failure(reason: "cannot be started: \(String(cString: strerror(code)))")
    }

    private static func timedOut(_ limit: Duration) -> Failure { Failure(reason: "did not end within \(limit)") }
}

/// A child process that leads its own process group.
private struct Child {
    let process: pid_t
    /// The status from `waitpid`; `nil` while the process runs, or if the system does not report it.
    private(set) var status: Int32?
    private var isReaped = false

    init(process: pid_t) { self.process = process }

    /// Whether the process is running. Reaps it if it has ended.
    var isRunning: Bool {
        mutating get {
            wait(WNOHANG)
            return !isReaped
        }
    }

    /// Kills the process group and reaps the process, unless the process was already reaped.
    mutating func kill() {
        // Until the process is reaped, its ID cannot belong to another one.
        guard !isReaped else { return }
        _ = Foundation.kill(-process, SIGKILL)
        while !isReaped { wait(0) }
    }

    private mutating func wait(_ options: Int32) {
        guard !isReaped else { return }
        var status: Int32 = 0
        let result = waitpid(process, &status, options)
        if result == process { (self.status, isReaped) = (status, true) }
        if result == -1, errno != EINTR { isReaped = true }
    }
}
