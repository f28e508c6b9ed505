import Foundation

extension Bucket {
    /// Uploads a file of any size up to 48.8 TiB. (PutObject, or InitiateMultipartUpload, UploadPart and
    /// CompleteMultipartUpload)
    ///
    /// A large file is uploaded in concurrent parts, which are read directly from the file. The CRC-64 of every part
    /// and of the complete object is verified. An interrupted upload resumes when it is called again with the same
    /// arguments: uploaded parts are compared with the file and not sent again.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - path: Path of the file. The file must not change while it is read.
    ///   - options: Attributes to store with the object, and transfer settings.
    /// - Returns: The size, ETag and checksum of the object.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``; ``OSSError/Code/sourceChanged`` if the file
    ///   changed while it was read (in which case the object is not replaced); ``OSSError/Code/checksumMismatch``; or
    ///   ``OSSError/Code/alreadyExists``.
    @discardableResult
    public func uploadObject(
        _ key: ObjectKey, from path: String, options: UploadOptions = UploadOptions()
    ) async throws -> TransferResult {
        try key.validate()
        try options.validate()
        let source = try UploadSource(path: path)
        var options = options
        if options.preservesAttributes {
            FileAttributes(source.status).add(to: &options.attributes.metadata)
        }
        return try await adding(options.extras).upload(source, to: key, options: options)
    }

    /// Uploads the content of an asynchronous sequence of unknown length. (PutObject, or InitiateMultipartUpload,
    /// UploadPart and CompleteMultipartUpload)
    ///
    /// Chunks are combined into parts, which are uploaded while later chunks are read. Memory use stays within
    /// ``BucketConfiguration/memoryBudget``: the next chunk is requested only when there is room. Part sizes start at 4
    /// MiB and grow with the number of parts, so the maximum size of the object is 3.9 TiB.
    ///
    /// A sequence cannot be read again, so the parts of a failed or cancelled upload are removed, regardless of
    /// ``UploadOptions/interruptionPolicy``. Parts are retried from memory. A part that fails permanently cancels the
    /// wait for the next chunk.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - chunks: The content, in order.
    ///   - options: Attributes to store with the object, and transfer settings. `multipartThreshold` does not apply:
    ///     content that fits into one part is uploaded in one request.
    /// - Returns: The size, ETag and checksum of the object.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/checksumMismatch`` or ``OSSError/Code/alreadyExists``; or the
    ///   error of the sequence.
    @discardableResult
    public func uploadObject<Chunks: AsyncSequence & Sendable>(
        _ key: ObjectKey, from chunks: Chunks, options: UploadOptions = UploadOptions()
    ) async throws -> TransferResult where Chunks.Element: ContiguousBytes {
        try await adding(options.extras).upload(chunks, to: key, options: options)
    }

    private nonisolated func upload<Chunks: AsyncSequence & Sendable>(
        _ chunks: Chunks, to key: ObjectKey, options: UploadOptions
    ) async throws -> TransferResult where Chunks.Element: ContiguousBytes {
        try key.validate()
        try options.validate()
        let meter = ProgressMeter(total: nil, onProgress: options.onProgress)
        return try await meter.following {
            try await StreamUpload(bucket: self, key: key, chunks: chunks, options: options, meter: meter).run()
        }
    }

    /// Uploads an open file, or a gzip-compressed copy of it. The caller has validated the options.
    ///
    /// - Parameter slots: Permits that the requests of several transfers share.
    nonisolated func upload(
        _ source: UploadSource, to key: ObjectKey, options: UploadOptions, slots: AsyncSemaphore? = nil
    ) async throws -> TransferResult {
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
    ) async throws -> TransferResult {
        let permit = try await slots?.acquire()
        defer { permit?.release() }
        // The body checks the file as it is read. Before that, the file is checked only if time has passed since it was
        // opened, or if the body is a gzip-compressed copy.
        if permit?.hasWaited == true || source.gzip != nil, var change = source.change() {
            (change.operation, change.bucket, change.key) = ("PutObject", name, key)
            throw change
        }
        var putOptions = options.putOptions
        putOptions.onProgress = meter.onBytesSent(ofPart: 1)
        let (stored, integrity) = try await put(key, source.body, options: putOptions)
        meter.finishPart(1, bytes: source.content.length)
        return TransferResult(stored, size: source.content.length, integrity: integrity)
    }
}

/// A multipart upload of one file.
struct FileUpload: PartSource {
    let bucket: Bucket
    let key: ObjectKey
    let source: UploadSource
    let options: UploadOptions
    let slots: AsyncSemaphore?
    let meter: ProgressMeter

    func run() async throws -> TransferResult {
        let outcome = try await MultipartTransfer(
            bucket: bucket, key: key, source: self, remembered: options.resuming, options: options,
            put: options.putOptions, slots: slots, meter: meter
        ).run()
        return TransferResult(
            outcome.stored, size: size, partCount: outcome.partCount, resumedBytes: outcome.resumedBytes)
    }

    var size: Int64 { source.content.length }

    var preferredPartSize: Int64 { bucket.client.preferredPartSize(PartPlan.defaultPartSize) }

    var identity: [String] { [source.path] }

    func resumable(partSize: Int64, attributesChecksum: UInt64, started: Date) -> ResumableUpload {
        ResumableUpload(
            endpoint: "\(bucket.client.endpoint)", bucket: bucket.name, key: key.rawValue, path: source.path,
            source: source.status, partSize: partSize, attributesChecksum: attributesChecksum, started: started)
    }

    func isSource(of resumable: ResumableUpload) -> Bool {
        !resumable.source.hasChanged(from: source.status)
    }

    func makePart(_ number: Int, _ range: Range<Int64>, of upload: MultipartUpload) async throws -> UploadedPart {
        try await bucket.uploadPart(
            number, of: upload, source.slice(range), unlessChanged: source.change,
            onProgress: meter.onBytesSent(ofPart: number))
    }

    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool {
        try await source.matches(part, at: range)
    }

    func verify(_ parts: [UploadedPart]) async throws -> UInt64? {
        if let change = source.change() { throw described(change) }
        if options.rereadsSource, !(try await source.isStillSource(of: parts)) {
            throw described(
                OSSError(
                    .sourceChanged, "'\(source.file.path)' no longer contains the uploaded bytes; upload it again")
            )
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
