/// What a planner gives: an action, and perhaps a question whose answer decides whether it is done.
struct PlannedStep: Sendable {
    var action: TransferAction
    /// Whether the contents are the same. If so, the action is not done.
    var question: ContentQuestion?
    /// Whether something that is to be deleted is in its way, so that it has to wait for the deletions.
    var isDeferred = false

    init(_ action: TransferAction, unlessEqual question: ContentQuestion? = nil) {
        self.action = action
        self.question = question
    }
}

/// Two contents of equal size that have to be compared.
enum ContentQuestion: Sendable {
    /// A file and an object.
    case file(RelativePath, FileStatus, RemoteEntry)
    /// An object of the source and one of the destination.
    case objects(RemoteEntry, RemoteEntry)
    /// A file and an object of equal size that may have become this file's by a change of names.
    case renamed(RelativePath, FileStatus, [RemoteEntry])
}

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
