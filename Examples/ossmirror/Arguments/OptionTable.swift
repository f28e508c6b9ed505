/// A command-line option and the commands that accept it.
struct Option: Sendable {
    var name: String
    var short: String?
    /// Placeholder of the value in the help text; `nil` for a flag.
    var value: String?
    var verbs: Set<Verb>
    var help: String
}

/// All options, and the options of other tools that are rejected with an explanation.
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
            help: "service endpoint (default: OSS_ENDPOINT, then the region's public endpoint)"),
        Option(name: "--region", value: "R", verbs: every, help: "region, such as cn-hangzhou (default: OSS_REGION)"),
        Option(name: "--path-style", verbs: every, help: "put the bucket name in the path instead of the host name"),
        Option(name: "--signature", value: "v4|v1", verbs: every, help: "signature version (default: v4)"),
        Option(
            name: "--credentials-file", value: "FILE", verbs: every,
            help: "read credentials from FILE (default: OSS_CREDENTIALS_FILE, then the environment)"),
        Option(
            name: "--connect-timeout", value: "TIME", verbs: every,
            help: "maximum time to connect, per attempt (default: 10s)"),
        Option(
            name: "--response-timeout", value: "TIME", verbs: every,
            help: "maximum time to wait for the first byte of a response, per attempt (default: 30s)"),
    ]

    private static let selection: [Option] = [
        Option(
            name: "--update", value: "MODE", verbs: transfers,
            help:
                "which files that exist at the destination to transfer: always, missing (none), newer, size, modified (default) or checksum"
        ),
        Option(name: "--newer", short: "-u", verbs: transfers, help: "same as --update newer (as in ossutil)"),
        Option(
            name: "--snapshot", value: "FILE", verbs: reads,
            help:
                "store the record of equal files in FILE and send no request for unchanged files; check excludes FILE, but does not use it"
        ),
        Option(
            name: "--include", value: "GLOB", verbs: filters,
            help: "include matching paths; the last matching rule wins; ** matches across folders"),
        Option(
            name: "--exclude", value: "GLOB", verbs: filters,
            help: "exclude matching paths; excluded files are not deleted either"),
        Option(
            name: "--filter-from", value: "FILE", verbs: filters,
            help: "read rules from FILE; lines: '+ GLOB', '- GLOB'"),
        Option(name: "--min-size", value: "SIZE", verbs: mirrors, help: "skip files smaller than SIZE"),
        Option(name: "--max-size", value: "SIZE", verbs: mirrors, help: "skip files larger than SIZE"),
        Option(
            name: "--min-age", value: "AGE", verbs: mirrors,
            help: "skip files modified less than AGE ago, such as 12h or 7d"),
        Option(
            name: "--max-age", value: "AGE", verbs: mirrors,
            help: "skip files modified more than AGE ago, such as 12h or 7d"),
        Option(
            name: "--partition", value: "I/N", verbs: mirrors,
            help: "process only partition I of N, so that N machines can share the work"),
        Option(
            name: "--retry-failed", value: "REPORT", verbs: transfers,
            help: "retry only the failures listed in REPORT (--json output or a failure list)"),
        Option(
            name: "--clashes", value: "MODE", verbs: [.down],
            help:
                "what to download if a file and a folder have the same name: keep-folder (default), keep-file or keep-neither"
        ),
        Option(
            name: "--track-renames", verbs: [.up],
            help: "detect renamed files and copy them on the server (buffers the list of new files)"),
    ]

    private static let deletion: [Option] = [
        Option(
            name: "--delete", verbs: transfers,
            help: "delete files that the source does not have, after all transfers and only if none failed"),
        Option(
            name: "--max-delete", value: "N|P%", verbs: transfers.union([.rm]),
            help:
                "refuse to delete more than N files, or P percent of them (default: 50%, but at least 100 files; rm -r: 100 objects)"
        ),
        Option(
            name: "--allow-empty-source", verbs: transfers,
            help: "accept a source without files; with --delete, this empties the destination, up to --max-delete"),
        Option(name: "--backup-dir", value: "DIR", verbs: [.down], help: "move files to DIR instead of deleting them"),
    ]

    private static let storing: [Option] = [
        Option(
            name: "--gzip", value: "EXT,EXT", verbs: reads,
            help: "compress files with these extensions before upload; down and check decompress them"),
        Option(
            name: "--metadata", value: "K=V", verbs: [.up],
            help: "user metadata to store with every file; can be repeated"),
        Option(
            name: "--content-type", value: "TYPE", verbs: [.up],
            help: "content type of every file (default: by file extension)"),
        Option(
            name: "--cache-control", value: "TEXT", verbs: [.up],
            help: "Cache-Control header to store with every file"),
        Option(
            name: "--storage-class", value: "C", verbs: [.up],
            help: "storage class, such as IA or Archive (default: the bucket's)"),
        Option(
            name: "--acl", value: "A", verbs: [.up],
            help: "default, private, public-read or public-read-write (default: the bucket's)"),
    ]

    private static let running: [Option] = [
        Option(
            name: "--dry-run", short: "-n", verbs: transfers.union([.rm]),
            help: "print the actions and their reasons without performing them"),
        Option(
            name: "--concurrency", short: "-j", value: "N", verbs: mirrors,
            help: "maximum number of concurrent requests (default: 30)"),
        Option(
            name: "--multipart-threshold", value: "SIZE", verbs: [.up, .down],
            help: "size from which files are transferred in parts that can be resumed (default: 16M)"),
        Option(
            name: "--part-size", value: "SIZE", verbs: transfers,
            help: "part size, 100K to 5G (default: 8M, or more for very large files)"),
        Option(
            name: "--memory-budget", value: "SIZE", verbs: [.up, .down],
            help: "maximum bytes of content buffered in memory (default: 24M)"),
        Option(
            name: "--bandwidth", value: "SIZE/s", verbs: [.up, .down],
            help: "maximum total bandwidth (default: unlimited)"),
        Option(
            name: "--state-dir", value: "DIR", verbs: mirrors,
            help: "directory for resume state and records (default: ~/.local/state/aliyun-oss)"),
        Option(
            name: "--symlinks", value: "MODE", verbs: reads,
            help:
                "local symbolic links to upload: follow (default) or skip; down replaces local links without following them"
        ),
        Option(
            name: "--symlink-objects", value: "MODE", verbs: mirrors,
            help:
                "symbolic links in the bucket: follow (default; one request each) or skip; copy copies the link itself"
        ),
        Option(name: "--empty-directories", verbs: reads, help: "include empty directories"),
        Option(
            name: "--outage-limit", value: "TIME", verbs: mirrors,
            help: "maximum wait while the service throttles or does not respond (default: 5m; 0s: do not wait)"),
        Option(name: "--fail-fast", verbs: mirrors, help: "stop after the first failure"),
        Option(name: "--keep-going", verbs: mirrors, help: "continue with the other files after a failure (default)"),
        Option(
            name: "--long", short: "-l", verbs: [.ls, .incomplete],
            help: "print details: size, time and ETag (ls); bytes and number of parts (incomplete)"),
        Option(
            name: "--abort-older-than", value: "AGE", verbs: [.incomplete],
            help: "abort uploads started more than AGE ago, such as 12h or 7d"),
        Option(name: "--max", value: "N", verbs: [.ls], help: "stop after N keys"),
        Option(name: "--recursive", short: "-r", verbs: [.rm], help: "remove every object under the address"),
        Option(
            name: "--force", verbs: [.rm],
            help: "allow -r to empty a bucket, and remove the default limit of --max-delete"),
        Option(name: "--json", verbs: reports, help: "print one JSON object, and nothing else, to standard output"),
        Option(name: "--quiet", verbs: mirrors.union([.rm, .incomplete]), help: "print nothing on success"),
        Option(name: "--no-progress", verbs: mirrors, help: "do not show a progress line"),
    ]

    /// Options of future versions. They are rejected, because ignoring them would change the result.
    static let notYet: Set<String> = ["--transport"]

    /// Options that pass secrets in other tools. No message contains their values.
    static let secrets: Set<String> = [
        "--access-key-id", "--access-key-secret", "--access-key", "--secret", "--secret-key", "--security-token",
        "--session-token", "--sts-token", "--token", "--password", "--credentials", "-i", "-k",
    ]

    static func option(named name: String) -> Option? {
        options.first { $0.name == name || $0.short == name }
    }
}
