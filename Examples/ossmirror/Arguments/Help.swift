/// The text that `--help` prints, generated from ``OptionTable``.
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
        case .up: "upload a folder to a bucket"
        case .down: "download the objects under a prefix, or a single object"
        case .copy: "copy the objects under one prefix to another prefix, on the server"
        case .check: "compare a folder with a prefix; exit with status 1 if they differ"
        case .ls: "list the keys that start with a prefix"
        case .cat: "write the content of an object to standard output"
        case .stat: "print the metadata of an object"
        case .rm: "remove objects or, with -r, all objects under a prefix"
        case .incomplete: "list incomplete multipart uploads, or abort old ones"
        }
    }

    static let top = """
        Usage: ossmirror COMMAND ARGUMENTS [OPTIONS]

        Mirrors folders to and from Aliyun OSS.

        Commands:
        \(Verb.allCases.map { "  " + padded($0.rawValue, to: 11) + summary($0) }.joined(separator: "\n"))

        'ossmirror COMMAND --help' lists the options of a command.
        'ossmirror --version' prints the version.

        \(environment)
        """

    static func text(_ verb: Verb?) -> String {
        guard let verb else { return top }
        let rows = OptionTable.options.filter { $0.verbs.contains(verb) }.map { option in
            "  " + padded(option.usage, to: indent - 2) + wrapped(option.help)
        }
        return """
            Usage: \(synopsis(verb)) [OPTIONS]

            \(capitalized(summary(verb))).

            Options:
            \(rows.joined(separator: "\n"))

            \(environment)
            """
    }

    private static let environment = """
        Environment:
          OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN
                                      credentials (not accepted as arguments)
          OSS_CREDENTIALS_FILE        default for --credentials-file
          OSS_REGION, OSS_ENDPOINT    defaults for --region and --endpoint

        Without --credentials-file, credentials come from the first of these sources
        that is configured: the variables above, or ALIBABA_CLOUD_ACCESS_KEY_ID etc.;
        the OIDC token of a pod; ~/.ossutilconfig, ~/.oss/credentials,
        ~/.aliyun/config.json or ~/.alibabacloud/credentials; the RAM role of the ECS
        instance; the URI in ALIBABA_CLOUD_CREDENTIALS_URI.

        Exit status:
          0 success   1 failure or difference   2 invalid usage
          3 deletion refused for safety   130 interrupted
        """

    /// Column at which the descriptions of options start.
    private static let indent = 30

    /// Breaks a description into lines of at most 80 columns.
    private static func wrapped(_ text: String) -> String {
        var lines = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if line.isEmpty {
                lines[lines.count - 1] = String(word)
            } else if indent + line.count + 1 + word.count <= 80 {
                lines[lines.count - 1] = line + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
