import Foundation

/// A plan for uploading imaginary files to an imaginary bucket, used to measure planning without a file system or a
/// network.
package struct SyntheticPlan: Sendable {
    /// Number of files.
    package var count: Int

    private static let prefix = "backup/2026/"

    /// Creates a plan for a number of files.
    package init(count: Int) {
        self.count = count
    }

    /// The counts that result from iterating over a plan.
    package struct Outcome: Sendable {
        /// Combined number of entries on both sides.
        package var entries = 0
        /// Counts of actions, keyed by kind and reason.
        package var actions: [String: Int] = [:]
    }

    /// Iterates over the plan once, and counts its entries and actions.
    ///
    /// - Parameters:
    ///   - snapshot: Path of the snapshot file; `nil` for none.
    ///   - isRecording: Whether to record, as equal, the files whose contents would have to be compared.
    package func run(snapshot: String? = nil, isRecording: Bool = false) async throws -> Outcome {
        let record = try snapshot.flatMap { path throws(OSSError) in
            try TransferRecord.open(RecordIdentity(text: "synthetic"), at: .file(path))
        }
        var outcome = Outcome()
        var stream = PlannedStream(
            TreeMarch(source: Files(count: count), destination: RemoteTree(listing: listing, prefix: Self.prefix)),
            UploadPlanner(
                mapping: try KeyPathMapping(prefix: Self.prefix), rules: PlanRules(record: record, deletes: true)))
        while let steps = try await stream.nextBatch() {
            for step in steps {
                outcome.actions["\(step.action.kind) \(step.action.reason)", default: 0] += 1
                guard isRecording, case .file(_, let status, let object)? = step.question else { continue }
                record?.note(FileRecord(status, object))
            }
        }
        record?.finish(isComplete: true)
        outcome.entries = stream.totals.source + stream.totals.destination
        return outcome
    }

    /// A listing in which, out of every twenty objects, one is missing, one differs in size and one has no file.
    private var listing: RemoteListing {
        RemoteListing { [count] in
            var number = 0
            return {
                while number < count {
                    defer { number += 1 }
                    if number % 20 == 3 { continue }
                    return RemoteEntry(
                        key: ObjectKey(unchecked: Self.prefix + Files.name(number)), size: number % 20 == 7 ? 1 : 1000,
                        eTag: "0123456789ABCDEF0123456789ABCDEF", type: "Normal")
                }
                return nil
            }
        }
    }

    private struct Files: AsyncSequence, AsyncIteratorProtocol, Sendable {
        let count: Int
        var number = 0

        func makeAsyncIterator() -> Files { self }

        mutating func next() async -> TreeElement<LocalEntry>? {
            while number < count {
                defer { number += 1 }
                if number % 20 == 11 { continue }
                let name = Self.name(number)
                var status = stat()
                status.st_mode = S_IFREG | 0o644
                status.st_size = 1000
                return .entry(
                    LocalEntry(
                        key: ObjectKey(unchecked: SyntheticPlan.prefix + name),
                        path: RelativePath.path(of: Array(name.utf8), in: nil), content: .file(FileStatus(status))))
            }
            return nil
        }

        static func name(_ number: Int) -> String {
            let digits = String(10_000_000 + number)
            return "folder-\(digits.prefix(5))/file-\(digits).dat"
        }
    }
}
