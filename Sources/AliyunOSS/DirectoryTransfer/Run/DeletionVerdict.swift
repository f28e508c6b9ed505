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
