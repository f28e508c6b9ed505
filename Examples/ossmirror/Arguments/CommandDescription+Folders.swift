/// The commands that transfer and compare folders.
extension CommandDescription {
    static let up = CommandDescription(
        .up, "upload a folder to a bucket", [.path, .prefix],
        options: [
            [.update, .newer, .snapshot], Option.rules, Option.bounds,
            [.filesFrom, .partition, .retryFailed, .trackRenames],
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
        make: MirrorCommand.init)

    static let down = CommandDescription(
        .down, "download the objects under a prefix, or a single object", [.prefix, .path],
        options: [
            [.update, .newer, .snapshot], Option.rules, Option.bounds,
            [.filesFrom, .partition, .retryFailed, .clashes],
            [.delete, .maximumDeletions, .allowEmptySource, .backupDirectory, .gzip, .restore],
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
        make: MirrorCommand.init)

    static let copy = CommandDescription(
        .copy, "copy the objects under one prefix to another prefix, on the server", [.prefix, .prefix],
        options: [
            [.update, .newer], Option.rules, Option.bounds, [.filesFrom, .partition, .retryFailed],
            [.delete, .maximumDeletions, .allowEmptySource, .restore],
            [.dryRun, .concurrency, .partSize, .stateDirectory, .symlinkObjects],
            [.outageLimit, .failFast, .keepGoing, .json, .quiet, .verbose, .log, .noProgress, .progressInterval],
        ],
        examples: [
            Example("copy oss://photos/www oss://backup/www", "Copy the objects that are new or have changed."),
            Example("copy oss://photos/a oss://photos/b --update missing", "Copy only keys that do not exist yet."),
        ],
        notes: [prefixNote],
        make: MirrorCommand.init)

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
            CheckCommand(
                arguments: try MirrorArguments(scanned, local: scanned.operands[0], remote: try scanned.address(1)))
        })

    private static let prefixNote = "oss://BUCKET/PREFIX denotes a folder: 'docs' is the same as 'docs/'."
}
