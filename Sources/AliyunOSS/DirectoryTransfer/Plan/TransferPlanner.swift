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
