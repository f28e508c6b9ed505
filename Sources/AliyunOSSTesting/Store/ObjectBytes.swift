import Foundation

/// The bytes of an object or of a body: pieces laid end to end, shared by every reader without a copy.
///
/// Most have one piece. A completed upload has one for every part and an appended object one for every large append, so
/// that neither ever moves the bytes that are there already.
struct ObjectBytes: Sendable {
    private struct Piece: Sendable {
        let segment: ByteSegment
        let range: Range<Int>
        /// Where the piece stands in the whole.
        var offset: Int

        var end: Int { offset + range.count }
    }

    // Appends that are smaller are laid together: an object that grows byte by byte must not become a list of bytes.
    private static let smallLength = 64 * 1024

    private var pieces: [Piece]

    static let empty = ObjectBytes(pieces: [])

    private init(pieces: [Piece]) {
        self.pieces = pieces
    }

    init(_ segment: ByteSegment) {
        pieces = segment.count == 0 ? [] : [Piece(segment: segment, range: 0..<segment.count, offset: 0)]
    }

    /// Copies the bytes.
    init(_ bytes: some ContiguousBytes) {
        var builder = ObjectBytesBuilder()
        bytes.withUnsafeBytes { builder.append($0) }
        self = builder.finish()
    }

    /// Lays runs end to end. Nothing is copied.
    ///
    /// - Parameter start: Where the first of them begins, when what is before it is not wanted: only ranges from there
    ///   on can be read.
    init(joining runs: [ObjectBytes], from start: Int = 0) {
        self = .empty
        pieces.reserveCapacity(runs.reduce(0) { $0 + $1.pieces.count })
        var end = start
        for run in runs {
            for piece in run.pieces {
                pieces.append(Piece(segment: piece.segment, range: piece.range, offset: end))
                end += piece.range.count
            }
        }
    }

    var count: Int { pieces.last?.end ?? 0 }

    /// A part of the bytes. Nothing is copied.
    subscript(range: Range<Int>) -> ObjectBytes {
        var part = ObjectBytes.empty
        forEachPiece(in: range) { piece, selected in
            part.add([Piece(segment: piece.segment, range: selected, offset: 0)])
        }
        return part
    }

    /// These bytes and others after them. Copies no more than a small last piece.
    func appending(_ other: ObjectBytes) -> ObjectBytes {
        guard let last = pieces.last, last.range.count + other.count <= Self.smallLength else {
            return ObjectBytes(joining: [self, other])
        }
        var builder = ObjectBytesBuilder()
        builder.append(UnsafeRawBufferPointer(rebasing: last.segment.bytes[last.range]))
        other.withPieces(in: 0..<other.count) { builder.append($0) }
        var whole = ObjectBytes(pieces: Array(pieces.dropLast()))
        whole.add(builder.finish().pieces)
        return whole
    }

    /// Reads a range in place, as the runs of memory that it is made of.
    func withRuns<Result>(
        in range: Range<Int>, _ body: ([UnsafeRawBufferPointer]) throws -> Result
    ) rethrows -> Result {
        var runs: [UnsafeRawBufferPointer] = []
        forEachPiece(in: range) { piece, selected in
            runs.append(UnsafeRawBufferPointer(rebasing: piece.segment.bytes[selected]))
        }
        return try withExtendedLifetime(self) { try body(runs) }
    }

    /// Reads a range in place, run by run.
    func withPieces(in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try withRuns(in: range) { runs in
            for run in runs { try body(run) }
        }
    }

    /// A copy.
    var data: Data {
        var data = Data(capacity: count)
        withPieces(in: 0..<count) { data.append(contentsOf: $0) }
        return data
    }

    private mutating func add(_ others: [Piece]) {
        for piece in others {
            var moved = piece
            moved.offset = count
            pieces.append(moved)
        }
    }

    private func forEachPiece(in range: Range<Int>, _ body: (Piece, Range<Int>) -> Void) {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].end <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        while low < pieces.count, pieces[low].offset < range.upperBound {
            let piece = pieces[low]
            let selected = range.clamped(to: piece.offset..<piece.end)
            let start = piece.range.lowerBound + selected.lowerBound - piece.offset
            if !selected.isEmpty { body(piece, start..<start + selected.count) }
            low += 1
        }
    }
}

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
