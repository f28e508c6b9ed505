import Foundation
import OSSPrimitives

/// A download of one object to a file. It resumes an earlier attempt, verifies the content, and leaves state for a
/// later attempt.
struct FileDownload: Sendable {
    let bucket: Bucket
    let key: ObjectKey
    let target: AtomicFile
    let options: DownloadOptions
    /// The object as reported by a listing; `nil` if there was no listing.
    let expected: ListedObject?
    let slots: AsyncSemaphore?
    let meter: ProgressMeter
    /// A closure that moves the file to its destination and returns the path.
    let commit: @Sendable (ObjectMetadata) async throws -> String

    typealias DownloadJournal = Journal<ResumableDownload, ResumableDownload.CompletedRange>

    /// The metadata of the object, and the ranges that have been written to the file.
    struct State: Sendable {
        var metadata: ObjectMetadata
        var ranges: DownloadedRanges
        var resumedBytes: Int64 = 0
    }

    func run() async throws -> DownloadResult {
        // A download in one request cannot be resumed.
        let isSmall = expected.map { $0.size <= options.multipartThreshold } ?? false
        let state = bucket.client.configuration.stateDirectory
        let journal = isSmall ? nil : try DownloadJournal(Self.kind, identity: identity, in: state)
        defer { journal?.release() }
        var previous = journal?.previous.map { header, records in
            var header = header
            header.ranges = records
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
        if options.conflictPolicy == .keep, target.previous != nil {
            target.discard()
            journal?.remove()
            throw OSSError(.alreadyExists, "'\(target.path)' already exists", bucket: bucket.name, key: key)
        }
        // The partial data of an earlier attempt is kept until this attempt starts over.
        var progress = previous.flatMap { target.isReused && matches($0) ? $0 : nil }
        do {
            var state: State
            let integrity: Integrity
            do {
                state = try await fetch(resuming: previous, journal, &progress)
                integrity = try await self.integrity(of: state)
            } catch let error as OSSError where shouldRestart(error) {
                // The object was replaced, or the content is wrong. The download starts over once.
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

    /// The kind of transfer, as used in the names of journals.
    static let kind = "download"

    /// Returns the values that identify a download.
    static func identity(of key: ObjectKey, _ versionID: String, to path: String, in bucket: Bucket) -> [String] {
        bucket.journalIdentity(key, [versionID, path])
    }

    private var identity: [String] {
        Self.identity(of: key, options.source.versionID ?? "", to: target.absolutePath, in: bucket)
    }

    private func shouldRestart(_ error: OSSError) -> Bool {
        // If the caller's own condition is not met, the error is final.
        if error.code == .preconditionFailed {
            return options.source.conditions.ifMatch == nil && options.source.conditions.ifUnmodifiedSince == nil
        }
        // A single request with wrong content has already been repeated; ranges that do not match the object have not.
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
            // The state may come from the caller.
            if journal?.holdsHeader == false { try await begin(journal, with: state) }
        } else {
            // No data of an earlier attempt can be used.
            progress = nil
            if target.isReused { try fileSystem { () throws(FileError) in try target.file.truncate(to: 0) } }
            state = try await downloadFirstRange()
            try expected?.check(state.metadata)
            // A complete file that replaces another needs no journal, because downloading it again is harmless.
            guard state.ranges.length < state.metadata.size || options.conflictPolicy != .replace else {
                return try verified(state)
            }
            try await begin(journal, with: state)
        }
        progress = resumable(state)
        try fileSystem { () throws(FileError) in try target.file.allocate(state.metadata.size) }
        try await downloadMissingRanges(&state, journal, &progress)
        return try verified(state)
    }

    /// Downloads the first range, or the entire object if it is small.
    private func downloadFirstRange() async throws -> State {
        if let expected, expected.size <= options.multipartThreshold { return try await downloadEntireObject() }
        let first = try await slots.withPermit {
            try await get().download(
                0..<options.multipartThreshold, isKnownToExist: expected != nil, into: target.file
            ) { meter.part(1, moved: $0.bytesReceived) }
        }
        guard let first, first.hasStrongETag || first.isEntireObject(first.range.upperBound) else {
            return try await downloadEntireObject()
        }
        return state(after: first)
    }

    private func downloadEntireObject() async throws -> State {
        let range = try await slots.withPermit {
            try await get().downloadEntireObject(expected: expected, into: target.file) {
                meter.part(1, moved: $0.bytesReceived)
            }
        }
        return state(after: range)
    }

    private func get(_ options: GetObjectOptions? = nil) -> RangedGet {
        RangedGet(client: bucket.client, key: key, options: options ?? self.options.source)
    }

    private func state(after first: FetchedRange) -> State {
        meter.setTotal(first.objectSize)
        meter.finishPart(1, bytes: first.range.upperBound)
        var ranges = DownloadedRanges(size: first.objectSize)
        ranges.insert(.init(first))
        return State(metadata: first.metadata(of: key), ranges: ranges)
    }

    /// Downloads the missing ranges concurrently.
    private func downloadMissingRanges(
        _ state: inout State, _ journal: DownloadJournal?, _ progress: inout ResumableDownload?
    )
        async throws
    {
        let object = state.metadata
        // The limit of 10,000 parts does not apply to ranges.
        let rangeSize =
            if let given = options.partSize { given } else {
                try PartPlan(size: object.size, preferred: bucket.client.preferredPartSize(PartPlan.defaultPartSize))
                    .partSize
            }
        var missing = state.ranges.missing(rangeSize: rangeSize).enumerated().makeIterator()
        defer { progress = resumable(state) }
        try await TaskPool.forEach(limit: options.concurrency) {
            missing.next()
        } work: { index, range in
            try await fetch(range, number: index + 2, of: object, journal)
        } onValue: {
            state.ranges.insert($0)
        }
    }

    private func fetch(
        _ range: Range<Int64>, number: Int, of object: ObjectMetadata, _ journal: DownloadJournal?
    ) async throws -> ResumableDownload.CompletedRange {
        var following = GetObjectOptions()
        following.versionID = options.source.versionID
        let request = get(following)
        let fetched = try await slots.withPermit {
            try await request.download(range, of: object, into: target.file) {
                meter.part(number, moved: $0.bytesReceived)
            }
        }
        guard let fetched else {
            throw OSSError(
                .invalidResponse,
                "the service returned the first range but ignored the range of a later request; try again",
                operation: "GetObject", bucket: bucket.name, key: key)
        }
        let range = ResumableDownload.CompletedRange(fetched)
        try await record([range], in: journal)
        meter.finishPart(number, bytes: range.length)
        return range
    }

    private func verified(_ state: State) throws -> State {
        // An earlier attempt may have written more, if the object was replaced by a smaller one.
        try fileSystem { () throws(FileError) in try target.file.truncate(to: state.metadata.size) }
        guard var problem = state.ranges.problem(stated: state.metadata.crc64) else { return state }
        (problem.operation, problem.bucket, problem.key) = ("GetObject", bucket.name, key)
        throw problem
    }

    /// Verifies the downloaded content, and returns the integrity check that it passed.
    ///
    /// If the response contained no CRC-64, the object is verified by its MD5, or by the CRC-64 of a HEAD response: a
    /// proxy may have removed the header from only one of the responses.
    private func integrity(of state: State) async throws -> Integrity {
        let object = state.metadata
        guard object.crc64 == nil else { return .checksum }
        // The ETag of an encrypted object is not an MD5.
        if object.encryption == nil, object.type == .normal || expected?.isNormal == true {
            let md5 = try await ContentDigest(of: FileSlice(target.file, offset: 0, length: object.size)).md5
            guard md5 == object.eTag.uppercased() else {
                throw OSSError(
                    .checksumMismatch,
                    "the received bytes have MD5 \(md5), but the object has ETag \(object.eTag.onOneLine)",
                    operation: "GetObject", bucket: bucket.name, key: key)
            }
            return .md5
        }
        var options = options.source
        options.conditions = ReadConditions()
        options.conditions.ifMatch = object.eTag
        let stated = try await slots.withPermit { [options] in try await bucket.headObject(key, options: options) }
        guard let checksum = stated.crc64 else { return .lengthOnly }
        guard var problem = state.ranges.problem(stated: checksum) else { return .checksum }
        (problem.operation, problem.bucket, problem.key) = ("GetObject", bucket.name, key)
        throw problem
    }
}

extension ResumableDownload.CompletedRange {
    fileprivate init(_ range: FetchedRange) {
        self.init(
            offset: range.range.lowerBound, length: range.range.upperBound - range.range.lowerBound,
            checksum: range.checksum)
    }
}
