/// A command-line scanner that accepts `--name value`, `--name=value`, `-j 8`, `-j8` and `--`.
struct ArgumentScanner {
    private let command: CommandDescription
    private var rest: ArraySlice<String>
    private var scanned: ScannedArguments

    /// Splits the arguments of a command into options, whose values are checked, and operands.
    static func scan(
        _ arguments: some Sequence<String>, for command: CommandDescription, environment: [String: String] = [:]
    ) throws(UsageError) -> ScannedArguments {
        var scanner = ArgumentScanner(
            command: command, rest: Array(arguments)[...],
            scanned: ScannedArguments(verb: command.verb, environment: environment))
        try scanner.run()
        return scanner.scanned
    }

    private mutating func run() throws(UsageError) {
        while let argument = rest.popFirst() {
            if argument == "--" {
                scanned.operands += rest
                return
            }
            if argument == "--help" || argument == "-h" {
                scanned.wantsHelp = true
            } else if argument.hasPrefix("-"), argument != "-" {
                try option(argument)
            } else {
                scanned.operands.append(argument)
            }
        }
    }

    private mutating func option(_ argument: String) throws(UsageError) {
        let (name, attached) = Self.split(argument)
        if Option.secrets.contains(name) {
            throw UsageError(
                "\(name): secrets are not accepted as arguments, because other users of this machine can read them;"
                    + " set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or use --credentials-file")
        }
        guard let option = command.option(named: name) else { throw unknown(name) }
        guard let placeholder = option.placeholder else {
            if let attached, !argument.hasPrefix("--") {
                let names = attached.map { "-\($0)" }
                if let name = names.first(where: { command.option(named: $0) == nil }) { throw unknown(name) }
                throw UsageError("'\(argument)': write each option on its own, as in '\(name) -\(attached)'")
            }
            guard attached == nil else { throw UsageError("\(name) does not take a value") }
            return scanned.flags.append(option.name)
        }
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            throw UsageError("\(name) requires a value: \(name) \(placeholder)")
        }
        try option.check(value)
        scanned.values[option.name] = value
        scanned.pairs.append(ScannedArguments.Pair(name: option.name, value: value))
    }

    /// Returns an error for a name that is no option of the command, with the option that was probably meant.
    private func unknown(_ name: String) -> UsageError {
        let verb = command.verb.rawValue
        if CommandTable.commands.contains(where: { $0.option(named: name) != nil }) {
            return UsageError("\(name) does not apply to '\(verb)'; see 'ossmirror \(verb) --help'")
        }
        let names = command.allOptions.map(\.name) + ["--help"]
        let known = Self.synonyms[name].flatMap { names.contains($0) ? $0 : nil }
        if name.hasPrefix("--"), let match = known ?? Suggestion.nearest(to: name, in: names) {
            return UsageError("unknown option \(name); did you mean '\(match)'?")
        }
        return UsageError("unknown option \(name); see 'ossmirror \(verb) --help'")
    }

    /// Options of ossutil with another name.
    private static let synonyms = [
        "--jobs": "--concurrency", "--parallel": "--concurrency", "--meta": "--metadata",
        "--snapshot-path": "--snapshot", "--checkpoint-dir": "--state-dir",
    ]

    /// Splits an argument such as `--name=value` or `-j8` into a name and a value.
    private static func split(_ argument: String) -> (name: String, value: String?) {
        if argument.hasPrefix("--") {
            // Search in bytes: a value that starts with a combining mark would form one `Character` with the '='.
            guard let equals = argument.utf8.firstIndex(of: UInt8(ascii: "=")) else { return (argument, nil) }
            return (String(argument[..<equals]), String(Substring(argument.utf8[equals...].dropFirst())))
        }
        let value = argument.dropFirst(2)
        return (String(argument.prefix(2)), value.isEmpty ? nil : String(value))
    }
}

/// An error in the command line. The program exits with status 2.
struct UsageError: Error, Equatable {
    /// A one-line description of the problem and how to correct it.
    var message: String

    init(_ message: String) {
        self.message = message
    }
}
