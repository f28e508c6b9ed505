/// A command-line option and the commands that accept it.
struct Option: Sendable {
    /// Names and placeholder in the help text, such as `-j, --concurrency N`.
    let usage: String
    let name: String
    let short: String?
    /// Placeholder of the value; `nil` for a flag.
    let value: String?
    let verbs: Set<Verb>
    let help: String

    init(_ usage: String, _ verbs: Set<Verb>, _ help: String) {
        var words = usage.split(separator: " ").map(String.init)
        short = words.count > 1 && words[0].hasSuffix(",") ? String(words.removeFirst().dropLast()) : nil
        (name, value) = (words[0], words.dropFirst().first)
        (self.usage, self.verbs, self.help) = (usage, verbs, help)
    }
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
        Option("--endpoint URL", every, "service endpoint (default: OSS_ENDPOINT, then the region's public endpoint)"),
        Option("--region R", every, "region, such as cn-hangzhou (default: OSS_REGION)"),
        Option("--path-style", every, "put the bucket name in the path instead of the host name"),
        Option("--signature v4|v1", every, "signature version (default: v4)"),
        Option(
            "--credentials-file FILE", every,
            "read credentials from FILE (default: OSS_CREDENTIALS_FILE, then the environment)"),
        Option("--connect-timeout TIME", every, "maximum time to connect, per attempt (default: 10s)"),
        Option(
            "--response-timeout TIME", every,
            "maximum time to wait for the first byte of a response, per attempt (default: 30s)"),
    ]

    private static let selection: [Option] = [
        Option(
            "--update MODE", transfers,
            "which files to transfer if they already exist at the destination: always, missing (none), newer, size, modified (default) or checksum"
        ),
        Option("-u, --newer", transfers, "same as --update newer (as in ossutil)"),
        Option(
            "--snapshot FILE", reads,
            "store the record of equal files in FILE and send no request for unchanged files; check excludes FILE, but does not use it"
        ),
        Option(
            "--include GLOB", filters,
            "include matching paths; the last matching rule wins; ** matches across folders"),
        Option("--exclude GLOB", filters, "exclude matching paths; excluded files are not deleted either"),
        Option("--filter-from FILE", filters, "read rules from FILE; lines: '+ GLOB', '- GLOB'"),
        Option("--min-size SIZE", mirrors, "skip files smaller than SIZE"),
        Option("--max-size SIZE", mirrors, "skip files larger than SIZE"),
        Option("--min-age AGE", mirrors, "skip files modified less than AGE ago, such as 12h or 7d"),
        Option("--max-age AGE", mirrors, "skip files modified more than AGE ago, such as 12h or 7d"),
        Option("--partition I/N", mirrors, "process only partition I of N, so that N machines can share the work"),
        Option(
            "--retry-failed REPORT", transfers,
            "retry only the failures listed in REPORT (--json output or a failure list)"),
        Option(
            "--clashes MODE", [.down],
            "what to download if a file and a folder have the same name: keep-folder (default), keep-file or keep-neither"
        ),
        Option(
            "--track-renames", [.up],
            "detect renamed files and copy them on the server (buffers the list of new files)"),
    ]

    private static let deletion: [Option] = [
        Option(
            "--delete", transfers,
            "delete files that the source does not have, after all transfers and only if none failed"),
        Option(
            "--max-delete N|P%", transfers.union([.rm]),
            "refuse to delete more than N files, or P percent of them (default: 50%, but at least 100 files; rm -r: 100 objects)"
        ),
        Option(
            "--allow-empty-source", transfers,
            "accept a source without files; with --delete, all destination files are deleted, subject to --max-delete"),
        Option("--backup-dir DIR", [.down], "move files to DIR instead of deleting them"),
    ]

    private static let storing: [Option] = [
        Option(
            "--gzip EXT,EXT", reads,
            "compress files with these extensions before upload; down and check decompress them"),
        Option("--metadata K=V", [.up], "user metadata to store with every file; can be repeated"),
        Option("--content-type TYPE", [.up], "content type of every file (default: by file extension)"),
        Option("--cache-control TEXT", [.up], "Cache-Control header to store with every file"),
        Option("--storage-class C", [.up], "storage class, such as IA or Archive (default: the bucket's)"),
        Option("--acl A", [.up], "default, private, public-read or public-read-write (default: the bucket's)"),
    ]

    private static let running: [Option] = [
        Option("-n, --dry-run", transfers.union([.rm]), "print the actions and their reasons without performing them"),
        Option("-j, --concurrency N", mirrors, "maximum number of concurrent requests (default: 30)"),
        Option(
            "--multipart-threshold SIZE", [.up, .down],
            "size from which files are transferred in parts that can be resumed (default: 16M)"),
        Option("--part-size SIZE", transfers, "part size, 100K to 5G (default: 8M, or more for very large files)"),
        Option("--memory-budget SIZE", [.up, .down], "maximum bytes of content buffered in memory (default: 24M)"),
        Option("--bandwidth SIZE/s", [.up, .down], "maximum total bandwidth (default: unlimited)"),
        Option(
            "--state-dir DIR", mirrors,
            "directory for resume state and records (default: ~/.local/state/aliyun-oss)"),
        Option(
            "--symlinks MODE", reads,
            "how to handle local symbolic links when uploading: follow (default) or skip; 'down' replaces local links without following them"
        ),
        Option(
            "--symlink-objects MODE", mirrors,
            "how to handle symbolic links in the bucket: follow (default; one request each) or skip; 'copy' copies the links themselves"
        ),
        Option("--empty-directories", reads, "include empty directories"),
        Option(
            "--outage-limit TIME", filters,
            "maximum time to wait while the service is throttling or not responding (default: 5m; 0s: do not wait)"),
        Option("--fail-fast", mirrors, "stop after the first failure"),
        Option("--keep-going", mirrors, "continue with the other files after a failure (default)"),
        Option(
            "-l, --long", [.ls, .incomplete],
            "print details: size, time and ETag (ls); bytes and number of parts (incomplete)"),
        Option("--abort-older-than AGE", [.incomplete], "abort uploads started more than AGE ago, such as 12h or 7d"),
        Option("--max N", [.ls], "stop after N keys"),
        Option("-r, --recursive", [.rm], "remove every object under the address"),
        Option("--force", [.rm], "allow -r to empty a bucket, and remove the default limit of --max-delete"),
        Option("--json", reports, "print one JSON object, and nothing else, to standard output"),
        Option("--quiet", mirrors.union([.rm, .incomplete]), "print nothing on success"),
        Option("--no-progress", mirrors, "do not show a progress line"),
    ]

    /// Options of future versions. They are rejected, because ignoring them would change the result.
    static let notYet: Set<String> = ["--transport"]

    /// Options that other tools use to pass secrets. No message contains their values.
    static let secrets: Set<String> = [
        "--access-key-id", "--access-key-secret", "--access-key", "--secret", "--secret-key", "--security-token",
        "--session-token", "--sts-token", "--token", "--password", "--credentials", "-i", "-k",
    ]

    static func option(named name: String) -> Option? {
        options.first { $0.name == name || $0.short == name }
    }
}
