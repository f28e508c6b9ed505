import Foundation

extension TransferFilter {
    /// Whether the rules leave a file alone, or a folder that has nothing in it. Bounds and predicate are not asked.
    func excludes(path: RelativePath, isFolder: Bool = false) -> Bool {
        excludes(bytes: path.bytes, isFolder: isFolder)
    }

    /// Whether the rules leave alone what has these bytes as its path. It need not be a path that can be on a disk: a key
    /// with `//` in it can be excluded, too.
    func excludes(bytes path: [UInt8], isFolder: Bool = false) -> Bool {
        automaton.effect(on: path, isFolder: isFolder).map { $0 == .exclude } ?? excludesByDefault
    }

    /// Whether a folder need not be entered: whatever is in it, the rules leave it alone.
    func excludesFolder(_ path: RelativePath) -> Bool {
        !automaton.mayInclude(below: path.bytes, byDefault: !excludesByDefault)
    }

    /// Whether bounds or predicate leave a file alone. To be asked of the source's files only.
    func excludes(_ candidate: TransferCandidate) -> Bool {
        excludes(size: candidate.size, modified: candidate.modified) || predicate?(candidate) == false
    }

    /// Whether bounds or predicate leave a file alone. To be asked of the source's files only.
    func excludes(path: RelativePath, size: Int64, modified: Date?) -> Bool {
        if excludes(size: size, modified: modified) { return true }
        guard let predicate else { return false }
        return !predicate(TransferCandidate(path: path.description, size: size, modified: modified))
    }

    /// Checks the bounds.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` when no file can lie within them.
    func validate() throws(OSSError) {
        if let minimumSize, let maximumSize, minimumSize > maximumSize {
            throw OSSError(
                .invalidArgument,
                "no file is of at least \(minimumSize) and at most \(maximumSize) bytes; raise maximumSize of the filter"
            )
        }
        if let maximumSize, maximumSize < 0 {
            throw OSSError(
                .invalidArgument, "no file is of at most \(maximumSize) bytes; raise maximumSize of the filter")
        }
        if let modifiedAfter, let modifiedBefore, modifiedAfter >= modifiedBefore {
            throw OSSError(
                .invalidArgument,
                "no file lies between modifiedAfter and modifiedBefore of the filter: the first is not"
                    + " earlier than the second")
        }
    }

    /// What holds for a file that no rule matches. Whoever begins with an include means "only".
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
    /// Whether everything takes part.
    var isEmpty: Bool {
        rules.isEmpty && minimumSize == nil && maximumSize == nil && modifiedAfter == nil && modifiedBefore == nil
            && predicate == nil
    }
}

/// A transfer's filter as it applies to one side.
///
/// Names are looked at on both sides, so that what a rule excludes is neither transferred nor deleted. Sizes, times and the
/// user's own predicate are about what would be transferred: they are asked of the source only, and what they leave out
/// there keeps its counterpart.
struct SidedFilter: Sendable {
    let rules: TransferFilter
    let isSource: Bool
    /// Whether everything takes part.
    let isTrivial: Bool

    init(_ rules: TransferFilter, isSource: Bool) {
        self.rules = rules
        self.isSource = isSource
        isTrivial = !isSource && rules.rules.isEmpty || rules.isEmpty
    }

    /// Whether a folder need not be looked into, if any may be left out at all.
    var skipsFolder: (@Sendable (RelativePath) -> Bool)? {
        guard !rules.rules.isEmpty else { return nil }
        return { [rules] in rules.excludesFolder($0) }
    }

    func excludesFile(_ path: RelativePath, size: Int64, modified: Date) -> Bool {
        guard !isTrivial else { return false }
        if excludesName(path, isFolder: false) { return true }
        return isSource && rules.excludes(path: path, size: size, modified: modified)
    }

    /// Whether a file, or a folder with nothing in it, is left out for its name.
    func excludesName(_ path: RelativePath, isFolder: Bool) -> Bool {
        !isTrivial && rules.excludes(path: path, isFolder: isFolder)
    }
}
