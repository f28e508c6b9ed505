import AliyunOSS

/// The command `rm`, which removes the named objects or, with `-r`, all objects under the addresses.
struct RemoveCommand: Command {
    private(set) var arguments: RemoveArguments

    init(_ scanned: ScannedArguments) throws(UsageError) {
        let recursive = scanned.has("--recursive")
        var remotes: [RemoteAddress] = []
        for index in scanned.operands.indices { remotes.append(try scanned.address(index)) }
        guard remotes.allSatisfy({ $0.bucket == remotes[0].bucket }) else {
            throw UsageError("all addresses must be in the same bucket; run ossmirror once for each bucket")
        }
        let list = scanned.values["--files-from"]
        if list != nil, recursive || remotes.count > 1 {
            throw UsageError("--files-from requires a single bucket or prefix, without -r")
        }
        if !recursive {
            for remote in remotes where list == nil { try remote.requireKey() }
            let recursiveOptions = ["--include", "--exclude", "--filter-from", "--outage-limit"]
            if let option = recursiveOptions.first(where: { scanned.values[$0] != nil }) {
                throw UsageError("\(option) requires -r")
            }
        }
        arguments = RemoveArguments(
            remotes: remotes, connection: try ConnectionArguments(scanned), output: OutputArguments(scanned),
            recursive: recursive, force: scanned.has("--force"), outageLimit: scanned.seconds("--outage-limit"),
            list: list, options: try MirrorOptions(scanned))
    }

    private struct Report: Encodable {
        struct Failure: Encodable {
            var key: String
            var error: JSONError
        }

        var command = Verb.rm
        var succeeded: Bool
        var isDryRun: Bool
        var removed: Int
        /// Keys named on the command line that do not exist.
        var missing: [String]
        var failed: Int
        var failures: [Failure]
        /// Number of objects that were not removed because of the deletion limit.
        var withheld: Int
    }

    private struct Tally {
        /// A nonexistent key from the command line, and a hint for the user.
        struct Missing {
            var name: String
            var advice: String
        }

        var removed = 0
        /// Objects of ``removed`` that the command line names, to which no limit applies.
        var named = 0
        var missing: [Missing] = []
        var failures: [(key: String, error: OSSError)] = []
        var withheld = 0
    }

    private var isDryRun: Bool { arguments.options.dryRun }

    func run() async throws -> Int32 {
        let bucketName = arguments.remotes[0].bucket
        if arguments.recursive, !arguments.force, !isDryRun, arguments.remotes.contains(where: \.folder.isEmpty) {
            throw OSSError(
                .deletionRefused,
                "'rm -r oss://\(bucketName)/' would remove every object in the bucket; add --force to confirm")
        }
        if arguments.list == nil, !arguments.force, !isDryRun,
            let remote = arguments.remotes.first(where: { KeyGlob($0.key)?.matchesAnyName == true })
        {
            throw OSSError(.deletionRefused, "the pattern '\(remote)' matches any name; add --force to confirm")
        }
        var keys: [ObjectKey] = []
        if let list = arguments.list {
            let folder = arguments.remotes[0].folder
            keys = try PathList(contentsOf: list).paths.map { try ObjectKey(folder + $0) }
        } else if !arguments.recursive {
            keys = try arguments.remotes.map { try ObjectKey($0.key) }
        }
        let bucket = try await Connection.bucket(bucketName, arguments.connection)

        try await checkLimit(keys, bucket)
        return try report(try await removeAll(keys, bucket))
    }

    private func removeAll(_ keys: [ObjectKey], _ bucket: Bucket) async throws -> Tally {
        var total = Tally()
        if arguments.recursive {
            for remote in arguments.remotes { try await removeAll(below: remote, bucket, &total) }
        } else {
            try await remove(keys, bucket, &total)
        }
        return total
    }

    /// Throws an error if all addresses together select more objects than the limit, before the first one is removed.
    /// The limit of each address is checked when it is removed.
    private func checkLimit(_ keys: [ObjectKey], _ bucket: Bucket) async throws {
        let hasPatterns = arguments.recursive || keys.contains { KeyGlob($0.rawValue) != nil }
        guard arguments.remotes.count > 1, hasPatterns, !isDryRun,
            !arguments.force || arguments.options.maximumDeletions != nil
        else { return }
        let limit: Int
        switch DeletionOptions(arguments.options).limit {
        case .standard: limit = 100
        case .count(let count): limit = count
        case .share, .unlimited: return
        }
        var rehearsal = self
        (rehearsal.arguments.options.dryRun, rehearsal.arguments.output.quiet) = (true, true)
        let found = try await rehearsal.removeAll(keys, bucket)
        let count = found.removed + found.withheld - found.named
        guard count > limit else { return }
        throw OSSError(
            .deletionRefused,
            "the addresses select \(count) objects, more than the limit of \(limit), so nothing was removed; raise the limit "
                + "with --max-delete, or override it with --force")
    }

    // MARK: All objects under an address

    private func removeAll(below remote: RemoteAddress, _ bucket: Bucket, _ total: inout Tally) async throws {
        do {
            try await remove(below: remote.folder, nil, bucket, &total)
        } catch let error as OSSError where error.code == .notFound && error.serviceError == nil {
            // A folder can have a name that contains wildcards, so they are expanded only if there is none.
            if let glob = KeyGlob(remote.key) { return try await removeAll(matching: glob, bucket, &total) }
            total.missing.append(
                .init(
                    name: remote.folder, advice: "no objects under this prefix; use rm without -r to remove one object")
            )
        }
    }

    /// Removes the objects that match a pattern, and with `-r` the objects in the folders that match it.
    private func removeAll(matching glob: KeyGlob, _ bucket: Bucket, _ total: inout Tally) async throws {
        let counted = total.removed + total.failures.count + total.withheld
        do {
            try await remove(below: glob.folder, glob, bucket, &total)
        } catch let error as OSSError where error.code == .notFound && error.serviceError == nil {}
        if counted == total.removed + total.failures.count + total.withheld {
            total.missing.append(.init(name: glob.text, advice: "no object matches; check the pattern"))
        }
    }

    /// Removes the objects under a prefix that the filter and a pattern select.
    private func remove(
        below folder: String, _ glob: KeyGlob?, _ bucket: Bucket, _ total: inout Tally
    ) async throws {
        var transfer = DirectoryTransfer(bucket)
        try transfer.options.apply(arguments.options)
        if let seconds = arguments.outageLimit { transfer.options.outageLimit = .seconds(seconds) }
        var deletion = DeletionOptions(arguments.options)
        if arguments.force, arguments.options.maximumDeletions == nil { deletion.limit = .unlimited }
        transfer.options.deletion = deletion
        if isDryRun {
            transfer.options.onEvent = { event in
                if case .deleted = event.kind, let key = event.key { announce(key.rawValue) }
            }
        }
        if let glob { try transfer.options.filter.include(glob.pattern) }
        var plan = try await transfer.planDeletion(under: folder)
        if let depth = glob?.depth, !arguments.recursive {
            // A rule that matches a folder also selects everything in it.
            plan = plan.filtered { $0.path.utf8.count { $0 == UInt8(ascii: "/") } == depth }
        }
        let report = try await plan.run()
        total.removed += report.deleted.files
        total.failures += report.failures.map { ($0.key?.rawValue ?? $0.path, $0.error) }
        total.withheld += report.withheldDeletions
        if let refusal = report.deletionRefusal {
            if isDryRun { for path in report.withheldPaths { announce(folder + path) } }
            Diagnostics.say("\(refusal.message); raise the limit with --max-delete, or override it with --force")
        }
    }

    /// Prints the key of an object that a real run would remove.
    private func announce(_ key: String) {
        guard !arguments.output.json, !arguments.output.quiet else { return }
        try? StandardStream.output.line("remove \(Printable.line(key))")
    }

    // MARK: Named objects

    /// Removes the named objects that exist. OSS reports success when it deletes a missing object, and in a versioned
    /// bucket adds a delete marker for it, so a HeadObject request checks each object first.
    private func remove(_ keys: [ObjectKey], _ bucket: Bucket, _ total: inout Tally) async throws {
        var present: [ObjectKey] = []
        var globs: [KeyGlob] = []
        for batch in stride(from: 0, to: keys.count, by: Self.concurrentChecks) {
            let keys = keys[batch..<min(batch + Self.concurrentChecks, keys.count)]
            try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
                for (index, key) in zip(keys.indices, keys) {
                    group.addTask { (index, try await Self.exists(key, bucket)) }
                }
                let existing = try await group.reduce(into: Set<Int>()) { if $1.1 { $0.insert($1.0) } }
                for (index, key) in zip(keys.indices, keys) {
                    if existing.contains(index) {
                        present.append(key)
                    } else if arguments.list == nil, let glob = KeyGlob(key.rawValue) {
                        globs.append(glob)
                    } else {
                        total.missing.append(
                            .init(
                                name: key.rawValue,
                                advice: "no such object; use rm -r to remove the objects under a prefix"))
                    }
                }
            }
        }
        if isDryRun {
            for key in present { announce(key.rawValue) }
            total.removed += present.count
            total.named += present.count
        } else if !present.isEmpty {
            let result = try await bucket.deleteObjects(present)
            total.removed += result.deleted.count
            total.failures += result.failures.map { ($0.key.rawValue, $0.error) }
        }
        for glob in globs { try await removeAll(matching: glob, bucket, &total) }
    }

    private static func exists(_ key: ObjectKey, _ bucket: Bucket) async throws -> Bool {
        do {
            _ = try await bucket.headObject(key)
            return true
        } catch let error as OSSError where error.code == .notFound && error.serviceError?.code != "NoSuchBucket" {
            // A symbolic link without a target exists as well.
            return error.serviceError?.code == "SymlinkTargetNotExist"
        } catch let error as OSSError where error.code == .accessDenied {
            // The permission to delete does not include the permission to read. The deletion reports any other problem.
            return true
        }
    }

    // MARK: Report

    private func report(_ total: Tally) throws -> Int32 {
        for missing in total.missing.prefix(Self.maximumFailuresShown) {
            Diagnostics.say("cannot remove '\(Printable.line(missing.name))': \(missing.advice)")
        }
        for failure in total.failures.prefix(Self.maximumFailuresShown) {
            Diagnostics.say("cannot remove '\(failure.key)': \(Explanation.of(failure.error))")
        }
        let hidden = [total.missing.count, total.failures.count].reduce(0) {
            $0 + max(0, $1 - Self.maximumFailuresShown)
        }
        let failures = hidden == 1 ? "failure" : "failures"
        if hidden > 0 { Diagnostics.say("and \(hidden) more \(failures) (not listed)") }
        let isComplete = total.missing.isEmpty && total.failures.isEmpty && total.withheld == 0
        if arguments.output.json {
            try JSONOutput.print(
                Report(
                    succeeded: isComplete, isDryRun: isDryRun, removed: total.removed,
                    missing: total.missing.map(\.name), failed: total.failures.count,
                    failures: total.failures.map { .init(key: $0.key, error: JSONError($0.error)) },
                    withheld: total.withheld))
        } else if !arguments.output.quiet {
            try StandardStream.output.resultLine(summary(total))
        }
        if isComplete { return ExitStatus.success }
        return total.missing.isEmpty && total.failures.isEmpty ? ExitStatus.refused : ExitStatus.failure
    }

    private func summary(_ total: Tally) -> String {
        var text = "\(isDryRun ? "would have removed" : "removed") \(total.removed), failed \(total.failures.count)"
        if !total.missing.isEmpty { text += "; not found \(total.missing.count)" }
        if total.withheld > 0 { text += "; not removed \(total.withheld)" }
        return text
    }

    private static let maximumFailuresShown = 20
    private static let concurrentChecks = 30
}

/// A key with wildcards, such as `2026/*.jpg`.
struct KeyGlob: Equatable, Sendable {
    let text: String
    /// The text up to and including the last slash before the first wildcard.
    let folder: String
    /// A pattern for paths below the folder.
    let pattern: String
    /// Number of slashes in a matching path; `nil` if `**` matches any number.
    let depth: Int?

    /// Whether the pattern restricts no name, because it consists of wildcards: `*`, `?**` or `{*,x}`, for example.
    var matchesAnyName: Bool {
        let text = text.replacing(/\[[^\]]*\]/, with: "?")
        let isWild: (Substring) -> Bool = { $0.allSatisfy { "*?/".contains($0) } }
        let choices = text.matches(of: /\{([^}]*)\}/).map {
            $0.output.1.split(separator: ",", omittingEmptySubsequences: false)
        }
        return text.contains(/[*?]/) && isWild(text.replacing(/\{[^}]*\}/, with: "")[...])
            && choices.allSatisfy { $0.contains(where: isWild) }
    }

    /// Creates a value, or returns `nil` if the text contains no wildcard.
    init?(_ text: String) {
        guard let wildcard = text.utf8.firstIndex(where: "*?[{".utf8.contains) else { return nil }
        let slash = text.utf8[..<wildcard].lastIndex(of: UInt8(ascii: "/"))
        let start = slash.map(text.utf8.index(after:)) ?? text.startIndex
        let rest = String(Substring(text.utf8[start...]))
        self.text = text
        folder = String(Substring(text.utf8[..<start]))
        pattern = "/" + rest
        depth = rest.contains("**") ? nil : rest.utf8.count { $0 == UInt8(ascii: "/") }
    }
}
