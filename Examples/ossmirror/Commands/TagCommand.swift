import AliyunOSS

/// The command `tag`, which prints, sets, adds and removes the tags of objects.
struct TagCommand: Command {
    enum Action: String, CaseIterable, Sendable { case get, set, add, rm }

    let action: Action
    let change: ObjectChange
    let connection: ConnectionArguments
    /// Tags to set or add.
    let tags: [String: String]
    /// Keys of the tags to remove; empty for all tags.
    let names: [String]

    private struct Report: Encodable {
        var command = Verb.tag
        var succeeded = true
        var key: String
        var tags: [String: String]
    }

    init(_ scanned: ScannedArguments) throws(UsageError) {
        let action: Action = Action(rawValue: scanned.operands[0]) ?? .get
        change = ObjectChange(scanned, try ObjectSelection(scanned, operands: 1..<2))
        connection = try ConnectionArguments(scanned)
        var (tags, names): ([String: String], [String]) = ([:], [])
        for text in scanned.operands.dropFirst(2) {
            if action == .rm {
                names.append(text)
                continue
            }
            let (name, value) = try ScannedArguments.Pair(name: "a tag", value: text).split(at: "=", form: "KEY=VALUE")
            tags[name] = value
        }
        switch action {
        case .get where !tags.isEmpty || change.selection.isRecursive || change.isDryRun:
            throw UsageError("'tag get' takes the address of one object, without tags, -r and -n")
        case .set where tags.isEmpty, .add where tags.isEmpty:
            throw UsageError("missing tags; use 'tag \(action.rawValue) oss://BUCKET/KEY KEY=VALUE…'")
        default: break
        }
        (self.action, self.tags, self.names) = (action, tags, names)
    }

    func run() async throws -> Int32 {
        let selection = change.selection
        let bucket = try await Connection.bucket(selection.bucket, connection, concurrency: selection.concurrency)
        if action == .get { return try await show(bucket) }
        let report = try await change.run(in: bucket) { try await apply(to: $0.key, bucket) }
        return try change.finish(report)
    }

    /// Prints the tags, one per line, as `KEY=VALUE`.
    private func show(_ bucket: Bucket) async throws -> Int32 {
        let key = try ObjectKey(change.selection.addresses[0].key)
        let tags = try await bucket.objectTags(key, versionID: change.selection.versionID)
        if change.output.json {
            try JSONOutput.print(Report(key: key.rawValue, tags: tags))
        } else {
            for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
                try StandardStream.output.line(Printable.line("\(name)=\(value)"))
            }
        }
        return ExitStatus.success
    }

    private func apply(to key: ObjectKey, _ bucket: Bucket) async throws -> String {
        let versionID = change.selection.versionID
        var current = tags
        if action == .add || !names.isEmpty {
            let old = try await bucket.objectTags(key, versionID: versionID)
            current = action == .add ? old.merging(tags) { $1 } : old.filter { !names.contains($0.key) }
            if current == old { return "unchanged" }
        }
        if current.isEmpty {
            try await bucket.removeObjectTags(key, versionID: versionID)
            return "untagged"
        }
        try await bucket.setObjectTags(key, to: current, versionID: versionID)
        return "tagged"
    }
}
