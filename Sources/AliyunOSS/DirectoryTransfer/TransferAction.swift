/// One thing to do, decided and not yet done.
struct TransferAction: Sendable {
    /// What to do.
    enum Work: Sendable {
        /// Send the file at the path to the key.
        case upload(RelativePath, ObjectKey)
        /// Make the empty object that stands for a folder.
        case uploadFolder(ObjectKey)
        /// Fetch the key into the file at the path.
        case download(ObjectKey, RelativePath)
        /// Make the folder at the path; without one, the root.
        case makeFolder(RelativePath?)
        /// Nothing, on purpose.
        case leave
        /// Nothing, because it cannot be done.
        case fail(OSSError)
    }

    var work: Work
    /// Why.
    var reason: TransferReason
    /// The key, where there is one.
    var key: ObjectKey?
    /// The path below the local folder, as text.
    var path: String
    /// The bytes of the file, as far as known.
    var size: Int64 = 0
}

/// Turns differences into actions. Pure: it reads nothing and does nothing.
protocol TransferPlanner {
    /// What to do about a difference; nothing when it is none of this transfer's business.
    mutating func action(for difference: TreeDifference) -> TransferAction?
}

/// The actions of a transfer as a stream.
struct TransferPlan<Differences: AsyncSequence, Planner: TransferPlanner>: AsyncSequence
where Differences.Element == TreeDifference {
    typealias Element = TransferAction

    let differences: Differences
    let planner: Planner

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(differences: differences.makeAsyncIterator(), planner: planner)
    }

    /// One run of the plan from the start.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var differences: Differences.AsyncIterator
        fileprivate var planner: Planner

        mutating func next() async throws -> TransferAction? {
            while let difference = try await differences.next() {
                if let action = planner.action(for: difference) { return action }
            }
            return nil
        }
    }
}
