/// The table of all commands, from which the parser, the help texts and the suggestions are made.
///
/// To add a command:
///
/// 1. Add its name to ``Verb``.
/// 2. Write a type that conforms to ``Command``, in `Commands/`, with an initializer that takes ``ScannedArguments``. The
///    parser has already checked the number of arguments, the kind of each argument and the value of each option, so the
///    initializer only converts them, with methods such as ``ScannedArguments/address(_:)``, and checks which options go
///    together. `ConnectionArguments(scanned)` and `OutputArguments(scanned)` read the options that all commands share.
/// 3. Describe the command as a static member of ``CommandDescription``, with two examples, in one of the files
///    `CommandDescription+….swift`. Options that several commands accept are static members of ``Option``.
/// 4. Add the description to a section below. The help texts list the commands in this order.
///
/// `CommandTableTests` checks every entry: its examples are parsed, and its help fits into 80 columns.
enum CommandTable {
    struct Section: Sendable {
        let title: String
        let commands: [CommandDescription]
    }

    static let sections: [Section] = [
        Section(title: "Transfers", commands: [.cp, .mv, .sync, .put]),
        Section(title: "Folders", commands: [.up, .down, .copy, .check]),
        Section(title: "Objects", commands: [.ls, .du, .cat, .stat, .rm]),
        Section(title: "Buckets", commands: [.mb, .rb]),
        Section(title: "Sharing and properties", commands: [.presign, .meta, .tag, .acl, .symlink, .restore]),
        Section(title: "Versions", commands: [.versions, .undelete]),
        Section(title: "Maintenance", commands: [.incomplete, .setting, .probe]),
        Section(title: "This program", commands: [.completion, .man]),
    ]

    static let commands: [CommandDescription] = sections.flatMap(\.commands)

    private static let byVerb = Dictionary(uniqueKeysWithValues: commands.map { ($0.verb, $0) })

    /// Returns the description of a command, or `nil` if the table has none.
    static func command(_ verb: Verb) -> CommandDescription? { byVerb[verb] }

    /// Returns the description of the command with a name.
    static func command(named name: String) throws(UsageError) -> CommandDescription {
        if let command = Verb(rawValue: name).flatMap({ byVerb[$0] }) { return command }
        throw UsageError("unknown command '\(name)'; \(suggestion(for: name) ?? "see 'ossmirror --help'")")
    }

    private static func suggestion(for name: String) -> String? {
        let known = commands.first { $0.synonyms.contains(name) }?.verb.rawValue
        guard let match = known ?? Suggestion.nearest(to: name, in: commands.map(\.verb.rawValue)) else { return nil }
        return "did you mean '\(match)'?"
    }
}

/// The name of a command, as given on the command line.
enum Verb: String, CaseIterable, Sendable {
    case cp, mv, sync, put, up, down, copy, check, ls, du, cat, stat, rm, mb, rb, incomplete
    case presign, meta, tag, acl, symlink, restore, versions, undelete
    case setting, probe, completion, man
}
