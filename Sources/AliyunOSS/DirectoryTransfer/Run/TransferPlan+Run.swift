extension TransferPlan {
    /// Carries the plan out.
    ///
    /// - Returns: What was done. Look at ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` when the whole run cannot be done, `CancellationError` when the task was cancelled. What was
    ///   transferred before stays, and nothing is deleted.
    public func run() async throws -> TransferReport {
        let warnings = RunWarnings(options.onWarning)
        for adjustment in options.adjustments { warnings.add(adjustment) }
        return try await Patience.$current.withValue(options.patience(warnings)) { try await carryOut(warnings) }
    }

    private func carryOut(_ warnings: RunWarnings) async throws -> TransferReport {
        let startTime = ContinuousClock.now
        let pass = try await start(options.dryRun)
        let worker: any TransferWorker = options.dryRun ? DryRunWorker(worker: pass.worker) : pass.worker
        let record = options.dryRun ? nil : pass.record
        var ledger = TransferLedger(operation, options: options, state: state, hasAnswered: pass.isListed)
        do {
            var (deletions, deferred) = (PendingDeletions(), DeferredSteps())
            var steps = pass.steps
            var ready: ArraySlice<PlannedStep> = []
            try await perform(worker, record, pass.progress, &ledger) { () async throws -> PlannedStep? in
                while true {
                    while let step = ready.popFirst() {
                        // What has to be compared first is asked about afterwards.
                        if step.question == nil, !includes(step.action) { continue }
                        if step.action.kind == .delete {
                            try deletions.append(step.action)
                        } else if try !deferred.take(step) {
                            return step
                        }
                    }
                    try Task.checkCancellation()
                    guard let batch = try await steps.nextBatch() else { return nil }
                    pass.progress?.expect(
                        bytes: batch.reduce(0) { $1.action.isTransfer ? $0.clampedSum(with: $1.action.size) : $0 })
                    ready = batch[...]
                }
            }
            try await delete(&deletions, steps.totals, worker, record, &ledger)
            if !ledger.report.stoppedEarly {
                let next = try deferred.reader()
                try await perform(worker, record, pass.progress, &ledger) { try next() }
            }
            try worker.conclude()
        } catch {
            record?.finish(isComplete: false)
            throw (error as? RunError)?.error ?? error
        }
        await pass.progress?.finish()
        close(record, warnings, &ledger)
        ledger.close(after: startTime.duration(to: .now))
        return ledger.report
    }

    /// Carries out steps as they come, a bounded number at a time.
    private func perform(
        _ worker: any TransferWorker, _ record: TransferRecord?, _ progress: RunProgress?,
        _ ledger: inout TransferLedger, _ next: () async throws -> PlannedStep?
    ) async throws {
        try await BoundedTasks.run(limit: options.concurrency) { () async throws -> PlannedStep? in
            while let step = try await next() {
                guard step.question == nil else { return step }
                guard step.action.kind == .leave else {
                    ledger.start(step.action)
                    return step
                }
                ledger.leave(step.action)
            }
            return nil
        } work: { step in
            await outcome(of: step, worker, progress)
        } handle: { outcome in
            guard let outcome else { return .keepGoing }
            if case .success(let performed) = outcome.result, let entry = performed.record { record?.note(entry) }
            let step = ledger.finish(outcome)
            // The files that are left would wait as long, and find the same.
            return Patience.current?.isExhausted == true ? ledger.stop() : step
        }
        if let fatal = ledger.fatal { throw fatal }
    }

    /// What becomes of a step; nothing when it turned out to be none of this plan's.
    private func outcome(
        of step: PlannedStep, _ worker: any TransferWorker, _ progress: RunProgress?
    ) async -> TransferLedger.Outcome? {
        var action = step.action
        do {
            let resolved = try await DescriptorShortage.outlasting { try await worker.resolve(step) }
            action = resolved.action
            if step.question != nil {
                if !action.isTransfer { progress?.expect(bytes: -action.size) }
                guard includes(action) else { return nil }
            }
            let performed =
                action.kind == .leave
                ? PerformedAction(bytes: action.size, record: resolved.record)
                : try await DescriptorShortage.outlasting { try await worker.perform(action) }
            return TransferLedger.Outcome(action: action, result: .success(performed), isStarted: step.question == nil)
        } catch {
            return TransferLedger.Outcome(action: action, result: .failure(error))
        }
    }

    /// Does the deletions that were found, if they may be done.
    private func delete(
        _ deletions: inout PendingDeletions, _ totals: PlanTotals, _ worker: any TransferWorker,
        _ record: TransferRecord?, _ ledger: inout TransferLedger
    ) async throws {
        guard let policy = options.deletion else { return }
        let isComplete = ledger.report.isCompleteSoFar
        switch DeletionVerdict.decide(deletions.count, of: totals, isComplete: isComplete, policy) {
        case .postpone: return ledger.withhold(deletions, refusal: nil)
        case .refuse(let reason): return ledger.withhold(deletions, refusal: reason)
        case .proceed: break
        }
        var current = ledger
        defer { ledger = current }
        try await deletions.forEachBatch(of: 1000) { actions in
            try Task.checkCancellation()
            guard current.fatal == nil, !current.report.stoppedEarly else { return }
            let errors = try await worker.delete(actions)
            for (action, error) in zip(actions, errors) {
                if error == nil, let key = action.key { record?.forget(key) }
                let result: Result<PerformedAction, any Error> =
                    if let error { .failure(error) } else { .success(PerformedAction(bytes: action.size)) }
                _ = current.finish(TransferLedger.Outcome(action: action, result: result))
            }
        }
        if let fatal = current.fatal { throw fatal }
    }

    private func close(_ record: TransferRecord?, _ warnings: RunWarnings, _ ledger: inout TransferLedger) {
        // What was not looked at is not known to be gone.
        record?.finish(isComplete: ledger.report.isCompleteSoFar && conditions.isEmpty)
        ledger.add(warnings)
        if let problem = record?.problem { ledger.warn(problem) }
    }
}
