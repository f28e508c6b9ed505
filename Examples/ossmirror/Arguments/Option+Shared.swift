/// Options that several commands accept.
extension Option {
    /// The options of every command that sends requests.
    static let connection: [Option] = [
        Option(
            "--endpoint URL", .text,
            "service endpoint (default: OSS_ENDPOINT, that of the configuration file, or the region's public endpoint)"),
        Option(
            "--region R", .text, "region, such as cn-hangzhou (default: OSS_REGION, or that of the configuration file)"),
        Option("--path-style", "put the bucket name in the URL path instead of in the host name"),
        Option("--signature v4|v1", .choice(ConnectionArguments.Signature.self), "signature version (default: v4)"),
        Option(
            "--credentials-file FILE", .file,
            "read credentials from FILE (default: the file named by OSS_CREDENTIALS_FILE, or else the first source that is configured)"
        ),
        Option(
            "--profile NAME", .text,
            "profile in the credentials file, or in the first of the configuration files that contains it; the variables with credentials are then not used"
        ),
        Option(
            "--request-payer requester", .choice(["requester"]),
            "pay for the requests, as the owner of the bucket may require of other accounts"),
        Option("--connect-timeout TIME", .time, "maximum time to establish a connection, per attempt (default: 10s)"),
        Option(
            "--response-timeout TIME", .time,
            "maximum time to wait for the first byte of a response, per attempt (default: 30s)"),
        Option(
            "--transport auto|urlsession|libcurl", .choice(ConnectionArguments.Transport.self),
            "network library: auto (default; libcurl on Linux if available), urlsession or libcurl"),
    ]

    // MARK: Output

    static let json = Option("--json", "print one JSON object, and nothing else, to standard output")
    static let human = Option("-H, --human", "print sizes with units, such as 3.4 MiB (implies -l in 'ls')")
    static let quiet = Option("--quiet", "print nothing on success")
    static let verbose = Option(
        "-v, --verbose", "print a line for each file, with the reason for transferring or skipping it")
    static let log = Option(
        "--log FILE", .file, "append a line for each file to FILE, with the time and the reason")
    static let noProgress = Option("--no-progress", "do not show the progress")
    static let progressInterval = Option(
        "--progress-interval TIME", .time,
        "show the progress as a plain line every TIME (default: 30s if standard error is not a terminal; 0s: never)")
    static let dryRun = Option("-n, --dry-run", "print the actions and their reasons without performing them")

    // MARK: Selection

    static let update = Option(
        "--update MODE", .choice(MirrorOptions.Update.self),
        "which files to transfer: always (all files), missing, newer, size (different size), modified (different content, using the results of earlier runs; default) or checksum (different content, ignoring the results of earlier runs)"
    )
    static let newer = Option("-u, --newer", "same as --update newer (like ossutil -u)")
    static let snapshot = Option(
        "--snapshot FILE", .file,
        "record in FILE which files match their objects, so that later runs send no requests for unchanged files; 'check' ignores FILE"
    )
    static let rules = [
        Option(
            "--include GLOB", .text,
            "include matching paths; the last matching rule wins; ** matches across folders"),
        Option("--exclude GLOB", .text, "exclude matching paths from transfer and deletion"),
        Option("--filter-from FILE", .file, "read filter rules from FILE, one per line: '+ GLOB' or '- GLOB'"),
    ]
    static let filesFrom = Option(
        "--files-from FILE", .file,
        "transfer only the files that FILE lists, one path per line, relative to the source; 'PATH/' selects a folder; - is standard input"
    )
    static let bounds = [
        Option("--min-size SIZE", .size, "skip files smaller than SIZE"),
        Option("--max-size SIZE", .size, "skip files larger than SIZE"),
        Option("--min-age AGE", .age, "skip files modified less than AGE ago (such as 12h or 7d)"),
        Option("--max-age AGE", .age, "skip files modified more than AGE ago (such as 12h or 7d)"),
    ]
    static let partition = Option(
        "--partition I/N", .text, "process only partition I of N, so that N machines can share the work")
    static let retryFailed = Option(
        "--retry-failed REPORT", .file,
        "retry only the failures listed in REPORT, which is the --json output or the failure list of an earlier run")
    static let clashes = Option(
        "--clashes MODE", .choice(MirrorOptions.Clashes.self),
        "what to download when a file and a folder have the same name: keep-folder (default), keep-file or keep-neither"
    )
    static let trackRenames = Option(
        "--track-renames",
        "detect renamed files and copy their objects on the server instead of uploading the files again (keeps a list of new files in memory)"
    )

    // MARK: Deletion

    static let delete = Option(
        "--delete", "delete destination files that do not exist in the source, once all transfers have succeeded")
    static let maximumDeletions = Option(
        "--max-delete N|P%", .text,
        "delete nothing if more than N files, or P percent of the destination's files, would be deleted (default: 50% or 100 files, whichever is greater; for rm -r, 100 objects)"
    )
    static let allowEmptySource = Option(
        "--allow-empty-source",
        "accept a source without files; with --delete, this deletes all destination files, subject to --max-delete")
    static let backupDirectory = Option(
        "--backup-dir DIR", .directory, "move local files to DIR instead of deleting them")

    // MARK: Storing

    static let gzip = Option(
        "--gzip EXT,EXT", .text,
        "compress files with these extensions when uploading, and decompress them when downloading or checking")
    static let storing = [
        Option(
            "--sse ALGORITHM", .choice(MirrorOptions.Encryption.self),
            "encryption by the service: AES256, KMS or SM4 (default: the bucket's)"),
        Option("--sse-key-id ID", .text, "KMS key for --sse KMS (default: the key that KMS manages for OSS)"),
        Option(
            "--tagging TAGS", .text, "tags of every object, such as team=web&state=draft, with %XX for other characters"
        ),
        Option("--metadata K=V", .text, "user metadata to store with every file; can be repeated"),
        Option(
            "--content-type TYPE", .text, "content type of every file (default: derived from the file extension)"),
        Option("--cache-control TEXT", .text, "Cache-Control header to store with every file"),
        Option("--content-disposition TEXT", .text, "Content-Disposition header to store with every file"),
        Option(
            "--content-encoding TEXT", .text,
            "Content-Encoding header to store with every file, for files that are already encoded"),
        Option(
            "--expires-header DATE", .date,
            "Expires header to store with every file, such as 2026-12-31 or 2026-12-31T23:59:59Z"),
        Option("--storage-class C", .text, "storage class, such as IA or Archive (default: the bucket's)"),
        Option(
            "--acl A", .choice(MirrorOptions.AccessControlList.self),
            "access control list: default (inherited from the bucket), private, public-read or public-read-write"),
        updateAttributes,
    ]

    static let updateAttributes = Option(
        "--update-attributes",
        "also apply the options from --metadata to --acl above, and --tagging, to objects whose content is unchanged "
            + "(one or two requests per file)")

    // MARK: Running

    static let restore = Option(
        "--restore DAYS", .number(1...365),
        "start to restore archived objects that cannot be read, for DAYS days; a later run transfers them")

    static let recursive = Option("-r, --recursive", "transfer the files in a folder or the objects under a prefix")
    static let versionID = Option(
        "--version-id ID", .text, "version of the object to read (default: the current version)")

    static let concurrency = Option(
        "-j, --concurrency N", .number(1...1024), "maximum number of concurrent requests (default: 30)")
    static let multipartThreshold = Option(
        "--multipart-threshold SIZE", .size,
        "transfer files of SIZE or larger in parts, so that interrupted transfers can be resumed (default: 16M)")
    static let partSize = Option(
        "--part-size SIZE", .size, "part size, from 100K to 5G (default: 8M, or more for very large files)")
    static let memoryBudget = Option(
        "--memory-budget SIZE", .size, "maximum amount of content to buffer in memory (default: 24M)")
    static let bandwidth = Option(
        "--bandwidth SIZE/s", .rate, "maximum bandwidth of all requests combined (default: unlimited)")
    static let stateDirectory = Option(
        "--state-dir DIR", .directory,
        "directory in which to save the progress of interrupted transfers and records of which files match their objects (default: ~/.local/state/aliyun-oss)"
    )
    static let symlinks = Option(
        "--symlinks MODE", .choice(MirrorOptions.Links.self),
        "how to handle local symbolic links when uploading: follow (default) or skip; the 'down' command always replaces local links and never follows them"
    )
    static let symlinkObjects = Option(
        "--symlink-objects MODE", .choice(MirrorOptions.Links.self),
        "how to handle symbolic links in the bucket: follow (default; one request per link) or skip; the 'copy' command always copies the links themselves"
    )
    static let emptyDirectories = Option("--empty-directories", "include empty directories")
    static let outageLimit = Option(
        "--outage-limit TIME", .time,
        "maximum time to wait while the service throttles requests or does not respond (default: 5m; 0s: do not wait)")
    static let failFast = Option("--fail-fast", "stop after the first failure")
    static let keepGoing = Option("--keep-going", "continue with the other files after a failure (default)")
}
