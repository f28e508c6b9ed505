/// Carries out what a plan says.
protocol TransferWorker: Sendable {
    /// Compares contents.
    func answer(_ question: PendingComparison) async throws -> ComparisonResult

    /// Does what an action says, which is no deletion. Where something is in its way that is to be deleted, what it makes is made
    /// beside that.
    func perform(_ action: TransferAction) async throws -> PerformedAction

    /// Moves aside what is in the way of actions that were performed, and puts what they made in its place. If that fails,
    /// everything is where it was.
    ///
    /// - Parameter deletions: Those that are about what is in the way. They are to be done afterwards.
    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) async throws

    /// Removes what actions made that were performed and did not get in the place of what is in their way.
    func discardReplacements()

    /// Deletes what the actions say, all of them deletions. An element for each: nothing when it is gone, else why not.
    func delete(_ actions: [TransferAction]) async throws -> [OSSError?]

    /// Called when everything has been done.
    func conclude() throws
}

/// What a comparison of contents gave.
enum ComparisonResult: Sendable {
    /// They are the same. The record says of what.
    case equal(FileRecord?)
    case different
    /// The file has the content of this object.
    case sameAs(RenamedFile)
}

/// What was done.
struct PerformedAction: Sendable {
    /// The bytes of the file.
    var bytes: Int64 = 0
    /// What both sides have now.
    var record: FileRecord?
}

extension TransferWorker {
    /// Keys are in nobody's way: a bucket has `a` and `a/b`.
    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) {}

    /// Nothing is made beside a key.
    func discardReplacements() {}

    /// What is to be done about a step, once its question is answered.
    func resolve(_ step: PlannedStep) async throws -> (action: TransferAction, record: FileRecord?) {
        guard let question = step.question else { return (step.action, nil) }
        switch try await answer(question) {
        case .equal(let record): return (step.action.leaving(.sameContent), record)
        case .different: return (step.action, nil)
        case .sameAs(let file):
            guard let target = step.action.key else { return (step.action, nil) }
            var action = step.action
            action.work = .copyRenamed(file, to: target)
            action.reason = .renamed
            return (action, nil)
        }
    }
}

/// Does nothing, and answers as the worker would that it stands for.
struct DryRunWorker: TransferWorker {
    let worker: any TransferWorker

    func answer(_ question: PendingComparison) async throws -> ComparisonResult { try await worker.answer(question) }

    func perform(_ action: TransferAction) async throws -> PerformedAction {
        if case .fail(let error) = action.work { throw error }
        return PerformedAction(bytes: action.size)
    }

    func delete(_ actions: [TransferAction]) async throws -> [OSSError?] { actions.map { _ in nil } }

    func conclude() {}
}
