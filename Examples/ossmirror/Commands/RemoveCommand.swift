import AliyunOSS

/// `ossmirror rm`: removes the objects that are named, or with `-r` everything below the addresses.
struct RemoveCommand {
    let arguments: RemoveArguments

    private struct Report: Encodable {
        struct Failure: Encodable {
            var key: String
            var error: JSONError
        }

        var command = Verb.rm
        var succeeded: Bool
        var isDryRun: Bool
        var removed: Int
        /// The keys that were named and do not exist.
        var missing: [String]
        var failed: Int
        var failures: [Failure]
        /// The number of objects that exceeded the limit.
        var withheld: Int
    }

    private struct Tally {
        /// The keys that were named and do not exist, with a hint for each.
        struct Missing {
            var name: String
            var advice: String
        }

        var removed = 0
        var missing: [Missing] = []
        var failures: [(key: String, error: OSSError)] = []
        var withheld = 0
    }

    private var isDryRun: Bool { arguments.options.dryRun }

    func run() async throws -> Int32 {
        let bucketName = arguments.remotes[0].bucket
        if arguments.recursive, !arguments.force, !isDryRun, arguments.remotes.contains(where: \.folder.isEmpty) {
            throw OSSError(
                .deletionRefused, "'rm -r oss://\(bucketName)/' would empty the whole bucket; add --force if it should")
        }
        var keys: [ObjectKey] = []
        if !arguments.recursive { keys = try arguments.remotes.map { try ObjectKey($0.key) } }
        let bucket = try await Connection.bucket(bucketName, arguments.connection)

        var total = Tally()
        if arguments.recursive {
            for remote in arguments.remotes { try await removeAll(below: remote, bucket, &total) }
        } else {
            try await remove(keys, bucket, &total)
        }
        return try report(total)
    }

    // MARK: Everything below an address

    private func removeAll(below remote: RemoteAddress, _ bucket: Bucket, _ total: inout Tally) async throws {
        var transfer = DirectoryTransfer(bucket)
        try transfer.options.apply(arguments.options)
        var deletion = DeletionOptions(arguments.options)
        if arguments.force, arguments.options.maximumDeletions == nil { deletion.limit = .unlimited }
        transfer.options.deletion = deletion
        if isDryRun {
            transfer.options.onEvent = { event in
                if case .deleted = event.kind, let key = event.key { announce(key.rawValue) }
            }
        }
        let report: TransferReport
        do {
            report = try await transfer.delete(under: remote.folder)
        } catch let error as OSSError where error.code == .notFound && error.serviceError == nil {
            return total.missing.append(
                .init(name: remote.folder, advice: "nothing is below it; rm without -r removes an object"))
        }
        total.removed += report.deleted.files
        total.failures += report.failures.map { ($0.key?.rawValue ?? $0.path, $0.error) }
        total.withheld += report.withheldDeletions
        if let refusal = report.deletionRefusal {
            if isDryRun { for path in report.withheldPaths { announce(remote.folder + path) } }
            Diagnostics.say("\(refusal.message) (--max-delete, --force)")
        }
    }

    /// Prints the objects that a real run would remove, one per line.
    private func announce(_ key: String) {
        guard !arguments.output.json, !arguments.output.quiet else { return }
        try? StandardStream.output.line("remove \(Printable.line(key))")
    }

    // MARK: Named objects

    /// Whether an object is there is asked first: the service calls a deletion of what is not there a success, and in a bucket
    /// with versions it leaves a mark.
    private func remove(_ keys: [ObjectKey], _ bucket: Bucket, _ total: inout Tally) async throws {
        var present: [ObjectKey] = []
        for batch in stride(from: 0, to: keys.count, by: Self.inquiriesAtOnce) {
            let keys = keys[batch..<min(batch + Self.inquiriesAtOnce, keys.count)]
            try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
                for (index, key) in zip(keys.indices, keys) {
                    group.addTask { (index, try await Self.isThere(key, bucket)) }
                }
                let there = try await group.reduce(into: Set<Int>()) { if $1.1 { $0.insert($1.0) } }
                for (index, key) in zip(keys.indices, keys) {
                    if there.contains(index) {
                        present.append(key)
                    } else {
                        total.missing.append(.init(name: key.rawValue, advice: Self.advice(key)))
                    }
                }
            }
        }
        if isDryRun {
            for key in present { announce(key.rawValue) }
            return total.removed += present.count
        }
        guard !present.isEmpty else { return }
        let result = try await bucket.deleteObjects(present)
        total.removed += result.deleted.count
        total.failures += result.failures.map { ($0.key.rawValue, $0.error) }
    }

    private static func isThere(_ key: ObjectKey, _ bucket: Bucket) async throws -> Bool {
        do {
            _ = try await bucket.headObject(key)
            return true
        } catch let error as OSSError where error.code == .notFound && error.serviceError?.code != "NoSuchBucket" {
            // A link to nothing is there as well.
            return error.serviceError?.code == "SymlinkTargetNotExist"
        } catch let error as OSSError where error.code == .accessDenied {
            // Who may delete need not be allowed to read. If it is something else, the deletion says so.
            return true
        }
    }

    // MARK: What is said

    private func report(_ total: Tally) throws -> Int32 {
        for missing in total.missing.prefix(Self.mostFailuresShown) {
            Diagnostics.say("there is no '\(Printable.line(missing.name))': \(missing.advice)")
        }
        for failure in total.failures.prefix(Self.mostFailuresShown) {
            Diagnostics.say("cannot remove '\(failure.key)': \(failure.error)")
        }
        let hidden = [total.missing.count, total.failures.count].reduce(0) { $0 + max(0, $1 - Self.mostFailuresShown) }
        if hidden > 0 { Diagnostics.say("and \(hidden) more that were not removed") }
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
        if !total.missing.isEmpty { text += "; not there \(total.missing.count)" }
        if total.withheld > 0 { text += "; not removed \(total.withheld)" }
        return text
    }

    private static func advice(_ key: ObjectKey) -> String {
        key.rawValue.utf8.contains { "*?[".utf8.contains($0) }
            ? "wildcards are not expanded; use rm -r with a prefix and --include"
            : "no such object; rm -r removes what is below a prefix"
    }

    private static let mostFailuresShown = 20
    private static let inquiriesAtOnce = 30
}
