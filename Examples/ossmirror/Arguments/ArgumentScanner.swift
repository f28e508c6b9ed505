/// The options and operands of a command line, before their values are interpreted.
struct ScannedArguments: Equatable {
    var verb: Verb
    var operands: [String] = []
    /// Option values, keyed by long option name. The last occurrence wins, so that a shell alias can be overridden.
    var values: [String: String] = [:]
    /// The options that take values, each with its value, in command-line order. Used for options that can be repeated.
    var pairs: [Pair] = []
    /// Long names of the options that take no value, in command-line order.
    var flags: [String] = []
    var wantsHelp = false

    struct Pair: Equatable {
        var name: String
        var value: String
    }
}

/// A command-line scanner that accepts `--name value`, `--name=value`, `-j 8`, `-j8` and `--`.
struct ArgumentScanner {
    private var rest: ArraySlice<String>
    private var scanned: ScannedArguments

    static func scan(_ arguments: some Sequence<String>, for verb: Verb) throws(UsageError) -> ScannedArguments {
        var scanner = ArgumentScanner(rest: Array(arguments)[...], scanned: ScannedArguments(verb: verb))
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
        let verb = scanned.verb.rawValue
        if OptionTable.secrets.contains(name) {
            throw UsageError(
                "\(name): secrets are not accepted as arguments, because other users of this machine can read them;"
                    + " set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or use --credentials-file")
        }
        guard let option = OptionTable.option(named: name) else {
            throw UsageError("unknown option \(name); see 'ossmirror \(verb) --help'")
        }
        guard option.verbs.contains(scanned.verb) else {
            throw UsageError("\(name) does not apply to '\(verb)'; see 'ossmirror \(verb) --help'")
        }
        guard let placeholder = option.value else {
            guard attached == nil else { throw UsageError("\(name) does not take a value") }
            return scanned.flags.append(option.name)
        }
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            throw UsageError("\(name) requires a value: \(name) \(placeholder)")
        }
        scanned.values[option.name] = value
        scanned.pairs.append(ScannedArguments.Pair(name: option.name, value: value))
    }

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

/// Parsers for numbers with units.
enum Quantity {
    private static let sizes: [Character: Int64] = [
        "K": 1 << 10, "k": 1 << 10, "M": 1 << 20, "m": 1 << 20, "G": 1 << 30, "g": 1 << 30, "T": 1 << 40, "t": 1 << 40,
    ]
    private static let times: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    /// Parses a size in bytes, such as `4096`, `8M` or `1.5G`, or returns `nil` if the size is invalid. Units are
    /// powers of 1024, and can also be written as in `8MiB` or `8MB`.
    static func bytes(_ text: String) -> Int64? {
        var text = text[...]
        for ending in ["iB", "ib", "B", "b"] where text.hasSuffix(ending) && text.count > ending.count {
            text = text.dropLast(ending.count)
            break
        }
        guard let last = text.last else { return nil }
        guard let factor = sizes[last] else { return Int64(text).flatMap { $0 < 0 ? nil : $0 } }
        return product(text.dropLast(), factor)
    }

    /// Parses a rate in bytes per second, such as `10M` or `10M/s`, or returns `nil` if the rate is invalid.
    static func bytesPerSecond(_ text: String) -> Int64? {
        bytes(text.hasSuffix("/s") ? String(text.dropLast(2)) : text)
    }

    /// Parses a time such as `90s`, `30m`, `12h`, `7d` or `2w` and returns the number of seconds, or `nil` if the time
    /// is invalid. A number without a unit is rejected as ambiguous.
    static func seconds(_ text: String) -> Int64? {
        guard let last = text.last, let factor = times[last] else { return nil }
        return product(text.dropLast(), factor)
    }

    private static func product(_ text: Substring, _ factor: Int64) -> Int64? {
        if let whole = Int64(text) {
            let (value, overflows) = whole.multipliedReportingOverflow(by: factor)
            return whole < 0 || overflows ? nil : value
        }
        guard text.allSatisfy({ $0.isNumber || $0 == "." }), let value = Double(text).map({ $0 * Double(factor) }),
            value.isFinite, value < 9e18
        else { return nil }
        return Int64(value)
    }
}
