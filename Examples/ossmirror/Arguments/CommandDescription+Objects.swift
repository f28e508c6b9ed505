/// The commands that list, read and remove objects.
extension CommandDescription {
    static let ls = CommandDescription(
        .ls, "list buckets, or the objects and folders under a prefix",
        [Operand(.service, "oss://BUCKET/PREFIX", isOptional: true)],
        options: [
            [
                Option("-r, --recursive", "list the objects in folders, too"),
                Option("-l, --long", "also print the size, time and storage class, and totals at the end"), .human,
                Option("--etag", "also print the ETag, in a long listing"),
                Option("--versions", "list the versions and delete markers of the objects"),
                Option("--max N", .number(0...Int.max), "list at most N entries"), .json,
            ]
        ],
        examples: [
            Example("ls -l oss://photos/2026/", "List the objects and folders in '2026/'."),
            Example("ls -r oss://photos/2026/a", "List all keys that start with '2026/a'."),
        ],
        notes: [
            "PREFIX is any text with which keys start; the keys that contain a '/' after it are shown as one folder. "
                + "Without an address, or with oss://, the command lists the buckets."
        ],
        synonyms: ["list", "dir"],
        make: ListCommand.init)

    static let du = CommandDescription(
        .du, "print the number and total size of the objects in each folder", [.prefix],
        options: [
            [
                Option("-d, --depth N", .number(0...1000), "show folders up to N levels below the prefix (default: 1)"),
                .human, .json,
            ]
        ],
        examples: [
            Example("du -H oss://photos", "Print the sizes of the folders of a bucket, and its total size."),
            Example("du -d 0 oss://photos/2026/", "Print only the total size of a prefix."),
        ],
        notes: ["The command lists all objects. 'stat oss://BUCKET' prints the size of a bucket with two requests."],
        synonyms: ["usage", "size"],
        make: UsageCommand.init)

    static let cat = CommandDescription(
        .cat, "write the content of objects to standard output",
        [Operand(.object, "oss://BUCKET/KEY", repeats: true)],
        options: [
            [
                Option("--range RANGE", .text, "only these bytes: 0-99, 100- (to the end) or -100 (the last ones)"),
                Option("--head SIZE", .size, "only the first SIZE bytes"),
                Option("--tail SIZE", .size, "only the last SIZE bytes"), .versionID,
            ]
        ],
        examples: [
            Example("cat oss://logs/a.log oss://logs/b.log", "Print two objects."),
            Example("cat --tail 4K oss://logs/a.log", "Print the end of an object."),
        ],
        notes: [
            "The checksum is compared after the last byte: the output is valid only if the exit status is 0. The "
                + "service has no checksum of a range."
        ],
        synonyms: ["show", "read"],
        make: CatCommand.init)

    static let stat = CommandDescription(
        .stat, "print the properties of an object or a bucket", [.prefix], options: [[.versionID, .json]],
        examples: [
            Example("stat oss://photos/a.jpg", "Print the size, time, checksum and metadata of an object."),
            Example("stat oss://photos --json", "Print the settings and the size of a bucket as JSON."),
        ],
        synonyms: ["head", "info"],
        make: StatCommand.init)

    static let rm = CommandDescription(
        .rm, "remove objects or, with -r, all objects under a prefix",
        [Operand(.prefix, "oss://BUCKET/KEY", repeats: true)],
        options: [
            [
                Option("-r, --recursive", "remove all objects under the prefix"),
                Option(
                    "--force",
                    "allow -r and * to remove all objects in a bucket, and disable the default --max-delete limit"),
                Option(
                    "--files-from FILE", .file,
                    "remove the keys that FILE lists, one per line, below the address; - for standard input"),
            ], Option.rules, [.maximumDeletions, .dryRun, .outageLimit, .json, .quiet],
        ],
        examples: [
            Example("rm oss://photos/a.jpg 'oss://photos/2019/*.tmp'", "Remove an object, and those that match."),
            Example("rm -r oss://photos/2019/ -n", "Print the objects that would be removed."),
        ],
        notes: [
            "A key with the wildcards *, ?, [a-z] and {a,b} that names no object is a pattern; '*' does not match '/', "
                + "and '**' does. --max-delete limits the objects that -r or a pattern removes."
        ],
        synonyms: ["delete", "del", "remove", "unlink"],
        make: RemoveCommand.init)

    static let mb = CommandDescription(
        .mb, "create a bucket", [.bucket],
        options: [
            [
                Option("--storage-class C", .text, "default storage class of the objects, such as IA or Archive"),
                Option("--redundancy R", .choice(["LRS", "ZRS"]), "data redundancy: LRS (one zone) or ZRS (several)"),
                Option(
                    "--acl A", .choice(MirrorOptions.AccessControlList.self),
                    "access control list: private (default), public-read or public-read-write"),
                .json, .quiet,
            ]
        ],
        examples: [
            Example("mb oss://photos", "Create a private bucket in the region of OSS_REGION."),
            Example("mb oss://backup --region cn-beijing --storage-class IA", "Create a bucket for rare access."),
        ],
        synonyms: ["mkdir", "create"],
        make: BucketCommand.init)

    static let rb = CommandDescription(
        .rb, "delete an empty bucket", [.bucket], options: [[.json, .quiet]],
        examples: [
            Example("rb oss://photos", "Delete a bucket."),
            Example("rb oss://photos --quiet", "Delete a bucket without a message."),
        ],
        synonyms: ["rmdir"],
        make: BucketCommand.init)

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
