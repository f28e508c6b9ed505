import Foundation

/// The parsed command line of `oss-benchmark`.
struct BenchmarkOptions: Sendable {
    /// The network library that the measured library uses.
    enum Transport: String, Sendable, CaseIterable {
        case auto, urlsession, libcurl
    }

    /// A problem with the command line, described on one line.
    struct Problem: Error {
        var description: String
    }

    /// Mode to run, or `nil` to print the help.
    var mode: Mode?
    /// Number of files; `nil` for the mode's default.
    var files: Int?
    /// Size of a file in bytes; `nil` for the mode's default.
    var size: Int?
    var concurrency = 30
    var rounds = 3
    /// Delay of each response, in milliseconds.
    var delay = 0
    var transports: [Transport] = []
    var comparesPeers = false
    var python = "python3"
    /// Whether the server computes MD5s, as the service does.
    var computesMD5 = false
    var jsonPath: String?
    var svgPath: String?

    init(_ arguments: [String]) throws(Problem) {
        if arguments.contains("--help") || arguments.contains("-h") { return }
        guard let name = arguments.first else { throw Problem(description: "a mode is required") }
        guard let mode = Mode.all.first(where: { $0.name == name }) else {
            throw Problem(description: "unknown mode '\(name)'")
        }
        self.mode = mode
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            guard let option = Self.table.first(where: { $0.name == argument }) else {
                throw Problem(description: "unknown argument '\(argument)'")
            }
            guard mode.options.contains(option.name) else {
                throw Problem(description: "the mode '\(name)' does not accept \(option.name)")
            }
            let value = option.hasValue ? rest.popFirst() : ""
            guard let value else { throw Problem(description: "\(option.name) requires a value") }
            try option.apply(&self, value)
        }
        if transports.isEmpty { transports = [.auto] }
    }

    /// Prints a report as text, or as JSON if the file for JSON is `-`, and writes the JSON to any other file.
    func write(_ report: some Encodable, as text: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let json = try encoder.encode(report)
        guard jsonPath != "-" else { return print(String(decoding: json, as: UTF8.self)) }
        print(text)
        if let jsonPath { try json.write(to: URL(fileURLWithPath: jsonPath)) }
    }
}

extension BenchmarkOptions {
    /// An option of the command line.
    struct Option: Sendable {
        let usage: String
        let help: String
        let apply: @Sendable (inout BenchmarkOptions, String) throws(Problem) -> Void

        var name: String { String(usage.prefix { $0 != " " }) }
        var hasValue: Bool { usage.contains(" ") }

        init(
            _ usage: String, _ help: String,
            apply: @escaping @Sendable (inout BenchmarkOptions, String) throws(Problem) -> Void
        ) {
            (self.usage, self.help, self.apply) = (usage, help, apply)
        }
    }

    /// Names of the options of the modes that run clients at a mock server.
    static let ofTransfers = Set(table.map(\.name)).subtracting(["--size"])

    static let table: [Option] = [
        Option("--files N", "number of files or objects (default: see above)") { options, text throws(Problem) in
            options.files = try number(text, 1, "--files")
        },
        Option("--size SIZE", "size of each file, such as 4K, 512M or 1G (default: see above)") {
            options, text throws(Problem) in
            options.size = try size(text, "--size")
        },
        Option("--concurrency N", "maximum number of concurrent requests, or of processes or threads (default: 30)") {
            options, text throws(Problem) in
            options.concurrency = try number(text, 1, "--concurrency")
        },
        Option("--rounds N", "number of runs of each client; the result is their median (default: 3)") {
            options, text throws(Problem) in
            options.rounds = try number(text, 1, "--rounds")
        },
        Option("--delay MS", "milliseconds that the server waits before each response (default: 0)") {
            options, text throws(Problem) in
            options.delay = try number(text, 0, "--delay")
        },
        Option("--transport T", "auto (default), urlsession or libcurl; repeat the option to measure several") {
            options, text throws(Problem) in
            guard let transport = Transport(rawValue: text) else {
                throw Problem(description: "--transport must be auto, urlsession or libcurl (got '\(text)')")
            }
            options.transports.append(transport)
        },
        Option("--compare", "also run the other clients that are installed, alternately") { options, _ in
            options.comparesPeers = true
        },
        Option("--python FILE", "Python interpreter with oss2 and alibabacloud-oss-v2 (default: python3)") {
            options, text in
            options.python = text
        },
        Option("--md5", "let the server compute MD5s, which limits the throughput of uploads") { options, _ in
            options.computesMD5 = true
        },
        Option("--json FILE", "also write the results to FILE as JSON; '-' prints them instead of the text") {
            options, text in
            options.jsonPath = text
        },
        Option("--svg FILE", "also draw the results in FILE as a bar chart") { options, text in
            options.svgPath = text
        },
    ]

    static var help: String {
        func lines(_ rows: [(String, String)], _ width: Int) -> String {
            rows.map { "  \($0.0.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.1)" }
                .joined(separator: "\n")
        }
        let transfers = Mode.all.filter { $0.options.contains("--compare") }
        let others = Mode.all.filter { !$0.options.contains("--compare") }
        func table(_ modes: [Mode]) -> String { lines(modes.map { ($0.name, $0.summary) }, 12) }
        return """
            usage: oss-benchmark MODE [options]

            Modes that measure this library and, with --compare, other clients at the mock server:
            \(table(transfers))

            Modes that measure parts of this library:
            \(table(others))

            Options:
            \(lines(Self.table.map { ($0.usage, $0.help) } + [("-h, --help", "print this help")], 16))

            The modes of the second list accept only --json; 'files' also accepts --files. --size applies to files of
            one size. Build with -c release: `swift run -c release oss-benchmark small --compare`.
            Docs/Performance.md describes the modes and the clients.
            """
    }

    private static func number(_ text: String, _ minimum: Int, _ option: String) throws(Problem) -> Int {
        guard let number = Int(text), (minimum...1_000_000_000).contains(number) else {
            throw Problem(description: "\(option) must be an integer of at least \(minimum) (got '\(text)')")
        }
        return number
    }

    /// Parses a number of bytes with an optional suffix K, M or G (powers of 1024).
    private static func size(_ text: String, _ option: String) throws(Problem) -> Int {
        let shift = text.last.flatMap { ["K": 10, "M": 20, "G": 30][$0.uppercased()] }
        guard let number = Int(shift == nil ? text : String(text.dropLast())), (0...1_000_000_000).contains(number)
        else { throw Problem(description: "\(option) must be a size such as 4K, 512M or 1G (got '\(text)')") }
        return number << (shift ?? 0)
    }
}
