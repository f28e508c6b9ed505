import Foundation
import Synchronization

/// One run of memory that never changes once it is here.
///
/// `@unchecked Sendable` because the memory is written only before the value is made and freed only when nobody holds it.
final class ByteSegment: @unchecked Sendable {
    private enum Memory {
        case allocated
        case mapped
    }

    private let base: UnsafeMutableRawPointer?
    private let memory: Memory
    let count: Int

    /// Takes memory from `malloc` over.
    init(allocated base: UnsafeMutableRawPointer?, count: Int) {
        self.base = base
        self.count = count
        memory = .allocated
    }

    /// Maps the start of a file, so that a large one costs no memory. Returns `nil` when it cannot be read or is
    /// shorter than `count`, which must not be 0. It may be longer: what an append adds is none of an older reader's.
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

    /// The memory, which is there for as long as the segment is.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

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
