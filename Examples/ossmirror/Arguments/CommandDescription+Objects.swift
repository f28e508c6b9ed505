/// The commands that list, read and remove objects.
extension CommandDescription {
    static let ls = CommandDescription(
        .ls, "list the keys that start with a prefix", [.prefix],
        options: [
            [
                Option("-l, --long", "also print the size, time and ETag"),
                Option("--max N", .number(0...Int.max), "list at most N keys"), .json,
            ]
        ],
        examples: [
            Example("ls oss://photos/2026/", "List the keys that start with '2026/'."),
            Example("ls -l oss://photos --max 10", "List the first ten objects with their sizes and times."),
        ],
        synonyms: ["list", "dir"],
        make: ListCommand.init)

    static let cat = CommandDescription(
        .cat, "write the content of an object to standard output", [.object],
        examples: [
            Example("cat oss://photos/notes.txt", "Print an object."),
            Example("cat oss://photos/site.tar.gz | tar tz", "Read an archive without storing it."),
        ],
        notes: ["The checksum is compared after the last byte: the output is valid only if the exit status is 0."],
        synonyms: ["show", "read"],
        make: ObjectCommand.init)

    static let stat = CommandDescription(
        .stat, "print the metadata of an object", [.object], options: [[.json]],
        examples: [
            Example("stat oss://photos/a.jpg", "Print the size, times, checksum and metadata of an object."),
            Example("stat oss://photos/a.jpg --json", "Print them as JSON."),
        ],
        synonyms: ["head", "info"],
        make: ObjectCommand.init)

    static let rm = CommandDescription(
        .rm, "remove objects or, with -r, all objects under a prefix",
        [Operand(.prefix, "oss://BUCKET/KEY", repeats: true)],
        options: [
            [
                Option("-r, --recursive", "remove all objects under the prefix"),
                Option(
                    "--force",
                    "allow -r to remove all objects in a bucket, and disable the default --max-delete limit"),
            ], Option.rules, [.maximumDeletions, .dryRun, .outageLimit, .json, .quiet],
        ],
        examples: [
            Example("rm oss://photos/a.jpg oss://photos/b.jpg", "Remove two objects."),
            Example("rm -r oss://photos/2019/ -n", "Print the objects that would be removed."),
        ],
        synonyms: ["delete", "del", "remove", "unlink"],
        make: RemoveCommand.init)

    static let incomplete = CommandDescription(
        .incomplete, "list incomplete multipart uploads, or abort old ones", [.prefix],
        options: [
            [
                Option("-l, --long", "also print the size and number of parts"),
                Option("--abort-older-than AGE", .age, "abort uploads started more than AGE ago (such as 12h or 7d)"),
                .json, .quiet,
            ]
        ],
        examples: [
            Example("incomplete -l oss://photos", "List the uploads and the space that their parts take."),
            Example("incomplete oss://photos --abort-older-than 7d", "Abort the uploads of last week and before."),
        ],
        make: IncompleteCommand.init)
}
