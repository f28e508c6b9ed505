import Foundation

/// The options and operands of a command line. The parser has checked their number, kinds and values.
struct ScannedArguments: Equatable, Sendable {
    var verb: Verb
    /// Environment variables that provide defaults.
    var environment: [String: String] = [:]
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

    init(verb: Verb, environment: [String: String] = [:]) {
        (self.verb, self.environment) = (verb, environment)
    }
}

extension ScannedArguments {
    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// Returns the operand at an index as an address.
    func address(_ index: Int) throws(UsageError) -> RemoteAddress { try RemoteAddress(operands[index]) }

    /// Returns the value of a `.size` option.
    func size(_ option: String) -> Int64? { values[option].flatMap(Quantity.bytes) }

    /// Returns the value of a `.rate` option, in bytes per second.
    func rate(_ option: String) -> Int64? { values[option].flatMap(Quantity.bytesPerSecond) }

    /// Returns the value of a `.time` or `.age` option, in seconds.
    func seconds(_ option: String) -> Int64? { values[option].flatMap(Quantity.seconds) }

    /// Returns the value of a `.date` option.
    func date(_ option: String) -> Date? { values[option].flatMap(Quantity.date) }

    /// Returns the value of a `.number` option.
    func number(_ option: String) -> Int? { values[option].flatMap { Int($0) } }

    /// Returns the value of a `.choice` option.
    func choice<Choice: RawRepresentable>(_ option: String) -> Choice? where Choice.RawValue == String {
        values[option].flatMap(Choice.init)
    }
}

extension ConnectionArguments {
    /// Reads the options of a connection, and their defaults in the environment. The defaults in the configuration file
    /// are added by ``Connection/located(_:bucket:)``.
    init(_ scanned: ScannedArguments) throws(UsageError) {
        func value(_ option: String, _ variable: String) -> String? {
            scanned.values[option] ?? scanned.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        }
        self.init(
            endpoint: value("--endpoint", "OSS_ENDPOINT"), region: value("--region", "OSS_REGION"),
            pathStyle: scanned.has("--path-style"), signature: scanned.choice("--signature") ?? .v4,
            credentialsFile: value("--credentials-file", "OSS_CREDENTIALS_FILE"),
            chargesRequester: scanned.values["--request-payer"] != nil, profile: scanned.values["--profile"],
            transport: scanned.choice("--transport") ?? .auto, connectTimeout: scanned.seconds("--connect-timeout"),
            responseTimeout: scanned.seconds("--response-timeout"))
    }
}

extension OutputArguments {
    init(_ scanned: ScannedArguments) {
        self.init(
            json: scanned.has("--json"), quiet: scanned.has("--quiet"), noProgress: scanned.has("--no-progress"),
            progressInterval: scanned.seconds("--progress-interval"), verbose: scanned.has("--verbose"),
            log: scanned.values["--log"])
    }
}

extension LimitArguments {
    init(_ scanned: ScannedArguments) {
        self.init(
            partSize: scanned.size("--part-size"), multipartThreshold: scanned.size("--multipart-threshold"),
            memoryBudget: scanned.size("--memory-budget").map { Int(clamping: $0) },
            bandwidth: scanned.rate("--bandwidth"), stateDirectory: scanned.values["--state-dir"],
            outageLimit: scanned.seconds("--outage-limit"))
    }
}
