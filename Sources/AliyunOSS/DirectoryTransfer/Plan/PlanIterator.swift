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
