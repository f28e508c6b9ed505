/// The faults that a request meets while it is served: whether it does is known only when its answer is.
struct ServingFaults {
    let plan: FaultPlan
    let facts: RequestFacts

    /// Whether an answer that has only a part is to have everything.
    func ignoreRange() -> Bool { plan.takeForRange(facts) }

    /// How a page of a listing is to be wrong.
    func fault(in page: ListingPage) -> MockFault.ListingFault? { plan.takeForListing(facts, page) }
}
