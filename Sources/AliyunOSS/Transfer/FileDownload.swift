import Foundation
import OSSPrimitives

/// Downloads one object into a file: goes on where an earlier attempt stopped, verifies the whole, and leaves what the next
/// one can go on with.
struct FileDownload: Sendable {
    let bucket: Bucket
    let key: ObjectKey
    let target: AtomicFile
    let options: DownloadOptions
    /// The object that a listing promised, if any.
    let expected: ListedObject?
    let slots: AsyncSemaphore?
    let meter: ProgressMeter
    /// Gives the file its name.
    let commit: @Sendable (ObjectMetadata) async throws -> String

    typealias DownloadJournal = Journal<ResumableDownload, ResumableDownload.Piece>

    /// What is known of the object, and which of its bytes are in the file.
    struct State: Sendable {
        var metadata: ObjectMetadata
        var pieces: DownloadPieces
        var resumedBytes: Int64 = 0
    }

    func run() async throws -> DownloadResult {
        // What comes in one request has nothing to go on with.
        let isSmall = expected.map { $0.size <= options.multipartThreshold } ?? false
        let state = bucket.client.configuration.stateDirectory
        let journal = isSmall ? nil : try DownloadJournal(Self.kind, identity: identity, in: state)
        defer { journal?.release() }
        var previous = journal?.previous.map { header, records in
            var header = header
            header.pieces = records
            return header
        }
        previous = previous ?? options.resuming
        if let finished = try await finishedBefore(previous) {
            target.discard()
            journal?.remove()
            meter.setTotal(finished.size)
            meter.skip(bytes: finished.size)
            return finished
        }
        if options.conflict == .keep, target.previous != nil {
            target.discard()
            journal?.remove()
            throw OSSError(.alreadyExists, "there is a file at '\(target.path)' already", bucket: bucket.name, key: key)
        }
        // What an earlier attempt left is there until this one begins anew.
        var progress = previous.flatMap { target.isReused && isAboutThis($0) ? $0 : nil }
        do {
            var state: State
            let integrity: Integrity
            do {
                state = try await fetch(resuming: previous, journal, &progress)
                integrity = try await self.integrity(of: state)
            } catch let error as OSSError where isWorthRestart(error) {
                // The object was replaced, or what came is not what it should be: once more, from the start.
                progress = nil
                try fileSystem { () throws(FileError) in try target.file.truncate(to: 0) }
                meter.restart()
                state = try await fetch(resuming: nil, journal, &progress)
                integrity = try await self.integrity(of: state)
            }
            try Task.checkCancellation()
            let path = try await commit(state.metadata)
            journal?.remove()
            return DownloadResult(
                metadata: state.metadata, path: path, integrity: integrity, resumedBytes: state.resumedBytes)
        } catch {
            interrupted(by: error, progress, journal)
            if let error = error as? FileError { throw described(error) }
            throw error
        }
    }

    /// What the journals of downloads are called.
    static let kind = "download"

    /// What makes it this download and no other.
    static func identity(of key: ObjectKey, _ versionID: String, to path: String, in bucket: Bucket) -> [String] {
        bucket.journalIdentity(key, [versionID, path])
    }

    private var identity: [String] {
        Self.identity(of: key, options.versionID ?? "", to: target.absolutePath, in: bucket)
    }

    private func isWorthRestart(_ error: OSSError) -> Bool {
        // A condition of the caller's own that does not hold is the answer.
        if error.code == .preconditionFailed {
            return options.conditions.ifMatch == nil && options.conditions.ifUnmodifiedSince == nil
        }
        // A single request whose bytes are wrong was repeated already; several that do not fit together were not.
        return error.code == .checksumMismatch && error.attempts == 0 || error.code == .invalidRange
    }

    // MARK: Fetching

    private func fetch(
        resuming previous: ResumableDownload?, _ journal: DownloadJournal?, _ progress: inout ResumableDownload?
    ) async throws -> State {
        var state: State
        if let resumed = try await resume(previous) {
            state = resumed
            try expected?.check(state.metadata)
            meter.setTotal(state.metadata.size)
            meter.skip(bytes: state.resumedBytes)
            // It may be the caller who remembered it.
            if journal?.holdsHeader == false { try await begin(journal, with: state) }
        } else {
            // What a killed attempt left is of no use.
            progress = nil
            if target.isReused { try fileSystem { () throws(FileError) in try target.file.truncate(to: 0) } }
            state = try await fetchBeginning()
            try expected?.check(state.metadata)
            // A whole that replaces what stands there needs no record: it does no harm to fetch it twice.
            guard state.pieces.length < state.metadata.size || options.conflict != .replace else {
                return try verified(state)
            }
            try await begin(journal, with: state)
        }
        progress = resumable(state)
        try fileSystem { () throws(FileError) in try target.file.allocate(state.metadata.size) }
        try await fetchRest(&state, journal, &progress)
        return try verified(state)
    }

    /// Fetches the first window, or the whole when that is all there is.
    private func fetchBeginning() async throws -> State {
        if let expected, expected.size <= options.multipartThreshold { return try await fetchWhole() }
        let first = try await slots.withPermit {
            try await get().download(
                0..<options.multipartThreshold, isKnownToExist: expected != nil, into: target.file
            ) { meter.part(1, moved: $0.bytesReceived) }
        }
        guard let first, first.hasStrongETag || first.isEntireObject(first.range.upperBound) else {
            return try await fetchWhole()
        }
        return state(after: first)
    }

    private func fetchWhole() async throws -> State {
        let range = try await slots.withPermit {
            try await get().downloadEntireObject(expected: expected, into: target.file) {
                meter.part(1, moved: $0.bytesReceived)
            }
        }
        return state(after: range)
    }

    private func get(_ options: GetObjectOptions? = nil) -> RangedGet {
        RangedGet(client: bucket.client, key: key, options: options ?? self.options.getOptions)
    }

    private func state(after first: FetchedRange) -> State {
        meter.setTotal(first.objectSize)
        meter.finishPart(1, bytes: first.range.upperBound)
        var pieces = DownloadPieces(size: first.objectSize)
        pieces.insert(.init(first))
        return State(metadata: first.metadata(of: key), pieces: pieces)
    }

    /// Fetches what is missing, several windows at a time.
    private func fetchRest(_ state: inout State, _ journal: DownloadJournal?, _ progress: inout ResumableDownload?)
        async throws
    {
        let object = state.metadata
        // There may be any number of ranges: what an upload in parts may have at most is no limit here.
        let windowSize =
            if let given = options.partSize { given } else {
                try PartPlan(size: object.size, preferred: bucket.client.preferredPartSize(PartPlan.defaultPartSize))
                    .partSize
            }
        var windows = state.pieces.missing(windowSize: windowSize).enumerated().makeIterator()
        defer { progress = resumable(state) }
        try await TaskPool.forEach(limit: options.concurrency) {
            windows.next()
        } work: { index, range in
            try await fetch(range, number: index + 2, of: object, journal)
        } onValue: {
            state.pieces.insert($0)
        }
    }

    private func fetch(
        _ range: Range<Int64>, number: Int, of object: ObjectMetadata, _ journal: DownloadJournal?
    ) async throws -> ResumableDownload.Piece {
        var following = GetObjectOptions()
        following.versionID = options.versionID
        let request = get(following)
        let fetched = try await slots.withPermit {
            try await request.download(range, of: object, into: target.file) {
                meter.part(number, moved: $0.bytesReceived)
            }
        }
        guard let fetched else {
            throw OSSError(
                .invalidResponse, "the service answered the first range and ignores the next; try again",
                operation: "GetObject", bucket: bucket.name, key: key)
        }
        let piece = ResumableDownload.Piece(fetched)
        try await record([piece], in: journal)
        meter.finishPart(number, bytes: piece.length)
        return piece
    }

    private func verified(_ state: State) throws -> State {
        // An attempt before the last may have written more, if the object was replaced by a smaller one in between.
        try fileSystem { () throws(FileError) in try target.file.truncate(to: state.metadata.size) }
        guard var problem = state.pieces.problem(stated: state.metadata.checksum) else { return state }
        (problem.operation, problem.bucket, problem.key) = ("GetObject", bucket.name, key)
        throw problem
    }

    /// Compares an object whose response has no CRC-64 by its MD5, or by the CRC-64 that a HEAD request states: a proxy
    /// may remove a header from one response and not from another.
    private func integrity(of state: State) async throws -> Integrity {
        let object = state.metadata
        guard object.checksum == nil else { return .checksum }
        // The ETag of an encrypted object is no MD5, so that another value proves nothing.
        if object.encryption == nil, object.type == "Normal" || expected?.isNormal == true {
            let md5 = try await ContentDigest(of: FileSlice(target.file, offset: 0, length: object.size)).md5
            guard md5 == object.eTag.uppercased() else {
                throw OSSError(
                    .checksumMismatch,
                    "the bytes that arrived have MD5 \(md5), the object has ETag \(object.eTag.onOneLine)",
                    operation: "GetObject", bucket: bucket.name, key: key)
            }
            return .md5
        }
        var options = options.getOptions
        options.conditions = ReadConditions()
        options.conditions.ifMatch = object.eTag
        let stated = try await slots.withPermit { [options] in try await bucket.headObject(key, options: options) }
        guard let checksum = stated.checksum else { return .lengthOnly }
        guard var problem = state.pieces.problem(stated: checksum) else { return .checksum }
        (problem.operation, problem.bucket, problem.key) = ("GetObject", bucket.name, key)
        throw problem
    }
}

extension ResumableDownload.Piece {
    fileprivate init(_ range: FetchedRange) {
        self.init(
            offset: range.range.lowerBound, length: range.range.upperBound - range.range.lowerBound,
            checksum: range.checksum)
    }
}
