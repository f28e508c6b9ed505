/// A parser that turns arguments into a ``Command``, without side effects.
enum CommandLineParser {
    /// Parses the arguments of a command line.
    ///
    /// - Parameters:
    ///   - arguments: Arguments after the program name.
    ///   - environment: Environment variables that provide defaults: `OSS_ENDPOINT`, `OSS_REGION` and
    ///     `OSS_CREDENTIALS_FILE`.
    static func parse(_ arguments: [String], environment: [String: String] = [:]) throws(UsageError) -> Command {
        guard let first = arguments.first else {
            throw UsageError("missing command; see 'ossmirror --help'")
        }
        switch first {
        case "--help", "-h": return .help(nil)
        case "help": return .help(arguments.dropFirst().first.flatMap(Verb.init))
        case "--version": return .version
        default: break
        }
        guard let verb = Verb(rawValue: first) else {
            let kind = first.hasPrefix("-") ? "option" : "command"
            let name = first.split(separator: "=", maxSplits: 1).first.map(String.init) ?? first
            throw UsageError("unknown \(kind) '\(name)'; see 'ossmirror --help'")
        }
        let scanned = try ArgumentScanner.scan(arguments.dropFirst(), for: verb)
        if scanned.wantsHelp { return .help(verb) }
        return try command(scanned, environment: environment)
    }

    private static func command(
        _ scanned: ScannedArguments, environment: [String: String]
    ) throws(UsageError) -> Command {
        let connection = try connection(scanned, environment: environment)
        let output = OutputArguments(
            json: scanned.flags.contains("--json"), quiet: scanned.flags.contains("--quiet"),
            noProgress: scanned.flags.contains("--no-progress"))
        switch scanned.verb {
        case .up: return .up(try mirror(scanned, connection, output))
        case .down: return .down(try mirror(scanned, connection, output))
        case .copy:
            let operands = try operands(scanned, 2)
            let (source, target) = (try RemoteAddress(operands[0]), try RemoteAddress(operands[1]))
            return .copy(from: source, try mirror(scanned, source.description, target, connection, output))
        case .check: return .check(try mirror(scanned, connection, output))
        case .ls:
            let operand = try operands(scanned, 1)[0]
            return .list(
                ListArguments(
                    remote: try RemoteAddress(operand), connection: connection, output: output,
                    long: scanned.flags.contains("--long"),
                    maximum: try number(scanned, "--max", in: 0...Int.max)))
        case .cat: return .cat(try object(scanned, connection, output))
        case .stat: return .stat(try object(scanned, connection, output))
        case .rm: return .remove(try remove(scanned, connection, output))
        case .incomplete:
            return .incomplete(
                IncompleteArguments(
                    remote: try RemoteAddress(try operands(scanned, 1)[0]), connection: connection, output: output,
                    long: scanned.flags.contains("--long"),
                    abortOlderThan: try scanned.quantity(
                        "--abort-older-than", "an age such as 12h or 7d", Quantity.seconds)))
        }
    }

    private static func mirror(
        _ scanned: ScannedArguments, _ connection: ConnectionArguments, _ output: OutputArguments
    ) throws(UsageError) -> MirrorArguments {
        let operands = try operands(scanned, 2)
        let (local, remote) = scanned.verb == .down ? (operands[1], operands[0]) : (operands[0], operands[1])
        if RemoteAddress.matches(local) {
            throw UsageError("expected a local path, not an OSS address; usage: \(Help.synopsis(scanned.verb))")
        }
        guard !local.isEmpty else { throw UsageError("the local path is empty; use '.' for the current directory") }
        return try mirror(scanned, local, try RemoteAddress(remote), connection, output)
    }

    private static func mirror(
        _ scanned: ScannedArguments, _ local: String, _ remote: RemoteAddress, _ connection: ConnectionArguments,
        _ output: OutputArguments
    ) throws(UsageError) -> MirrorArguments {
        let symlinks: MirrorOptions.Links? = try scanned.choice("--symlinks")
        if scanned.verb == .down, symlinks == .follow {
            throw UsageError(
                "--symlinks follow does not apply to 'down', which never follows local links; remove the option")
        }
        return MirrorArguments(
            local: local, remote: remote, connection: connection, output: output,
            concurrency: try number(scanned, "--concurrency", in: 1...1024), limits: try limits(scanned),
            symlinks: symlinks,
            emptyDirectories: scanned.flags.contains("--empty-directories"),
            failFast: scanned.flags.last { $0 == "--fail-fast" || $0 == "--keep-going" } == "--fail-fast",
            options: try MirrorOptions(scanned))
    }

    private static func limits(_ scanned: ScannedArguments) throws(UsageError) -> LimitArguments {
        let size = "a size such as 512K, 8M or 1G"
        let memory = try scanned.quantity("--memory-budget", size, Quantity.bytes)
        return LimitArguments(
            partSize: try scanned.quantity("--part-size", size, Quantity.bytes),
            multipartThreshold: try scanned.quantity("--multipart-threshold", size, Quantity.bytes),
            memoryBudget: memory.map { Int(clamping: $0) },
            bandwidth: try scanned.quantity("--bandwidth", "a rate such as 10M/s", Quantity.bytesPerSecond),
            stateDirectory: scanned.values["--state-dir"],
            outageLimit: try outageLimit(scanned))
    }

    private static func outageLimit(_ scanned: ScannedArguments) throws(UsageError) -> Int64? {
        try scanned.quantity("--outage-limit", "a time such as 90s or 5m", Quantity.seconds)
    }

    private static func object(
        _ scanned: ScannedArguments, _ connection: ConnectionArguments, _ output: OutputArguments
    ) throws(UsageError) -> ObjectArguments {
        let remote = try RemoteAddress(try operands(scanned, 1)[0])
        try requireKey(remote)
        return ObjectArguments(remote: remote, connection: connection, output: output)
    }

    private static func remove(
        _ scanned: ScannedArguments, _ connection: ConnectionArguments, _ output: OutputArguments
    ) throws(UsageError) -> RemoveArguments {
        guard !scanned.operands.isEmpty else { throw UsageError("too few arguments; usage: \(Help.synopsis(.rm))") }
        let recursive = scanned.flags.contains("--recursive")
        var remotes: [RemoteAddress] = []
        for operand in scanned.operands { remotes.append(try RemoteAddress(operand)) }
        guard remotes.allSatisfy({ $0.bucket == remotes[0].bucket }) else {
            throw UsageError("all addresses must be in the same bucket; run ossmirror once for each bucket")
        }
        if !recursive {
            for remote in remotes { try requireKey(remote) }
            let recursiveOptions = ["--include", "--exclude", "--filter-from", "--max-delete", "--outage-limit"]
            if let option = recursiveOptions.first(where: { scanned.values[$0] != nil }) {
                throw UsageError("\(option) requires -r")
            }
        }
        return RemoveArguments(
            remotes: remotes, connection: connection, output: output, recursive: recursive,
            force: scanned.flags.contains("--force"), outageLimit: try outageLimit(scanned),
            options: try MirrorOptions(scanned))
    }

    private static func connection(
        _ scanned: ScannedArguments, environment: [String: String]
    ) throws(UsageError) -> ConnectionArguments {
        func value(_ option: String, _ variable: String) -> String? {
            scanned.values[option] ?? environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        }
        var connection = ConnectionArguments(
            endpoint: value("--endpoint", "OSS_ENDPOINT"), region: value("--region", "OSS_REGION"),
            pathStyle: scanned.flags.contains("--path-style"),
            credentialsFile: value("--credentials-file", "OSS_CREDENTIALS_FILE"),
            connectTimeout: try scanned.quantity("--connect-timeout", "a time such as 10s", Quantity.seconds),
            responseTimeout: try scanned.quantity("--response-timeout", "a time such as 30s", Quantity.seconds))
        if let signature: ConnectionArguments.Signature = try scanned.choice("--signature") {
            connection.signature = signature
        }
        if let transport: ConnectionArguments.Transport = try scanned.choice("--transport") {
            connection.transport = transport
        }
        guard connection.endpoint != nil || connection.region != nil else {
            throw UsageError("missing region; use --region (such as cn-hangzhou) or --endpoint, or set OSS_REGION")
        }
        return connection
    }

    private static func operands(_ scanned: ScannedArguments, _ count: Int) throws(UsageError) -> [String] {
        guard scanned.operands.count == count else {
            let problem = scanned.operands.count < count ? "too few arguments" : "too many arguments"
            throw UsageError("\(problem); usage: \(Help.synopsis(scanned.verb))")
        }
        return scanned.operands
    }

    private static func requireKey(_ remote: RemoteAddress) throws(UsageError) {
        guard remote.key.isEmpty else { return }
        throw UsageError("'\(remote)' has no key; use oss://\(remote.bucket)/KEY")
    }

    private static func number(
        _ scanned: ScannedArguments, _ option: String, in range: ClosedRange<Int>
    ) throws(UsageError) -> Int? {
        guard let text = scanned.values[option] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let limit =
                range.upperBound == Int.max
                ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            throw UsageError("\(option) must be \(limit) (got '\(text)')")
        }
        return number
    }
}
