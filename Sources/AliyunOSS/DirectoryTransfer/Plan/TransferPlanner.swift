/// Turns differences into steps. Pure but for the record it looks into: it reads nothing else and does nothing.
protocol TransferPlanner<Source, Destination>: Sendable {
    associatedtype Source: TreeEntry
    associatedtype Destination: TreeEntry

    /// What was seen so far.
    var totals: PlanTotals { get }

    /// Adds what is to be done about a difference; nothing when it is none of this transfer's business.
    mutating func plan(_ difference: TreeDifference<Source, Destination>, into steps: inout [PlannedStep])

    /// Adds what could only be decided at the end.
    mutating func finish(into steps: inout [PlannedStep])
}

/// What a planner has seen. Whether anything may be deleted depends on it.
struct PlanTotals: Hashable, Sendable {
    /// Files that the source has, of every partition.
    var source = 0
    /// Files that the destination has, of this partition.
    var destination = 0
}

/// The steps of a transfer as a stream, some at a time.
protocol PlanIterator {
    var totals: PlanTotals { get }

    /// The next steps; there may be none among many differences. Nothing after the last.
    mutating func nextBatch() async throws -> [PlannedStep]?
}

/// A march with a planner at its end.
struct PlannedStream<March: AsyncSequence, Planner: TransferPlanner>: PlanIterator
where March.Element == TreeDifference<Planner.Source, Planner.Destination> {
    /// How many differences are looked at before their steps are handed over: what is counted ahead of what is done.
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
            // What was found before is done before the error counts.
            end = .failure(error)
        }
        return steps
    }
}

/// What all planners of a run decide by.
struct PlanRules: Sendable {
    var detector = ChangeDetector()
    /// What both sides had when they were last equal, as far as it is kept.
    var record: TransferRecord?
    /// The share of the keys that is this run's.
    var partition: Partition?
    /// Whether what the source does not have is deleted from the destination.
    var deletes = false
    /// Whether folders with nothing in them are mirrored.
    var emptyDirectories = false
    /// Which files are compressed on their way up.
    var compression = CompressionRule()

    /// Whether a key is none of this run's business.
    func isElsewhere(_ key: ObjectKey) -> Bool {
        partition.map { !$0.contains(key) } ?? false
    }

    /// The step that a decision makes of an action. What is left alone keeps what is known of it.
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
