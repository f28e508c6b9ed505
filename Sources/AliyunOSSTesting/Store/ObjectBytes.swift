import Foundation

/// Bytes that never change once they are here, shared by every reader without a copy.
///
/// `@unchecked Sendable` because the memory is written only before the value is made and freed only when nobody holds it.
final class ObjectBytes: @unchecked Sendable {
    private enum Memory {
        case allocated(UnsafeMutableRawPointer?)
        case mapped(UnsafeMutableRawPointer)
        /// Parts of others, none of which is joined itself.
        case joined([(bytes: ObjectBytes, range: Range<Int>)])
    }

    private let memory: Memory
    let count: Int

    static let empty = ObjectBytes(allocated: nil, count: 0)

    /// Takes over memory that `malloc` gave.
    init(allocated base: UnsafeMutableRawPointer?, count: Int) {
        memory = .allocated(base)
        self.count = count
    }

    /// Copies the bytes.
    convenience init(_ bytes: some ContiguousBytes) {
        var builder = ObjectBytesBuilder()
        bytes.withUnsafeBytes { builder.append($0) }
        let memory = builder.take()
        self.init(allocated: memory.base, count: memory.count)
    }

    /// Puts parts of others one after another, without a copy.
    init(joining parts: [(bytes: ObjectBytes, range: Range<Int>)]) {
        var joined: [(bytes: ObjectBytes, range: Range<Int>)] = []
        for part in parts { part.bytes.forEachLeaf(in: part.range) { joined.append(($0, $1)) } }
        memory = .joined(joined)
        count = joined.reduce(0) { $0 + $1.range.count }
    }

    /// Maps a file, so that a large one costs no memory. Returns `nil` when it cannot be read or has another size.
    init?(fileAt path: String, count: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int(status.st_size) == count else { return nil }
        self.count = count
        guard count > 0 else {
            memory = .allocated(nil)
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
            return nil
        }
        memory = .mapped(address)
    }

    deinit {
        switch memory {
        case .allocated(let base): free(base)
        case .mapped(let base): munmap(base, count)
        case .joined: break
        }
    }

    /// Reads a range in place, in as many pieces as it is stored in.
    func withPieces(in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try withExtendedLifetime(self) {
            switch memory {
            case .allocated(let base):
                try body(UnsafeRawBufferPointer(start: base.map { $0 + range.lowerBound }, count: range.count))
            case .mapped(let base):
                try body(UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count))
            case .joined:
                try forEachLeaf(in: range) { leaf, part in try leaf.withPieces(in: part, body) }
            }
        }
    }

    /// A copy of a range.
    func copy(_ range: Range<Int>) -> [UInt8] {
        var copied: [UInt8] = []
        copied.reserveCapacity(range.count)
        withPieces(in: range) { copied += $0 }
        return copied
    }

    /// A copy.
    var data: Data {
        var data = Data(capacity: count)
        withPieces(in: 0..<count) { data.append(contentsOf: $0) }
        return data
    }

    private func forEachLeaf(
        in range: Range<Int>, _ body: (ObjectBytes, Range<Int>) throws -> Void
    ) rethrows {
        guard case .joined(let parts) = memory else { return try body(self, range) }
        var start = 0
        for part in parts {
            let end = start + part.range.count
            let wanted = range.clamped(to: start..<end)
            if !wanted.isEmpty {
                let offset = part.range.lowerBound - start
                try body(part.bytes, wanted.lowerBound + offset..<wanted.upperBound + offset)
            }
            start = end
        }
    }
}
