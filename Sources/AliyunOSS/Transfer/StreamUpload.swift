import Foundation
import OSSPrimitives
import Synchronization

/// Uploads a sequence of chunks whose length nobody knows, part by part as they come.
///
/// What is in memory is what is being gathered and what is in the air, within the bucket's memory budget: the sequence is
/// asked for more only when there is room. It cannot be read again, so an interruption ends it and the parts are removed.
struct StreamUpload<Chunks: AsyncSequence & Sendable>: Sendable where Chunks.Element: ContiguousBytes {
    let bucket: Bucket
    let key: ObjectKey
    let chunks: Chunks
    let options: UploadOptions
    let meter: ProgressMeter

    func run() async throws -> UploadResult {
        // The sequence may be silent for long, or for ever: a part that has failed ends the wait for it.
        try await withCancellableScope { try await run(cancel: $0) }
    }

    private func run(cancel: @escaping @Sendable () -> Void) async throws -> UploadResult {
        let proposed = options.partSize ?? bucket.client.preferredPartSize(StreamPartPlan.defaultFirst)
        var gatherer = Gatherer(
            chunks: chunks.makeAsyncIterator(), plan: StreamPartPlan(first: proposed), memory: bucket.client.partMemory)
        guard let first = try await gatherer.next() else { return try await uploadAtOnce(Data()) }
        // A part that is not full is all there is.
        if gatherer.isFinished { return try await uploadAtOnce(first.content) }
        let upload = try await bucket.initiateMultipartUpload(key, options: options.putOptions)
        do {
            let parts = try await send(first, then: &gatherer, upload, cancel)
            return try await complete(upload, parts)
        } catch {
            let isAborted = await bucket.abortShielded(upload)
            guard !isAborted, let error = error as? OSSError else { throw error }
            throw error.explained(
                "the upload \(upload.uploadID) could not be aborted and is billed until it is: see incompleteMultipartUploads"
            )
        }
    }

    private func send(
        _ first: GatheredPart, then gatherer: inout Gatherer<Chunks.AsyncIterator>, _ upload: MultipartUpload,
        _ cancel: @escaping @Sendable () -> Void
    ) async throws -> [UploadedPart] {
        var waiting: GatheredPart? = first
        var parts: [UploadedPart] = []
        try await TaskPool.forEach(limit: options.concurrency, onFailure: cancel) {
            if let part = waiting {
                waiting = nil
                return part
            }
            do {
                return try await gatherer.next()
            } catch {
                // Some sequences throw an error of their own when they are cancelled.
                try Task.checkCancellation()
                throw error
            }
        } work: { part in
            defer { part.drop() }
            return try await send(part, upload)
        } onValue: {
            parts.append($0)
        }
        return parts.sorted { $0.number < $1.number }
    }

    private func send(_ part: GatheredPart, _ upload: MultipartUpload) async throws -> UploadedPart {
        let uploaded = try await bucket.uploadPart(
            part.number, of: upload, .data(part.content), onProgress: meter.onBytesSent(ofPart: part.number))
        meter.finishPart(part.number, bytes: uploaded.size)
        return uploaded
    }

    private func complete(_ upload: MultipartUpload, _ parts: [UploadedPart]) async throws -> UploadResult {
        let size = parts.reduce(0) { $0 + $1.size }
        let session = MultipartCompletion(bucket: bucket, upload: upload, size: size, partCount: parts.count)
        let stored = try await session.complete(parts, options: options.putOptions)
        return UploadResult(
            size: size, eTag: stored.eTag, checksum: stored.checksum,
            integrity: stored.checksum == nil ? .lengthOnly : .checksum, partCount: parts.count, resumedBytes: 0,
            versionID: stored.versionID, requestID: stored.requestID)
    }

    private func uploadAtOnce(_ content: Data) async throws -> UploadResult {
        var putOptions = options.putOptions
        putOptions.onProgress = meter.onBytesSent(ofPart: 1)
        let stored = try await bucket.putObject(key, .data(content), options: putOptions)
        meter.finishPart(1, bytes: Int64(content.count))
        var integrity = Integrity.checksum
        if stored.checksum == nil {
            let digest = Hexadecimal.uppercase(MD5.hash(content))
            integrity = digest == stored.eTag.uppercased() ? .md5 : .lengthOnly
        }
        return UploadResult(
            size: Int64(content.count), eTag: stored.eTag, checksum: stored.checksum, integrity: integrity,
            partCount: 0, resumedBytes: 0, versionID: stored.versionID, requestID: stored.requestID)
    }
}

/// A part in memory.
///
/// Whoever still refers to it after it was sent does not hold its bytes: they are counted, and the next part may be
/// waiting for them.
private final class GatheredPart: Sendable {
    let number: Int
    private let bytes: Mutex<Data>

    init(number: Int, _ content: Data) {
        self.number = number
        bytes = Mutex(content)
    }

    var content: Data { bytes.withLock { $0 } }

    /// Lets go of the bytes.
    func drop() { bytes.withLock { $0 = Data() } }
}

/// Turns chunks of any size into parts.
private struct Gatherer<Chunks: AsyncIteratorProtocol> where Chunks.Element: ContiguousBytes {
    private var chunks: Chunks
    private let plan: StreamPartPlan
    private let memory: AsyncSemaphore
    private var pool: PartBufferPool
    private var poolSize: Int64
    /// What is left of a chunk that did not fit into the last part.
    private var rest = Data()
    private var number = 0
    /// Whether the chunks have ended.
    private(set) var isFinished = false

    init(chunks: Chunks, plan: StreamPartPlan, memory: AsyncSemaphore) {
        self.chunks = chunks
        self.plan = plan
        self.memory = memory
        poolSize = plan.first
        pool = PartBufferPool(bufferSize: Int(plan.first))
    }

    /// The next part; nothing after the last. Every part but the last is full.
    mutating func next() async throws -> GatheredPart? {
        guard !isFinished || !rest.isEmpty else { return nil }
        number += 1
        guard let size = plan.size(of: number) else {
            throw OSSError(
                .invalidArgument, "the content needs more than 10000 parts; set a larger partSize")
        }
        if size != poolSize {
            pool.drain()
            (pool, poolSize) = (PartBufferPool(bufferSize: Int(size)), size)
        }
        let reservation = try await memory.acquire(Int(size))
        let buffer = try pool.take()
        take(rest, into: buffer)
        while !buffer.isFull, let chunk = try await chunks.next() {
            try Task.checkCancellation()
            chunk.withUnsafeBytes { bytes in
                let taken = buffer.append(bytes)
                rest = taken == bytes.count ? Data() : Data(bytes[taken...])
            }
        }
        // Some sequences end when they are cancelled, and it would look like the end of the content.
        try Task.checkCancellation()
        if !buffer.isFull { isFinished = true }
        let content = buffer.data(returningTo: pool, releasing: reservation)
        return content.isEmpty ? nil : GatheredPart(number: number, content)
    }

    private mutating func take(_ bytes: Data, into buffer: PartBuffer) {
        let taken = bytes.withUnsafeBytes { buffer.append($0) }
        rest = Data(bytes.dropFirst(taken))
    }
}
