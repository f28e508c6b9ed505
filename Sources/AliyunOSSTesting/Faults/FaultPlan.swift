import Synchronization

/// The faults of a server, and how often each has happened.
final class FaultPlan: Sendable {
    /// What of a request decides whether a fault matches.
    struct Facts {
        var operation: String
        var method: String
        var bucket: String?
        var key: String?
        var indexOnConnection: Int
        /// The announced length of the request's body; `nil` when it is chunked.
        var bodyLength: Int?
        var hasRange: Bool
    }

    private struct Entry {
        let fault: MockFault
        var skipped = 0
        var happened = 0

        /// Whether the fault is due, counting the matches it lets through.
        mutating func isDue() -> Bool {
            guard happened < fault.times else { return false }
            guard skipped >= fault.matcher.skip else {
                skipped += 1
                return false
            }
            return true
        }
    }

    private let entries = Mutex<[Entry]>([])
    // Most servers have no fault, and then a request takes no lock for it.
    private let isEmpty = Atomic(true)

    func add(_ fault: MockFault) {
        entries.withLock { $0.append(Entry(fault: fault)) }
        isEmpty.store(false, ordering: .releasing)
    }

    func removeAll() {
        entries.withLock { $0 = [] }
        isEmpty.store(true, ordering: .releasing)
    }

    /// The faults that have not happened as often as they should. One with `times: .max` must have happened once.
    var unused: [MockFault] {
        entries.withLock { entries in
            entries.filter { $0.happened < ($0.fault.times == .max ? 1 : $0.fault.times) }.map(\.fault)
        }
    }

    /// The faults that a request meets before it is served.
    func takeForRequest(_ facts: Facts) -> [MockFault.Action] {
        take(facts) { action in
            switch action {
            case .delay: .delay
            case .respond, .closeBeforeReading, .closeAfterApplying, .redirect, .challenge, .raw: .reply
            case .closeAfterReading(let bytes, _): facts.bodyLength.map { $0 >= bytes } ?? true ? .reply : nil
            case .ignoreRange: facts.hasRange ? .range : nil
            case .truncateBody, .stallBody, .throttleBody, .corruptBody, .header: nil
            }
        }
    }

    /// The faults that a reply meets when it is sent.
    func takeForReply(_ facts: Facts, bodyLength: Int) -> [MockFault.Action] {
        take(facts) { action in
            switch action {
            case .truncateBody(let offset, _), .stallBody(let offset, _), .corruptBody(let offset):
                offset < bodyLength ? .body : nil
            case .throttleBody: bodyLength > 0 ? .body : nil
            case .header: .header
            default: nil
            }
        }
    }

    private enum Slot {
        case delay, reply, range, body, header
    }

    private func take(_ facts: Facts, _ slot: (MockFault.Action) -> Slot?) -> [MockFault.Action] {
        guard !isEmpty.load(ordering: .acquiring) else { return [] }
        return entries.withLock { entries in
            var taken: [MockFault.Action] = []
            var used: Set<Slot> = []
            for index in entries.indices where entries[index].fault.matcher.matches(facts) {
                guard let slot = slot(entries[index].fault.action), slot == .header || !used.contains(slot) else {
                    continue
                }
                if entries[index].isDue() {
                    entries[index].happened += 1
                    used.insert(slot)
                    taken.append(entries[index].fault.action)
                }
            }
            return taken
        }
    }
}

extension MockFault.Matcher {
    func matches(_ facts: FaultPlan.Facts) -> Bool {
        (operation == nil || operation == facts.operation) && (method == nil || method == facts.method)
            && (bucket == nil || bucket == facts.bucket) && facts.indexOnConnection >= minimumRequestIndex
            && (key == nil || facts.key.map { Array($0.utf8) } == key.map { Array($0.utf8) })
    }
}
