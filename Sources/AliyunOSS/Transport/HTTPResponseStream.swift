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

    /// Holds a permit until the request has ended.
    func hold(_ permit: Permit) { channel.hold(permit) }
}

/// An error that occurs if a transport closed the connection of a body that was not read.
struct UnreadBodyError: Error {}

/// A buffer between a transport, which adds the received bytes of a body, and the reader of the body.
final class ResponseChannel: Sendable {
    private struct State {
        var buffer = Data()
        var checksum = CRC64()
        /// Whether the transport waits until the buffer is empty.
        var isStopped = false
        var reader: CheckedContinuation<Void, Never>?
        /// The outcome of the request; `nil` while it is in flight.
        var end: Result<Void, any Error>?
        var permits: [Permit] = []

        var isReadable: Bool { !buffer.isEmpty || end != nil }
    }

    private enum Step {
        case chunk(HTTPResponseStream.Chunk, resumes: Bool)
        case end(Result<Void, any Error>)
        case wait
    }

    private let capacity: Int
    private let state = Mutex(State())
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
        let (isAdded, reader) = state.withLock { state in
            guard state.buffer.count < capacity else {
                state.isStopped = true
                return (false, nil as CheckedContinuation<Void, Never>?)
            }
            state.buffer.append(contentsOf: bytes)
            state.checksum.update(bytes)
            return (true, state.reader.take())
        }
        reader?.resume()
        return isAdded
    }

    /// Ends the body. Only the first call has an effect.
    func end(_ result: Result<Void, any Error>) {
        let (reader, permits) = state.withLock { state in
            state.end = state.end ?? result
            defer { state.permits = [] }
            return (state.reader.take(), state.permits)
        }
        for permit in permits { permit.release() }
        reader?.resume()
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

    /// Ends the request, unless it has already ended.
    func cancel() {
        guard state.withLock({ $0.end == nil }) else { return }
        end(.failure(CancellationError()))
        cancelRequest()
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
                    await withCheckedContinuation { continuation in
                        let isReadable = state.withLock { state in
                            if !state.isReadable { state.reader = continuation }
                            return state.isReadable
                        }
                        if isReadable { continuation.resume() }
                    }
                } onCancel: {
                    cancel()
                }
            }
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
