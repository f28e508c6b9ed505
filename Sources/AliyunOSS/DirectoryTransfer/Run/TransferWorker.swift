/// A worker that performs the actions of a plan.
protocol TransferWorker: Sendable {
    /// Performs a comparison of contents and returns its result.
    func answer(_ question: PendingComparison) async throws -> ComparisonResult

    /// Performs an action other than a deletion. If the path of the action is blocked, the result is written to a
    /// temporary location.
    func perform(_ action: TransferAction) async throws -> PerformedAction

    /// Moves the results of completed actions into place, replacing the file or folder that is in their way. If this
    /// fails, everything remains where it was.
    ///
    /// - Parameter deletions: Deletions of the replaced files, which the caller performs next.
    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) async throws

    /// Removes the results that have not been moved into place.
    func discardReplacements()

    /// Performs deletions and returns, for each one, an error or `nil`.
    func delete(_ actions: [TransferAction]) async throws -> [OSSError?]

    /// Performs any final work of a run.
    func conclude() throws
}

/// A worker that receives only work for one direction of transfers.
protocol DirectedWorker: TransferWorker {
    associatedtype Work

    /// Returns the work of an action for this worker's direction, or `nil` if the action is for another direction.
    static func work(of action: TransferAction) -> Work?
    /// Performs the work of an action. If the path of the action is blocked, the result is written to a temporary
    /// location.
    func perform(_ work: Work, of action: TransferAction) async throws -> PerformedAction
}

extension DirectedWorker {
    func perform(_ action: TransferAction) async throws -> PerformedAction {
        if let work = Self.work(of: action) { return try await perform(work, of: action) }
        throw action.error ?? OSSError(misdirected: action)
    }
}

/// The result of comparing contents.
enum ComparisonResult: Sendable {
    /// The contents are equal. The value is the record of both sides.
    case equal(FileRecord?)
    case different
    /// The file has the same content as another object.
    case sameAs(RenamedFile)
}

/// The result of a performed action.
struct PerformedAction: Sendable {
    /// Size of the file in bytes.
    var bytes: Int64 = 0
    /// The record of both sides after the action; `nil` if there is none.
    var record: FileRecord?
}

extension TransferWorker {
    /// Does nothing, because one key never blocks another. For example, a bucket can contain both `a` and `a/b`.
    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) {}

    /// Does nothing, because only local files have temporary locations.
    func discardReplacements() {}

    /// Performs the comparison of a step, if any, and returns the resulting action. If the contents are equal, the
    /// record of both sides is returned as well.
    func resolve(_ step: PlannedStep) async throws -> (action: TransferAction, record: FileRecord?) {
        guard let question = step.question else { return (step.action, nil) }
        switch try await answer(question) {
        case .equal(let record): return (step.action.leaving(.sameContent), record)
        case .different: return (step.action, nil)
        case .sameAs(let file):
            guard let target = step.action.key else { return (step.action, nil) }
            var action = step.action
            action.work = .upload(.renamed(file, to: target))
            action.reason = .renamed
            return (action, nil)
        }
    }
}

/// A worker that performs the comparisons of another worker but changes nothing.
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
