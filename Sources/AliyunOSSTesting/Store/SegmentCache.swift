import Synchronization

/// The files that are mapped now, so that many readers of an object in parts share them: a process may not have more than
/// some 65,000 maps, and an object 10,000 parts.
final class SegmentCache: Sendable {
    private struct Entry {
        weak var segment: ByteSegment?
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// The start of a file, mapped unless somebody has it mapped already.
    func segment(_ name: String, count: Int, path: String) -> ByteSegment? {
        let known = entries.withLock { $0[name]?.segment }
        // A file that has been appended to is longer now.
        if let known, known.count >= count { return known }
        guard let mapped = ByteSegment(fileAt: path, count: count) else { return nil }
        return entries.withLock { entries in
            if let other = entries[name]?.segment, other.count >= count { return other }
            entries[name] = Entry(segment: mapped)
            return mapped
        }
    }

    /// Forgets a file that is removed. Who has it mapped keeps it.
    func forget(_ name: String) {
        entries.withLock { $0[name] = nil }
    }
}
