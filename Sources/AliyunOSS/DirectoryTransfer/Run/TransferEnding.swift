/// The final phase of a run, in which files are deleted.
///
/// First, every file or folder whose name is blocked by an entry that will be deleted is created in a temporary
/// location. If nothing has failed, each existing entry is then moved aside and replaced. The remaining deletions
/// follow.
struct TransferEnding {
    let plan: TransferPlan
    let worker: any TransferWorker
    let record: TransferRecord?
    let progress: RunProgress?

    /// Performs the deletions, and the steps that depend on them, if the deletions are allowed.
    ///
    /// - Parameters:
    ///   - deletions: All planned deletions.
    ///   - deferred: The steps that are blocked by a file or folder that will be deleted.
    func carryOut(
        _ deletions: inout PendingDeletions, _ deferred: inout PostDeletionQueue, _ totals: PlanTotals,
        _ ledger: inout TransferLedger
    ) async throws {
        guard let policy = plan.options.deletion else { return }
        let isComplete = ledger.report.isCompleteSoFar
        switch DeletionVerdict.decide(deletions.count, of: totals, isComplete: isComplete, policy) {
        case .postpone:
            ledger.withhold(deletions, refusal: nil)
            return try finish(&deferred, &ledger) { .failure(OSSError(blocker: $0, Self.otherFailure)) }
        case .refuse(let reason):
            ledger.withhold(deletions, refusal: reason)
            return try finish(&deferred, &ledger) {
                .failure(OSSError(blocker: $0, "deletions were refused: \(reason)"))
            }
        case .proceed: break
        }
        if !deferred.blockers.isEmpty { try await replace(&deletions, &deferred, &ledger) }
        guard ledger.report.isCompleteSoFar else { return ledger.withhold(deletions, refusal: nil) }
        try await delete(&deletions, &ledger)
    }

    private static let otherFailure = "nothing is deleted in a run with failures"

    /// Performs the deferred steps, installs their results and deletes the replaced files. Deletions that were not
    /// performed remain in `deletions`.
    private func replace(
        _ deletions: inout PendingDeletions, _ deferred: inout PostDeletionQueue, _ ledger: inout TransferLedger
    ) async throws {
        var failed: Set<[UInt8]> = []
        let next = try deferred.reader()
        try await plan.perform(worker, record, progress, &ledger) {
            try next()
        } onFailure: {
            failed.insert(Array($0.path.utf8))
        }

        var extracted = try deletions.extract(deferred.blockers)
        var replaced: Set<RelativePath> = []
        var refusals: [RelativePath: OSSError] = [:]
        for blocker in deferred.blockers.sorted() {
            try Task.checkCancellation()
            var own = extracted.removeValue(forKey: blocker) ?? PendingDeletions()
            if ledger.report.isCompleteSoFar, refusals.isEmpty {
                do {
                    try await worker.replace(blocker, deleting: &own)
                    replaced.insert(blocker)
                    try await delete(&own, &ledger)
                    continue
                } catch let error as OSSError where !replaced.contains(blocker) {
                    refusals[blocker] = error
                }
            }
            try deletions.append(contentsOf: &own)
        }
        try finish(&deferred, &ledger, except: failed) { [replaced, refusals] blocker in
            if replaced.contains(blocker) { return .success(()) }
            return .failure(refusals[blocker] ?? OSSError(blocker: blocker, Self.otherFailure))
        }
    }

    /// Reports the outcomes of the deferred steps.
    ///
    /// - Parameter known: The paths of steps whose failures have already been reported.
    private func finish(
        _ deferred: inout PostDeletionQueue, _ ledger: inout TransferLedger, except known: Set<[UInt8]> = [],
        _ result: (RelativePath) -> Result<Void, OSSError>
    ) throws {
        guard !ledger.report.stoppedEarly else { return }
        let next = try deferred.reader()
        while let action = try next()?.action {
            guard let blocker = action.blocker, !known.contains(Array(action.path.utf8)) else { continue }
            let result = result(blocker).map { PerformedAction(bytes: action.size) }.mapError { error in
                var error = error
                error.key = action.key
                return error as any Error
            }
            guard ledger.finish(TransferLedger.Outcome(action: action, result: result)) == .keepGoing else { return }
        }
    }

    /// Performs deletions in batches and reports their outcomes.
    private func delete(_ deletions: inout PendingDeletions, _ ledger: inout TransferLedger) async throws {
        var current = ledger
        defer { ledger = current }
        try await deletions.forEachBatch(of: 1000) { actions in
            try Task.checkCancellation()
            guard current.fatal == nil, !current.report.stoppedEarly else { return }
            for case let key? in actions.map(\.key) { try record?.invalidate(key) }
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
}

/// A decision about whether to perform the deletions of a run.
enum DeletionVerdict: Hashable, Sendable {
    case proceed
    /// Skip the deletions, because some files were not read or transferred successfully.
    case postpone
    /// Refuse the deletions, because they exceed a limit.
    case refuse(String)

    /// Decides whether to perform the deletions of a run.
    ///
    /// - Parameters:
    ///   - deletions: Number of files that would be deleted.
    ///   - totals: Counts of files on both sides.
    ///   - isComplete: Whether both sides were read completely and every transfer succeeded.
    static func decide(
        _ deletions: Int, of totals: PlanTotals, isComplete: Bool, _ options: DeletionOptions
    ) -> DeletionVerdict {
        guard isComplete else { return .postpone }
        guard deletions > 0 else { return .proceed }
        if totals.source == 0, !options.allowsEmptySource {
            return .refuse(
                "the source is empty, and \(deletions) files would be deleted from the destination; to delete them, allow an "
                    + "empty source")
        }
        let maximum: Int
        switch options.limit {
        case .unlimited: return .proceed
        case .count(let count): maximum = count
        case .share(let share): maximum = Int((Double(totals.destination) * share).rounded(.down))
        // If an empty source is allowed, the destination is meant to be emptied.
        case .standard where totals.source == 0: return .proceed
        case .standard: maximum = max(100, totals.destination / 2)
        }
        guard deletions > maximum else { return .proceed }
        return .refuse(
            "\(deletions) of \(totals.destination) files would be deleted from the destination (limit: \(maximum)); "
                + "to delete them, raise the deletion limit")
    }
}
