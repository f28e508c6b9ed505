/// A plan for a transfer. A plan is a stream of actions that can be printed, filtered and run.
///
/// ```swift
/// let plan = try await transfer.planUpload(from: "site", to: "www/")
/// for try await action in plan { print(action) }
/// let report = try await plan.filtered { $0.kind != .delete }.run()
/// ```
///
/// A plan stores no actions. Each iteration and each run reads both sides again as streams, so a plan for a million
/// files takes no more memory than one for a thousand. Iterating also compares contents if a decision depends on them.
public struct TransferPlan: Sendable {
    /// One pass through a plan.
    struct Pass {
        var steps: any PlanIterator
        let worker: any TransferWorker
        var record: TransferRecord?
        var progress: RunProgress?
        /// Whether the steps are based on a listing of the bucket. In that case, the first step proves that the service
        /// is responding.
        var isListed = true
        var warning: String?
        /// The listing of the source, or `nil` if the source is allowed to be empty.
        var source: SourceListing?
    }

    /// The kind of transfer that the plan describes.
    public let operation: TransferReport.Operation

    let options: DirectoryTransfer.Options
    let state: StateDirectory
    /// A closure that receives the events of runs other than dry runs; `nil` if nobody receives them.
    let onEvent: (@Sendable (ClientEvent) -> Void)?
    /// A closure that starts a pass through the plan. A dry run writes nothing.
    let start: @Sendable (_ isDryRun: Bool) async throws -> Pass
    private(set) var conditions: [@Sendable (TransferAction) -> Bool] = []

    init(
        _ operation: TransferReport.Operation, options: DirectoryTransfer.Options, store: any ObjectStore,
        start: @escaping @Sendable (_ isDryRun: Bool) async throws -> Pass
    ) {
        self.operation = operation
        self.options = options
        state = store.stateDirectory
        onEvent = options.isDryRun ? nil : store.onEvent
        self.start = start
    }

    /// Returns a plan that contains only the actions for which a closure returns `true`.
    ///
    /// Files and folders that could not be read always remain in the plan as failures, because their contents might
    /// have been included.
    ///
    /// - Parameter isIncluded: A closure that returns whether to include an action. Deletions are also actions.
    public func filtered(_ isIncluded: @escaping @Sendable (TransferAction) -> Bool) -> TransferPlan {
        var plan = self
        plan.conditions.append(isIncluded)
        return plan
    }

    /// Returns a plan that contains only the files that failed in an earlier run.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` if the report lists only some of the failures and
    ///   its ``TransferReport/failureFile`` cannot be read. In that case, run the entire plan.
    public func retrying(_ report: TransferReport) throws(OSSError) -> TransferPlan {
        if let file = report.failureFile { return try retrying(failuresAt: file) }
        guard report.failures.count == report.failed.files else {
            throw OSSError(
                .fileSystem,
                "the report lists only \(report.failures.count) of \(report.failed.files) failures; transfer everything again"
            )
        }
        return retrying(paths: report.failures.map(\.path))
    }

    /// Returns a plan that retries only the failures listed in a file.
    ///
    /// - Parameter path: Path of the file; see ``TransferReport/failureFile``. This method reads the file immediately.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` if the file cannot be read, or
    ///   ``OSSError/Code/invalidArgument`` if it is not a list of failures.
    public func retrying(failuresAt path: String) throws(OSSError) -> TransferPlan {
        retrying(bytes: try FailureFile.paths(at: path))
    }

    /// Returns a plan that contains only the given paths and everything below them. A folder that could not be read is
    /// a single failure, regardless of its contents.
    ///
    /// - Parameter paths: Paths as in ``TransferFailure/path``. An empty path is the folder itself and includes
    ///   everything.
    public func retrying(paths: some Sequence<String>) -> TransferPlan {
        // Paths are compared as bytes, because `String` treats the two Unicode spellings of `é` as equal.
        retrying(bytes: Set(paths.map { Array($0.utf8) }))
    }

    private func retrying(bytes paths: Set<[UInt8]>) -> TransferPlan {
        filtered { action in
            let path = Array(action.path.utf8)
            guard !paths.contains([]), !paths.contains(path) else { return true }
            return path.indices.contains { path[$0] == UInt8(ascii: "/") && paths.contains(Array(path[..<$0])) }
        }
    }

    func includes(_ action: TransferAction) -> Bool {
        if action.kind == .fail, action.reason == .unusable { return true }
        return conditions.allSatisfy { $0(action) }
    }
}

extension TransferPlan: AsyncSequence {
    /// An action in the plan.
    public typealias Element = TransferAction

    /// Creates an iterator over the actions in the plan. Iterating changes nothing.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(plan: self) }

    /// An iterator over the actions in a plan.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let plan: TransferPlan
        private var pass: Pass?
        private var ready: ArraySlice<TransferAction> = []

        fileprivate init(plan: TransferPlan) {
            self.plan = plan
        }

        /// Returns the next action, or `nil` at the end of the plan.
        ///
        /// - Throws: ``OSSError`` if either side cannot be read, or `CancellationError` if the task was cancelled.
        public mutating func next() async throws -> TransferAction? {
            while true {
                if let action = ready.popFirst() { return action }
                try Task.checkCancellation()
                if pass == nil { pass = try await plan.start(true) }
                guard let steps = try await pass?.steps.nextBatch(), let worker = pass?.worker else {
                    if let problem = pass?.source?.problem { throw problem }
                    return nil
                }
                ready = try await plan.resolve(steps, worker)[...]
            }
        }
    }

    /// Performs the comparisons that the steps depend on, several at a time, and returns the resulting actions.
    private func resolve(_ steps: [PlannedStep], _ worker: any TransferWorker) async throws -> [TransferAction] {
        var actions: [TransferAction?] = steps.map { $0.question == nil ? $0.action : nil }
        var failure: (any Error)?
        var open = actions.indices.filter { actions[$0] == nil }[...]
        try await TaskPool.run(limit: options.concurrency) { () -> Int? in
            open.popFirst()
        } work: { index -> (Int, Result<TransferAction, any Error>) in
            do {
                return (index, .success(try await worker.resolve(steps[index]).action))
            } catch let error as OSSError {
                return (index, .success(steps[index].action.failing(error)))
            } catch {
                return (index, .failure(error))
            }
        } handle: { index, result in
            switch result {
            case .success(let action): actions[index] = action
            case .failure(let error): failure = failure ?? error
            }
            return failure == nil ? .keepGoing : .stop
        }
        if let failure { throw (failure as? FatalTransferError)?.error ?? failure }
        return actions.compactMap { $0 }.filter { includes($0) }
    }
}
