/// The commands that configure buckets and this program, and find problems.
extension CommandDescription {
    static let setting = CommandDescription(
        .setting, "print, replace or remove a setting of a bucket, such as lifecycle or cors",
        [
            .word(SettingCommand.Action.self), Operand(.word(SettingAccess.names), "NAME"), .bucket,
            Operand(.path, "FILE", isOptional: true),
        ],
        options: [
            [Option("--id ID", .text, "name of an image style, or ID of an inventory report"), .json, .quiet]
        ],
        examples: [
            Example("setting get lifecycle oss://photos > rules.xml", "Save the lifecycle rules."),
            Example("setting set lifecycle oss://photos rules.xml", "Replace them, for example after editing."),
        ],
        notes: [
            "NAME is \(SettingAccess.names.joined(separator: ", ")).",
            "The document is XML, or JSON for 'policy'. FILE can be '-' for standard input. The document is checked before it is sent, and sent unchanged, including elements that this program does not know. 'get' fails with status 1 if the bucket does not have the setting.",
        ],
        synonyms: [
            "lifecycle", "cors", "policy", "versioning", "encryption", "bucket-encryption", "logging", "website",
            "referer", "tagging", "inventory", "worm", "settings", "config",
        ],
        make: SettingCommand.init)

    static let probe = CommandDescription(
        .probe, "check the credentials, the connection and the rights for a bucket", [.prefix],
        options: [
            [Option("--read-only", "do not store and remove a temporary object"), .json]
        ],
        examples: [
            Example("probe oss://photos", "Check everything that transfers need."),
            Example("probe oss://photos/2026/ --read-only", "Check the rights to list and read a prefix."),
        ],
        notes: [
            "Checks where the credentials come from, the name resolution, the connection, the clock, the region of the bucket, and the rights to list, put, get and delete objects under the prefix. Each problem is printed with advice. The exit status is 1 if a check failed; a warning does not change it."
        ],
        synonyms: ["doctor", "diagnose", "ping"],
        make: ProbeCommand.init)

    static let completion = CommandDescription(
        .completion, "print a script that completes command lines in a shell", [.word(Completion.Shell.self)],
        examples: [
            Example("completion bash >> ~/.bash_completion", "Install it for bash."),
            Example("completion fish > ~/.config/fish/completions/ossmirror.fish", "Install it for fish."),
        ],
        notes: [
            "For zsh, save the script as '_ossmirror' in a directory in $fpath. To try a script: source <(ossmirror completion bash)"
        ],
        synonyms: ["completions", "autocomplete"], connects: false,
        make: TextCommand.init)

    static let man = CommandDescription(
        .man, "print the manual page", [],
        examples: [
            Example("man | man -l -", "Read the manual page."),
            Example("man > ossmirror.1", "Save it, to install it in a directory that 'manpath' prints."),
        ],
        synonyms: ["manual", "docs"], connects: false,
        make: TextCommand.init)
}
