/// Decides what comes down and what is deleted from the folder, and refuses the keys that must not become files.
struct DownloadPlanner: TransferPlanner {
    private let mapping: KeyPathMapping
    private let rules: PlanRules
    private let clashes: ClashPolicy
    private(set) var totals = PlanTotals()
    /// What is held of a file of another partition is nothing: it may still stand in the way of one of this.
    private var detector = ClashDetector<PlannedStep?>()
    /// Folders that the bucket has an object for: they stay when they become empty.
    private var folders = AncestorStack()
    /// The transfer's own files and folders, which no object replaces.
    private var own = AncestorStack()
    /// Files that are to be deleted: what needs a folder in their place has to wait.
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
            // Nothing in there is deleted, and nobody else minds. A name that is no key has no counterpart anyway, and what is
            // gone needs no deletion: another partition may have been faster. What was moved aside and is not back is told of in
            // any case.
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
        // Before anything is made of its key: what has no part in the transfer is in nobody's way and may be called anything.
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
                let action = TransferAction(work: .makeFolder(nil), reason: .always, key: object.key, path: "")
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
                        work: isThere ? .leave : .makeFolder(path), reason: isThere ? .unchanged : .new,
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

    /// Lets a path come, and says what keeps it from being written.
    private mutating func advance(
        to path: RelativePath, _ key: ObjectKey, isFolder: Bool, into steps: inout [PlannedStep]
    ) -> OSSError? {
        let file = detector.advance(to: path, isFolder: isFolder) { [clashes] in
            if let step = Self.resolved($0, clashes) { steps.append(step) }
        }
        guard let file, clashes != .keepFolder else { return nil }
        return OSSError(
            .unsafeKey,
            "the key '\(key)' needs a folder '\(file)', and there is an object of that name, which becomes a file; "
                + "download one of the two by itself", key: key)
    }

    private static func resolved(
        _ release: ClashDetector<PlannedStep?>.Release, _ clashes: ClashPolicy
    ) -> PlannedStep? {
        switch release {
        case .free(let step): return step
        case .clashing(let step):
            guard clashes != .keepFile, let action = step?.action else { return step }
            let key = action.key.map { "'\($0)'" } ?? "of this name"
            let error = OSSError(
                .unsafeKey,
                "the key \(key) cannot become a file: other keys need a folder of that name; download it by itself",
                key: action.key)
            return PlannedStep(action.failing(error, .conflict))
        }
    }

    private func step(for object: RemoteEntry, at path: RelativePath, _ entry: LocalEntry?) -> PlannedStep {
        var action = TransferAction(
            work: .leave, reason: .new, key: object.key, path: path.description, size: object.size)
        let record = rules.record?.entry(for: object.key)
        action.work = .download(object, path, replacing: entry?.status)
        guard let status = entry?.status else { return PlannedStep(action) }
        let local = ChangeDetector.LocalFacts(status, isEncoded: rules.compression.includes(path))
        let decision = rules.detector.decision(.down, local, ChangeDetector.RemoteFacts(object), record)
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

    /// The file that is to be deleted and has the name of this path or of a folder above it.
    private mutating func blocker(of path: RelativePath) -> RelativePath? {
        doomed.deepest(covering: path.bytes).flatMap { try? RelativePath($0) }
    }

    private mutating func deletion(of entry: LocalEntry) -> TransferAction? {
        let kept = folders.deepest(covering: entry.path.bytes).map { $0.split(separator: UInt8(ascii: "/")).count } ?? 0
        // Where a file is to come down in the place of a folder, the folder has to go first, and be it empty.
        let isFolder = entry.content == .emptyFolder
        let isInTheWay = detector.change(above: entry.path, isFolder: isFolder) { step in
            if case .download(_, let path, _)? = step?.action.work { step?.action.blocker = path }
        }
        let work: TransferAction.Work
        switch entry.content {
        case .file(let status):
            doomed.add(entry.path.bytes)
            work = .deleteFile(entry.path, status, keptFolders: kept)
        case .emptyFolder where rules.emptyDirectories || isInTheWay:
            work = .deleteFolder(entry.path, keptFolders: kept)
        case .emptyFolder, .leftOut: return nil
        }
        return TransferAction(
            work: work, reason: .notInSource, key: entry.key, path: entry.path.description, size: entry.size)
    }
}
