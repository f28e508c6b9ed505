/// One option: its names, what its value is called, and the subcommands that take it.
struct Option: Sendable {
    var name: String
    var short: String?
    /// What the value is called in the help; `nil` for an option without one.
    var value: String?
    var verbs: Set<Verb>
    var help: String
}

/// Every option there is, and those that are refused with an explanation.
enum OptionTable {
    private static let every = Set(Verb.allCases)
    private static let mirrors: Set<Verb> = [.up, .down, .check]
    private static let reports = every.subtracting([.cat])

    static let options: [Option] = [
        Option(
            name: "--endpoint", value: "URL", verbs: every,
            help: "the service's address; default OSS_ENDPOINT, else the region's public one"),
        Option(name: "--region", value: "R", verbs: every, help: "such as cn-hangzhou; default OSS_REGION"),
        Option(name: "--path-style", verbs: every, help: "put the bucket into the path and not into the host name"),
        Option(name: "--signature", value: "v4|v1", verbs: every, help: "the signature version; default v4"),
        Option(
            name: "--credentials-file", value: "FILE", verbs: every,
            help: "read the credentials from FILE; default OSS_CREDENTIALS_FILE, else the environment"),
        Option(
            name: "--concurrency", short: "-j", value: "N", verbs: mirrors,
            help: "the number of requests in flight; default 30"),
        Option(
            name: "--symlinks", value: "follow|skip", verbs: mirrors,
            help: "symbolic links in LOCAL when it is read; default follow"),
        Option(name: "--empty-directories", verbs: mirrors, help: "mirror empty directories too"),
        Option(name: "--fail-fast", verbs: mirrors, help: "stop at the first file that fails"),
        Option(name: "--keep-going", verbs: mirrors, help: "go on with the other files; the default"),
        Option(name: "--long", short: "-l", verbs: [.ls], help: "show size, time and ETag before each key"),
        Option(name: "--max", value: "N", verbs: [.ls], help: "stop after N keys"),
        Option(name: "--recursive", short: "-r", verbs: [.rm], help: "remove every object below the address"),
        Option(name: "--force", verbs: [.rm], help: "let -r empty a whole bucket"),
        Option(name: "--json", verbs: reports, help: "print one JSON object, and nothing else, on standard output"),
        Option(name: "--quiet", verbs: mirrors.union([.rm]), help: "print nothing on success"),
        Option(name: "--no-progress", verbs: mirrors, help: "no progress line, even on a terminal"),
    ]

    /// Options of versions to come. They change what is transferred or deleted, so ignoring one would be a lie.
    static let notYet: Set<String> = [
        "--transport", "--part-size", "--multipart-threshold", "--memory-budget", "--bandwidth", "--update", "-u",
        "--snapshot", "--delete", "--max-delete", "--allow-empty-source", "--include", "--exclude", "--filter-from",
        "--gzip", "--metadata", "--storage-class", "--acl", "--dry-run", "-n", "--partition", "--state-dir",
    ]

    /// Options under which other tools take secrets. Their values are never repeated in a message.
    static let secrets: Set<String> = [
        "--access-key-id", "--access-key-secret", "--access-key", "--secret", "--secret-key", "--security-token",
        "--session-token", "--sts-token", "--token", "--password", "--credentials", "-i", "-k",
    ]

    static func option(named name: String) -> Option? {
        options.first { $0.name == name || $0.short == name }
    }
}
