import Foundation
import OSSPrimitives

/// The content of an object or a body, stored in memory segments that all readers share without copying.
///
/// Most content consists of one segment. A multipart object has one segment for each part, and an appended object has
/// one for each large append, so that existing bytes never move.
struct ObjectBytes: Sendable {
    private struct Slice: Sendable {
        let segment: ByteSegment
        let range: Range<Int>
        /// Offset of the slice within the content.
        var offset: Int

        var end: Int { offset + range.count }
    }

    // Smaller appends are merged, so that an object that grows byte by byte does not become a list of single bytes.
    private static let smallLength = 64 * 1024

    private var slices: [Slice]

    static let empty = ObjectBytes(slices: [])

    private init(slices: [Slice]) {
        self.slices = slices
    }

    init(_ segment: ByteSegment) {
        slices = segment.count == 0 ? [] : [Slice(segment: segment, range: 0..<segment.count, offset: 0)]
    }

    /// Creates content by copying the given bytes.
    init(_ bytes: some ContiguousBytes) {
        var builder = ObjectBytesBuilder()
        bytes.withUnsafeBytes { builder.append($0) }
        self = builder.finish()
    }

    /// Creates content by concatenating other content without copying it.
    ///
    /// - Parameter start: Offset of the first run. The bytes before that offset cannot be read.
    init(joining runs: [ObjectBytes], from start: Int = 0) {
        self = .empty
        slices.reserveCapacity(runs.reduce(0) { $0 + $1.slices.count })
        var end = start
        for run in runs {
            for slice in run.slices {
                slices.append(Slice(segment: slice.segment, range: slice.range, offset: end))
                end += slice.range.count
            }
        }
    }

    var count: Int { slices.last?.end ?? 0 }

    /// Returns a range of the content without copying it.
    subscript(range: Range<Int>) -> ObjectBytes {
        var part = ObjectBytes.empty
        forEachSlice(in: range) { slice, selected in
            part.add([Slice(segment: slice.segment, range: selected, offset: 0)])
        }
        return part
    }

    /// Returns this content followed by other content, copying only small segments to merge them.
    func appending(_ other: ObjectBytes) -> ObjectBytes {
        guard let last = slices.last, last.range.count + other.count <= Self.smallLength else {
            return ObjectBytes(joining: [self, other])
        }
        var builder = ObjectBytesBuilder()
        builder.append(UnsafeRawBufferPointer(rebasing: last.segment.bytes[last.range]))
        other.withChunks(in: 0..<other.count) { builder.append($0) }
        var result = ObjectBytes(slices: Array(slices.dropLast()))
        result.add(builder.finish().slices)
        return result
    }

    /// Calls a closure with the contiguous runs of bytes that make up a range, without copying them.
    func withRuns<Result>(
        in range: Range<Int>, _ body: ([UnsafeRawBufferPointer]) throws -> Result
    ) rethrows -> Result {
        var runs: [UnsafeRawBufferPointer] = []
        forEachSlice(in: range) { slice, selected in
            runs.append(UnsafeRawBufferPointer(rebasing: slice.segment.bytes[selected]))
        }
        return try withExtendedLifetime(self) { try body(runs) }
    }

    /// Calls a closure with the bytes of a range, one contiguous run at a time, without copying them.
    func withChunks(in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try withRuns(in: range) { runs in
            for run in runs { try body(run) }
        }
    }

    /// MD5 of the content.
    var md5: [UInt8] {
        var md5 = MD5()
        withChunks(in: 0..<count) { md5.update($0) }
        return md5.finalize()
    }

    /// A copy of the content.
    var data: Data {
        var data = Data(capacity: count)
        withChunks(in: 0..<count) { data.append(contentsOf: $0) }
        return data
    }

    private mutating func add(_ others: [Slice]) {
        for slice in others {
            var moved = slice
            moved.offset = count
            slices.append(moved)
        }
    }

    private func forEachSlice(in range: Range<Int>, _ body: (Slice, Range<Int>) -> Void) {
        var low = 0
        var high = slices.count
        while low < high {
            let middle = (low + high) / 2
            if slices[middle].end <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        while low < slices.count, slices[low].offset < range.upperBound {
            let slice = slices[low]
            let selected = range.clamped(to: slice.offset..<slice.end)
            let start = slice.range.lowerBound + selected.lowerBound - slice.offset
            if !selected.isEmpty { body(slice, start..<start + selected.count) }
            low += 1
        }
    }
}

/// A buffer for received bytes. It grows only as bytes arrive, so a false announced length costs nothing.
struct ObjectBytesBuilder: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private let reallocate: (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer?
    private(set) var count = 0
    /// Whether bytes are missing because there was not enough memory.
    private(set) var isExhausted = false

    /// Creates an empty buffer.
    ///
    /// - Parameter reallocate: Function to use in place of `realloc`.
    init(reallocate: @escaping (UnsafeMutableRawPointer?, Int) -> UnsafeMutableRawPointer? = { realloc($0, $1) }) {
        self.reallocate = reallocate
    }

    deinit {
        free(base)
    }

    /// Returns space for at least one and at most `limit` bytes, or an empty buffer if there is not enough memory.
    ///
    /// - Parameter announced: Number of bytes still expected, which limits the growth.
    mutating func space(atMost limit: Int, announced: Int) -> UnsafeMutableRawBufferPointer {
        if capacity == count { grow(to: min(max(capacity * 2, 16 * 1024), count + max(announced, 1))) }
        guard let base else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + count, count: min(capacity - count, limit))
    }

    /// Appends the bytes that were written into the space returned by ``space(atMost:announced:)``.
    mutating func advance(by length: Int) {
        count += length
    }

    /// Calls a closure with the given number of bytes from the end of the buffer.
    func withLast<Result>(_ length: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(start: base.map { $0 + (count - length) }, count: length))
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if capacity - count < bytes.count { grow(to: max(capacity * 2, count + bytes.count)) }
        guard let base, let source = bytes.baseAddress, capacity - count >= bytes.count else { return }
        memcpy(base + count, source, bytes.count)
        count += bytes.count
    }

    /// Returns the received bytes without copying them.
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
