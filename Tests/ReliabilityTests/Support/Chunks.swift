import Foundation
import TestKit

/// A sequence of chunks that nobody knows the length of.
struct Chunks: AsyncSequence, AsyncIteratorProtocol, Sendable {
    private var left: Int
    private let chunk: Data
    private let onNext: @Sendable () -> Void

    /// - Parameter onNext: called when a chunk is asked for.
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
