import Foundation
import Synchronization

/// A multipart upload of a sequence of chunks whose total length is unknown.
///
/// The parts being collected and those in flight stay within the bucket's memory budget: the next chunk is requested
/// only when there is room. The sequence cannot be read again, so the parts are removed after a failure.
struct StreamUpload<Chunks: AsyncSequence & Sendable>: Sendable where Chunks.Element: ContiguousBytes {
    let bucket: Bucket
    let key: ObjectKey
    let chunks: Chunks
    let options: UploadOptions
    let meter: ProgressMeter

    func run() async throws -> TransferResult {
        // The sequence may be silent forever, so a failed part cancels the wait for it.
        try await withCancellableScope { try await run(cancel: $0) }
    }

    private func run(cancel: @escaping @Sendable () -> Void) async throws -> TransferResult {
        let proposed = options.partSize ?? bucket.client.preferredPartSize(StreamPartPlan.defaultFirst)
        var gatherer = Gatherer(
            chunks: chunks.makeAsyncIterator(), plan: StreamPartPlan(first: proposed), memory: bucket.client.partMemory)
        guard let first = try await gatherer.next() else { return try await uploadAtOnce(Data()) }
        // A part that is not full is the entire content.
        if gatherer.isFinished { return try await uploadAtOnce(first.content) }
        let upload = try await bucket.initiateMultipartUpload(key, options: options.putOptions)
        do {
            let parts = try await send(first, then: &gatherer, upload, cancel)
            return try await complete(upload, parts)
        } catch {
            let isAborted = await bucket.abortShielded(upload)
            guard !isAborted, let error = error as? OSSError else { throw error }
            throw error.explained(
                "could not abort upload \(upload.uploadID), whose parts are billed until it is aborted; see incompleteMultipartUploads"
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
            number: part.number, of: upload, body: .data(part.content),
            onProgress: meter.onBytesSent(ofPart: part.number))
        meter.finishPart(part.number, bytes: uploaded.size)
        return uploaded
    }

    private func complete(_ upload: MultipartUpload, _ parts: [UploadedPart]) async throws -> TransferResult {
        let size = parts.reduce(0) { $0 + $1.size }
        let session = MultipartCompletion(bucket: bucket, upload: upload, size: size, partCount: parts.count)
        let stored = try await session.complete(parts, options: options.putOptions)
        return TransferResult(stored, size: size, partCount: parts.count)
    }

    private func uploadAtOnce(_ content: Data) async throws -> TransferResult {
        var putOptions = options.putOptions
        putOptions.onProgress = meter.onBytesSent(ofPart: 1)
        let (stored, integrity) = try await bucket.put(key, PreparedBody(ObjectBody.data(content)), options: putOptions)
        meter.finishPart(1, bytes: Int64(content.count))
        return TransferResult(stored, size: Int64(content.count), integrity: integrity)
    }
}

/// A part in memory.
///
/// After the part has been sent, remaining references no longer retain its bytes, because the next part may be waiting
/// for the memory.
private final class GatheredPart: Sendable {
    let number: Int
    private let bytes: Mutex<Data>

    init(number: Int, _ content: Data) {
        self.number = number
        bytes = Mutex(content)
    }

    var content: Data { bytes.withLock { $0 } }

    /// Releases the bytes of the part.
    func drop() { bytes.withLock { $0 = Data() } }
}

/// A collector that combines chunks into parts.
private struct Gatherer<Chunks: AsyncIteratorProtocol> where Chunks.Element: ContiguousBytes {
    private var chunks: Chunks
    private let plan: StreamPartPlan
    private let memory: AsyncSemaphore
    private var pool: PartBufferPool
    private var poolSize: Int64
    /// The rest of the last chunk, which did not fit in the previous part.
    private var rest = Data()
    private var number = 0
    /// Whether the sequence has ended.
    private(set) var isFinished = false

    init(chunks: Chunks, plan: StreamPartPlan, memory: AsyncSemaphore) {
        self.chunks = chunks
        self.plan = plan
        self.memory = memory
        poolSize = plan.first
        pool = PartBufferPool(bufferSize: Int(plan.first))
    }

    /// Returns the next part, or `nil` after the last one. Every part except the last is full.
    mutating func next() async throws -> GatheredPart? {
        guard !isFinished || !rest.isEmpty else { return nil }
        number += 1
        guard let size = plan.size(of: number) else {
            throw OSSError(
                .invalidArgument, "the content requires more than 10000 parts; set a larger partSize")
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
        // Some sequences end when they are cancelled, which would look like the end of the content.
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
