/// A parsed command line.
enum Invocation: Sendable {
    /// Print the help of a command, or of the program.
    case help(Verb?)
    case version
    case run(any Command, ScannedArguments)
}

/// A parser that turns arguments into an ``Invocation``, without side effects.
enum CommandLineParser {
    /// Parses the arguments of a command line.
    ///
    /// - Parameters:
    ///   - arguments: Arguments after the program name.
    ///   - environment: Environment variables that provide defaults: `OSS_ENDPOINT`, `OSS_REGION` and
    ///     `OSS_CREDENTIALS_FILE`.
    ///   - isLocal: A closure that returns whether a local file or directory exists. Used only to explain errors.
    static func parse(
        _ arguments: [String], environment: [String: String] = [:], isLocal: (String) -> Bool = { _ in false }
    ) throws(UsageError) -> Invocation {
        guard let first = arguments.first else { throw UsageError("missing command; see 'ossmirror --help'") }
        switch first {
        case "--help", "-h": return .help(nil)
        case "--version": return .version
        case "help":
            guard let name = arguments.dropFirst().first(where: { !$0.hasPrefix("-") }) else { return .help(nil) }
            return .help(try CommandTable.command(named: name).verb)
        case _ where first.hasPrefix("-"):
            let name = first.split(separator: "=", maxSplits: 1).first.map(String.init) ?? first
            throw UsageError("unknown option '\(name)'; see 'ossmirror --help'")
        default: break
        }
        let command = try CommandTable.command(named: first)
        let scanned = try ArgumentScanner.scan(arguments.dropFirst(), for: command, environment: environment)
        if scanned.wantsHelp { return .help(command.verb) }
        let operands = try command.operands(forArguments: scanned.operands.count)
        // Local paths first: if the arguments were swapped, the error should say so.
        for isPath in [true, false] {
            for (text, operand) in zip(scanned.operands, operands) where (operand.kind == .path) == isPath {
                try check(text, operand.kind, of: command, isLocal: isLocal)
            }
        }
        return .run(try command.make(scanned), scanned)
    }

    /// Throws an error if a text is not an argument of the given kind.
    private static func check(
        _ text: String, _ kind: Operand.Kind, of command: CommandDescription, isLocal: (String) -> Bool
    ) throws(UsageError) {
        switch kind {
        case .path:
            if RemoteAddress.matches(text) {
                throw UsageError("expected a local path, not an OSS address; usage: \(command.synopsis)")
            }
            try requirePath(text)
        case .object, .prefix, .bucket:
            if !RemoteAddress.matches(text), isLocal(text), !text.contains("@") {
                throw UsageError("expected an OSS address, not the local path '\(text)'; usage: \(command.synopsis)")
            }
            let address = try RemoteAddress(text)
            if kind == .object { try address.requireKey() }
            if kind == .bucket { try address.requireNoKey() }
        case .service where text.lowercased() != "oss://":
            try check(text, .prefix, of: command, isLocal: isLocal)
        case .any where RemoteAddress.matches(text):
            _ = try RemoteAddress(text)
        case .any:
            try requirePath(text)
        case .word(let words) where !words.contains(text):
            let meant = Suggestion.nearest(to: text, in: words).map { "; did you mean '\($0)'?" } ?? ""
            throw UsageError("expected \(words.joined(separator: ", ")), not '\(text)'\(meant)")
        case .service, .command, .word, .text:
            return
        }
    }

    private static func requirePath(_ text: String) throws(UsageError) {
        guard !text.isEmpty else { throw UsageError("the local path is empty; use '.' for the current directory") }
    }
}

extension RemoteAddress {
    func requireKey() throws(UsageError) {
        guard key.isEmpty else { return }
        throw UsageError("'\(self)' has no key; use oss://\(bucket)/KEY")
    }

    func requireNoKey() throws(UsageError) {
        guard !key.isEmpty else { return }
        throw UsageError("'\(self)' is not the address of a bucket; use oss://\(bucket)")
    }
}
