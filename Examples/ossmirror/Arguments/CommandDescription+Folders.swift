/// The commands that transfer and compare folders.
extension CommandDescription {
    static let up = CommandDescription(
        .up, "upload a folder to a bucket", [.path, .prefix],
        options: [
            [.update, .newer, .snapshot], Option.rules, Option.bounds, [.partition, .retryFailed, .trackRenames],
            [.delete, .maximumDeletions, .allowEmptySource, .gzip], Option.storing,
            [.dryRun, .concurrency, .multipartThreshold, .partSize, .memoryBudget, .bandwidth, .stateDirectory],
            [.symlinks, .symlinkObjects, .emptyDirectories, .outageLimit, .failFast, .keepGoing],
            [.json, .quiet, .verbose, .log, .noProgress, .progressInterval],
        ],
        examples: [
            Example("up site oss://photos/www", "Upload the files in 'site' that are new or have changed."),
            Example(
                "up site oss://photos/www --delete -n --exclude '*.tmp'",
                "Print the actions that make the objects under 'www/' equal to 'site'."),
        ],
        notes: [prefixNote], synonyms: ["upload"],
        make: { scanned throws(UsageError) in
            MirrorCommand(direction: .up, arguments: try MirrorArguments(scanned, local: 0, remote: 1))
        })

    static let down = CommandDescription(
        .down, "download the objects under a prefix, or a single object", [.prefix, .path],
        options: [
            [.update, .newer, .snapshot], Option.rules, Option.bounds, [.partition, .retryFailed, .clashes],
            [.delete, .maximumDeletions, .allowEmptySource, .backupDirectory, .gzip],
            [.dryRun, .concurrency, .multipartThreshold, .partSize, .memoryBudget, .bandwidth, .stateDirectory],
            [.symlinks, .symlinkObjects, .emptyDirectories, .outageLimit, .failFast, .keepGoing],
            [.json, .quiet, .verbose, .log, .noProgress, .progressInterval],
        ],
        examples: [
            Example("down oss://photos/www site", "Download the objects under 'www/' that differ from 'site'."),
            Example(
                "down oss://photos/www site --include '*.jpg' --max-age 7d", "Download the new images of a week."),
        ],
        notes: [prefixNote], synonyms: ["download", "get"],
        make: { scanned throws(UsageError) in
            MirrorCommand(direction: .down, arguments: try MirrorArguments(scanned, local: 1, remote: 0))
        })

    static let copy = CommandDescription(
        .copy, "copy the objects under one prefix to another prefix, on the server", [.prefix, .prefix],
        options: [
            [.update, .newer], Option.rules, Option.bounds, [.partition, .retryFailed],
            [.delete, .maximumDeletions, .allowEmptySource],
            [.dryRun, .concurrency, .partSize, .stateDirectory, .symlinkObjects],
            [.outageLimit, .failFast, .keepGoing, .json, .quiet, .verbose, .log, .noProgress, .progressInterval],
        ],
        examples: [
            Example("copy oss://photos/www oss://backup/www", "Copy the objects that are new or have changed."),
            Example("copy oss://photos/a oss://photos/b --update missing", "Copy only keys that do not exist yet."),
        ],
        notes: [prefixNote],
        make: { scanned throws(UsageError) in
            let source = try scanned.address(0)
            return MirrorCommand(
                direction: .copy(from: source),
                arguments: try MirrorArguments(scanned, local: source.description, remote: try scanned.address(1)))
        })

    static let check = CommandDescription(
        .check, "compare a folder with a prefix; exit with status 1 if they differ", [.path, .prefix],
        options: [
            [.snapshot], Option.rules, Option.bounds,
            [.partition, .gzip, .concurrency, .stateDirectory, .symlinks, .symlinkObjects, .emptyDirectories],
            [.outageLimit, .failFast, .keepGoing, .json, .quiet, .noProgress, .progressInterval],
        ],
        examples: [
            Example("check site oss://photos/www", "Print the paths that exist on one side only or differ."),
            Example("check site oss://photos/www --quiet && echo equal", "Use the comparison as a condition."),
        ],
        notes: [prefixNote], synonyms: ["diff", "compare"],
        make: { scanned throws(UsageError) in
            CheckCommand(arguments: try MirrorArguments(scanned, local: 0, remote: 1))
        })

    private static let prefixNote = "oss://BUCKET/PREFIX denotes a folder: 'docs' is the same as 'docs/'."
}

extension MirrorArguments {
    /// Reads the arguments of a command with a local path and an address at the given indices.
    fileprivate init(_ scanned: ScannedArguments, local: Int, remote: Int) throws(UsageError) {
        try self.init(scanned, local: scanned.operands[local], remote: try scanned.address(remote))
    }

    init(_ scanned: ScannedArguments, local: String, remote: RemoteAddress) throws(UsageError) {
        let symlinks: MirrorOptions.Links? = scanned.choice("--symlinks")
        if scanned.verb == .down, symlinks == .follow {
            throw UsageError(
                "--symlinks follow does not apply to 'down', which never follows local links; remove the option")
        }
        if scanned.has("--quiet"), scanned.has("--verbose") {
            throw UsageError("--quiet and --verbose exclude each other; remove one of them")
        }
        self.init(
            local: local, remote: remote, connection: try ConnectionArguments(scanned),
            output: OutputArguments(scanned), concurrency: scanned.number("--concurrency"),
            limits: LimitArguments(scanned), symlinks: symlinks,
            emptyDirectories: scanned.has("--empty-directories"),
            failFast: scanned.flags.last { $0 == "--fail-fast" || $0 == "--keep-going" } == "--fail-fast",
            options: try MirrorOptions(scanned))
    }
}
