/// A worker that performs the actions of a plan.
protocol TransferWorker: Sendable {
    /// Compares contents.
    func answer(_ question: PendingComparison) async throws -> ComparisonResult

    /// Performs an action other than a deletion. If its name is blocked, the result is written to a temporary place.
    func perform(_ action: TransferAction) async throws -> PerformedAction

    /// Replaces a file or folder that blocks performed actions with their results. On failure, everything is where it
    /// was.
    ///
    /// - Parameter deletions: Deletions of the replaced files, which follow.
    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) async throws

    /// Removes results that were not installed.
    func discardReplacements()

    /// Performs deletions and returns an error or `nil` for each.
    func delete(_ actions: [TransferAction]) async throws -> [OSSError?]

    /// Completes the run.
    func conclude() throws
}

/// A worker for one direction, which gets only work of that direction.
protocol DirectedWorker: TransferWorker {
    associatedtype Work

    /// Returns the work of an action if it belongs to this direction.
    static func work(of action: TransferAction) -> Work?
    /// Performs work. If its name is blocked, the result is written to a temporary place.
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
    /// The contents are equal, with the record of both sides.
    case equal(FileRecord?)
    case different
    /// The file has the content of another object.
    case sameAs(RenamedFile)
}

/// The result of a performed action.
struct PerformedAction: Sendable {
    /// Size of the file in bytes.
    var bytes: Int64 = 0
    /// The record of both sides after the action.
    var record: FileRecord?
}

extension TransferWorker {
    /// A key never blocks another: a bucket can have `a` and `a/b`.
    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) {}

    /// Only local files have temporary places.
    func discardReplacements() {}

    /// Returns the action of a step after its comparison.
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

/// A worker that performs the comparisons of another worker and changes nothing.
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
