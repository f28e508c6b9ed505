import Foundation

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
