/// A planner for uploads to a bucket and deletions from it.
struct UploadPlanner: TransferPlanner {
    private let mapping: KeyPathMapping
    private let rules: PlanRules
    private(set) var totals = PlanTotals()
    private var leftOut = AncestorStack()
    /// Paths of files and folders that could not be read. A merge reports these paths before the objects with the
    /// corresponding keys.
    private var unusable: Set<[UInt8]> = []
    /// The detector of renamed files, or `nil` if renames are not detected.
    private var renames: RenameDetector?

    init(mapping: KeyPathMapping, rules: PlanRules, detectsRenames: Bool = false) {
        self.mapping = mapping
        self.rules = rules
        if detectsRenames { renames = RenameDetector() }
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

    /// Returns whether the local file or folder that corresponds to a key was skipped or could not be read.
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
            // Without an object, a file of the transfer itself is not reported.
            if reason == .transferState, object == nil { return nil }
            return PlannedStep(action.leaving(reason))
        case .emptyFolder:
            guard rules.includesEmptyDirectories else { return nil }
            let isKnown = keepRecord(of: entry.key) && rules.detector.trustsRecordAlone
            if object == nil && !isKnown || rules.detector.mode == .always {
                action.work = .upload(.folder(entry.key))
                action.reason = object == nil ? .new : .always
            }
            return PlannedStep(action)
        case .file:
            action.work = .upload(.file(entry.path, entry.key))
            if let exclusion = object?.exclusion {
                keepRecord(of: entry.key)
                return PlannedStep(action.leaving(exclusion))
            }
            if let problem = object?.problem {
                // A broken link differs from any file.
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
        let record = rules.record?.entry(for: entry.key)
        let decision: ChangeDetector.Decision =
            if rules.detector.trustsRecordAlone {
                rules.detector.decision(status, record)
            } else if let object {
                rules.detector.decision(
                    .up, status, object, record, isEncoded: rules.compression.includes(entry.path))
            } else {
                .transfer(.new)
            }
        var action = action
        action.isRecorded = record != nil
        let isSameObject = record.map { record in object.map { record.matches($0) } ?? true } ?? false
        if let record, isSameObject { action.storedAttributes = record.attributes }
        let counterpart = object ?? record.map { RemoteEntry($0) }
        if rules.updatesAttributes, case .leave(let reason) = decision, reason.meansEqual, let counterpart,
            !counterpart.isLink
        {
            keepRecord(of: entry.key)
            action.reason = .changedAttributes
            let known = isSameObject ? record.flatMap { $0.isSound && $0.matches(status) ? $0 : nil } : nil
            return PlannedStep(action, unlessEqual: .attributes(entry.path, status, counterpart, reason, known))
        }
        return rules.step(
            action, decision, known: record, asking: counterpart.map { .file(entry.path, status, $0) })
    }

    /// Confirms the record of a key, and returns whether the key has a record.
    @discardableResult
    private func keepRecord(of key: ObjectKey) -> Bool {
        guard let record = rules.record?.entry(for: key) else { return false }
        rules.record?.keep(record)
        return true
    }
}

extension TransferReason {
    init(unusable error: OSSError) {
        // Here, an invalid argument can only be a key derived from a file name.
        self = [.unsafeKey, .unrepresentableName, .invalidArgument].contains(error.code) ? .unsafeName : .unusable
    }
}

/// A detector of renamed files.
///
/// New files are held until all objects that no longer have a file are known. Each new file can then be compared with
/// the objects of the same size.
struct RenameDetector: Sendable {
    private struct Arrival: Sendable {
        var step: PlannedStep
        var path: RelativePath
        var status: FileStatus
    }

    private var arrivals: [Arrival] = []
    private var departures: [Int64: [RemoteEntry]] = [:]

    /// Maximum number of same-size objects to compare with a file. Comparing a file with more objects would take longer
    /// than uploading it.
    private static let maximumCandidates = 100

    /// Holds the upload of a new file, unless the file is empty. Copying an empty object would gain nothing.
    ///
    /// - Returns: Whether the upload is held.
    mutating func hold(_ step: PlannedStep, _ entry: LocalEntry) -> Bool {
        guard case .upload(.file) = step.action.work, let status = entry.status, status.size > 0 else { return false }
        arrivals.append(Arrival(step: step, path: entry.path, status: status))
        return true
    }

    /// Adds an object that has no corresponding local file.
    mutating func add(_ object: RemoteEntry) {
        guard object.size > 0, !object.isLink else { return }
        if departures[object.size, default: []].count < Self.maximumCandidates {
            departures[object.size, default: []].append(object)
        }
    }

    /// Appends the held steps, each with the objects that may have been uploaded from its file under another name.
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
