import Synchronization

/// The faults of a server, and how often each has happened.
///
/// ```swift
/// let plan = FaultPlan(seed: 42)
/// plan.add(.truncateBody(after: 4096), when: .operation("GetObject", key: "a"), times: 2)
/// plan.add(.respond(status: 503, code: "ServerBusy"), when: .init(probability: 0.1), times: .max)
/// configuration.faults = plan
/// …
/// #expect(plan.unused.isEmpty)
/// ```
///
/// Several servers can share a plan: then its faults happen to the requests of all of them together.
public final class FaultPlan: Sendable {
    private struct Entry {
        let fault: MockFault
        var random: SeededRandom
        var skipped = 0
        var happened = 0

        /// Whether the fault is due, counting the matches it lets through.
        mutating func isDue() -> Bool {
            guard happened < fault.times else { return false }
            guard skipped >= fault.matcher.skip else {
                skipped += 1
                return false
            }
            return fault.matcher.probability >= 1 || random.unit() < fault.matcher.probability
        }
    }

    private let seed: UInt64
    private let entries = Mutex<[Entry]>([])
    // Most servers have no fault, and then a request takes no lock for it.
    private let isEmpty = Atomic(true)

    /// Makes a plan without faults.
    ///
    /// - Parameter seed: What the faults with a probability draw from, each on its own: so which requests meet one does
    ///   not depend on the other faults. Default 0.
    public init(seed: UInt64 = 0) {
        self.seed = seed
    }

    /// Adds a fault, which happens to the next requests that match.
    public func add(_ fault: MockFault) {
        entries.withLock { entries in
            entries.append(Entry(fault: fault, random: SeededRandom(seed: seed &+ UInt64(entries.count) << 32)))
            // Under the lock, or what another thread says of an emptier or a fuller plan could come after it.
            isEmpty.store(false, ordering: .releasing)
        }
    }

    /// Adds a fault, which happens to the next requests that match.
    public func add(_ action: MockFault.Action, when matcher: MockFault.Matcher = .any, times: Int = 1) {
        add(MockFault(action, when: matcher, times: times))
    }

    /// Forgets all faults and how often they happened.
    public func removeAll() {
        entries.withLock { entries in
            entries = []
            isEmpty.store(true, ordering: .releasing)
        }
    }

    /// The faults that have not happened as often as they should. One with `times: .max` must have happened once.
    public var unused: [MockFault] {
        entries.withLock { entries in
            entries.filter { $0.happened < ($0.fault.times == .max ? 1 : $0.fault.times) }.map(\.fault)
        }
    }

    /// Every fault and how often it has happened, in the order they were added.
    public var occurrences: [(fault: MockFault, count: Int)] {
        entries.withLock { $0.map { ($0.fault, $0.happened) } }
    }

    /// The faults that a request meets before it is served.
    func takeForRequest(_ facts: RequestFacts) -> [MockFault.Action] {
        take(facts) { $0.slot(for: facts) }
    }

    /// The fault that a request meets whose answer has only a part of an object: whether its range is ignored.
    func takeForRange(_ facts: RequestFacts) -> Bool {
        !take(facts) { $0 == .ignoreRange ? .range : nil }.isEmpty
    }

    /// The fault that a page of a listing meets.
    func takeForListing(_ facts: RequestFacts, _ page: ListingPage) -> MockFault.ListingFault? {
        let taken = take(facts) { action in
            if case .listing(let fault) = action, page.canBe(fault) { .listing } else { nil }
        }
        guard case .listing(let fault)? = taken.first else { return nil }
        return fault
    }

    /// What changes when a request has been served.
    func takeForState(_ facts: RequestFacts) -> [MockFault.StateChange] {
        take(facts) { action in
            if case .afterwards(let change) = action, change.concerns(facts) { .state } else { nil }
        }.compactMap { if case .afterwards(let change) = $0 { change } else { nil } }
    }

    /// The faults that the content of a reply meets.
    ///
    /// - Parameter bodyLength: `nil` when the reply can have no body.
    func takeForContent(_ facts: RequestFacts, bodyLength: Int?) -> [MockFault.Action] {
        take(facts) { $0.slot(forContentOf: bodyLength) }
    }

    /// The faults that a reply meets when it is sent, with the content that it has by then.
    func takeForSending(_ facts: RequestFacts, bodyLength: Int) -> [MockFault.Action] {
        take(facts) { $0.slot(forSendingOf: bodyLength) }
    }

    private func take(_ facts: RequestFacts, _ slot: (MockFault.Action) -> MockFault.Action.Slot?)
        -> [MockFault.Action]
    {
        guard !isEmpty.load(ordering: .acquiring) else { return [] }
        return entries.withLock { entries in
            var taken: [MockFault.Action] = []
            var used: Set<MockFault.Action.Slot> = []
            for index in entries.indices where entries[index].fault.matcher.matches(facts) {
                // Every match is counted and drawn for: whether another fault of the kind has come first only decides
                // about the taking.
                guard let slot = slot(entries[index].fault.action), entries[index].isDue(),
                    !slot.isExclusive || !used.contains(slot)
                else { continue }
                entries[index].happened += 1
                used.insert(slot)
                taken.append(entries[index].fault.action)
            }
            return taken
        }
    }
}

/// The faults that a request meets while it is served: whether it does is known only when its answer is.
struct ServingFaults {
    let plan: FaultPlan
    let facts: RequestFacts

    /// Whether an answer that has only a part is to have everything.
    func ignoreRange() -> Bool { plan.takeForRange(facts) }

    /// How a page of a listing is to be wrong.
    func fault(in page: ListingPage) -> MockFault.ListingFault? { plan.takeForListing(facts, page) }
}

/// Random numbers that are the same in every run with the same seed (SplitMix64), so that a failure can be repeated.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Makes a generator. Any seed will do, also 0.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, 1.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
