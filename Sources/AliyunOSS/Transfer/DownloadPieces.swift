/// The pieces of an object that are in a file, and what is missing. Pure.
struct DownloadPieces: Sendable {
    /// The size of the whole.
    let size: Int64
    private(set) var pieces: [ResumableDownload.Piece] = []

    init(size: Int64) { self.size = size }

    /// Takes a piece in, unless it is nothing of this object or overlaps one that is there.
    ///
    /// - Returns: whether it was taken.
    @discardableResult
    mutating func insert(_ piece: ResumableDownload.Piece) -> Bool {
        guard piece.offset >= 0, piece.length > 0, piece.length <= size, piece.offset <= size - piece.length else {
            return false
        }
        // They come nearly in order, so that the place is near the end.
        let index = pieces.lastIndex { $0.offset < piece.offset }.map { $0 + 1 } ?? pieces.startIndex
        if index > 0, pieces[index - 1].offset + pieces[index - 1].length > piece.offset { return false }
        if index < pieces.endIndex, pieces[index].offset < piece.offset + piece.length { return false }
        pieces.insert(piece, at: index)
        return true
    }

    /// The bytes that are there.
    var length: Int64 { pieces.reduce(0) { $0 + $1.length } }

    /// What is missing, in windows of at most `windowSize` bytes, in order.
    func missing(windowSize: Int64) -> [Range<Int64>] {
        var windows: [Range<Int64>] = []
        var position: Int64 = 0
        func advance(to end: Int64) {
            while position < end {
                let next = min(end - position, windowSize)
                windows.append(position..<position + next)
                position += next
            }
        }
        for piece in pieces {
            advance(to: piece.offset)
            position = piece.offset + piece.length
        }
        advance(to: size)
        return windows
    }

    /// CRC-64 of the whole, when nothing is missing.
    var checksum: UInt64? {
        guard length == size else { return nil }
        var chain = ChecksumChain()
        for piece in pieces { chain.append(piece.checksum, length: piece.length) }
        return chain.value
    }

    /// Why the pieces are not the object; `nil` when they are, as far as can be told.
    ///
    /// - Parameter stated: CRC-64 of the object, when the service says it.
    func problem(stated: UInt64?) -> OSSError? {
        guard let checksum else {
            return OSSError(.truncatedBody, "\(length) of the \(size) bytes of the object arrived; download it again")
        }
        guard let stated, stated != checksum else { return nil }
        return OSSError(
            .checksumMismatch, "the bytes that arrived have CRC-64 \(checksum), the object has \(stated)")
    }
}
