import Foundation
import OSSPrimitives
import Synchronization

/// The body of a response that is being received.
///
/// Releasing this object ends the request.
final class HTTPResponseStream: Sendable {
    /// Bytes that follow each other in the body, and their CRC-64.
    typealias Chunk = (bytes: Data, checksum: UInt64)

    private let channel: ResponseChannel

    init(_ channel: ResponseChannel) { self.channel = channel }

    deinit { channel.cancel() }

    /// Returns the next bytes, or `nil` after the last ones.
    ///
    /// - Throws: ``HTTPTransportError``, ``UnreadBodyError`` or `CancellationError`, after all bytes that were received
    ///   before.
    func next() async throws -> Chunk? { try await channel.next() }

    /// Returns the number of bytes in the destination file once it exceeds `count`, or after the last byte. Several tasks
    /// can wait at the same time.
    ///
    /// - Throws: ``HTTPTransportError`` after all bytes that were received before, or `CancellationError`, after which
    ///   the request continues.
    func stored(exceeding count: Int64) async throws -> StoredLength { try await channel.stored(exceeding: count) }

    /// Holds a permit until the request has ended.
    func hold(_ permit: Permit) { channel.hold(permit) }
}

/// The number of bytes of a body that have been written to its file.
struct StoredLength: Equatable {
    var bytes: Int64
    /// Whether these are all bytes of the body.
    var isComplete: Bool
}

/// An error that occurs if a transport closed the connection of a body that was not read.
struct UnreadBodyError: Error {}

/// A buffer between a transport, which adds the received bytes of a body, and the reader of the body. If the transport
/// writes the body to a file instead, the channel has only the number of its bytes.
final class ResponseChannel: Sendable {
    private struct State {
        var buffer = Data()
        var checksum = CRC64()
        /// Whether the transport waits until the buffer is empty.
        var isStopped = false
        /// Number of bytes in the destination file.
        var storedLength: Int64 = 0
        var readers: [CheckedContinuation<Void, Never>] = []
        /// The outcome of the request; `nil` while it is in flight.
        var end: Result<Void, any Error>?
        var permits: [Permit] = []

        var isReadable: Bool { !buffer.isEmpty || end != nil }

        mutating func takeReaders() -> [CheckedContinuation<Void, Never>] {
            defer { readers = [] }
            return readers
        }
    }

    private enum Step {
        case chunk(HTTPResponseStream.Chunk, resumes: Bool)
        case end(Result<Void, any Error>)
        case wait
    }

    private let capacity: Int
    private let state = Mutex(State())
    /// A lock that is held while bytes are written to the destination file.
    private let writing = Mutex(())
    private let resume: @Sendable () -> Void
    private let cancelRequest: @Sendable () -> Void

    /// Creates a channel.
    ///
    /// - Parameters:
    ///   - capacity: The number of bytes after which the transport waits for the reader.
    ///   - resume: A closure that makes the transport receive more bytes.
    ///   - cancel: A closure that ends the request.
    init(capacity: Int, resume: @escaping @Sendable () -> Void, cancel: @escaping @Sendable () -> Void) {
        self.capacity = capacity
        self.resume = resume
        cancelRequest = cancel
    }

    // MARK: Transport

    /// Adds received bytes, or returns `false` if the buffer is full. In that case, the transport must not receive more
    /// bytes until it is resumed, and then add the same bytes again.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (isAdded, readers) = state.withLock { state in
            guard state.buffer.count < capacity else {
                state.isStopped = true
                return (false, [] as [CheckedContinuation<Void, Never>])
            }
            state.buffer.append(contentsOf: bytes)
            state.checksum.update(bytes)
            return (true, state.takeReaders())
        }
        for reader in readers { reader.resume() }
        return isAdded
    }

    /// Writes bytes to the destination file, or returns `false` if the request was cancelled.
    ///
    /// - Parameter write: A closure that writes the bytes and returns the number of bytes in the file.
    func store(_ write: () throws(HTTPTransportError) -> Int64) throws(HTTPTransportError) -> Bool {
        let length = try writing.withLock { _ throws(HTTPTransportError) -> Int64? in
            state.withLock { $0.end == nil } ? try write() : nil
        }
        guard let length else { return false }
        let readers = state.withLock { state in
            state.storedLength = length
            return state.takeReaders()
        }
        for reader in readers { reader.resume() }
        return true
    }

    /// Ends the body. Only the first call has an effect.
    func end(_ result: Result<Void, any Error>) {
        let (readers, permits) = state.withLock { state in
            state.end = state.end ?? result
            defer { state.permits = [] }
            return (state.takeReaders(), state.permits)
        }
        for permit in permits { permit.release() }
        for reader in readers { reader.resume() }
    }

    /// Holds a permit until the request has ended.
    func hold(_ permit: Permit) {
        let hasEnded = state.withLock { state in
            if state.end == nil { state.permits.append(permit) }
            return state.end != nil
        }
        if hasEnded { permit.release() }
    }

    // MARK: Reader

    /// Ends the request, unless it has already ended. After that, nothing is written to the destination file, which
    /// another request may use.
    func cancel() {
        guard state.withLock({ $0.end == nil }) else { return }
        end(.failure(CancellationError()))
        cancelRequest()
        writing.withLock { _ in }
    }

    fileprivate func next() async throws -> HTTPResponseStream.Chunk? {
        while true {
            try Task.checkCancellation()
            switch step() {
            case .chunk(let chunk, let resumes):
                if resumes { resume() }
                return chunk
            case .end(let result):
                try result.get()
                return nil
            case .wait:
                await withTaskCancellationHandler {
                    await wait { $0.isReadable }
                } onCancel: {
                    cancel()
                }
            }
        }
    }

    fileprivate func stored(exceeding count: Int64) async throws -> StoredLength {
        while true {
            try Task.checkCancellation()
            let (length, end) = state.withLock { ($0.storedLength, $0.end) }
            if case .success = end { return StoredLength(bytes: length, isComplete: true) }
            if length > count { return StoredLength(bytes: length, isComplete: false) }
            if case .failure(let error) = end { throw error }
            await withTaskCancellationHandler {
                // A task that is cancelled from here on wakes the waiting readers, and the others wait again.
                await wait { $0.storedLength > count || $0.end != nil || Task.isCancelled }
            } onCancel: {
                for reader in state.withLock({ $0.takeReaders() }) { reader.resume() }
            }
        }
    }

    /// Waits for a change of the state, unless it is already as wanted.
    private func wait(unless isReady: (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                let isReady = isReady(state)
                if !isReady { state.readers.append(continuation) }
                return isReady
            }
            if isReady { continuation.resume() }
        }
    }

    private func step() -> Step {
        state.withLock { state in
            guard !state.buffer.isEmpty else { return state.end.map { .end($0) } ?? .wait }
            let chunk = (state.buffer, state.checksum.value)
            (state.buffer, state.checksum) = (Data(), CRC64())
            defer { state.isStopped = false }
            return .chunk(chunk, resumes: state.isStopped)
        }
    }
}
