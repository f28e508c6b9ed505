/// The end of a run that deletes: what needs the names of files and folders that are to be deleted, and the deletions.
///
/// First everything that needs such a name is made beside it. Only when nothing at all has failed, what stands at a name moves
/// aside, and what was made takes its place. The other deletions come last.
struct TransferEnding {
    let plan: TransferPlan
    let worker: any TransferWorker
    let record: TransferRecord?
    let progress: RunProgress?

    /// Carries it out.
    ///
    /// - Parameters:
    ///   - deletions: All that were found.
    ///   - deferred: The steps that need the name of something that is to be deleted.
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
                .failure(OSSError(blocker: $0, "nothing may be deleted: \(reason)"))
            }
        case .proceed: break
        }
        if !deferred.blockers.isEmpty { try await replace(&deletions, &deferred, &ledger) }
        guard ledger.report.isCompleteSoFar else { return ledger.withhold(deletions, refusal: nil) }
        try await delete(&deletions, &ledger)
    }

    private static let otherFailure = "nothing is deleted in a run in which something failed"

    /// Makes what is deferred, puts it in its place, and deletes what stood there. What is not deleted is left of the deletions.
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

    /// Notes what became of the steps that were deferred.
    ///
    /// - Parameter known: The paths of those that failed before.
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

    /// Does deletions that may be done.
    private func delete(_ deletions: inout PendingDeletions, _ ledger: inout TransferLedger) async throws {
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
}

/// Whether the deletions of a run may be done. Pure.
enum DeletionVerdict: Hashable, Sendable {
    case proceed
    /// Something was not seen or not done, so that it is not known what the source does not have.
    case postpone
    /// It might destroy more than was meant.
    case refuse(String)

    /// - Parameters:
    ///   - deletions: How many files would be deleted.
    ///   - totals: What the run saw of both sides.
    ///   - isComplete: Whether everything was seen and every transfer succeeded.
    static func decide(
        _ deletions: Int, of totals: PlanTotals, isComplete: Bool, _ options: DeletionOptions
    ) -> DeletionVerdict {
        guard isComplete else { return .postpone }
        guard deletions > 0 else { return .proceed }
        if totals.source == 0, !options.allowsEmptySource {
            return .refuse(
                "the source has no file, and \(deletions) would be deleted from the destination; if that is meant, allow "
                    + "an empty source")
        }
        let maximum: Int
        switch options.limit {
        case .unlimited: return .proceed
        case .count(let count): maximum = count
        case .share(let share): maximum = Int((Double(totals.destination) * share).rounded(.down))
        // Who says that an empty source is meant says that the destination is to be emptied.
        case .standard where totals.source == 0: return .proceed
        case .standard: maximum = max(100, totals.destination / 2)
        }
        guard deletions > maximum else { return .proceed }
        return .refuse(
            "\(deletions) of \(totals.destination) files would be deleted from the destination, and at most \(maximum) may "
                + "be; if that is meant, raise the limit of deletions")
    }
}
