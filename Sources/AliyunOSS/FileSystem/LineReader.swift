import Foundation

/// An iterator over the lines of a file. Its memory use is limited even for large files and long lines.
struct LineReader {
    /// A line without its line feed.
    enum Line: Equatable {
        case whole([UInt8])
        /// The start of a line that exceeds the maximum length. Nothing after it can be read.
        case tooLong(beginning: [UInt8])
    }

    /// The number of the last line read, starting at 1.
    private(set) var number = 0

    private static let readSize = 64 << 10

    private let file: OpenFile
    private let maximumLength: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var position: Int64 = 0
    private var isAtEnd = false

    /// Default maximum length of a line, in bytes.
    static let usualLength = 64 << 10

    /// Creates a reader for an open file.
    ///
    /// - Parameter maximumLength: Maximum length of a line in bytes.
    init(_ file: OpenFile, maximumLength: Int = usualLength) {
        self.file = file
        self.maximumLength = maximumLength
    }

    /// Creates a reader for the file or pipe at a path. Reading waits for the writer of a pipe until the task is
    /// cancelled.
    init(path: String) throws(FileError) { self.init(try OpenFile.reading(path)) }

    /// Returns the next line, or `nil` after the last one.
    mutating func next() throws(FileError) -> Line? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return take(upTo: end, skipping: 1)
            }
            if buffer.count - start > maximumLength || isAtEnd {
                return start == buffer.count ? nil : take(upTo: buffer.count, skipping: 0)
            }
            buffer.removeFirst(start)
            (start, searched) = (0, buffer.count)
            try fill()
        }
    }

    private mutating func take(upTo end: Int, skipping count: Int) -> Line {
        number += 1
        let line = buffer[start..<end]
        start = end + count
        guard line.count <= maximumLength else {
            (buffer, start, isAtEnd) = ([], 0, true)
            return .tooLong(beginning: Array(line.prefix(1024)))
        }
        return .whole(Array(line))
    }

    private mutating func fill() throws(FileError) {
        let old = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.readSize))
        var result: Result<Int, FileError> = .success(0)
        buffer.withUnsafeMutableBytes { bytes in
            let free = UnsafeMutableRawBufferPointer(rebasing: bytes[old...])
            result = Result { () throws(FileError) in try file.readOn(into: free, at: position) }
        }
        let count = try result.get()
        buffer.removeLast(Self.readSize - count)
        position += Int64(count)
        isAtEnd = count < Self.readSize
    }
}

extension OpenFile {
    /// Returns the content of a small file or pipe, up to a maximum number of bytes. Waits for the writer of a pipe
    /// until the task is cancelled.
    ///
    /// - Throws: ``FileError``.
    func contents(atMost limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            var chunk = [UInt8](repeating: 0, count: min(limit - bytes.count, 64 << 10))
            var result: Result<Int, FileError> = .success(0)
            chunk.withUnsafeMutableBytes { buffer in
                result = Result { () throws(FileError) in try readOn(into: buffer, at: Int64(bytes.count)) }
            }
            let count = try result.get()
            bytes += chunk.prefix(count)
            if count < chunk.count { break }
        }
        return bytes
    }

    /// Reads bytes at an offset in a file, or the next bytes from a pipe. Returns fewer bytes than requested only at
    /// the end.
    fileprivate func readOn(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        do {
            return try read(into: buffer, at: offset)
        } catch {
            guard error.code == ESPIPE else { throw error }
        }
        var done = 0
        while done < buffer.count {
            try waitUntilReadable()
            let count = Foundation.read(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR, errno != EAGAIN {
                throw FileError("read", path, code: errno)
            }
        }
        return done
    }

    /// Waits until the writer of a pipe provides data or closes the pipe. The wait consists of short steps, because a
    /// cancellation does not end poll(2). A read without this wait would return the end of the file before the writer
    /// has opened the pipe.
    private func waitUntilReadable() throws(FileError) {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while true {
            guard !Task.isCancelled else { throw FileError("read", path, code: ECANCELED) }
            let count = poll(&request, 1, 100)
            guard count == 0 || count < 0 && errno == EINTR else { return }
        }
    }
}
