import Foundation

extension TransferFilter {
    /// Returns whether the rules exclude a file or an empty folder, ignoring the size and time bounds and the
    /// predicate.
    func excludes(path: RelativePath, isFolder: Bool = false) -> Bool {
        excludes(bytes: path.bytes, isFolder: isFolder)
    }

    /// Returns whether the rules exclude a path. The path need not be valid in a file system, because rules also apply
    /// to keys that contain `//`.
    func excludes(bytes path: [UInt8], isFolder: Bool = false) -> Bool {
        guard !rules.isEmpty else { return false }
        let path = PathCharacter.characters(of: path)
        let rule = rules.last { $0.pattern.matches(path, isFolder: isFolder) }
        return rule.map { $0.effect == .exclude } ?? excludesByDefault
    }

    /// Returns whether the rules exclude everything in a folder. If they do, the folder need not be read.
    func excludesFolder(_ path: RelativePath) -> Bool {
        let folder = PathCharacter.characters(of: path.bytes) + [.slash]
        for rule in rules.reversed() {
            if rule.pattern.matchesEverything(in: folder) { return rule.effect == .exclude }
            if rule.effect == .include, rule.pattern.mayMatch(in: folder) { return false }
        }
        return excludesByDefault
    }

    /// Returns whether the size and time bounds or the predicate exclude a source file.
    func excludes(_ candidate: TransferCandidate) -> Bool {
        excludes(size: candidate.size, modified: candidate.modified) || predicate?(candidate) == false
    }

    /// Returns whether the size and time bounds or the predicate exclude a source file.
    func excludes(path: RelativePath, size: Int64, modified: Date?) -> Bool {
        if excludes(size: size, modified: modified) { return true }
        guard let predicate else { return false }
        return !predicate(TransferCandidate(path: path.description, size: size, modified: modified))
    }

    /// Throws an error if no file can satisfy the size and time bounds.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the bounds contradict each other.
    func validate() throws(OSSError) {
        if let minimumSize, let maximumSize, minimumSize > maximumSize {
            throw OSSError(
                .invalidArgument,
                "the filter's minimumSize must not exceed its maximumSize (got \(minimumSize) and \(maximumSize) "
                    + "bytes)")
        }
        if let maximumSize, maximumSize < 0 {
            throw OSSError(
                .invalidArgument, "the filter's maximumSize must not be negative (got \(maximumSize) bytes)")
        }
        if let modifiedAfter, let modifiedBefore, modifiedAfter >= modifiedBefore {
            throw OSSError(
                .invalidArgument,
                "the filter's modifiedAfter must be earlier than its modifiedBefore")
        }
    }

    /// Whether to exclude a file that no rule matches. A filter that starts with an include means "only these".
    private var excludesByDefault: Bool { rules.first?.effect == .include }

    private func excludes(size: Int64, modified: Date?) -> Bool {
        if let minimumSize, size < minimumSize { return true }
        if let maximumSize, size > maximumSize { return true }
        guard let modified else { return false }
        if let modifiedAfter, modified < modifiedAfter { return true }
        if let modifiedBefore, modified >= modifiedBefore { return true }
        return false
    }
}

extension TransferFilter {
    /// Whether the filter includes every file.
    var isEmpty: Bool {
        rules.isEmpty && minimumSize == nil && maximumSize == nil && modifiedAfter == nil && modifiedBefore == nil
            && predicate == nil
    }
}

/// The filter of a transfer, applied to one side.
///
/// Names are tested on both sides, so that excluded files are neither transferred nor deleted. Sizes, times and the
/// predicate describe what to transfer: they are tested on the source only, and the counterpart of an excluded file is
/// not deleted.
struct SidedFilter: Sendable {
    let rules: TransferFilter
    let isSource: Bool
    /// Whether the filter includes every file.
    let isTrivial: Bool

    init(_ rules: TransferFilter, isSource: Bool) {
        self.rules = rules
        self.isSource = isSource
        isTrivial = !isSource && rules.rules.isEmpty || rules.isEmpty
    }

    /// A closure that returns whether a folder need not be read; `nil` if the filter has no rules.
    var skipsFolder: (@Sendable (RelativePath) -> Bool)? {
        guard !rules.rules.isEmpty else { return nil }
        return { [rules] in rules.excludesFolder($0) }
    }

    func excludesFile(_ path: RelativePath, size: Int64, modified: Date) -> Bool {
        guard !isTrivial else { return false }
        if excludesName(path, isFolder: false) { return true }
        return isSource && rules.excludes(path: path, size: size, modified: modified)
    }

    /// Returns whether the rules exclude a file or an empty folder on this side.
    func excludesName(_ path: RelativePath, isFolder: Bool) -> Bool {
        !isTrivial && rules.excludes(path: path, isFolder: isFolder)
    }
}
