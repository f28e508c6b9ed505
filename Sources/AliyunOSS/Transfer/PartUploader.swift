/// An upload in parts under way: what is there and what is missing.
///
/// It does not know what parts are made from; a file and another object are both fine.
struct PartUploader: Sendable {
    let bucket: Bucket
    let upload: MultipartUpload
    let plan: PartPlan
    /// How many parts are in the air at once.
    let concurrency: Int
    /// What parts of several objects share, when they are transferred together.
    let slots: AsyncSemaphore?
    /// Makes one part.
    let makePart: @Sendable (_ number: Int, _ range: Range<Int64>) async throws -> UploadedPart

    /// Makes the parts that are missing, and returns all of them in order.
    ///
    /// The first part that fails for good ends the others.
    func makeParts(except existing: [Int: UploadedPart]) async throws -> [UploadedPart] {
        var parts = existing
        var failure: (any Error)?
        var numbers = (1...plan.count).lazy.filter { existing[$0] == nil }.makeIterator()
        try await BoundedTasks.run(limit: concurrency) {
            numbers.next()
        } work: { number -> Result<UploadedPart, any Error> in
            do {
                let range = plan.range(of: number)
                return .success(try await slots.withPermit { try await makePart(number, range) })
            } catch {
                return .failure(error)
            }
        } handle: { outcome in
            switch outcome {
            case .success(let part):
                parts[part.number] = part
                return .keepGoing
            case .failure(let error):
                // The ones that are cancelled because of it say so, and are not the cause.
                if failure == nil || failure is CancellationError { failure = error }
                return .stop
            }
        }
        if let failure { throw failure }
        return parts.values.sorted { $0.number < $1.number }
    }
}
