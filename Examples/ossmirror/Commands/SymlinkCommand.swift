import AliyunOSS

/// The command `symlink`, which creates a symbolic link to an object, or prints the target of a link.
struct SymlinkCommand: Command {
    enum Action: String, CaseIterable, Sendable { case create, show }

    let link: RemoteAddress
    /// Address of the target of a new link; `nil` to print the target of a link.
    let target: RemoteAddress?
    let connection: ConnectionArguments
    let output: OutputArguments
    let options: SymlinkOptions
    let versionID: String?

    private struct Report: Encodable {
        var command = Verb.symlink
        var succeeded = true
        var key: String
        var target: String
        var metadata: [String: String]?
        var versionID: String?
    }

    init(_ scanned: ScannedArguments) throws(UsageError) {
        link = try scanned.address(1)
        connection = try ConnectionArguments(scanned)
        output = OutputArguments(scanned)
        versionID = scanned.values["--version-id"]
        let mirror = try MirrorOptions(scanned)
        var options = SymlinkOptions()
        options.metadata = mirror.metadata
        options.accessControl = mirror.acl.map { AccessControl(rawValue: $0.rawValue) }
        options.storageClass = mirror.storageClass.map { StorageClass(rawValue: $0) }
        options.forbidsOverwrite = scanned.has("--no-overwrite")
        self.options = options
        let isNew = scanned.operands[0] == Action.create.rawValue
        guard scanned.operands.count == (isNew ? 3 : 2) else {
            throw UsageError(
                isNew
                    ? "missing target; usage: ossmirror symlink create oss://BUCKET/LINK oss://BUCKET/TARGET"
                    : "too many arguments; usage: ossmirror symlink show oss://BUCKET/LINK")
        }
        guard isNew else {
            target = nil
            return
        }
        guard versionID == nil else { throw UsageError("--version-id does not apply to 'symlink create'") }
        let target = try scanned.address(2)
        guard target.bucket == link.bucket else {
            throw UsageError("the link and its target must be in the same bucket")
        }
        self.target = target
    }

    func run() async throws -> Int32 {
        let key = try ObjectKey(link.key)
        let bucket = try await Connection.bucket(link.bucket, connection)
        guard let target else { return try await show(key, bucket) }
        let result = try await bucket.putSymlink(key, to: ObjectKey(target.key), options: options)
        if output.json {
            try JSONOutput.print(Report(key: key.rawValue, target: target.key, versionID: result.versionID))
        } else if !output.quiet {
            try StandardStream.output.resultLine("created \(Printable.line("\(link) -> \(target)"))")
        }
        return ExitStatus.success
    }

    private func show(_ key: ObjectKey, _ bucket: Bucket) async throws -> Int32 {
        let symlink = try await bucket.getSymlink(key, versionID: versionID)
        if output.json {
            try JSONOutput.print(
                Report(
                    key: key.rawValue, target: symlink.target.rawValue, metadata: symlink.metadata.metadata,
                    versionID: symlink.metadata.versionID))
        } else {
            let address = RemoteAddress(bucket: link.bucket, key: symlink.target.rawValue)
            try StandardStream.output.line(Printable.line(address.description))
        }
        return ExitStatus.success
    }
}
