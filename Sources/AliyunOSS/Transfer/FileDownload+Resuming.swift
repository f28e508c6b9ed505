import Foundation

extension FileDownload {
    /// What an earlier attempt left that can be relied on: the pieces that are on the disk as they came.
    ///
    /// The bytes are read again. A file that was removed, cut off or written to by somebody else shows in its pieces.
    func resume(_ previous: ResumableDownload?) async throws -> State? {
        guard let previous, isAboutThis(previous), target.isReused else { return nil }
        let pieces = try await intactPieces(previous, in: target.file)
        guard pieces.length > 0 else { return nil }
        guard let metadata = try await unchangedObject(previous) else { return nil }
        return State(metadata: metadata, pieces: pieces, resumedBytes: pieces.length)
    }

    /// What an attempt made that was killed after it had given the file its name, and before it could forget about it.
    func finishedBefore(_ previous: ResumableDownload?) async throws -> DownloadResult? {
        guard let previous, isAboutThis(previous), !target.isReused else { return nil }
        for (path, status) in placesToBe where status.kind == .regular && status.size == previous.size {
            guard let file = try? OpenFile.reading(path),
                let checksum = try await intactPieces(previous, in: file).checksum, checksum == previous.checksum
            else { continue }
            guard let metadata = try await unchangedObject(previous) else { return nil }
            return DownloadResult(
                metadata: metadata, path: path, integrity: .checksum, resumedBytes: previous.size)
        }
        return nil
    }

    /// Where the file can be that an earlier attempt made.
    private var placesToBe: [(path: String, status: FileStatus)] {
        let beside = options.conflict == .keepBoth ? target.standingBeside : []
        return beside + (target.previous.map { [(target.path, $0)] } ?? [])
    }

    func isAboutThis(_ previous: ResumableDownload) -> Bool {
        previous.bucket == bucket.name && previous.key.utf8.elementsEqual(key.rawValue.utf8)
            && previous.endpoint == "\(bucket.client.endpoint)" && previous.versionID == options.versionID
            && previous.path == target.absolutePath
    }

    private func intactPieces(_ previous: ResumableDownload, in file: OpenFile) async throws -> DownloadPieces {
        var pieces = DownloadPieces(size: previous.size)
        for piece in previous.pieces where piece.offset >= 0 && piece.length > 0 {
            let slice = FileSlice(file, offset: piece.offset, length: piece.length)
            do {
                guard try await ContentDigest(of: slice, md5: false).crc64 == piece.checksum else { continue }
                pieces.insert(piece)
            } catch let error as OSSError where error.code == .fileSystem {
                // What cannot be read is fetched again.
            }
        }
        return pieces
    }

    /// The object, if it is still the one that the pieces are of.
    private func unchangedObject(_ previous: ResumableDownload) async throws -> ObjectMetadata? {
        var conditional = options.getOptions
        conditional.conditions.ifMatch = conditional.conditions.ifMatch ?? previous.eTag
        do {
            let request = conditional
            let metadata = try await slots.withPermit { try await bucket.headObject(key, options: request) }
            return metadata.eTag == previous.eTag && metadata.size == previous.size ? metadata : nil
        } catch let error as OSSError where error.code == .preconditionFailed && options.conditions.ifMatch == nil {
            return nil
        }
    }

    /// Begins the journal with what came first.
    ///
    /// A journal that cannot be written, on a disk that is full, ends where it is: the download goes on all the same.
    func begin(_ journal: DownloadJournal?, with state: State) async throws {
        guard let journal else { return }
        let header = header(state)
        _ = try? await BlockingWork.run { try journal.begin(header) }
        try await record(state.pieces.pieces, in: journal)
    }

    /// Brings pieces to stable storage, and only then notes that they are there.
    func record(_ pieces: [ResumableDownload.Piece], in journal: DownloadJournal?) async throws {
        guard let journal else { return }
        let file = target.file
        try await BlockingWork.run {
            try file.synchronizeData()
            for piece in pieces { try? journal.add(piece) }
        }
    }

    /// Keeps or removes what has come.
    func interrupted(by error: any Error, _ progress: ResumableDownload?, _ journal: DownloadJournal?) {
        if options.interruptionPolicy == .keep, ResumeVerdict.canResume(after: error), target.canBeFoundAgain,
            let progress, !progress.pieces.isEmpty, journal?.holdsHeader == true || options.onInterruption != nil
        {
            target.keep()
            options.onInterruption?(.download(progress))
        } else {
            target.discard()
            journal?.remove()
        }
    }

    /// What the next attempt can go on from.
    func resumable(_ state: State) -> ResumableDownload {
        var resumable = header(state)
        resumable.pieces = state.pieces.pieces
        return resumable
    }

    /// What a journal begins with.
    private func header(_ state: State) -> ResumableDownload {
        ResumableDownload(
            endpoint: "\(bucket.client.endpoint)", bucket: bucket.name, key: key.rawValue, versionID: options.versionID,
            path: target.absolutePath, temporaryPath: absolutePath(target.file.path), eTag: state.metadata.eTag,
            size: state.metadata.size, checksum: state.metadata.checksum)
    }

    func fileSystem(_ body: () throws(FileError) -> Void) throws {
        do throws(FileError) {
            try body()
        } catch {
            throw described(error)
        }
    }

    func described(_ error: FileError) -> OSSError {
        OSSError(
            .fileSystem, error.description, operation: "GetObject", bucket: bucket.name, key: key, underlying: error)
    }
}

extension AtomicFile {
    /// The path it is to have, from the root.
    var absolutePath: String { AliyunOSS.absolutePath(path) }
}

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
