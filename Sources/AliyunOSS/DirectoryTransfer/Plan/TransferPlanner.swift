/// A planner that turns differences into steps. It reads nothing but the record and changes nothing.
protocol TransferPlanner<Source, Destination>: Sendable {
    associatedtype Source: TreeEntry
    associatedtype Destination: TreeEntry

    /// Numbers of files seen so far.
    var totals: PlanTotals { get }

    /// Adds the steps for a difference, if any.
    mutating func plan(_ difference: TreeDifference<Source, Destination>, into steps: inout [PlannedStep])

    /// Adds the steps that depend on all differences.
    mutating func finish(into steps: inout [PlannedStep])
}

/// Numbers of files on both sides, which the limits of deletions depend on.
struct PlanTotals: Hashable, Sendable {
    /// Number of files in the source, in all partitions.
    var source = 0
    /// Number of files in the destination, in this partition.
    var destination = 0
}

/// An iterator over the steps of a transfer in batches.
protocol PlanIterator {
    var totals: PlanTotals { get }

    /// Returns the next steps, which may be none, or `nil` after the last.
    mutating func nextBatch() async throws -> [PlannedStep]?
}

/// The steps that a planner derives from a merge.
struct PlannedStream<March: AsyncSequence, Planner: TransferPlanner>: PlanIterator
where March.Element == TreeDifference<Planner.Source, Planner.Destination> {
    /// Number of differences in a batch. The totals are ahead of the work by at most this number.
    private static var batchSize: Int { 1000 }

    private var differences: March.AsyncIterator
    private var planner: Planner
    private var end: Result<Void, any Error>?

    init(_ march: March, _ planner: Planner) {
        differences = march.makeAsyncIterator()
        self.planner = planner
    }

    var totals: PlanTotals { planner.totals }

    mutating func nextBatch() async throws -> [PlannedStep]? {
        if let end {
            try end.get()
            return nil
        }
        var steps: [PlannedStep] = []
        do {
            for _ in 0..<Self.batchSize {
                guard let difference = try await differences.next() else {
                    end = .success(())
                    planner.finish(into: &steps)
                    break
                }
                planner.plan(difference, into: &steps)
            }
        } catch {
            // Steps found before the error are done first.
            end = .failure(error)
        }
        return steps
    }
}

/// The rules that all planners of a run share.
struct PlanRules: Sendable {
    var detector = ChangeDetector()
    /// The record of files that were equal in earlier runs, if any.
    var record: TransferRecord?
    /// The partition of this run.
    var partition: Partition?
    /// Whether to delete files from the destination that the source does not have.
    var deletes = false
    /// Whether to transfer empty folders.
    var includesEmptyDirectories = false
    /// Files that are stored compressed.
    var compression = CompressionRule()

    /// Returns whether a key belongs to another partition.
    func isElsewhere(_ key: ObjectKey) -> Bool {
        partition.map { !$0.contains(key) } ?? false
    }

    /// Returns the step for an action after a decision. The record of a file that is left unchanged is confirmed.
    func step(
        _ action: TransferAction, _ decision: ChangeDetector.Decision, known entry: FileRecord? = nil,
        asking question: PendingComparison?
    ) -> PlannedStep {
        var action = action
        switch decision {
        case .transfer(let reason):
            action.reason = reason
            return PlannedStep(action)
        case .leave(let reason):
            if let entry { record?.keep(entry) }
            return PlannedStep(action.leaving(reason))
        case .compareContent:
            action.reason = .changedContent
            return PlannedStep(action, unlessEqual: question)
        }
    }
}
