/// A planner for downloads to a folder and deletions from it. The planner rejects keys that must not become files.
struct DownloadPlanner: TransferPlanner {
    private let mapping: KeyPathMapping
    private let rules: PlanRules
    private let clashes: ClashPolicy
    private(set) var totals = PlanTotals()
    /// The detector that holds files until it is known whether they clash with folders. The step is `nil` for a file in
    /// another partition, which may still block files in this partition.
    private var detector = ClashDetector<PlannedStep?>()
    /// Folders that are represented by objects in the bucket. Such folders are not deleted when they become empty.
    private var folders = AncestorStack()
    /// The transfer's own files and folders, such as its record. Objects never replace them.
    private var own = AncestorStack()
    /// Files to delete. Steps that require a folder with the name of such a file are deferred.
    private var doomed = AncestorStack()

    init(mapping: KeyPathMapping, rules: PlanRules, clashes: ClashPolicy) {
        self.mapping = mapping
        self.rules = rules
        self.clashes = clashes
    }

    mutating func plan(_ difference: TreeDifference<RemoteEntry, LocalEntry>, into steps: inout [PlannedStep]) {
        switch difference {
        case .sourceOnly(let object, let isInhabited):
            plan(object, replacing: nil, isInhabited: isInhabited, into: &steps)
        case .both(let object, let entry):
            noteOwn(entry)
            if entry.status != nil, !rules.isElsewhere(object.key) { totals.destination += 1 }
            plan(object, replacing: entry, isInhabited: false, into: &steps)
        case .destinationOnly(let entry, let isInhabited):
            noteOwn(entry)
            guard !rules.isElsewhere(entry.key) else { return }
            if entry.status != nil { totals.destination += 1 }
            guard rules.deletes, !isInhabited else { return }
            if let action = deletion(of: entry) { steps.append(PlannedStep(action)) }
        case .unusableDestination(let path, let error):
            // Without deletions, an unreadable part of the destination does not matter. A name that cannot be a key has
            // no counterpart, and a file that has disappeared does not have to be deleted: another partition may have
            // deleted it. A file that was moved aside and has not been restored is always reported.
            let concernsAll = error.code == .destinationChanged
            guard concernsAll || rules.deletes, error.code != .unrepresentableName, error.code != .vanished else {
                return
            }
            steps.append(PlannedStep(.unusable(path, error)))
        case .unusableSource(let path, let error):
            steps.append(PlannedStep(.unusable(path, error)))
        }
    }

    mutating func finish(into steps: inout [PlannedStep]) {
        detector.finish { [clashes] in
            if let step = Self.resolved($0, clashes) { steps.append(step) }
        }
    }

    private mutating func noteOwn(_ entry: LocalEntry) {
        if entry.content == .leftOut(.transferState) { own.add(entry.path.bytes) }
    }

    private mutating func plan(
        _ object: RemoteEntry, replacing entry: LocalEntry?, isInhabited: Bool, into steps: inout [PlannedStep]
    ) {
        if object.countsAsFile { totals.source += 1 }
        let isElsewhere = rules.isElsewhere(object.key)
        // An excluded object is handled before its key is mapped: it blocks nothing and may have any name.
        if let exclusion = object.exclusion {
            if case .folder(let path)? = try? mapping.target(of: object.key, size: object.size) {
                folders.add(path.bytes)
            }
            if !isElsewhere { steps.append(leaving(object, exclusion)) }
            return
        }
        do throws(OSSError) {
            if let problem = object.problem { throw problem }
            let target = try mapping.target(of: object.key, size: object.size)
            if let path = target.path, own.covers(path.bytes) {
                if !isElsewhere { steps.append(leaving(object, .transferState)) }
                return
            }
            switch target {
            case .root:
                let action = TransferAction(work: .download(.folder(nil)), reason: .always, key: object.key, path: "")
                if !isElsewhere { steps.append(PlannedStep(action)) }
            case .folder(let path):
                let blocked = advance(to: path, object.key, isFolder: true, into: &steps)
                folders.add(path.bytes)
                guard !isElsewhere else { return }
                if let blocked {
                    steps.append(failure(object, blocked, .conflict))
                    return
                }
                let isThere = isInhabited || entry != nil
                var step = PlannedStep(
                    TransferAction(
                        work: isThere ? .leave : .download(.folder(path)), reason: isThere ? .unchanged : .new,
                        key: object.key, path: path.description))
                if !isThere { step.action.blocker = blocker(of: path) }
                steps.append(step)
            case .file(let path):
                let blocked = advance(to: path, object.key, isFolder: false, into: &steps)
                if let blocked {
                    if !isElsewhere { steps.append(failure(object, blocked, .conflict)) }
                } else {
                    var step = isElsewhere ? nil : step(for: object, at: path, entry)
                    if entry == nil { step?.action.blocker = blocker(of: path) }
                    detector.hold(path, step)
                }
            }
        } catch {
            guard !isElsewhere else { return }
            steps.append(failure(object, error, error.code == .unsafeKey ? .unsafeName : .unusable))
        }
    }

    /// Advances the clash detector to a path and returns an error if the path cannot be written, or `nil` if it can.
    private mutating func advance(
        to path: RelativePath, _ key: ObjectKey, isFolder: Bool, into steps: inout [PlannedStep]
    ) -> OSSError? {
        let file = detector.advance(to: path, isFolder: isFolder) { [clashes] in
            if let step = Self.resolved($0, clashes) { steps.append(step) }
        }
        guard let file, clashes != .keepFolder else { return nil }
        return OSSError(
            .unsafeKey,
            "the key '\(key)' requires a folder named '\(file)', but another object requires a file with that name; "
                + "download one of the objects separately", key: key)
    }

    private static func resolved(
        _ release: ClashDetector<PlannedStep?>.Release, _ clashes: ClashPolicy
    ) -> PlannedStep? {
        switch release {
        case .free(let step): return step
        case .clashing(let step):
            guard clashes != .keepFile, let action = step?.action else { return step }
            let key = action.key.map { "'\($0)'" } ?? "with this name"
            let error = OSSError(
                .unsafeKey,
                "the object \(key) cannot be saved as a file, because other keys require a folder with that name; "
                    + "download the object separately",
                key: action.key)
            return PlannedStep(action.failing(error, .conflict))
        }
    }

    private func step(for object: RemoteEntry, at path: RelativePath, _ entry: LocalEntry?) -> PlannedStep {
        var action = TransferAction(
            work: .leave, reason: .new, key: object.key, path: path.description, size: object.size)
        let record = rules.record?.entry(for: object.key)
        action.work = .download(.file(object, path, replacing: entry?.status))
        guard let status = entry?.status else { return PlannedStep(action) }
        let decision = rules.detector.decision(
            .down, status, object, record, isEncoded: rules.compression.includes(path))
        return rules.step(action, decision, known: record, asking: .file(path, status, object))
    }

    private func leaving(_ object: RemoteEntry, _ exclusion: TransferReason) -> PlannedStep {
        if let record = rules.record?.entry(for: object.key) { rules.record?.keep(record) }
        return step(.leave, exclusion, object)
    }

    private func failure(_ object: RemoteEntry, _ error: OSSError, _ reason: TransferReason) -> PlannedStep {
        step(.fail(error), reason, object)
    }

    private func step(_ work: TransferAction.Work, _ reason: TransferReason, _ object: RemoteEntry) -> PlannedStep {
        PlannedStep(
            TransferAction(
                work: work, reason: reason, key: object.key, path: mapping.text(below: object.key), size: object.size))
    }

    /// Returns the file to be deleted whose path is the given path or one of its parent folders, or `nil` if there is
    /// none.
    private mutating func blocker(of path: RelativePath) -> RelativePath? {
        doomed.deepest(covering: path.bytes).flatMap { try? RelativePath($0) }
    }

    private mutating func deletion(of entry: LocalEntry) -> TransferAction? {
        let kept = folders.deepest(covering: entry.path.bytes).map { $0.split(separator: UInt8(ascii: "/")).count } ?? 0
        // An empty folder must also be deleted if its name is required for a file.
        let isFolder = entry.content == .emptyFolder
        let isInTheWay = detector.change(above: entry.path, isFolder: isFolder) { step in
            if case .download(.file(_, let path, _))? = step?.action.work { step?.action.blocker = path }
        }
        let work: TransferAction.Work
        switch entry.content {
        case .file(let status):
            doomed.add(entry.path.bytes)
            work = .delete(.file(entry.path, status, keptFolders: kept))
        case .emptyFolder where rules.includesEmptyDirectories || isInTheWay:
            work = .delete(.folder(entry.path, keptFolders: kept))
        case .emptyFolder, .leftOut: return nil
        }
        return TransferAction(
            work: work, reason: .notInSource, key: entry.key, path: entry.path.description, size: entry.size)
    }
}
