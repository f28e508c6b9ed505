/// What a transfer would do, and why: a stream of actions that can be printed, filtered and carried out.
///
/// ```swift
/// let plan = try await transfer.planUpload(from: "site", to: "www/")
/// for try await action in plan { print(action) }
/// let report = try await plan.filtered { $0.kind != .delete }.run()
/// ```
///
/// Nothing is kept of it: each time it is iterated or run, both sides are looked at anew, in streams, so that a plan of a
/// million files takes the memory of a thousand. Comparing contents, where a decision depends on it, is part of iterating.
public struct TransferPlan: Sendable {
    /// What one pass through a plan needs.
    struct Pass {
        var steps: any PlanIterator
        let worker: any TransferWorker
        var record: TransferRecord?
        var progress: RunProgress?
        /// Whether the steps come from a listing of the service, so that the first of them is its first answer.
        var isListed = true
        /// A warning for the report, if any.
        var warning: String?
        /// The listing of the source; `nil` where a prefix with nothing under it counts as an empty source.
        var source: SourceListing?
    }

    /// Which way it goes.
    public let operation: TransferReport.Operation

    let options: DirectoryTransfer.Options
    let state: StateDirectory
    /// Begins a pass; one that is only looked through, or a dry run, writes nothing anywhere.
    let start: @Sendable (_ isDryRun: Bool) async throws -> Pass
    private(set) var conditions: [@Sendable (TransferAction) -> Bool] = []

    init(
        _ operation: TransferReport.Operation, options: DirectoryTransfer.Options, state: StateDirectory,
        start: @escaping @Sendable (_ isDryRun: Bool) async throws -> Pass
    ) {
        self.operation = operation
        self.options = options
        self.state = state
        self.start = start
    }

    /// The same plan with fewer actions.
    ///
    /// What could not be read stays in any case, as a failure: what is in it might have been among the actions that stay.
    ///
    /// - Parameter isIncluded: Whether an action stays. Deletions are actions too.
    public func filtered(_ isIncluded: @escaping @Sendable (TransferAction) -> Bool) -> TransferPlan {
        var plan = self
        plan.conditions.append(isIncluded)
        return plan
    }

    /// The part of the plan that is about what failed in an earlier run of it.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` when there were more failures than the report lists and its
    ///   ``TransferReport/failureFile`` cannot be read. Then run the whole plan.
    public func retrying(_ report: TransferReport) throws(OSSError) -> TransferPlan {
        if let file = report.failureFile { return try retrying(failuresAt: file) }
        guard report.failures.count == report.failed.files else {
            throw OSSError(
                .fileSystem,
                "only \(report.failures.count) of \(report.failed.files) failures are listed; transfer everything again"
            )
        }
        return retrying(paths: report.failures.map(\.path))
    }

    /// The part of the plan that is about the failures in a file.
    ///
    /// - Parameter path: As in ``TransferReport/failureFile``. The file is read now, and not needed when the plan is run.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` when it cannot be read, and
    ///   ``OSSError/Code/invalidArgument`` when it is something else.
    public func retrying(failuresAt path: String) throws(OSSError) -> TransferPlan {
        retrying(bytes: try FailureFile.paths(at: path))
    }

    /// The part of the plan that is about some paths and what lies below them: a folder that could not be read is one failure,
    /// whatever is in it.
    ///
    /// - Parameter paths: As in ``TransferFailure/path``. An empty one is the folder itself, which means everything.
    public func retrying(paths: some Sequence<String>) -> TransferPlan {
        // As bytes: `String` takes the two spellings of `é` for one.
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
    /// The element of a plan.
    public typealias Element = TransferAction

    /// Begins a pass that does nothing.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(plan: self) }

    /// One pass through the plan.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let plan: TransferPlan
        private var pass: Pass?
        private var ready: ArraySlice<TransferAction> = []

        fileprivate init(plan: TransferPlan) {
            self.plan = plan
        }

        /// The next action.
        ///
        /// - Throws: ``OSSError`` when a side cannot be read on, `CancellationError`.
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

    /// Answers the questions among some steps, several at a time.
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
