import OSSPrimitives

/// What an object that is appended to has so far: how long it is, and its checksum. What follows from an answer of the
/// service is decided here, without any I/O.
struct AppendState: Sendable, Equatable {
    /// In bytes.
    var length: Int64
    /// CRC-64; `nil` when it is not known.
    var checksum: UInt64?

    static let nothing = AppendState(length: 0, checksum: 0)

    /// The content with a piece behind it.
    func adding(_ piece: AppendState) -> AppendState {
        var whole = AppendState(length: length + piece.length, checksum: nil)
        if let checksum, let added = piece.checksum {
            whole.checksum = CRC64.combine(checksum, added, secondLength: UInt64(piece.length))
        }
        return whole
    }

    /// Refuses what the service would refuse, before a byte of it is sent.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    func checkRoom(forBytes count: Int64) throws(OSSError) {
        guard length >= 0 else {
            throw OSSError(.invalidArgument, "the position to append at must not be negative, and is \(length)")
        }
        guard length <= PreparedBody.maximumLength - count else {
            throw OSSError(
                .invalidArgument,
                "an appendable object holds at most 5 GB: it has \(length) bytes, and \(count) more are too many; "
                    + "seal it and go on with another key")
        }
    }

    /// Why the answer to an append must not be believed.
    func problem(with response: HTTPResponse) -> OSSError? {
        let whole = adding(AppendState(length: response.sentLength, checksum: response.sentChecksum))
        let position = response.headers["x-oss-next-append-position"]
        guard position == String(whole.length) else {
            return OSSError(
                .invalidResponse,
                "the answer says that the object ends at \(position?.onOneLine ?? "no position") and not at "
                    + "\(whole.length). Check the endpoint")
        }
        guard let stated = response.headers.objectChecksum, let expected = whole.checksum, stated != expected else {
            return nil
        }
        return OSSError(
            .checksumMismatch,
            "the object has CRC-64 \(stated) after the append, and \(expected) was expected: the service stored other "
                + "bytes than were sent, or the checksum of those before was wrong")
    }

    /// What became of a piece that was to be added to this.
    enum Fate: Equatable, Sendable {
        case stored
        case notStored
        /// The object is neither what it was nor that with the piece.
        case unlike
    }

    /// What became of a piece, from what the object has now.
    ///
    /// - Parameter found: `nil` when there is no object.
    func fate(of piece: AppendState, found: AppendState?) -> Fate {
        guard let found else { return length == 0 ? .notStored : .unlike }
        let whole = adding(piece)
        if found.length == whole.length, let expected = whole.checksum, found.checksum == expected { return .stored }
        guard found.length == length else { return .unlike }
        if let checksum, let now = found.checksum, now != checksum { return .unlike }
        return .notStored
    }
}
