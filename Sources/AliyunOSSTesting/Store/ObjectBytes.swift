import Foundation

/// Bytes that never change once they are here, shared by every reader without a copy.
///
/// `@unchecked Sendable` because the memory is written only before the value is made and freed only when nobody holds it.
final class ObjectBytes: @unchecked Sendable {
    private enum Memory {
        case allocated
        case mapped
    }

    private let base: UnsafeMutableRawPointer?
    private let memory: Memory
    let count: Int

    static let empty = ObjectBytes(allocated: nil, count: 0)

    fileprivate init(allocated base: UnsafeMutableRawPointer?, count: Int) {
        self.base = base
        self.count = count
        memory = .allocated
    }

    /// Copies the bytes.
    convenience init(_ bytes: some ContiguousBytes) {
        var builder = ObjectBytesBuilder()
        bytes.withUnsafeBytes { builder.append($0) }
        self.init(allocated: builder.take().base, count: builder.count)
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
            base = nil
            memory = .allocated
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
            return nil
        }
        base = address
        memory = .mapped
    }

    deinit {
        switch memory {
        case .allocated: free(base)
        case .mapped: if let base { munmap(base, count) }
        }
    }

    /// Reads the bytes in place.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(start: base, count: count)) }
    }

    /// A copy.
    var data: Data {
        withUnsafeBytes { Data($0) }
    }
}

/// Collects bytes that arrive, growing as they do: an announced length that is a lie costs nothing.
struct ObjectBytesBuilder: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private(set) var count = 0

    init() {}

    deinit {
        free(base)
    }

    /// Memory for at least one more byte, and at most `limit`.
    mutating func space(atMost limit: Int) -> UnsafeMutableRawBufferPointer {
        if capacity == count { grow(to: min(max(capacity * 2, 16 * 1024), count + max(limit, 1))) }
        guard let base else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + count, count: min(capacity - count, limit))
    }

    /// Takes over bytes that were written to ``space(atMost:)``.
    mutating func advance(by length: Int) {
        count += length
    }

    /// The last bytes.
    func withLast<Result>(_ length: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: base.map { $0 + (count - length) }, count: length))
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if capacity - count < bytes.count { grow(to: max(capacity * 2, count + bytes.count)) }
        guard let base, let source = bytes.baseAddress else { return }
        memcpy(base + count, source, bytes.count)
        count += bytes.count
    }

    /// The bytes; nothing is copied.
    consuming func finish() -> ObjectBytes {
        let length = count
        return ObjectBytes(allocated: take().base, count: length)
    }

    fileprivate mutating func take() -> (base: UnsafeMutableRawPointer?, count: Int) {
        defer { base = nil }
        return (base, count)
    }

    private mutating func grow(to newCapacity: Int) {
        guard let moved = realloc(base, newCapacity) else { return }
        base = moved
        capacity = newCapacity
    }
}
