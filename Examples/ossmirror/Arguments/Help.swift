/// The texts of `--help`, made from the table of options so that they cannot disagree with it.
enum Help {
    static func synopsis(_ verb: Verb) -> String {
        switch verb {
        case .up: "ossmirror up LOCAL oss://BUCKET/PREFIX"
        case .down: "ossmirror down oss://BUCKET/PREFIX LOCAL"
        case .copy: "ossmirror copy oss://BUCKET/PREFIX oss://BUCKET/PREFIX"
        case .check: "ossmirror check LOCAL oss://BUCKET/PREFIX"
        case .ls: "ossmirror ls oss://BUCKET/PREFIX"
        case .cat: "ossmirror cat oss://BUCKET/KEY"
        case .stat: "ossmirror stat oss://BUCKET/KEY"
        case .rm: "ossmirror rm oss://BUCKET/KEY…"
        case .incomplete: "ossmirror incomplete oss://BUCKET/PREFIX"
        }
    }

    static func summary(_ verb: Verb) -> String {
        switch verb {
        case .up: "send a folder to a bucket"
        case .down: "fetch what is below a prefix into a folder, or one object into a file"
        case .copy: "have the service copy what is below a prefix to another"
        case .check: "compare contents and change nothing; status 0 when equal, 1 when not"
        case .ls: "print the keys that begin with a prefix, one a line"
        case .cat: "write an object to standard output"
        case .stat: "print what the service says of an object"
        case .rm: "remove objects; with -r up to 100 below an address, or what --max-delete allows"
        case .incomplete: "list uploads that were begun and never finished, or abort the old ones"
        }
    }

    static let top = """
        Usage: ossmirror COMMAND ARGUMENTS [OPTIONS]

        Mirrors folders to and from Aliyun OSS.

        Commands:
        \(Verb.allCases.map { "  " + padded($0.rawValue, to: 11) + summary($0) }.joined(separator: "\n"))

        'ossmirror COMMAND --help' lists a command's options; 'ossmirror --version' prints the version.

        \(environment)
        """

    static func text(_ verb: Verb?) -> String {
        guard let verb else { return top }
        let rows = OptionTable.options.filter { $0.verbs.contains(verb) }.map { option in
            var names = [option.short, option.name].compactMap { $0 }.joined(separator: ", ")
            if let value = option.value { names += " " + value }
            return (names, option.help)
        }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        return """
            Usage: \(synopsis(verb)) [OPTIONS]

            \(capitalized(summary(verb))).

            Options:
            \(rows.map { "  " + padded($0.0, to: width) + $0.1 }.joined(separator: "\n"))

            \(environment)
            """
    }

    private static let environment = """
        Environment:
          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN   the credentials; never given as arguments
          OSS_CREDENTIALS_FILE                                          a file to read them from instead; without any of these ~/.ossutilconfig is
          OSS_REGION, OSS_ENDPOINT                                      defaults for --region and --endpoint

        Exit status:
          0 everything done   1 something failed   2 bad usage   3 refused for safety   130 interrupted
        """

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
