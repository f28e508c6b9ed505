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
            name: "--multipart-threshold", value: "SIZE", verbs: [.up, .down],
            help: "from this size on, a file goes in parts that are resumed after an interruption; default 16M"),
        Option(
            name: "--part-size", value: "SIZE", verbs: [.up, .down],
            help: "the size of a part, 100K to 5G; default 8M, growing with the file"),
        Option(
            name: "--memory-budget", value: "SIZE", verbs: [.up, .down],
            help: "the most bytes of content held in memory at a time; default 32M"),
        Option(
            name: "--bandwidth", value: "SIZE/s", verbs: [.up, .down],
            help: "the most bytes a second to move, in all; default no limit"),
        Option(
            name: "--state-dir", value: "DIR", verbs: [.up, .down],
            help: "where interrupted transfers are remembered; default ~/.local/state/aliyun-oss"),
        Option(
            name: "--symlinks", value: "follow|skip", verbs: mirrors,
            help: "symbolic links in LOCAL when it is read; default follow"),
        Option(name: "--empty-directories", verbs: mirrors, help: "mirror empty directories too"),
        Option(name: "--fail-fast", verbs: mirrors, help: "stop at the first file that fails"),
        Option(name: "--keep-going", verbs: mirrors, help: "go on with the other files; the default"),
        Option(
            name: "--long", short: "-l", verbs: [.ls, .abandoned],
            help: "show sizes too: for ls size, time and ETag, for abandoned bytes and parts"),
        Option(
            name: "--abort-older-than", value: "AGE", verbs: [.abandoned],
            help: "abort the uploads that were begun longer ago than AGE, such as 12h or 7d"),
        Option(name: "--max", value: "N", verbs: [.ls], help: "stop after N keys"),
        Option(name: "--recursive", short: "-r", verbs: [.rm], help: "remove every object below the address"),
        Option(name: "--force", verbs: [.rm], help: "let -r empty a whole bucket"),
        Option(name: "--json", verbs: reports, help: "print one JSON object, and nothing else, on standard output"),
        Option(name: "--quiet", verbs: mirrors.union([.rm, .abandoned]), help: "print nothing on success"),
        Option(name: "--no-progress", verbs: mirrors, help: "no progress line, even on a terminal"),
    ]

    /// Options of versions to come. They change what is transferred or deleted, so ignoring one would be a lie.
    static let notYet: Set<String> = [
        "--transport", "--update", "-u",
        "--snapshot", "--delete", "--max-delete", "--allow-empty-source", "--include", "--exclude", "--filter-from",
        "--gzip", "--metadata", "--storage-class", "--acl", "--dry-run", "-n", "--partition",
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
