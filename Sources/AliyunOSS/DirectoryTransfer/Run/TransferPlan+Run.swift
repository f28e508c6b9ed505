extension TransferPlan {
    /// Runs the plan.
    ///
    /// - Returns: The outcome. Check ``TransferReport/isComplete``.
    /// - Throws: ``OSSError`` if the run cannot continue, or `CancellationError` if the task was cancelled. Files that
    ///   were already transferred remain in the destination, and no further files are deleted.
    public func run() async throws -> TransferReport {
        let warnings = RunWarnings(options.onWarning)
        for adjustment in options.adjustments { warnings.add(adjustment) }
        onEvent?(.transferStarted(operation))
        do {
            let report = try await Patience.$current.withValue(options.patience(warnings)) {
                try await carryOut(warnings)
            }
            onEvent?(.transferEnded(operation, .success(report)))
            return report
        } catch {
            onEvent?(.transferEnded(operation, .failure(error)))
            throw error
        }
    }

    private func carryOut(_ warnings: RunWarnings) async throws -> TransferReport {
        let startTime = ContinuousClock.now
        let pass = try await start(options.isDryRun)
        let worker: any TransferWorker = options.isDryRun ? DryRunWorker(worker: pass.worker) : pass.worker
        let record = options.isDryRun ? nil : pass.record
        var ledger = TransferLedger(
            operation, options: options, state: state, hasAnswered: pass.isListed, onEvent: onEvent)
        if let warning = pass.warning { warnings.add(warning) }
        do {
            var (deletions, deferred) = (PendingDeletions(), PostDeletionQueue())
            var steps = pass.steps
            var ready: ArraySlice<PlannedStep> = []
            try await perform(worker, record, pass.progress, &ledger) { () async throws -> PlannedStep? in
                while true {
                    while let step = ready.popFirst() {
                        if step.action.kind == .delete {
                            try deletions.append(step.action)
                        } else if try !deferred.take(step) {
                            return step
                        }
                    }
                    try Task.checkCancellation()
                    guard var batch = try await steps.nextBatch() else {
                        pass.progress?.endListing()
                        return nil
                    }
                    // A step with a comparison is filtered after the comparison.
                    if !conditions.isEmpty { batch.removeAll { $0.question == nil && !includes($0.action) } }
                    pass.progress?.find(batch)
                    ready = batch[...]
                }
            }
            if options.deletion != nil {
                let ending = TransferEnding(plan: self, worker: worker, record: record, progress: pass.progress)
                try await ending.carryOut(&deletions, &deferred, steps.totals, &ledger)
            }
            // A report of refused deletions takes precedence over this error.
            if let problem = pass.source?.problem, ledger.report.deletionRefusal == nil {
                throw problem
            }
            worker.discardReplacements()
            try worker.conclude()
        } catch {
            worker.discardReplacements()
            record?.finish(isComplete: false)
            if let monitor = options.monitor {
                ledger.add(warnings)
                _ = ledger.stop()
                ledger.close(after: startTime.duration(to: .now))
                monitor.end(ledger.report)
            }
            throw (error as? FatalTransferError)?.error ?? error
        }
        await pass.progress?.finish()
        close(record, warnings, &ledger)
        ledger.close(after: startTime.duration(to: .now))
        return ledger.report
    }

    /// Performs steps concurrently, up to the concurrency limit. Downloaded files that only wait to be committed do not
    /// count.
    ///
    /// A few more files than requests are in progress, so that the next file is already open when a request ends. The
    /// requests share the permits of the ``TransferContext``.
    func perform(
        _ worker: any TransferWorker, _ record: TransferRecord?, _ progress: RunProgress?,
        _ ledger: inout TransferLedger, _ next: () async throws -> PlannedStep?,
        onFailure: (TransferAction) -> Void = { _ in }
    ) async throws {
        let limit = options.concurrency + options.concurrency / 4
        try await TaskPool.run(limit: limit, waitingLimit: worker.waitingLimit) {
            () async throws -> PlannedStep? in
            while let step = try await next() {
                guard step.question == nil else { return step }
                guard step.action.kind == .leave else {
                    ledger.start(step.action)
                    return step
                }
                ledger.leave(step.action)
            }
            return nil
        } work: { step, turn in
            await outcome(of: step, worker, record, progress, turn)
        } handle: { outcome in
            guard let outcome else { return .keepGoing }
            if case .success(let performed) = outcome.result {
                if let entry = performed.record { record?.note(entry) }
                // The file is complete only once it has been moved to its final path.
                if outcome.action.blocker != nil { return .keepGoing }
            } else {
                onFailure(outcome.action)
            }
            let step = ledger.finish(outcome)
            // The remaining files would wait just as long without success.
            return Patience.current?.isExhausted == true ? ledger.stop() : step
        } onIdle: {
            worker.commitWaiting()
        }
        if let fatal = ledger.fatal { throw fatal }
    }

    /// Performs a step and returns its outcome, or `nil` if the plan excludes the resulting action.
    private func outcome(
        of step: PlannedStep, _ worker: any TransferWorker, _ record: TransferRecord?, _ progress: RunProgress?,
        _ turn: TaskPool.Turn
    ) async -> TransferLedger.Outcome? {
        var action = step.action
        var (isExcluded, transferred) = (false, Int64?.none)
        progress?.start(step, step.question == nil ? .transferring : .comparing)
        defer { progress?.end(step, isExcluded: isExcluded, transferred: transferred) }
        do {
            let resolved = try await DescriptorShortage.outlasting { try await worker.resolve(step) }
            action = resolved.action
            if step.question != nil {
                guard includes(action) else {
                    isExcluded = true
                    return nil
                }
                if action.isTransfer { progress?.start(step, .transferring) }
            }
            if action.isRecorded, action.isTransfer, let key = action.key { try record?.invalidate(key) }
            let performed =
                action.kind == .leave
                ? PerformedAction(bytes: action.size, record: resolved.record)
                : try await DescriptorShortage.outlasting { try await worker.perform(action, turn) }
            if action.isTransfer, !options.isDryRun { transferred = performed.bytes }
            return TransferLedger.Outcome(action: action, result: .success(performed), isStarted: step.question == nil)
        } catch {
            return TransferLedger.Outcome(action: action, result: .failure(error))
        }
    }

    private func close(_ record: TransferRecord?, _ warnings: RunWarnings, _ ledger: inout TransferLedger) {
        // Entries for files that were not examined remain in the record.
        record?.finish(isComplete: ledger.report.isCompleteSoFar && conditions.isEmpty)
        ledger.add(warnings)
        if let problem = record?.problem { ledger.warn(problem) }
    }
}
