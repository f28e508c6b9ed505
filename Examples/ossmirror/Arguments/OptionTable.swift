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
    private static let transfers: Set<Verb> = [.up, .down, .copy]
    private static let mirrors = transfers.union([.check])
    private static let filters = mirrors.union([.rm])
    private static let reads: Set<Verb> = [.up, .down, .check]
    private static let reports = every.subtracting([.cat])

    static let options: [Option] = connection + selection + deletion + storing + running

    private static let connection: [Option] = [
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
            name: "--connect-timeout", value: "TIME", verbs: every,
            help: "how long one attempt may take to connect; default 10s"),
        Option(
            name: "--response-timeout", value: "TIME", verbs: every,
            help: "how long one attempt may wait for the answer to begin; default 30s"),
    ]

    private static let selection: [Option] = [
        Option(
            name: "--update", value: "MODE", verbs: transfers,
            help:
                "what to transfer of what is there already: always, missing, newer, size, modified (default) or checksum"
        ),
        Option(name: "--newer", short: "-u", verbs: transfers, help: "the same as --update newer, as in ossutil"),
        Option(
            name: "--snapshot", value: "FILE", verbs: reads,
            help:
                "keep the record of what is equal in FILE and trust it: what is unchanged costs no request; check does not, and leaves FILE out"
        ),
        Option(
            name: "--include", value: "GLOB", verbs: filters,
            help: "take part, even if an earlier rule says no; ** crosses folders; the last rule that matches counts"),
        Option(name: "--exclude", value: "GLOB", verbs: filters, help: "leave out, and do not delete either"),
        Option(
            name: "--filter-from", value: "FILE", verbs: filters,
            help: "read rules from FILE: lines '+ GLOB' and '- GLOB'"),
        Option(name: "--min-size", value: "SIZE", verbs: mirrors, help: "only files of at least SIZE"),
        Option(name: "--max-size", value: "SIZE", verbs: mirrors, help: "only files of at most SIZE"),
        Option(
            name: "--min-age", value: "AGE", verbs: mirrors, help: "only what changed longer ago, such as 12h or 7d"),
        Option(name: "--max-age", value: "AGE", verbs: mirrors, help: "only what changed more recently"),
        Option(
            name: "--partition", value: "I/N", verbs: mirrors,
            help: "only the I-th of N shares of the keys, so that N machines share the work"),
        Option(
            name: "--retry-failed", value: "REPORT", verbs: transfers,
            help: "only what failed in the run whose --json output, or list of failures, is in the file REPORT"),
        Option(
            name: "--clashes", value: "MODE", verbs: [.down],
            help: "where a file and a folder need one name: keep-folder (default), keep-file or keep-neither"),
        Option(
            name: "--track-renames", verbs: [.up],
            help: "have the service copy what was only renamed; takes memory for everything that is new"),
    ]

    private static let deletion: [Option] = [
        Option(
            name: "--delete", verbs: transfers,
            help: "delete what the source does not have, after everything else and only if nothing failed"),
        Option(
            name: "--max-delete", value: "N|P%", verbs: transfers.union([.rm]),
            help:
                "refuse to delete more than N files or P percent of them; default 50%, and up to 100 files; rm -r: 100 objects"
        ),
        Option(
            name: "--allow-empty-source", verbs: transfers,
            help:
                "let --delete empty the destination if the source is, and a prefix with nothing below it be no failure; --max-delete, if given, still holds"
        ),
        Option(
            name: "--backup-dir", value: "DIR", verbs: [.down], help: "move what --delete deletes to DIR instead"),
    ]

    private static let storing: [Option] = [
        Option(
            name: "--gzip", value: "EXT,EXT", verbs: reads,
            help: "compress files with these extensions on the way up; known by their metadata, and restored, elsewhere"
        ),
        Option(name: "--metadata", value: "K=V", verbs: [.up], help: "metadata to store with every file"),
        Option(name: "--content-type", value: "TYPE", verbs: [.up], help: "default: by the file's extension"),
        Option(name: "--cache-control", value: "TEXT", verbs: [.up], help: "stored with every file"),
        Option(name: "--storage-class", value: "C", verbs: [.up], help: "such as IA or Archive; default the bucket's"),
        Option(
            name: "--acl", value: "A", verbs: [.up],
            help: "default, private, public-read or public-read-write; default the bucket's"),
    ]

    private static let running: [Option] = [
        Option(
            name: "--dry-run", short: "-n", verbs: transfers.union([.rm]), help: "only say what would be done, and why"),
        Option(
            name: "--concurrency", short: "-j", value: "N", verbs: mirrors,
            help: "the number of requests in flight; default 30"),
        Option(
            name: "--multipart-threshold", value: "SIZE", verbs: [.up, .down],
            help: "from this size on, a file goes in parts that are resumed after an interruption; default 16M"),
        Option(
            name: "--part-size", value: "SIZE", verbs: transfers,
            help: "the size of a part, 100K to 5G; default 8M, growing with the file"),
        Option(
            name: "--memory-budget", value: "SIZE", verbs: [.up, .down],
            help: "the most bytes of content held in memory at a time; default 24M"),
        Option(
            name: "--bandwidth", value: "SIZE/s", verbs: [.up, .down],
            help: "the most bytes a second to move, in all; default no limit"),
        Option(
            name: "--state-dir", value: "DIR", verbs: mirrors,
            help: "where interrupted transfers, and what is equal, are remembered; default ~/.local/state/aliyun-oss"),
        Option(
            name: "--symlinks", value: "follow|skip", verbs: reads,
            help: "symbolic links in LOCAL when it is read; default follow. down never follows one, and replaces it"),
        Option(
            name: "--symlink-objects", value: "follow|skip", verbs: mirrors,
            help:
                "symbolic links in the bucket; default follow: they are what their targets are, for a request each. skip leaves them alone. copy copies the link"
        ),
        Option(name: "--empty-directories", verbs: reads, help: "mirror empty directories too"),
        Option(
            name: "--outage-limit", value: "TIME", verbs: mirrors,
            help: "how long to wait for a service that throttles or does not answer; default 5m, 0s does not wait"),
        Option(name: "--fail-fast", verbs: mirrors, help: "stop at the first file that fails"),
        Option(name: "--keep-going", verbs: mirrors, help: "go on with the other files; the default"),
        Option(
            name: "--long", short: "-l", verbs: [.ls, .incomplete],
            help: "show sizes too: for ls size, time and ETag, for incomplete bytes and parts"),
        Option(
            name: "--abort-older-than", value: "AGE", verbs: [.incomplete],
            help: "abort the uploads that were begun longer ago than AGE, such as 12h or 7d"),
        Option(name: "--max", value: "N", verbs: [.ls], help: "stop after N keys"),
        Option(name: "--recursive", short: "-r", verbs: [.rm], help: "remove every object below the address"),
        Option(
            name: "--force", verbs: [.rm],
            help: "let -r empty a whole bucket, and remove any number unless --max-delete is given"),
        Option(name: "--json", verbs: reports, help: "print one JSON object, and nothing else, on standard output"),
        Option(name: "--quiet", verbs: mirrors.union([.rm, .incomplete]), help: "print nothing on success"),
        Option(name: "--no-progress", verbs: mirrors, help: "no progress line, even on a terminal"),
    ]

    /// Options of versions to come. They change what is done, so ignoring one would be a lie.
    static let notYet: Set<String> = ["--transport"]

    /// Options under which other tools take secrets. Their values are never repeated in a message.
    static let secrets: Set<String> = [
        "--access-key-id", "--access-key-secret", "--access-key", "--secret", "--secret-key", "--security-token",
        "--session-token", "--sts-token", "--token", "--password", "--credentials", "-i", "-k",
    ]

    static func option(named name: String) -> Option? {
        options.first { $0.name == name || $0.short == name }
    }
}
