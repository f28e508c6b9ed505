/// Decides what comes down, and refuses the keys that must not become files.
struct DownloadPlanner: TransferPlanner {
    var mapping: KeyPathMapping
    var detector: ChangeDetector
    private var clashes = ClashDetector()

    init(mapping: KeyPathMapping, detector: ChangeDetector) {
        self.mapping = mapping
        self.detector = detector
    }

    mutating func action(for difference: TreeDifference) -> TransferAction? {
        switch difference {
        case .remoteOnly(let object): action(for: object, replacing: nil)
        case .both(let entry, let object): action(for: object, replacing: entry)
        // What the target folder has besides is nobody's business here.
        case .localOnly, .leftOut, .unusable: nil
        }
    }

    private mutating func action(for object: RemoteEntry, replacing entry: LocalEntry?) -> TransferAction {
        do throws(OSSError) {
            switch try mapping.target(of: object.key, size: object.size) {
            case .root:
                return TransferAction(work: .makeFolder(nil), reason: .always, key: object.key, path: "")
            case .folder(let path):
                try checkClash(of: path, object.key)
                return TransferAction(
                    work: .makeFolder(path), reason: .always, key: object.key, path: path.description)
            case .file(let path):
                try checkClash(of: path, object.key)
                clashes.add(path)
                return action(for: object, at: path, replacing: entry)
            }
        } catch {
            return TransferAction(
                work: .fail(error), reason: .unusable, key: object.key,
                path: String(decoding: object.key.rawValue.utf8.dropFirst(mapping.prefix.utf8.count), as: UTF8.self),
                size: object.size)
        }
    }

    private func action(
        for object: RemoteEntry, at path: RelativePath, replacing entry: LocalEntry?
    ) -> TransferAction {
        let (work, why): (TransferAction.Work, TransferReason) =
            switch detector.decision(from: object, to: entry) {
            case .leave(let reason): (.leave, reason)
            case .transfer(let reason): (.download(object.key, path), reason)
            }
        return TransferAction(work: work, reason: why, key: object.key, path: path.description, size: object.size)
    }

    private mutating func checkClash(of path: RelativePath, _ key: ObjectKey) throws(OSSError) {
        guard let file = clashes.file(inTheWayOf: path) else { return }
        throw OSSError(
            .unsafeKey,
            "the key '\(key)' needs a folder '\(file)', and there is an object of that name, which becomes a file; "
                + "download one of the two by itself", key: key)
    }
}

/// Finds the keys that need a folder where an earlier key is a file (`a` and `a/b`), in a stream in byte order.
///
/// Such keys need not be neighbours: `a`, `a.txt`, `a/b`. But everything between them begins with `a`, so only the files
/// whose path the current one begins with are kept: at most one for each of its bytes.
struct ClashDetector {
    private var files: [RelativePath] = []

    /// The earlier file that stands where this path needs a folder.
    mutating func file(inTheWayOf path: RelativePath) -> RelativePath? {
        while let file = files.last, !path.bytes.starts(with: file.bytes) { files.removeLast() }
        return files.first { $0.isAncestor(of: path) || $0 == path }
    }

    /// Remembers a file. The paths must come in order.
    mutating func add(_ path: RelativePath) {
        files.append(path)
    }
}
