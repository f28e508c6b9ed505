/// A command-line option and the commands that accept it.
struct Option: Sendable {
    /// Option names and value placeholder, as shown in the help text, such as `-j, --concurrency N`.
    let usage: String
    let name: String
    let short: String?
    /// Placeholder for the option's value; `nil` for a flag.
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

/// A table of all options, and of the options of other tools that are rejected with an explanation.
enum OptionTable {
    private static let every = Set(Verb.allCases)
    private static let transfers: Set<Verb> = [.up, .down, .copy]
    private static let mirrors = transfers.union([.check])
    private static let filters = mirrors.union([.rm])
    private static let reads: Set<Verb> = [.up, .down, .check]
    private static let reports = every.subtracting([.cat])

    static let options: [Option] = connection + selection + deletion + storing + running

    private static let connection: [Option] = [
        Option("--endpoint URL", every, "service endpoint (default: OSS_ENDPOINT, or the region's public endpoint)"),
        Option("--region R", every, "region, such as cn-hangzhou (default: OSS_REGION)"),
        Option("--path-style", every, "put the bucket name in the URL path instead of in the host name"),
        Option("--signature v4|v1", every, "signature version (default: v4)"),
        Option(
            "--credentials-file FILE", every,
            "read credentials from FILE (default: the file named by OSS_CREDENTIALS_FILE, or else the first source that is configured)"
        ),
        Option("--connect-timeout TIME", every, "maximum time to establish a connection, per attempt (default: 10s)"),
        Option(
            "--response-timeout TIME", every,
            "maximum time to wait for the first byte of a response, per attempt (default: 30s)"),
        Option(
            "--transport auto|urlsession|libcurl", every,
            "network library: auto (default; libcurl on Linux if available), urlsession or libcurl"),
    ]

    private static let selection: [Option] = [
        Option(
            "--update MODE", transfers,
            "which files to transfer: always (all files), missing, newer, size (different size), modified (different content, using the results of earlier runs; default) or checksum (different content, ignoring the results of earlier runs)"
        ),
        Option("-u, --newer", transfers, "same as --update newer (like ossutil -u)"),
        Option(
            "--snapshot FILE", reads,
            "record in FILE which files match their objects, so that later runs send no requests for unchanged files; 'check' ignores FILE"
        ),
        Option(
            "--include GLOB", filters,
            "include matching paths; the last matching rule wins; ** matches across folders"),
        Option("--exclude GLOB", filters, "exclude matching paths from transfer and deletion"),
        Option("--filter-from FILE", filters, "read filter rules from FILE, one per line: '+ GLOB' or '- GLOB'"),
        Option("--min-size SIZE", mirrors, "skip files smaller than SIZE"),
        Option("--max-size SIZE", mirrors, "skip files larger than SIZE"),
        Option("--min-age AGE", mirrors, "skip files modified less than AGE ago (such as 12h or 7d)"),
        Option("--max-age AGE", mirrors, "skip files modified more than AGE ago (such as 12h or 7d)"),
        Option("--partition I/N", mirrors, "process only partition I of N, so that N machines can share the work"),
        Option(
            "--retry-failed REPORT", transfers,
            "retry only the failures listed in REPORT, which is the --json output or the failure list of an earlier run"
        ),
        Option(
            "--clashes MODE", [.down],
            "what to download when a file and a folder have the same name: keep-folder (default), keep-file or keep-neither"
        ),
        Option(
            "--track-renames", [.up],
            "detect renamed files and copy their objects on the server instead of uploading the files again (keeps a list of new files in memory)"
        ),
    ]

    private static let deletion: [Option] = [
        Option(
            "--delete", transfers,
            "delete destination files that do not exist in the source, once all transfers have succeeded"),
        Option(
            "--max-delete N|P%", transfers.union([.rm]),
            "delete nothing if more than N files, or P percent of the destination's files, would be deleted (default: 50% or 100 files, whichever is greater; for rm -r, 100 objects)"
        ),
        Option(
            "--allow-empty-source", transfers,
            "accept a source without files; with --delete, this deletes all destination files, subject to --max-delete"),
        Option("--backup-dir DIR", [.down], "move local files to DIR instead of deleting them"),
    ]

    private static let storing: [Option] = [
        Option(
            "--gzip EXT,EXT", reads,
            "compress files with these extensions when uploading, and decompress them when downloading or checking"),
        Option("--metadata K=V", [.up], "user metadata to store with every file; can be repeated"),
        Option("--content-type TYPE", [.up], "content type of every file (default: derived from the file extension)"),
        Option("--cache-control TEXT", [.up], "Cache-Control header to store with every file"),
        Option("--storage-class C", [.up], "storage class, such as IA or Archive (default: the bucket's)"),
        Option(
            "--acl A", [.up],
            "access control list: default (inherited from the bucket), private, public-read or public-read-write"),
    ]

    private static let running: [Option] = [
        Option("-n, --dry-run", transfers.union([.rm]), "print the actions and their reasons without performing them"),
        Option("-j, --concurrency N", mirrors, "maximum number of concurrent requests (default: 30)"),
        Option(
            "--multipart-threshold SIZE", [.up, .down],
            "transfer files of SIZE or larger in parts, so that interrupted transfers can be resumed (default: 16M)"),
        Option("--part-size SIZE", transfers, "part size, from 100K to 5G (default: 8M, or more for very large files)"),
        Option("--memory-budget SIZE", [.up, .down], "maximum amount of content to buffer in memory (default: 24M)"),
        Option("--bandwidth SIZE/s", [.up, .down], "maximum bandwidth of all requests combined (default: unlimited)"),
        Option(
            "--state-dir DIR", mirrors,
            "directory in which to save the progress of interrupted transfers and records of which files match their objects (default: ~/.local/state/aliyun-oss)"
        ),
        Option(
            "--symlinks MODE", reads,
            "how to handle local symbolic links when uploading: follow (default) or skip; the 'down' command always replaces local links and never follows them"
        ),
        Option(
            "--symlink-objects MODE", mirrors,
            "how to handle symbolic links in the bucket: follow (default; one request per link) or skip; the 'copy' command always copies the links themselves"
        ),
        Option("--empty-directories", reads, "include empty directories"),
        Option(
            "--outage-limit TIME", filters,
            "maximum time to wait while the service throttles requests or does not respond (default: 5m; 0s: do not wait)"
        ),
        Option("--fail-fast", mirrors, "stop after the first failure"),
        Option("--keep-going", mirrors, "continue with the other files after a failure (default)"),
        Option(
            "-l, --long", [.ls, .incomplete],
            "also print the size, time and ETag (ls) or the size and number of parts (incomplete)"),
        Option("--abort-older-than AGE", [.incomplete], "abort uploads started more than AGE ago (such as 12h or 7d)"),
        Option("--max N", [.ls], "list at most N keys"),
        Option("-r, --recursive", [.rm], "remove all objects under the prefix"),
        Option(
            "--force", [.rm],
            "allow -r to remove all objects in a bucket, and disable the default --max-delete limit"),
        Option("--json", reports, "print one JSON object, and nothing else, to standard output"),
        Option("--quiet", mirrors.union([.rm, .incomplete]), "print nothing on success"),
        Option("--no-progress", mirrors, "do not show a progress line"),
    ]

    /// Options that other tools use to pass secrets. No message contains their values.
    static let secrets: Set<String> = [
        "--access-key-id", "--access-key-secret", "--access-key", "--secret", "--secret-key", "--security-token",
        "--session-token", "--sts-token", "--token", "--password", "--credentials", "-i", "-k",
    ]

    static func option(named name: String) -> Option? {
        options.first { $0.name == name || $0.short == name }
    }
}
