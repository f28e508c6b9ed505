import Synchronization

/// The faults that a server injects, and the number of times that each has occurred.
///
/// ```swift
/// let plan = FaultPlan(seed: 42)
/// plan.add(.truncateBody(after: 4096), when: .operation("GetObject", key: "a"), times: 2)
/// plan.add(.respond(status: 503, code: "ServerBusy"), when: .init(probability: 0.1), times: .max)
/// var configuration = MockOSSServer.Configuration(buckets: ["photos"])
/// configuration.faults = plan
/// let server = try MockOSSServer(configuration)
/// // … the code under test sends requests to server.endpoint …
/// #expect(plan.unused.isEmpty)
/// ```
///
/// Several servers can share a plan, in which case the faults apply to requests to any of them.
public final class FaultPlan: Sendable {
    private struct Entry {
        /// Number that identifies the fault, even after other faults were removed.
        let id: Int
        let fault: MockFault
        var random: SeededRandom
        var isEnabled = true
        var skipped = 0
        var happened = 0

        /// Returns whether the fault applies to the current matching request, and counts the request if the fault skips
        /// it.
        mutating func isDue() -> Bool {
            guard isEnabled, happened < fault.times else { return false }
            guard skipped >= fault.matcher.skip else {
                skipped += 1
                return false
            }
            return fault.matcher.probability >= 1 || random.unit() < fault.matcher.probability
        }
    }

    private struct State {
        var entries: [Entry] = []
        /// Number of faults added since all faults were last removed.
        var added = 0
        var nextID = 1
    }

    private let seed: UInt64
    private let state = Mutex(State())
    // Most servers have no faults, in which case requests take no lock here.
    private let isEmpty = Atomic(true)

    /// Creates a plan without faults.
    ///
    /// - Parameter seed: Seed for faults with a probability. Each fault draws its own random numbers, so the requests
    /// to which it applies do not depend on other faults. Default: 0.
    public init(seed: UInt64 = 0) {
        self.seed = seed
    }

    /// Adds a fault that applies to the next matching requests.
    public func add(_ fault: MockFault) {
        state.withLock { state in
            let random = SeededRandom(seed: seed &+ UInt64(state.added) << 32)
            state.entries.append(Entry(id: state.nextID, fault: fault, random: random))
            state.added += 1
            state.nextID += 1
            // Stored under the lock so that concurrent changes cannot reorder it.
            isEmpty.store(false, ordering: .releasing)
        }
    }

    /// Adds a fault that applies to the next matching requests.
    public func add(_ action: MockFault.Action, when matcher: MockFault.Matcher = .any, times: Int = 1) {
        add(MockFault(action, when: matcher, times: times))
    }

    /// Removes all faults and their counts.
    public func removeAll() {
        state.withLock { state in
            state.entries = []
            state.added = 0
            isEmpty.store(true, ordering: .releasing)
        }
    }

    /// Faults that have occurred fewer times than requested. A fault with `times: .max` is included until it has
    /// occurred once.
    public var unused: [MockFault] {
        state.withLock { state in
            state.entries.filter { $0.happened < ($0.fault.times == .max ? 1 : $0.fault.times) }.map(\.fault)
        }
    }

    /// All faults and the number of times that each has occurred, in the order in which they were added.
    public var occurrences: [(fault: MockFault, count: Int)] {
        state.withLock { $0.entries.map { ($0.fault, $0.happened) } }
    }

    /// A fault with its state.
    struct Item {
        var id: Int
        var fault: MockFault
        var isEnabled: Bool
        var count: Int
    }

    /// All faults with their states, in the order in which they were added.
    var items: [Item] {
        state.withLock { state in
            state.entries.map { Item(id: $0.id, fault: $0.fault, isEnabled: $0.isEnabled, count: $0.happened) }
        }
    }

    /// Switches a fault on or off. A fault that is off matches no requests and keeps its count.
    ///
    /// - Returns: `false` if there is no such fault.
    func setEnabled(_ isEnabled: Bool, id: Int) -> Bool {
        state.withLock { state in
            guard let index = state.entries.firstIndex(where: { $0.id == id }) else { return false }
            state.entries[index].isEnabled = isEnabled
            return true
        }
    }

    /// Removes a fault and its count.
    ///
    /// - Returns: `false` if there is no such fault.
    func remove(id: Int) -> Bool {
        state.withLock { state in
            guard let index = state.entries.firstIndex(where: { $0.id == id }) else { return false }
            state.entries.remove(at: index)
            isEmpty.store(state.entries.isEmpty, ordering: .releasing)
            return true
        }
    }

    /// Returns the faults that apply before a request is served, and counts each as used.
    func takeForRequest(_ facts: RequestFacts) -> [MockFault.Action] {
        take(facts) { $0.slot(for: facts) }
    }

    /// Returns whether a fault makes the server ignore a request's range, and counts that fault as used. Called only
    /// for responses that contain part of an object.
    func takeForRange(_ facts: RequestFacts) -> Bool {
        !take(facts) { $0 == .ignoreRange ? .range : nil }.isEmpty
    }

    /// Returns the fault that applies to a listing page and counts the fault as used, or returns `nil` if no fault
    /// applies.
    func takeForListing(_ facts: RequestFacts, _ page: ListingPage) -> MockFault.ListingFault? {
        let taken = take(facts) { action in
            if case .listing(let fault) = action, page.canApply(fault) { .listing } else { nil }
        }
        guard case .listing(let fault)? = taken.first else { return nil }
        return fault
    }

    /// Returns the changes to make after a request has been served, and counts their faults as used.
    func takeForState(_ facts: RequestFacts) -> [MockFault.StateChange] {
        take(facts) { action in
            if case .afterwards(let change) = action, change.concerns(facts) { .state } else { nil }
        }.compactMap { if case .afterwards(let change) = $0 { change } else { nil } }
    }

    /// Returns the faults that change the content of a response, and counts each as used.
    ///
    /// - Parameter bodyLength: Length of the body in bytes; `nil` if the response cannot have a body.
    func takeForContent(_ facts: RequestFacts, bodyLength: Int?) -> [MockFault.Action] {
        take(facts) { $0.slot(forContentOf: bodyLength) }
    }

    /// Returns the faults that apply while a response is being sent, and counts each as used.
    func takeForSending(_ facts: RequestFacts, bodyLength: Int) -> [MockFault.Action] {
        take(facts) { $0.slot(forSendingOf: bodyLength) }
    }

    private func take(_ facts: RequestFacts, _ slot: (MockFault.Action) -> MockFault.Action.Slot?)
        -> [MockFault.Action]
    {
        guard !isEmpty.load(ordering: .acquiring) else { return [] }
        let taken = state.withLock { state in
            var taken: [MockFault.Action] = []
            var used: Set<MockFault.Action.Slot> = []
            for index in state.entries.indices where state.entries[index].fault.matcher.matches(facts) {
                // Every match counts and draws a number, even if an earlier fault of the same kind applies.
                guard let slot = slot(state.entries[index].fault.action), state.entries[index].isDue(),
                    !slot.isExclusive || !used.contains(slot)
                else { continue }
                state.entries[index].happened += 1
                used.insert(slot)
                taken.append(state.entries[index].fault.action)
            }
            return taken
        }
        if let recordUse = facts.recordUse { taken.forEach(recordUse) }
        return taken
    }
}

/// The faults that can apply while a request is being served, depending on the response.
struct ServingFaults {
    let plan: FaultPlan
    let facts: RequestFacts

    /// Returns whether to respond with the entire object instead of the requested range.
    func ignoreRange() -> Bool { plan.takeForRange(facts) }

    /// Returns the fault that applies to a listing page, or `nil` if no fault applies.
    func fault(in page: ListingPage) -> MockFault.ListingFault? { plan.takeForListing(facts, page) }
}

/// A random number generator (SplitMix64) that returns the same sequence for the same seed.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Creates a generator from a seed. Every seed is valid, including 0.
    public init(seed: UInt64) {
        state = seed
    }

    /// Returns the next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Returns a random number in `0..<1`.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
