/// What all planners of a run decide by.
struct PlanRules: Sendable {
    var detector = ChangeDetector()
    /// What both sides had when they were last equal, as far as it is kept.
    var record: TransferRecord?
    /// The share of the keys that is this run's.
    var partition: Partition?
    /// Whether what the source does not have is deleted from the destination.
    var deletes = false
    /// Whether folders with nothing in them are mirrored.
    var emptyDirectories = false
    /// Which files are compressed on their way up.
    var compression = CompressionRule()

    /// Whether a key is none of this run's business.
    func isElsewhere(_ key: ObjectKey) -> Bool {
        partition.map { !$0.contains(key) } ?? false
    }

    /// The step that a decision makes of an action. What is left alone keeps what is known of it.
    func step(
        _ action: TransferAction, _ decision: ChangeDetector.Decision, known entry: FileRecord? = nil,
        asking question: ContentQuestion?
    ) -> PlannedStep {
        var action = action
        switch decision {
        case .transfer(let reason):
            action.reason = reason
            return PlannedStep(action)
        case .leave(let reason):
            if let entry { record?.keep(entry) }
            return PlannedStep(action.leaving(reason))
        case .compareContent:
            action.reason = .changedContent
            return PlannedStep(action, unlessEqual: question)
        }
    }
}

/// Which files are compressed on their way up, by the extension of their name.
struct CompressionRule: Hashable, Sendable {
    /// Without dots, in lower case.
    var extensions: Set<String> = []

    init(_ extensions: Set<String> = []) {
        self.extensions = Set(extensions.map { $0.lowercased() })
    }

    /// Whether a file is compressed.
    func includes(_ path: RelativePath) -> Bool {
        guard !extensions.isEmpty else { return false }
        return path.fileExtension.map { extensions.contains($0) } ?? false
    }
}

extension RelativePath {
    /// What follows the last dot of the name, in lower case; nothing when the name has no dot but at its beginning.
    var fileExtension: String? {
        let name = bytes[(bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex, dot < name.endIndex - 1 else {
            return nil
        }
        return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
    }
}
