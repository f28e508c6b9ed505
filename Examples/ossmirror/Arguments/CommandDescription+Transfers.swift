/// The commands that transfer in the direction that the kinds of their arguments determine.
extension CommandDescription {
    static let cp = CommandDescription(
        .cp, "copy files and objects: up, down, or between buckets", [sources, destination],
        options: [[.recursive, .versionID], folderOptions],
        examples: [
            Example("cp a.jpg b.jpg oss://photos/2026/", "Upload two files."),
            Example("cp -r oss://photos/2026/ pictures --include '*.jpg'", "Download the images under a prefix."),
        ],
        notes: [
            destinationNote,
            "As a source, '-' is standard input; as a destination, standard output.",
            "With -r, the command works like 'up', 'down' or 'copy': it transfers only files that are new or have changed, "
                + "and the content of the folder, not the folder itself, goes to the destination.",
        ],
        make: { scanned throws(UsageError) in
            if scanned.has("--recursive") { try MirrorCommand(scanned) } else { try ObjectTransferCommand(scanned) }
        })

    static let mv = CommandDescription(
        .mv, "move files and objects: up, down, or between buckets", [sources, destination],
        options: [[.recursive], folderOptions.filter { !["--delete", "--retry-failed"].contains($0.name) }],
        examples: [
            Example("mv oss://photos/a.jpg oss://photos/old/", "Rename an object."),
            Example("mv -r scans oss://archive/scans", "Upload the files in a folder, then remove them."),
        ],
        notes: [
            destinationNote,
            "A source is removed only after its destination was verified, and only if the source has not changed. With "
                + "-r, sources are removed only if every file was transferred.",
        ],
        synonyms: ["move", "rename", "ren"],
        make: { scanned throws(UsageError) in
            if scanned.has("--recursive") { try MirrorCommand(scanned) } else { try ObjectTransferCommand(scanned) }
        })

    static let sync = CommandDescription(
        .sync, "make a folder or prefix equal to another: up, down or copy with --delete",
        [Operand(.any, "SOURCE"), Operand(.any, "DESTINATION")], options: [folderOptions],
        examples: [
            Example("sync site oss://photos/www -n", "Print the actions that make 'www/' equal to 'site'."),
            Example("sync oss://photos/www oss://backup/www", "Make one prefix equal to another."),
        ],
        notes: [
            "Files that exist only in the destination are deleted, last, and subject to --max-delete. See 'up', 'down' "
                + "and 'copy'."
        ],
        synonyms: ["mirror", "rsync"],
        make: MirrorCommand.init)

    static let put = CommandDescription(
        .put, "store standard input, or a file, as an object",
        [Operand(.any, "-|FILE"), Operand(.prefix, "oss://BUCKET/KEY")],
        options: [objectOptions(of: .up)],
        examples: [
            Example("put - oss://backup/db.sql.gz < db.sql.gz", "Store standard input."),
            Example("put a.jpg oss://photos/ --acl public-read", "Store a file under its own name."),
        ],
        notes: ["Standard input can have any length: it is sent in parts while it is read."],
        synonyms: ["store"],
        make: { scanned throws(UsageError) in try ObjectTransferCommand(scanned) })

    private static let sources = Operand(.any, "SOURCE", repeats: true)
    private static let destination = Operand(.any, "DESTINATION")
    private static let destinationNote =
        "A destination that ends with '/', a bucket without a key, and an existing folder receive files under their own "
        + "names."

    /// The options of `up`, `down` and `copy`, in the order in which they first occur.
    private static let folderOptions = [up, down, copy].reduce(into: [Option]()) { options, command in
        let names = Set(options.map(\.name))
        options += command.options.filter { !names.contains($0.name) }
    }

    /// Options that apply to folders only.
    private static let forFolders: Set<String> = Set(
        ([.update, .newer, .snapshot, .partition, .retryFailed, .trackRenames, .clashes, .delete, .maximumDeletions]
            + [
                .filesFrom, .updateAttributes, .verbose, .log, .allowEmptySource, .backupDirectory, .gzip, .symlinks,
                .symlinkObjects, .emptyDirectories,
                .outageLimit,
            ]
            + Option.rules + Option.bounds).map(\.name))

    /// Returns the options of a command for folders that also apply to single files and objects.
    static func objectOptions(of command: CommandDescription) -> [Option] {
        command.options.filter { !forFolders.contains($0.name) }
    }
}
