/// The manual page that `ossmirror man` prints, in roff, generated from ``CommandTable``.
enum ManualPage {
    static func text(version: String) -> String {
        var lines = [
            ".TH OSSMIRROR 1 \"\" \(quoted("ossmirror \(version)")) \"User Commands\"",
            ".SH NAME", "ossmirror \\- transfer objects and mirror folders to and from Aliyun OSS",
            ".SH SYNOPSIS", ".B ossmirror", ".I COMMAND ARGUMENTS", "[\\fIOPTIONS\\fR]", ".br",
            ".B ossmirror help", "[\\fICOMMAND\\fR]",
            ".SH DESCRIPTION",
            line(
                "ossmirror uploads, downloads, copies and manages objects in Aliyun OSS. Options can be given before, between and after the other arguments; every argument after \\-\\- is not an option."
            ),
        ]
        for section in CommandTable.sections {
            lines.append(".SH \(quoted(section.title.uppercased() + " COMMANDS"))")
            lines += section.commands.flatMap(command)
        }
        lines += [".SH CONNECTION OPTIONS", "These options apply to all commands that send requests."]
        lines += Option.connection.flatMap(option)
        for (title, text) in Help.topics {
            lines.append(".SH \(quoted(title.uppercased()))")
            // The columns of these texts are aligned, so lines are not filled.
            lines += [".nf"] + text.split(separator: "\n", omittingEmptySubsequences: false).map { line(String($0)) }
            lines.append(".fi")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func command(_ command: CommandDescription) -> [String] {
        var lines = [".SS \(quoted(command.synopsis + " [OPTIONS]"))"]
        lines.append(line(command.summary.prefix(1).uppercased() + command.summary.dropFirst() + "."))
        lines += command.options.flatMap(option)
        lines += command.notes.flatMap { [".PP", line($0)] }
        lines += [".PP", "Examples:"]
        for example in command.examples {
            lines += [".PP", ".RS", ".nf", line("ossmirror \(example.line)"), ".fi", line(example.text), ".RE"]
        }
        return lines
    }

    private static func option(_ option: Option) -> [String] {
        [".TP", "\\fB\(escaped(option.usage))\\fR", line(option.summary)]
    }

    /// Escapes a text, which becomes one line of the source.
    private static func line(_ text: String) -> String {
        let text = escaped(text)
        // A line that starts with a period or an apostrophe would be a request.
        return text.hasPrefix(".") || text.hasPrefix("'") || text.hasPrefix("\\(aq") ? "\\&" + text : text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("'", with: "\\(aq")
            .replacing("…", with: "...")
    }

    private static func quoted(_ text: String) -> String {
        "\"" + escaped(text).replacing("\"", with: "\\(dq") + "\""
    }
}
