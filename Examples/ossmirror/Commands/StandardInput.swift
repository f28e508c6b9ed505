import Dispatch
import Foundation

/// The content of standard input, as chunks.
struct StandardInput: AsyncSequence, AsyncIteratorProtocol, Sendable {
    private enum Reading {
        case chunk(Data)
        case nothing
        case end
        case failed(Int32)
    }

    private static let queue = DispatchQueue(label: "ossmirror.standard-input")
    private static let chunkSize = 256 << 10

    func makeAsyncIterator() -> StandardInput { self }

    mutating func next() async throws -> Data? {
        while true {
            try Task.checkCancellation()
            let reading = await withCheckedContinuation { continuation in
                Self.queue.async { continuation.resume(returning: Self.read()) }
            }
            switch reading {
            case .chunk(let chunk): return chunk
            case .nothing: continue
            case .end: return nil
            case .failed(let code): throw ReadFailed(reason: String(cString: strerror(code)))
            }
        }
    }

    /// Reads the available bytes. Waits for at most 100 milliseconds, so that a cancelled task ends.
    private static func read() -> Reading {
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 100) != 0 else { return .nothing }
        var chunk = Data(count: chunkSize)
        let count = chunk.withUnsafeMutableBytes { Foundation.read(STDIN_FILENO, $0.baseAddress, $0.count) }
        switch count {
        case 0: return .end
        case 1...: return .chunk(chunk.prefix(count))
        default: return errno == EINTR || errno == EAGAIN ? .nothing : .failed(errno)
        }
    }
}

/// An error that is thrown when standard input cannot be read.
struct ReadFailed: Error, CustomStringConvertible {
    let reason: String

    var description: String { "cannot read standard input: \(reason)" }
}
