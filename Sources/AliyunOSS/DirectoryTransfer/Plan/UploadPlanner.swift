/// Decides what goes up, and what is deleted from the bucket.
struct UploadPlanner: TransferPlanner {
    private let mapping: KeyPathMapping
    private let rules: PlanRules
    private(set) var totals = PlanTotals()
    private var leftOut = AncestorStack()
    /// What cannot be read. A march tells of it before its place among the objects has come.
    private var unusable: Set<[UInt8]> = []
    /// Holds what is new until everything that is gone is known, where renames are looked for.
    private var renames: RenameDetector?

    init(mapping: KeyPathMapping, rules: PlanRules, tracksRenames: Bool = false) {
        self.mapping = mapping
        self.rules = rules
        if tracksRenames { renames = RenameDetector() }
    }

    mutating func plan(_ difference: TreeDifference<LocalEntry, RemoteEntry>, into steps: inout [PlannedStep]) {
        switch difference {
        case .sourceOnly(let entry, _):
            countSource(entry)
            guard !rules.isElsewhere(entry.key), let step = step(for: entry, replacing: nil) else { return }
            if renames?.hold(step, entry) != true { steps.append(step) }
        case .both(let entry, let object):
            countSource(entry)
            guard !rules.isElsewhere(entry.key) else { return }
            countDestination(object)
            if let step = step(for: entry, replacing: object) { steps.append(step) }
        case .destinationOnly(let object, let isInhabited):
            guard !rules.isElsewhere(object.key) else { return }
            countDestination(object)
            renames?.add(object)
            if rules.deletes, !isInhabited, object.exclusion == nil, !isProtected(object.key) {
                steps.append(PlannedStep(.deletion(of: object, mapping)))
            }
        case .unusableSource(let path, let error):
            if rules.deletes { unusable.insert(path.bytes) }
            steps.append(PlannedStep(.unusable(path, error, TransferReason(unusable: error))))
        case .unusableDestination:
            break
        }
    }

    mutating func finish(into steps: inout [PlannedStep]) {
        renames?.finish(into: &steps)
    }

    private mutating func countSource(_ entry: LocalEntry) {
        switch entry.content {
        case .file: totals.source += 1
        case .emptyFolder: break
        case .leftOut: leftOut.add(Array(entry.key.rawValue.utf8))
        }
    }

    private mutating func countDestination(_ object: RemoteEntry) {
        if !object.isFolder { totals.destination += 1 }
    }

    /// Whether something is there locally that only has no part in the transfer, or cannot be looked into.
    private mutating func isProtected(_ key: ObjectKey) -> Bool {
        leftOut.covers(key.rawValue.utf8) || isUnusable(key.rawValue.utf8.dropFirst(mapping.prefix.utf8.count))
    }

    private func isUnusable(_ path: Substring.UTF8View) -> Bool {
        guard !unusable.isEmpty else { return false }
        let ends = path.indices.filter { path[$0] == UInt8(ascii: "/") } + [path.endIndex]
        return ends.contains { unusable.contains(Array(path[..<$0])) }
    }

    private func step(for entry: LocalEntry, replacing object: RemoteEntry?) -> PlannedStep? {
        var action = TransferAction(
            work: .leave, reason: .unchanged, key: entry.key, path: entry.path.description, size: entry.size)
        switch entry.content {
        case .leftOut(let reason):
            keepRecord(of: entry.key)
            // None of the user's files is left out here.
            if reason == .transferState, object == nil { return nil }
            return PlannedStep(action.leaving(reason))
        case .emptyFolder:
            guard rules.emptyDirectories else { return nil }
            let isKnown = keepRecord(of: entry.key) && rules.detector.trustsRecordAlone
            if object == nil && !isKnown || rules.detector.mode == .always {
                action.work = .uploadFolder(entry.key)
                action.reason = object == nil ? .new : .always
            }
            return PlannedStep(action)
        case .file:
            action.work = .upload(entry.path, entry.key)
            if let exclusion = object?.exclusion {
                keepRecord(of: entry.key)
                return PlannedStep(action.leaving(exclusion))
            }
            if let problem = object?.problem {
                // What leads nowhere is not what the file is.
                action.reason = .changedContent
                let leadsNowhere = [.notFound, .vanished].contains(problem.code)
                return PlannedStep(leadsNowhere ? action : action.failing(problem, .unusable))
            }
            return entry.status.map { step(action, entry, $0, replacing: object) }
        }
    }

    private func step(
        _ action: TransferAction, _ entry: LocalEntry, _ status: FileStatus, replacing object: RemoteEntry?
    ) -> PlannedStep {
        let local = ChangeDetector.LocalFacts(status, isEncoded: rules.compression.includes(entry.path))
        let record = rules.record?.entry(for: entry.key)
        let decision: ChangeDetector.Decision =
            if rules.detector.trustsRecordAlone {
                rules.detector.decision(local, record)
            } else if let object {
                rules.detector.decision(.up, local, ChangeDetector.RemoteFacts(object), record)
            } else {
                .transfer(.new)
            }
        let counterpart = object ?? record.map { RemoteEntry($0) }
        return rules.step(
            action, decision, known: record, asking: counterpart.map { .file(entry.path, status, $0) })
    }

    /// Keeps what is known of a key. Returns whether anything is.
    @discardableResult
    private func keepRecord(of key: ObjectKey) -> Bool {
        guard let record = rules.record?.entry(for: key) else { return false }
        rules.record?.keep(record)
        return true
    }
}

extension TransferReason {
    init(unusable error: OSSError) {
        // An argument cannot be wrong here but for the key that a name would become.
        self = [.unsafeKey, .unrepresentableName, .invalidArgument].contains(error.code) ? .unsafeName : .unusable
    }
}

/// Finds the objects that new files may have been before they were renamed: those of the same size that no file has any
/// more. It holds everything new until it has seen everything that is gone.
struct RenameDetector: Sendable {
    private struct Arrival: Sendable {
        var step: PlannedStep
        var path: RelativePath
        var status: FileStatus
    }

    private var arrivals: [Arrival] = []
    private var departures: [Int64: [RemoteEntry]] = [:]

    /// With more objects of one size than this, a file is rather sent than compared with all of them.
    private static let maximumCandidates = 100

    /// Takes the upload of a new file. Nothing is gained by copying an empty one.
    ///
    /// - Returns: Whether it was taken.
    mutating func hold(_ step: PlannedStep, _ entry: LocalEntry) -> Bool {
        guard case .upload = step.action.work, let status = entry.status, status.size > 0 else { return false }
        arrivals.append(Arrival(step: step, path: entry.path, status: status))
        return true
    }

    /// Takes an object that has no file.
    mutating func add(_ object: RemoteEntry) {
        guard object.size > 0, !object.isLink else { return }
        if departures[object.size, default: []].count < Self.maximumCandidates {
            departures[object.size, default: []].append(object)
        }
    }

    /// Gives back what was held, with the objects that each may have been.
    mutating func finish(into steps: inout [PlannedStep]) {
        for arrival in arrivals {
            var step = arrival.step
            if let objects = departures[arrival.status.size] {
                step.question = .renamed(arrival.path, arrival.status, objects)
            }
            steps.append(step)
        }
        arrivals = []
        departures = [:]
    }
}
