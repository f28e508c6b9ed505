import Foundation

/// The content to store in an object.
///
/// Every kind of content can be resent from the start, which allows an upload to survive a lost connection. A sequence
/// can be read only once and is therefore copied before it is sent: into memory up to 1 MiB, and beyond that into an
/// unnamed temporary file.
public struct ObjectBody: Sendable {
    enum Source: Sendable {
        case data(Data)
        case path(String)
        case slice(FileSlice)
        case sequence(@Sendable (inout Spool) async throws -> Void)
    }

    let source: Source

    /// Returns a body with the UTF-8 bytes of a string.
    public static func string(_ text: String) -> ObjectBody { ObjectBody(source: .data(Data(text.utf8))) }

    /// Returns a body with the bytes of an array.
    public static func bytes(_ bytes: [UInt8]) -> ObjectBody { ObjectBody(source: .data(Data(bytes))) }

    /// Returns a body with the bytes of a `Data` value.
    public static func data(_ data: Data) -> ObjectBody { ObjectBody(source: .data(data)) }

    /// Returns a body that reads an entire file as it is sent. If the file changes in the meantime, the upload fails
    /// with ``OSSError/Code/sourceChanged`` and does not store a mixture of old and new content.
    public static func file(_ path: String) -> ObjectBody { ObjectBody(source: .path(path)) }

    /// Returns a body that reads a slice of a file as it is sent.
    public static func file(_ slice: FileSlice) -> ObjectBody { ObjectBody(source: .slice(slice)) }

    /// Returns a body that reads a slice of a file as it is sent.
    ///
    /// - Parameters:
    ///   - path: Path of the file.
    ///   - offset: Offset of the first byte.
    ///   - length: Number of bytes.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` if the file cannot be opened.
    public static func file(_ path: String, offset: Int64, length: Int64) throws(OSSError) -> ObjectBody {
        do throws(FileError) {
            return .file(FileSlice(try OpenFile.reading(path), offset: offset, length: length))
        } catch {
            throw OSSError(.fileSystem, error.description, underlying: error)
        }
    }

    /// Returns a body with the chunks of an asynchronous sequence, in order.
    public static func sequence<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) -> ObjectBody
    where Chunks.Element: ContiguousBytes {
        ObjectBody(
            source: .sequence { spool in
                for try await chunk in chunks { try spool.append(chunk) }
            })
    }
}

extension ObjectBody: ExpressibleByStringLiteral {
    /// Creates a body from the UTF-8 bytes of a string literal.
    public init(stringLiteral value: String) { self = .string(value) }
}
