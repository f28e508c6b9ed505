/// Whether an object may take the place of what stands at its name and is to be deleted. Pure.
enum ReplacementVerdict: Hashable, Sendable {
    /// Move the existing file or directory aside first.
    case moveAside
    /// Nothing stands there any more.
    case install
    /// Keep the existing file or directory, for this reason.
    case keep(String)

    /// The kind of file at the name.
    enum Standing: Hashable, Sendable {
        case nothing
        case file
        /// A folder, with so many regular files in it at any depth, and perhaps with something else.
        case folder(files: Int, other: RelativePath?)
        /// A link, FIFO, socket or device.
        case other
    }

    /// - Parameters:
    ///   - planned: How many files at the name and below it are to be deleted.
    ///   - unchanged: How many of them are still what the decision was made about.
    static func decide(_ standing: Standing, planned: Int, unchanged: Int) -> ReplacementVerdict {
        switch standing {
        case .nothing: return .install
        case .file where planned == 1 && unchanged == 1: return .moveAside
        // Equal numbers are equal sets: each of those planned was found, under a name of its own.
        case .folder(let files, nil) where planned == files && unchanged == files: return .moveAside
        case .folder(_, let other?): return .keep("'\(other)' in it has no part in the transfer")
        case .file, .folder, .other: return .keep("it changed while the transfer was running")
        }
    }
}
