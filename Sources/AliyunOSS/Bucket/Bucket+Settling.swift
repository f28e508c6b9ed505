import Foundation
import OSSPrimitives

extension Bucket {
    /// Performs a write, and settles what became of one that must not overwrite when an answer was lost: the repeat then
    /// finds the object in its way, and it may be its own.
    func perform(_ operation: Operation, storing body: HTTPBody) async throws -> HTTPResponse {
        do {
            return try await client.perform(operation)
        } catch let error as OSSError where error.code == .alreadyExists && error.attempts > 1 {
            let head = Operation("HeadObject", .head, key: operation.key)
            guard let stored = try? await client.perform(head), let checksum = stored.headers.objectChecksum,
                stored.headers["Content-Length"] == String(body.length),
                try await body.checksum() == checksum
            else { throw error }
            return stored
        }
    }
}

extension HTTPBody {
    /// CRC-64 of the bytes.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``.
    func checksum() async throws -> UInt64 {
        switch self {
        case .none: return 0
        case .data(let data): return CRC64.checksum(data)
        case .file(let slice):
            return try await BlockingWork.run {
                var checksum = CRC64()
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
                defer { buffer.deallocate() }
                var position: Int64 = 0
                while position < slice.length {
                    let piece = UnsafeMutableRawBufferPointer(
                        rebasing: buffer.prefix(Int(min(Int64(buffer.count), slice.length - position))))
                    let offset = slice.offset + position
                    let count = try translatingFileErrors { () throws(FileError) in
                        try slice.file.read(into: piece, at: offset)
                    }
                    guard count > 0 else { break }
                    checksum.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
                    position += Int64(count)
                }
                return checksum.value
            }
        }
    }
}
