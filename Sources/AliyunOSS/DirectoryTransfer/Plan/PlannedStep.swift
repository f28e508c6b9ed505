/// What a planner gives: an action, and perhaps a question whose answer decides whether it is done.
struct PlannedStep: Sendable {
    var action: TransferAction
    /// Whether the contents are the same. If so, the action is not done.
    var question: PendingComparison?

    init(_ action: TransferAction, unlessEqual question: PendingComparison? = nil) {
        self.action = action
        self.question = question
    }
}
