import Foundation

/// Collects bytes that arrive, growing as they do: an announced length that is a lie costs nothing.
struct ObjectBytesBuilder: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private let reallocate: (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer?
    private(set) var count = 0
    /// Whether there was no memory for some of the bytes, which then are missing.
    private(set) var isExhausted = false

    /// - Parameter reallocate: What `realloc` does.
    init(reallocate: @escaping (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer? = { realloc($0, $1) }) {
        self.reallocate = reallocate
    }

    deinit {
        free(base)
    }

    /// Memory for at least one more byte, and at most `limit`; none when the memory is exhausted.
    ///
    /// - Parameter announced: How many bytes are still to come, which bounds the growth.
    mutating func space(atMost limit: Int, announced: Int) -> UnsafeMutableRawBufferPointer {
        if capacity == count { grow(to: min(max(capacity * 2, 16 * 1024), count + max(announced, 1))) }
        guard let base else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + count, count: min(capacity - count, limit))
    }

    /// Takes over bytes that were written to ``space(atMost:announced:)``.
    mutating func advance(by length: Int) {
        count += length
    }

    /// The last bytes.
    func withLast<Result>(_ length: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: base.map { $0 + (count - length) }, count: length))
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if capacity - count < bytes.count { grow(to: max(capacity * 2, count + bytes.count)) }
        guard let base, let source = bytes.baseAddress, capacity - count >= bytes.count else { return }
        memcpy(base + count, source, bytes.count)
        count += bytes.count
    }

    /// The bytes; nothing is copied.
    consuming func finish() -> ObjectBytes {
        let length = count
        return ObjectBytes(ByteSegment(allocated: take(), count: length))
    }

    private mutating func take() -> UnsafeMutableRawPointer? {
        defer { base = nil }
        return base
    }

    private mutating func grow(to newCapacity: Int) {
        guard let moved = reallocate(base, newCapacity) else {
            isExhausted = true
            return
        }
        base = moved
        capacity = newCapacity
    }
}
