/// A command line taken apart into options and the rest, before it means anything.
struct ScannedArguments: Equatable {
    var verb: Verb
    var operands: [String] = []
    /// The options that take a value, by their long name. The last one counts, so that an alias can be overridden.
    var values: [String: String] = [:]
    /// The same, all of them, in order: for those that may be given several times.
    var pairs: [Pair] = []
    /// The options that take none, by their long name, in order.
    var flags: [String] = []
    var wantsHelp = false

    struct Pair: Equatable {
        var name: String
        var value: String
    }
}

/// Knows `--name value`, `--name=value`, `-j 8`, `-j8`, `--` and nothing else.
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
                "\(name): secrets are not taken from the command line, where every user of the machine can read them;"
                    + " set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or use --credentials-file")
        }
        if OptionTable.notYet.contains(name) {
            throw UsageError("\(name) is not supported by this version of ossmirror")
        }
        guard let option = OptionTable.option(named: name) else {
            throw UsageError("unknown option \(name); see 'ossmirror \(verb) --help'")
        }
        guard option.verbs.contains(scanned.verb) else {
            throw UsageError("\(name) does not apply to '\(verb)'; see 'ossmirror \(verb) --help'")
        }
        guard let placeholder = option.value else {
            guard attached == nil else { throw UsageError("\(name) takes no value") }
            return scanned.flags.append(option.name)
        }
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            throw UsageError("\(name) needs a value: \(name) \(placeholder)")
        }
        scanned.values[option.name] = value
        scanned.pairs.append(ScannedArguments.Pair(name: option.name, value: value))
    }

    /// `--name=value` and `-j8` carry their value with them.
    private static func split(_ argument: String) -> (name: String, value: String?) {
        if argument.hasPrefix("--") {
            // As bytes: what follows may begin with a combining mark.
            guard let equals = argument.utf8.firstIndex(of: UInt8(ascii: "=")) else { return (argument, nil) }
            return (String(argument[..<equals]), String(Substring(argument.utf8[equals...].dropFirst())))
        }
        let value = argument.dropFirst(2)
        return (String(argument.prefix(2)), value.isEmpty ? nil : String(value))
    }
}
