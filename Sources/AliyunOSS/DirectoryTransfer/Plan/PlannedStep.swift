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
