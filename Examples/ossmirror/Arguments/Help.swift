/// The texts that `--help` prints, generated from ``CommandTable``.
enum Help {
    static func text(_ verb: Verb?) -> String {
        guard let command = verb.flatMap(CommandTable.command) else { return top }
        var paragraphs = [
            "Usage: " + wrapped("\(command.synopsis) [OPTIONS]", indent: 7),
            wrapped(capitalized(command.summary) + ".", indent: 0),
            "Examples:\n" + command.examples.map(text).joined(separator: "\n"),
        ]
        if !command.options.isEmpty { paragraphs.append("Options:\n" + rows(command.options)) }
        if command.connects { paragraphs.append("Connection:\n" + rows(Option.connection)) }
        paragraphs += command.notes.map { wrapped($0, indent: 0) }
        paragraphs.append("'ossmirror --help' lists the environment variables and exit statuses.")
        return paragraphs.joined(separator: "\n\n")
    }

    static let top = """
        Usage: ossmirror COMMAND ARGUMENTS [OPTIONS]

        Transfers objects and mirrors folders to and from Aliyun OSS.

        \(CommandTable.sections.map(text).joined(separator: "\n\n"))

        'ossmirror help COMMAND' lists the options of a command, with examples.
        'ossmirror --version' prints the version.

        \(topics.map { "\($0.title):\n\($0.text)" }.joined(separator: "\n\n"))
        """

    /// Texts about the program as a whole, of lines that end within 80 columns.
    static let topics: [(title: String, text: String)] = [
        (
            "Addresses",
            """
              oss://BUCKET/KEY            an object
              oss://BUCKET/PREFIX/        the objects whose keys start with PREFIX/
              anything else               a local file or folder
            """
        ),
        (
            "Environment",
            """
              OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN
                                          credentials (not accepted as arguments)
              OSS_CREDENTIALS_FILE        default for --credentials-file
              OSS_REGION, OSS_ENDPOINT    defaults for --region and --endpoint
            """
        ),
        (
            "Credentials",
            """
            Without --credentials-file and --profile, credentials come from the first of
            these sources that is configured: the variables above, or
            ALIBABA_CLOUD_ACCESS_KEY_ID etc.; the OIDC token of a pod; ~/.ossutilconfig,
            ~/.oss/credentials, ~/.aliyun/config.json or ~/.alibabacloud/credentials; the
            RAM role of the ECS instance; the URI in ALIBABA_CLOUD_CREDENTIALS_URI. The
            endpoint and region in the file are used unless an option or variable names
            one of them. 'ossmirror probe' shows what is used.
            """
        ),
        (
            "Exit status",
            """
              0 success   1 failure or difference   2 invalid usage
              3 deletion refused for safety   130 interrupted
            """
        ),
    ]

    private static func text(_ section: CommandTable.Section) -> String {
        let rows = section.commands.map { command in
            "  " + padded(command.verb.rawValue, to: 12) + wrapped(command.summary, indent: 14)
        }
        return section.title + ":\n" + rows.joined(separator: "\n")
    }

    private static func text(_ example: Example) -> String {
        "  ossmirror \(example.line)\n      " + wrapped(example.text, indent: 6)
    }

    private static func rows(_ options: [Option]) -> String {
        options.map { option in
            let usage = "  " + padded(option.usage, to: indent - 2)
            // A longer usage has a line of its own.
            let separator = usage.count >= indent ? "\n" + String(repeating: " ", count: indent) : ""
            return usage + separator + wrapped(option.summary, indent: indent)
        }.joined(separator: "\n")
    }

    /// Column at which the descriptions of options start.
    private static let indent = 30

    /// Breaks a text whose lines start at a column into lines that end within 80 columns.
    private static func wrapped(_ text: String, indent: Int) -> String {
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
