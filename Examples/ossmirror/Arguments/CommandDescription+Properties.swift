/// The commands that share objects and change their properties.
extension CommandDescription {
    static let presign = CommandDescription(
        .presign, "print a URL by which anyone can access an object until it expires", [.object],
        options: [
            [
                Option(
                    "--method GET|PUT|HEAD|DELETE", .choice(["GET", "PUT", "HEAD", "DELETE"]),
                    "method of the request (default: GET)"),
                Option(
                    "--expires TIME", .time, "period for which the URL is valid (default: 15m; with v4, at most 7d)"),
                Option(
                    "--header NAME:VALUE", .text, "header that must be sent with the request; can be repeated"),
                Option(
                    "--query NAME=VALUE", .text,
                    "query parameter, such as response-content-disposition=attachment; can be repeated"),
                .versionID, .json,
            ]
        ],
        examples: [
            Example("presign oss://photos/a.jpg --expires 2h", "Share an object for two hours."),
            Example(
                "presign oss://photos/b --method PUT --header Content-Type:image/png",
                "Let someone upload an image with 'curl -T b -H Content-Type:image/png URL'."),
        ],
        notes: ["The URL is a secret. Headers to send are printed to standard error. No request is sent."],
        synonyms: ["sign", "url", "share"],
        make: PresignCommand.init)

    static let restore = CommandDescription(
        .restore, "make archived objects readable for some days", [keys],
        options: [
            [
                objectsBelow,
                Option("--days N", .number(1...365), "number of days for which the objects can be read (default: 1)"),
                Option(
                    "--tier Expedited|Standard|Bulk", .choice(["Expedited", "Standard", "Bulk"]),
                    "speed of the restore from the cold archive classes (default: Standard)"),
                Option(
                    "--wait TIME", .time, "wait until the objects can be read, at most TIME; a timeout is a failure"),
                .versionID, .concurrency, .dryRun, .json, .quiet,
            ]
        ],
        examples: [
            Example("restore oss://photos/2019.tar --days 3", "Start to restore an object for three days."),
            Example("restore -r oss://photos/2019/ --wait 6h", "Restore all archived objects and wait until the end."),
        ],
        synonyms: ["thaw"],
        make: RestoreCommand.init)

    static let tag = CommandDescription(
        .tag, "print, set, add or remove the tags of objects",
        [
            .word(TagCommand.Action.self), Operand(.prefix, "oss://BUCKET/KEY"),
            Operand(.text, "KEY=VALUE", isOptional: true, repeats: true),
        ],
        options: [[objectsBelow, .versionID, .concurrency, .dryRun, .json, .quiet]],
        examples: [
            Example("tag set oss://photos/a.jpg team=web state=draft", "Replace all tags of an object."),
            Example("tag add -r oss://photos/2026/ reviewed=yes", "Add a tag to the objects under a prefix."),
        ],
        notes: ["'rm' removes the tags with the given keys, or all tags: tag rm oss://BUCKET/KEY [KEY…]"],
        synonyms: ["tags", "tagging", "object-tagging"],
        make: TagCommand.init)

    static let acl = CommandDescription(
        .acl, "print or set the access control list of objects or a bucket",
        [
            .word(AccessControlCommand.Action.self), Operand(.prefix, "oss://BUCKET[/KEY]"),
            Operand(.text, "ACL", isOptional: true),
        ],
        options: [[objectsBelow, .versionID, .concurrency, .dryRun, .json, .quiet]],
        examples: [
            Example("acl get oss://photos", "Print the access control list of a bucket."),
            Example("acl set -r oss://photos/public/ public-read", "Let everyone read the objects under a prefix."),
        ],
        notes: ["ACL is private, public-read, public-read-write or, for an object, default (that of the bucket)."],
        synonyms: ["set-acl", "setacl", "chmod"],
        make: AccessControlCommand.init)

    static let meta = CommandDescription(
        .meta, "change headers and user metadata of objects without uploading them again", [keys],
        options: [
            [
                objectsBelow,
                Option("--metadata K=V", .text, "user metadata to set; can be repeated"),
                Option("--content-type TYPE", .text, "content type"),
                Option("--cache-control TEXT", .text, "Cache-Control header"),
                Option("--content-disposition TEXT", .text, "Content-Disposition header"),
                Option("--content-encoding TEXT", .text, "Content-Encoding header"),
                Option(
                    "--expires-header DATE", .date, "Expires header, such as 2026-12-31 or 2026-12-31T23:59:59Z"),
                Option("--storage-class C", .text, "storage class, such as IA or Archive"),
                Option(
                    "--acl A", .choice(MirrorOptions.AccessControlList.self),
                    "access control list: default, private, public-read or public-read-write"),
                Option(
                    "--remove NAME", .text,
                    "remove user metadata, or Cache-Control, Content-Disposition, Content-Encoding or Expires; can be repeated"
                ),
                .concurrency, .dryRun, .json, .quiet,
            ]
        ],
        examples: [
            Example("meta oss://photos/a.jpg --cache-control max-age=3600", "Change a header of an object."),
            Example(
                "meta -r oss://photos/2019/ --metadata owner=ann --remove draft",
                "Change the metadata of the objects under a prefix."),
        ],
        notes: [
            "Everything else is preserved: other headers and metadata, tags, ACL, storage class and encryption. OSS copies the object onto itself, on the condition that it has not changed. In a bucket with versioning, the copy is a new version."
        ],
        synonyms: ["set-meta", "setmeta", "set-props", "metadata"],
        make: MetadataCommand.init)

    static let symlink = CommandDescription(
        .symlink, "create a symbolic link to an object, or print the target of a link",
        [
            .word(SymlinkCommand.Action.self), Operand(.object, "oss://BUCKET/LINK"),
            Operand(.object, "oss://BUCKET/TARGET", isOptional: true),
        ],
        options: [
            [
                Option("--metadata K=V", .text, "user metadata of the link; can be repeated"),
                Option("--storage-class C", .text, "storage class of the link, such as IA (default: the bucket's)"),
                Option(
                    "--acl A", .choice(MirrorOptions.AccessControlList.self),
                    "access control list of the link: default, private, public-read or public-read-write"),
                Option("--no-overwrite", "fail if an object with the key of the link exists"),
                .versionID, .json, .quiet,
            ]
        ],
        examples: [
            Example("symlink create oss://photos/latest oss://photos/v7", "Make 'latest' read as 'v7'."),
            Example("symlink show oss://photos/latest", "Print the address of the target."),
        ],
        synonyms: ["ln", "create-symlink", "read-symlink"],
        make: SymlinkCommand.init)

    static let versions = CommandDescription(
        .versions, "list the versions and delete markers of objects", [.prefix],
        options: [
            [
                Option("--deleted", "list only the delete markers that hide an object"),
                Option("--max N", .number(0...Int.max), "list at most N versions"), .json,
            ]
        ],
        examples: [
            Example("versions oss://photos/a.jpg", "List the versions of an object, from newest to oldest."),
            Example("versions oss://photos/2026/ --deleted", "List the deleted objects under a prefix."),
        ],
        notes: [
            "A line contains the size or 'deleted', the time, the version ID, '*' for the current version, and the key."
        ],
        synonyms: ["list-versions", "history"],
        make: VersionsCommand.init)

    static let undelete = CommandDescription(
        .undelete, "make deleted objects visible again by removing their delete markers", [keys],
        options: [[objectsBelow, .dryRun, .json, .quiet]],
        examples: [
            Example("undelete oss://photos/a.jpg", "Undo the deletion of an object."),
            Example("undelete -r oss://photos/2026/ -n", "Print the deleted objects that would be visible again."),
        ],
        notes: ["This requires that versioning was enabled for the bucket when the objects were deleted."],
        synonyms: ["revert", "undo"],
        make: UndeleteCommand.init)

    private static let keys = Operand(.prefix, "oss://BUCKET/KEY", repeats: true)
    private static let objectsBelow = Option("-r, --recursive", "process all objects under the prefix")
}
