import AliyunOSS

/// The command `acl`, which prints or sets the access control list of objects or of a bucket.
struct AccessControlCommand: Command {
    enum Action: String, CaseIterable, Sendable { case get, set }

    let remote: RemoteAddress
    let connection: ConnectionArguments
    let output: OutputArguments
    /// Access control list to set; `nil` to print the current one.
    let grant: AccessControl?
    /// The objects to change; `nil` for the bucket.
    let change: ObjectChange?
    let versionID: String?

    private struct Report: Encodable {
        var command = Verb.acl
        var succeeded = true
        var bucket: String
        var key: String?
        var acl: String
        var owner: String?
    }

    init(_ scanned: ScannedArguments) throws(UsageError) {
        remote = try scanned.address(1)
        connection = try ConnectionArguments(scanned)
        output = OutputArguments(scanned)
        versionID = scanned.values["--version-id"]
        let isBucket = remote.key.isEmpty && !scanned.has("--recursive")
        change = isBucket ? nil : ObjectChange(scanned, try ObjectSelection(scanned, [remote]))
        let text = scanned.operands.count > 2 ? scanned.operands[2] : nil
        guard scanned.operands[0] == Action.set.rawValue else {
            guard text == nil, !scanned.has("--recursive"), !scanned.has("--dry-run") else {
                throw UsageError("'acl get' takes the address of one object or bucket, without an ACL, -r and -n")
            }
            grant = nil
            return
        }
        let words = MirrorOptions.AccessControlList.allCases.map(\.rawValue).filter { !isBucket || $0 != "default" }
        guard let text, words.contains(text) else {
            throw UsageError(
                "the access control list must be \(words.joined(separator: ", "))"
                    + (text.map { " (got '\($0)')" } ?? ""))
        }
        if isBucket, scanned.has("--dry-run") { throw UsageError("-n does not apply to the ACL of a bucket") }
        grant = AccessControl(rawValue: text)
    }

    func run() async throws -> Int32 {
        let bucket = try await Connection.bucket(
            remote.bucket, connection, concurrency: change?.selection.concurrency ?? 0)
        guard let grant else { return try await show(bucket) }
        if let change {
            let report = try await change.run(in: bucket) { object in
                try await bucket.setObjectAccessControl(object.key, to: grant, versionID: versionID)
                return "set"
            }
            return try change.finish(report)
        }
        try await bucket.set(.accessControl, to: AccessControlPolicy(grant))
        if output.json {
            try JSONOutput.print(Report(bucket: remote.bucket, acl: grant.rawValue))
        } else if !output.quiet {
            try StandardStream.output.resultLine("set \(grant) for oss://\(remote.bucket)")
        }
        return ExitStatus.success
    }

    private func show(_ bucket: Bucket) async throws -> Int32 {
        let policy =
            if remote.key.isEmpty {
                try await bucket.setting(.accessControl) ?? AccessControlPolicy()
            } else {
                try await bucket.objectAccessControl(ObjectKey(remote.key), versionID: versionID)
            }
        if output.json {
            try JSONOutput.print(
                Report(
                    bucket: remote.bucket, key: remote.key.isEmpty ? nil : remote.key, acl: policy.grant.rawValue,
                    owner: policy.owner?.id))
        } else {
            try StandardStream.output.line(Printable.line(policy.grant.rawValue))
        }
        return ExitStatus.success
    }
}
