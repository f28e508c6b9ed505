import Foundation

/// A planner for copying objects from one prefix to another.
struct CopyPlanner: TransferPlanner {
    private let mapping: KeyPathMapping
    private let rules: PlanRules
    private(set) var totals = PlanTotals()

    /// Creates a planner with the rules of a run.
    ///
    /// - Parameter mapping: Mapping of the destination.
    init(mapping: KeyPathMapping, rules: PlanRules) {
        self.mapping = mapping
        self.rules = rules
    }

    mutating func plan(_ difference: TreeDifference<CopyEntry, RemoteEntry>, into steps: inout [PlannedStep]) {
        switch difference {
        case .sourceOnly(let entry, _):
            plan(entry, replacing: nil, into: &steps)
        case .both(let entry, let object):
            if !rules.isElsewhere(entry.key), !object.isFolder { totals.destination += 1 }
            plan(entry, replacing: object, into: &steps)
        case .destinationOnly(let object, _):
            guard !rules.isElsewhere(object.key) else { return }
            if !object.isFolder { totals.destination += 1 }
            guard rules.deletes, object.exclusion == nil else { return }
            steps.append(PlannedStep(.deletion(of: object, mapping)))
        case .unusableSource(let path, let error), .unusableDestination(let path, let error):
            steps.append(PlannedStep(.unusable(path, error)))
        }
    }

    mutating func finish(into steps: inout [PlannedStep]) {}

    private mutating func plan(_ entry: CopyEntry, replacing object: RemoteEntry?, into steps: inout [PlannedStep]) {
        if entry.object.countsAsFile { totals.source += 1 }
        guard !rules.isElsewhere(entry.key) else { return }
        let action = TransferAction(
            work: .copy(.init(source: entry.object, key: entry.key)), reason: .new, key: entry.key,
            path: mapping.text(below: entry.key), size: entry.object.size)
        if let exclusion = entry.object.exclusion { return steps.append(PlannedStep(action.leaving(exclusion))) }
        guard let object else { return steps.append(PlannedStep(action)) }
        if let exclusion = object.exclusion { return steps.append(PlannedStep(action.leaving(exclusion))) }
        let decision = rules.detector.decision(from: entry.object, to: object)
        steps.append(rules.step(action, decision, asking: .objects(entry.object, object)))
    }
}

extension ChangeDetector {
    /// Decides how to handle an object that exists on both sides.
    func decision(from source: RemoteEntry, to destination: RemoteEntry) -> Decision {
        switch mode {
        case .always: return .transfer(.always)
        case .missing: return .leave(.exists)
        case .size: return source.size == destination.size ? .leave(.sameSize) : .transfer(.changedSize)
        case .newer:
            let isNewer = source.modified.timeIntervalSince1970 > destination.modified.timeIntervalSince1970
            return isNewer ? .transfer(.newer) : .leave(.notNewer)
        case .modified, .checksum:
            if source.size != destination.size { return .transfer(.changedSize) }
            // Equal ETags prove equal contents. Different ETags prove different contents only if both are MD5s.
            if source.eTag == destination.eTag { return .leave(.sameContent) }
            return source.hasMD5 && destination.hasMD5 ? .transfer(.changedContent) : .compareContent
        }
    }
}

/// The source objects of a copy, in destination-key order.
struct CopySourceTree: AsyncSequence {
    typealias Element = TreeElement<CopyEntry>

    let source: RemoteTree
    let prefix: String

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source.makeAsyncIterator(), length: source.prefix.utf8.count, prefix: prefix)
    }

    /// An iterator over one listing.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var source: RemoteTree.AsyncIterator
        fileprivate let length: Int
        fileprivate let prefix: String

        mutating func next() async throws -> Element? {
            switch try await source.next() {
            case nil: return nil
            case .unusable(let path, let error): return .unusable(path, error)
            case .entry(let object):
                // The object that represents the source folder itself has no counterpart if the copies have no prefix.
                if prefix.isEmpty, object.key.rawValue.utf8.count == length { return try await next() }
                let rest = object.key.rawValue.utf8.dropFirst(length)
                do throws(OSSError) {
                    let key = try ObjectKey(prefix + String(decoding: rest, as: UTF8.self))
                    return .entry(CopyEntry(key: key, object: object))
                } catch {
                    return .unusable(RelativePath.path(of: rest, in: nil), error)
                }
            }
        }
    }
}

/// A source object and the key of its copy.
struct CopyEntry: TreeEntry {
    var key: ObjectKey
    var object: RemoteEntry
}
