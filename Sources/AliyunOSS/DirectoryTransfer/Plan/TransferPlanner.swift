/// A planner that turns the differences between the source and the destination into steps. A planner reads only the
/// record and changes nothing.
protocol TransferPlanner<Source, Destination>: Sendable {
    associatedtype Source: TreeEntry
    associatedtype Destination: TreeEntry

    /// Counts of the files seen so far.
    var totals: PlanTotals { get }

    /// Appends the steps that a difference requires, if any.
    mutating func plan(_ difference: TreeDifference<Source, Destination>, into steps: inout [PlannedStep])

    /// Appends the steps that can be decided only after all differences are known.
    mutating func finish(into steps: inout [PlannedStep])
}

/// The number of files on each side, used to check the deletion limits.
struct PlanTotals: Hashable, Sendable {
    /// Number of files in the source, across all partitions.
    var source = 0
    /// Number of files in the destination, in this partition.
    var destination = 0
}

/// An iterator that returns the steps of a transfer in batches.
protocol PlanIterator {
    var totals: PlanTotals { get }

    /// Returns the next batch of steps, which may be empty, or `nil` after the last batch.
    mutating func nextBatch() async throws -> [PlannedStep]?
}

/// A stream of the steps that a planner derives from merging the source and the destination.
struct PlannedStream<March: AsyncSequence, Planner: TransferPlanner>: PlanIterator
where March.Element == TreeDifference<Planner.Source, Planner.Destination> {
    /// Maximum number of differences to plan in one batch. The totals can run ahead of the performed actions by at most
    /// this number.
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
            // Steps found before the error are performed first.
            end = .failure(error)
        }
        return steps
    }
}

/// The rules that all planners of a run share.
struct PlanRules: Sendable {
    var detector = ChangeDetector()
    /// The record of files that were equal in earlier runs; `nil` if there is none.
    var record: TransferRecord?
    /// The partition that this run processes, or `nil` if it processes everything.
    var partition: Partition?
    /// Whether to delete destination files that are not in the source.
    var deletes = false
    /// Whether to transfer empty folders.
    var includesEmptyDirectories = false
    /// Whether to apply the requested attributes to the objects of equal files.
    var updatesAttributes = false
    /// The rule that selects the files to store in compressed form.
    var compression = CompressionRule()

    /// Returns whether a key belongs to another partition.
    func isElsewhere(_ key: ObjectKey) -> Bool {
        partition.map { !$0.contains(key) } ?? false
    }

    /// Returns the step for an action, based on a decision about its file. If the decision is to skip the file, its
    /// record is also confirmed.
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
