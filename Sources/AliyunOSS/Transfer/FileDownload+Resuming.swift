import Foundation

extension FileDownload {
    /// Returns the state of an earlier attempt, with the ranges whose bytes are still in the file, or `nil` if the
    /// attempt cannot be resumed.
    ///
    /// The ranges are read again, so a file that was removed, truncated or modified is detected.
    func resume(_ previous: ResumableDownload?) async throws -> State? {
        guard let previous, matches(previous), target.isReused else { return nil }
        let ranges = try await intactRanges(previous, in: target.file)
        guard ranges.length > 0 else { return nil }
        guard let metadata = try await unchangedObject(previous) else { return nil }
        return State(metadata: metadata, ranges: ranges, resumedBytes: ranges.length)
    }

    /// Returns the result of an earlier attempt that was killed between renaming the file and removing the journal, or
    /// `nil` if there was no such attempt.
    func finishedBefore(_ previous: ResumableDownload?) async throws -> DownloadResult? {
        guard let previous, matches(previous), !target.isReused else { return nil }
        for (path, status) in possibleFiles where status.kind == .regular && status.size == previous.size {
            guard let file = try? OpenFile.reading(path),
                let checksum = try await intactRanges(previous, in: file).checksum, checksum == previous.checksum
            else { continue }
            guard let metadata = try await unchangedObject(previous) else { return nil }
            return DownloadResult(
                metadata: metadata, path: path, integrity: .checksum, resumedBytes: previous.size)
        }
        return nil
    }

    /// The existing files that an earlier attempt may have created.
    private var possibleFiles: [(path: String, status: FileStatus)] {
        let beside = options.conflictPolicy == .keepBoth ? target.numberedSiblings : []
        return beside + (target.previous.map { [(target.path, $0)] } ?? [])
    }

    func matches(_ previous: ResumableDownload) -> Bool {
        previous.bucket == bucket.name && previous.key.utf8.elementsEqual(key.rawValue.utf8)
            && previous.endpoint == "\(bucket.client.endpoint)" && previous.versionID == options.source.versionID
            && previous.path == target.absolutePath
    }

    private func intactRanges(_ previous: ResumableDownload, in file: OpenFile) async throws -> DownloadedRanges {
        var ranges = DownloadedRanges(size: previous.size)
        for range in previous.ranges where range.offset >= 0 && range.length > 0 {
            let slice = FileSlice(file, offset: range.offset, length: range.length)
            do {
                guard try await ContentDigest(of: slice, md5: false).crc64 == range.checksum else { continue }
                ranges.insert(range)
            } catch let error as OSSError where error.code == .fileSystem {
                // Unreadable ranges are downloaded again.
            }
        }
        return ranges
    }

    /// Returns the object's metadata if the downloaded ranges still belong to its current content; otherwise, `nil`.
    private func unchangedObject(_ previous: ResumableDownload) async throws -> ObjectMetadata? {
        var conditional = options.source
        conditional.conditions.ifMatch = conditional.conditions.ifMatch ?? previous.eTag
        do {
            let request = conditional
            let metadata = try await slots.withPermit { try await bucket.headObject(key, options: request) }
            return metadata.eTag == previous.eTag && metadata.size == previous.size ? metadata : nil
        } catch let error as OSSError
            where error.code == .preconditionFailed && options.source.conditions.ifMatch == nil
        {
            return nil
        }
    }

    /// Starts the journal with the first ranges.
    ///
    /// If the journal cannot be written, for example on a full disk, the download continues without it.
    func begin(_ journal: DownloadJournal?, with state: State) async throws {
        guard let journal else { return }
        let header = header(state)
        _ = try? await BlockingWork.run { try journal.begin(header) }
        try await record(state.ranges.ranges, in: journal)
    }

    /// Waits until downloaded ranges are on stable storage, and then records them in the journal.
    func record(_ ranges: [ResumableDownload.CompletedRange], in journal: DownloadJournal?) async throws {
        guard let journal else { return }
        let file = target.file
        try await BlockingWork.run {
            try file.synchronizeData()
            for range in ranges { try? journal.add(range) }
        }
    }

    /// Keeps or removes the partial data after a failure, according to the interruption policy.
    func interrupted(by error: any Error, _ progress: ResumableDownload?, _ journal: DownloadJournal?) {
        if options.interruptionPolicy == .keep, canResume(after: error), target.isReusable,
            let progress, !progress.ranges.isEmpty, journal?.holdsHeader == true || options.onInterruption != nil
        {
            target.keep()
            options.onInterruption?(.download(progress))
        } else {
            target.discard()
            journal?.remove()
        }
    }

    /// Returns the state from which a later attempt can resume.
    func resumable(_ state: State) -> ResumableDownload {
        var resumable = header(state)
        resumable.ranges = state.ranges.ranges
        return resumable
    }

    /// Returns the header of the download's journal.
    private func header(_ state: State) -> ResumableDownload {
        ResumableDownload(
            endpoint: "\(bucket.client.endpoint)", bucket: bucket.name, key: key.rawValue,
            versionID: options.source.versionID,
            path: target.absolutePath, temporaryPath: absolutePath(target.file.path), eTag: state.metadata.eTag,
            size: state.metadata.size, checksum: state.metadata.crc64)
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
    /// The absolute path of the target.
    var absolutePath: String { AliyunOSS.absolutePath(path) }
}

/// The ranges of an object that have been written to a file.
struct DownloadedRanges: Sendable {
    /// Size of the object in bytes.
    let size: Int64
    private(set) var ranges: [ResumableDownload.CompletedRange] = []

    init(size: Int64) { self.size = size }

    /// Adds a range, unless it is outside the object or overlaps another range.
    ///
    /// - Returns: Whether the range was added.
    @discardableResult
    mutating func insert(_ range: ResumableDownload.CompletedRange) -> Bool {
        guard range.offset >= 0, range.length > 0, range.length <= size, range.offset <= size - range.length else {
            return false
        }
        // Ranges arrive nearly in order, so the search starts at the end.
        let index = ranges.lastIndex { $0.offset < range.offset }.map { $0 + 1 } ?? ranges.startIndex
        if index > 0, ranges[index - 1].offset + ranges[index - 1].length > range.offset { return false }
        if index < ranges.endIndex, ranges[index].offset < range.offset + range.length { return false }
        ranges.insert(range, at: index)
        return true
    }

    /// The total number of bytes in the ranges.
    var length: Int64 { ranges.reduce(0) { $0 + $1.length } }

    /// Returns the missing ranges in order, each of at most `rangeSize` bytes.
    func missing(rangeSize: Int64) -> [Range<Int64>] {
        var windows: [Range<Int64>] = []
        var position: Int64 = 0
        func advance(to end: Int64) {
            while position < end {
                let next = min(end - position, rangeSize)
                windows.append(position..<position + next)
                position += next
            }
        }
        for range in ranges {
            advance(to: range.offset)
            position = range.offset + range.length
        }
        advance(to: size)
        return windows
    }

    /// CRC-64 of the entire object; `nil` if a range is missing.
    var checksum: UInt64? {
        guard length == size else { return nil }
        var chain = ChecksumChain()
        for range in ranges { chain.append(range.checksum, length: range.length) }
        return chain.value
    }

    /// Returns an error if the ranges do not match the object; otherwise, `nil`.
    ///
    /// - Parameter stated: CRC-64 of the object, if the service reported it.
    func problem(stated: UInt64?) -> OSSError? {
        guard let checksum else {
            return OSSError(.truncatedBody, "received \(length) of the object's \(size) bytes; download it again")
        }
        guard let stated, stated != checksum else { return nil }
        return OSSError(
            .checksumMismatch, "the received bytes have CRC-64 \(checksum), but the object has \(stated)")
    }
}
