import Foundation
import TestKit

/// A sequence of chunks with an unknown total length.
struct Chunks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    private var left: Int
    private let chunk: Data
    private let onNext: @Sendable () -> Void

    /// - Parameter onNext: A closure called when a chunk is requested.
    init(count: Int, size: Int, onNext: @escaping @Sendable () -> Void = {}) {
        left = count
        chunk = Data.pattern(size)
        self.onNext = onNext
    }

    func makeAsyncIterator() -> Chunks { self }

    mutating func next() async -> Data? {
        onNext()
        guard left > 0 else { return nil }
        left -= 1
        return chunk
    }
}
