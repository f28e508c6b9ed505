/// A worker that performs the actions of a plan.
protocol TransferWorker: Sendable {
    /// Compares contents and returns the result.
    func answer(_ question: PendingComparison) async throws -> ComparisonResult

    /// Performs an action other than a deletion. If the path of the action is blocked, the result is written to a
    /// temporary location.
    ///
    /// - Parameter turn: The turn of the action, which the worker ends early if only a commit together with other files
    ///   remains.
    func perform(_ action: TransferAction, _ turn: TaskPool.Turn) async throws -> PerformedAction

    /// Maximum number of actions whose turn has ended early.
    var waitingLimit: Int { get }

    /// Commits the files of these actions now, because no other action is in flight.
    func commitWaiting()

    /// Moves the results of completed actions into place, replacing the file or folder that is in their way. If this
    /// fails, everything remains where it was.
    ///
    /// - Parameter deletions: Deletions of the replaced files, which the caller performs next.
    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) async throws

    /// Removes the results that have not been moved into place.
    func discardReplacements()

    /// Performs deletions and returns, for each one, the error that occurred or `nil`.
    func delete(_ actions: [TransferAction]) async throws -> [OSSError?]

    /// Performs any work that remains at the end of a run.
    func conclude() throws
}

/// A worker that handles transfers in one direction only.
protocol DirectedWorker: TransferWorker {
    associatedtype Work

    /// Returns an action's work if the action is for this worker's direction; otherwise, `nil`.
    static func work(of action: TransferAction) -> Work?
    /// Performs the work of an action. If the path of the action is blocked, the result is written to a temporary
    /// location.
    func perform(_ work: Work, of action: TransferAction, _ turn: TaskPool.Turn) async throws -> PerformedAction
}

extension DirectedWorker {
    func perform(_ action: TransferAction, _ turn: TaskPool.Turn) async throws -> PerformedAction {
        if let work = Self.work(of: action) { return try await perform(work, of: action, turn) }
        throw action.error ?? OSSError(misdirected: action)
    }
}

/// The result of a content comparison.
enum ComparisonResult: Sendable {
    /// The contents are equal. The value is the record of the file and its object.
    case equal(FileRecord?)
    case different
    /// The contents are equal, but the object does not have the requested attributes. The value is the record of the
    /// file and its object.
    case outdated(TransferAction.UploadWork, FileRecord?)
    /// The file was renamed, and an existing object has the same content.
    case sameAs(RenamedFile)
}

/// The result of a performed action.
struct PerformedAction: Sendable {
    /// Size of the file, in bytes.
    var bytes: Int64 = 0
    /// The record of the file and its object after the action; `nil` if there is none.
    var record: FileRecord?
}

extension TransferWorker {
    /// Zero, because only downloads are committed together.
    var waitingLimit: Int { 0 }

    /// Does nothing, because no action waits.
    func commitWaiting() {}

    /// Does nothing, because one key never blocks another. For example, a bucket can contain both `a` and `a/b`.
    func replace(_ blocker: RelativePath, deleting deletions: inout PendingDeletions) {}

    /// Does nothing, because only local files have temporary locations.
    func discardReplacements() {}

    /// Performs a step's comparison, if any, and returns the resulting action. If the contents are equal, the record of
    /// the file and its object is also returned.
    func resolve(_ step: PlannedStep) async throws -> (action: TransferAction, record: FileRecord?) {
        guard let question = step.question else { return (step.action, nil) }
        switch try await answer(question) {
        case .equal(var record):
            // The object is the same as before, and so are its attributes.
            if record?.attributes == 0 { record?.attributes = step.action.storedAttributes }
            if case .attributes(_, _, _, let reason, _) = question { return (step.action.leaving(reason), record) }
            return (step.action.leaving(.sameContent), record)
        case .outdated(let work, let record):
            var action = step.action
            action.work = .upload(work)
            action.reason = .changedAttributes
            return (action, record)
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

/// A worker that performs another worker's comparisons but changes nothing.
struct DryRunWorker: TransferWorker {
    let worker: any TransferWorker

    func answer(_ question: PendingComparison) async throws -> ComparisonResult { try await worker.answer(question) }

    func perform(_ action: TransferAction, _ turn: TaskPool.Turn) async throws -> PerformedAction {
        if case .fail(let error) = action.work { throw error }
        return PerformedAction(bytes: action.size)
    }

    func delete(_ actions: [TransferAction]) async throws -> [OSSError?] { actions.map { _ in nil } }

    func conclude() {}
}
