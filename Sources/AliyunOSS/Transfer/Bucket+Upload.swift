import Foundation

extension Bucket {
    /// Uploads a file of any size up to 48.8 TiB. (PutObject, or InitiateMultipartUpload and what follows)
    ///
    /// A large file goes up in parts, several at a time, read straight from the disk. Every part is compared with what the
    /// service computed (CRC-64), and so is the whole. An upload that was interrupted goes on where it stopped when it is
    /// called again with the same arguments: the parts that the service has are compared with the file and not sent again.
    ///
    /// - Parameters:
    ///   - key: the object's name.
    ///   - path: the file. It must not change while it is read.
    ///   - options: what is stored beside the bytes, and how they get there.
    /// - Throws: ``OSSError``: ``OSSError/Code/fileSystem``, ``OSSError/Code/sourceChanged`` when the file changed
    ///   meanwhile (nothing becomes visible then; or, when it changed after the last byte was read of a file that goes up in
    ///   one request, what it was before), ``OSSError/Code/checksumMismatch``, ``OSSError/Code/alreadyExists``.
    @discardableResult
    public func uploadObject(
        _ key: ObjectKey, from path: String, options: UploadOptions = UploadOptions()
    ) async throws -> UploadResult {
        try await upload(UploadSource(path: path), to: key, options: options)
    }

    /// Uploads what a sequence yields, without knowing how much that is. (PutObject, or InitiateMultipartUpload and what
    /// follows)
    ///
    /// Chunks are gathered into parts, which go up while more are gathered. What is held in memory stays within
    /// ``BucketConfiguration/memoryBudget``: the sequence is asked for more only when there is room. Parts begin with 4 MiB
    /// and grow as there are more of them, so that an object can have 3.9 TiB.
    ///
    /// A sequence cannot be read again, so an upload that fails or is cancelled is removed, whatever
    /// ``UploadOptions/interruptionPolicy`` says. A part that is lost on the way is sent again from memory. One that fails for
    /// good cancels the wait for the next chunk.
    ///
    /// - Parameters:
    ///   - key: the object's name.
    ///   - chunks: the content, in order.
    ///   - options: what is stored beside the bytes, and how they get there. `multipartThreshold` does not apply: what fits
    ///     into one part goes in one request.
    /// - Throws: ``OSSError``: ``OSSError/Code/checksumMismatch``, ``OSSError/Code/alreadyExists``; or what the sequence
    ///   throws.
    @discardableResult
    public func uploadObject<Chunks: AsyncSequence & Sendable>(
        _ key: ObjectKey, from chunks: Chunks, options: UploadOptions = UploadOptions()
    ) async throws -> UploadResult where Chunks.Element: ContiguousBytes {
        try await upload(chunks, to: key, options: options)
    }

    private nonisolated func upload<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks, to key: ObjectKey, options: UploadOptions
    ) async throws -> UploadResult where Chunks.Element: ContiguousBytes {
        try key.validate()
        try options.validate()
        let meter = ProgressMeter(total: nil, onProgress: options.onProgress)
        return try await meter.following {
            try await StreamUpload(bucket: self, key: key, chunks: chunks, options: options, meter: meter).run()
        }
    }

    /// Uploads an open file, or its gzip form with what says so.
    ///
    /// - Parameter slots: what requests of several transfers share, when they go on together.
    nonisolated func upload(
        _ source: UploadSource, to key: ObjectKey, options: UploadOptions, slots: AsyncSemaphore? = nil
    ) async throws -> UploadResult {
        try key.validate()
        try options.validate()
        var options = options
        try source.gzip?.add(to: &options.attributes)
        let meter = ProgressMeter(total: source.content.length, onProgress: options.onProgress)
        return try await meter.following { [options] in
            if source.content.length < max(1, options.multipartThreshold) {
                return try await uploadAtOnce(source, to: key, options: options, slots, meter)
            }
            return try await FileUpload(
                bucket: self, key: key, source: source, options: options, slots: slots, meter: meter
            ).run()
        }
    }

    private nonisolated func uploadAtOnce(
        _ source: UploadSource, to key: ObjectKey, options: UploadOptions, _ slots: AsyncSemaphore?,
        _ meter: ProgressMeter
    ) async throws -> UploadResult {
        var putOptions = options.putOptions
        putOptions.onProgress = { meter.part(1, moved: $0.bytesSent) }
        let sentOptions = putOptions
        let (stored, integrity) = try await slots.withPermit {
            // It may have waited for its turn since the file was looked at.
            try check(source, key)
            return try await put(key, .file(source.content), options: sentOptions)
        }
        try check(source, key)
        meter.finishPart(1, bytes: source.content.length)
        return UploadResult(
            size: source.content.length, eTag: stored.eTag, checksum: stored.checksum, integrity: integrity,
            partCount: 0,
            resumedBytes: 0, versionID: stored.versionID, requestID: stored.requestID)
    }

    private nonisolated func check(_ source: UploadSource, _ key: ObjectKey) throws(OSSError) {
        guard var change = source.change() else { return }
        (change.operation, change.bucket, change.key) = ("PutObject", name, key)
        throw change
    }
}

/// Uploads one file in parts, read straight from the disk.
struct FileUpload: PartSource {
    let bucket: Bucket
    let key: ObjectKey
    let source: UploadSource
    let options: UploadOptions
    let slots: AsyncSemaphore?
    let meter: ProgressMeter

    func run() async throws -> UploadResult {
        let outcome = try await MultipartTransfer(
            bucket: bucket, key: key, source: self, remembered: options.resuming, options: options, slots: slots,
            meter: meter
        ).run()
        let stored = outcome.stored
        return UploadResult(
            size: size, eTag: stored.eTag, checksum: stored.checksum,
            integrity: stored.checksum == nil ? .lengthOnly : .checksum, partCount: outcome.partCount,
            resumedBytes: outcome.resumedBytes, versionID: stored.versionID, requestID: stored.requestID)
    }

    // MARK: What the file is

    var size: Int64 { source.content.length }

    var preferredPartSize: Int64 { bucket.client.preferredPartSize(PartPlan.defaultPartSize) }

    var identity: [String] { [source.path] }

    func resumable(partSize: Int64, attributesChecksum: UInt64, begun: Date) -> ResumableUpload {
        ResumableUpload(
            endpoint: "\(bucket.client.endpoint)", bucket: bucket.name, key: key.rawValue, path: source.path,
            source: source.status, partSize: partSize, attributesChecksum: attributesChecksum, begun: begun)
    }

    func isSource(of resumable: ResumableUpload) -> Bool {
        !resumable.source.hasChanged(from: source.status)
    }

    // MARK: Its parts

    func makePart(_ number: Int, _ range: Range<Int64>, of upload: MultipartUpload) async throws -> UploadedPart {
        try await bucket.uploadPart(number, of: upload, source.slice(range), unlessChanged: source.change) {
            meter.part(number, moved: $0.bytesSent)
        }
    }

    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool {
        try await source.matches(part, at: range)
    }

    func verify(_ parts: [UploadedPart]) async throws -> UInt64? {
        if let change = source.change() { throw described(change) }
        if options.rereadsSource, !(try await source.isStillSource(of: parts)) {
            throw described(
                OSSError(
                    .sourceChanged, "'\(source.file.path)' has other bytes than were uploaded; upload it again"))
        }
        return MultipartCompletion.checksum(of: parts)
    }

    func checksum() async throws -> UInt64? {
        try await ContentDigest(of: source.content, md5: false).crc64
    }

    private func described(_ error: OSSError) -> OSSError {
        var error = error
        (error.operation, error.bucket, error.key) = ("UploadPart", bucket.name, key)
        return error
    }
}
