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
