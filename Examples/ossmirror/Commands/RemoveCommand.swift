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
        var removed: Int
        var failed: Int
        var failures: [Failure]
    }

    private struct Tally {
        var deleted = 0
        var failures: [DeleteObjectsResult.Failure] = []
    }

    func run() async throws -> Int32 {
        let bucketName = arguments.remotes[0].bucket
        if arguments.recursive, !arguments.force, arguments.remotes.contains(where: \.folder.isEmpty) {
            throw OSSError(
                .deletionRefused, "'rm -r oss://\(bucketName)/' would empty the whole bucket; add --force if it should")
        }
        var keys: [ObjectKey] = []
        if !arguments.recursive { keys = try arguments.remotes.map { try ObjectKey($0.key) } }
        let bucket = try await Connection.bucket(bucketName, arguments.connection)

        var total = Tally()
        if arguments.recursive {
            for remote in arguments.remotes { try await removeAll(below: remote.folder, bucket, &total) }
        } else {
            try await remove(keys, bucket, &total)
        }
        return try report(total)
    }

    private func removeAll(
        below folder: String, _ bucket: Bucket, _ total: inout Tally
    ) async throws {
        for try await page in bucket.listObjects(prefix: folder).pages {
            let removed = total.deleted
            try await remove(page.objects.map(\.key), bucket, &total)
            // Not one of a thousand: the next thousand would fail in the same way.
            if !page.objects.isEmpty, total.deleted == removed { return }
        }
    }

    private func remove(_ keys: [ObjectKey], _ bucket: Bucket, _ total: inout Tally) async throws {
        let result = try await bucket.deleteObjects(keys)
        total.deleted += result.deleted.count
        total.failures += result.failures
    }

    private func report(_ total: Tally) throws -> Int32 {
        let status = total.failures.isEmpty ? ExitStatus.success : ExitStatus.failure
        for failure in total.failures.prefix(Self.mostFailuresShown) {
            Diagnostics.say("cannot remove '\(failure.key)': \(failure.error)")
        }
        if total.failures.count > Self.mostFailuresShown {
            Diagnostics.say("and \(total.failures.count - Self.mostFailuresShown) more that could not be removed")
        }
        if arguments.output.json {
            try JSONOutput.print(
                Report(
                    succeeded: total.failures.isEmpty, removed: total.deleted, failed: total.failures.count,
                    failures: total.failures.map { .init(key: $0.key.rawValue, error: JSONError($0.error)) }))
        } else if !arguments.output.quiet {
            try StandardStream.output.resultLine("removed \(total.deleted), failed \(total.failures.count)")
        }
        return status
    }

    private static let mostFailuresShown = 20
}
