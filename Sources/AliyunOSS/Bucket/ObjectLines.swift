import Foundation

extension ObjectContent {
    /// The lines of the content as UTF-8 text, each at most 1 MiB long.
    ///
    /// ```swift
    /// for try await line in try await bucket.getObject("log.txt").body.lines { print(line) }
    /// ```
    public var lines: ObjectLines { lines(upTo: 1 << 20) }

    /// Returns the lines of the content as UTF-8 text, each at most `limit` bytes long.
    ///
    /// - Parameter limit: Maximum number of bytes of a line. A longer line ends the sequence with an ``OSSError`` with code
    ///   ``OSSError/Code/bodyTooLarge``.
    public func lines(upTo limit: Int) -> ObjectLines { ObjectLines(content: self, limit: limit) }
}

/// The lines of an object's content, without their terminators (`\n` or `\r\n`).
///
/// At most one chunk of the content and one line are in memory at a time.
public struct ObjectLines: AsyncSequence, Sendable {
    /// A line of text, without its terminator.
    public typealias Element = String

    fileprivate let content: ObjectContent
    fileprivate let limit: Int

    /// Creates an iterator that starts at the first line.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(lines: self) }

    /// An iterator over the lines.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private static let lineFeed = UInt8(ascii: "\n")
        private static let carriageReturn = UInt8(ascii: "\r")

        private let lines: ObjectLines
        private var chunks: ObjectContent.AsyncIterator
        /// Bytes that have not yet been returned as part of a line.
        private var pending = Data()
        /// Number of pending bytes that are known to contain no line feed.
        private var searched = 0
        private var number = 0
        private var isFinished = false

        fileprivate init(lines: ObjectLines) {
            self.lines = lines
            chunks = lines.content.makeAsyncIterator()
        }

        /// Returns the next line, or `nil` after the last one.
        ///
        /// - Throws: ``OSSError`` with code ``OSSError/Code/bodyTooLarge`` for a line that is longer than the limit,
        ///   ``OSSError/Code/invalidResponse`` for a line that is not UTF-8, or any error of reading the content.
        public mutating func next() async throws -> String? {
            while !isFinished {
                if let end = pending.dropFirst(searched).firstIndex(of: Self.lineFeed) {
                    let line = pending[..<end]
                    pending = pending[(end + 1)...]
                    searched = 0
                    return try text(line)
                }
                searched = pending.count
                // One more byte than the limit may be the carriage return of a terminator.
                guard searched - 1 <= lines.limit else { throw tooLong() }
                do {
                    guard let chunk = try await chunks.next() else {
                        isFinished = true
                        return pending.isEmpty ? nil : try text(pending)
                    }
                    pending = pending.isEmpty ? chunk : Data(pending) + chunk
                } catch {
                    isFinished = true
                    throw error
                }
            }
            return nil
        }

        private mutating func text(_ line: Data) throws(OSSError) -> String {
            number += 1
            let line = line.last == Self.carriageReturn ? line.dropLast() : line
            guard line.count <= lines.limit else { throw tooLong() }
            guard let text = String(validating: line, as: UTF8.self) else {
                isFinished = true
                throw lines.content.describe(
                    OSSError(
                        .invalidResponse,
                        "line \(number) of the object is not valid UTF-8; read the object as bytes instead")
                )
            }
            return text
        }

        private mutating func tooLong() -> OSSError {
            isFinished = true
            return lines.content.describe(
                OSSError(
                    .bodyTooLarge,
                    "a line of the object is longer than \(lines.limit) bytes; raise the limit, or read the object as bytes instead"
                ))
        }
    }
}
