import Foundation
import Synchronization

/// An immutable memory segment.
///
/// `@unchecked Sendable` is safe because the memory is written only before initialization and freed only in `deinit`.
final class ByteSegment: @unchecked Sendable {
    private enum Memory {
        case allocated
        case mapped
    }

    private let base: UnsafeMutableRawPointer?
    private let memory: Memory
    let count: Int

    /// Creates a segment that takes ownership of memory allocated with `malloc`.
    init(allocated base: UnsafeMutableRawPointer?, count: Int) {
        self.base = base
        self.count = count
        memory = .allocated
    }

    /// Maps the first `count` bytes of a file, or returns `nil` if the file cannot be read or is shorter. With a
    /// mapping, a large file needs no memory. `count` must not be 0. The file may be longer because of later appends.
    init?(fileAt path: String, count: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard count > 0, fstat(descriptor, &status) == 0, Int(status.st_size) >= count,
            let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED
        else { return nil }
        self.count = count
        base = address
        memory = .mapped
    }

    deinit {
        switch memory {
        case .allocated: free(base)
        case .mapped: if let base { munmap(base, count) }
        }
    }

    /// The segment's bytes, which are valid for the segment's lifetime.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

/// A cache of mapped files. Readers of a multipart object share mappings, because a process can have only about 65,000
/// mappings and an object can have 10,000 parts.
final class SegmentCache: Sendable {
    private struct Entry {
        weak var segment: ByteSegment?
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// Returns the first `count` bytes of a file, mapping the file into memory if necessary. Returns `nil` if the file
    /// cannot be read or is shorter.
    func segment(_ name: String, count: Int, path: String) -> ByteSegment? {
        let known = entries.withLock { $0[name]?.segment }
        // An append makes the file longer than its mapping.
        if let known, known.count >= count { return known }
        guard let mapped = ByteSegment(fileAt: path, count: count) else { return nil }
        return entries.withLock { entries in
            if let other = entries[name]?.segment, other.count >= count { return other }
            entries[name] = Entry(segment: mapped)
            return mapped
        }
    }

    /// Removes a deleted file from the cache. Existing mappings remain valid.
    func forget(_ name: String) {
        entries.withLock { $0[name] = nil }
    }
}
