import Foundation

/// Where the content of an object comes from.
///
/// Every kind can be sent again from its start, so an upload survives a lost connection. For a sequence, which can be
/// read only once, that costs a copy: it is gathered in memory up to 1 MiB, beyond that in a temporary file without a
/// name, and sent when it has ended.
public struct ObjectBody: Sendable {
    enum Source: Sendable {
        case data(Data)
        case path(String)
        case slice(FileSlice)
        case sequence(@Sendable (inout Spool) async throws -> Void)
    }

    let source: Source

    /// The UTF-8 bytes of a text.
    public static func string(_ text: String) -> ObjectBody { ObjectBody(source: .data(Data(text.utf8))) }

    /// Bytes.
    public static func bytes(_ bytes: [UInt8]) -> ObjectBody { ObjectBody(source: .data(Data(bytes))) }

    /// Bytes.
    public static func data(_ data: Data) -> ObjectBody { ObjectBody(source: .data(data)) }

    /// A whole file, read while it is sent. If it changes in the meantime, the upload fails with
    /// ``OSSError/Code/sourceChanged``, and a mixture of before and after is not stored.
    public static func file(_ path: String) -> ObjectBody { ObjectBody(source: .path(path)) }

    /// A part of a file, read while it is sent.
    public static func file(_ slice: FileSlice) -> ObjectBody { ObjectBody(source: .slice(slice)) }

    /// A part of a file, read while it is sent.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - offset: the first byte.
    ///   - length: the number of bytes.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem`` when the file cannot be opened.
    public static func file(_ path: String, offset: Int64, length: Int64) throws(OSSError) -> ObjectBody {
        do throws(FileError) {
            return .file(FileSlice(try OpenFile.reading(path), offset: offset, length: length))
        } catch {
            throw OSSError(.fileSystem, error.description, underlying: error)
        }
    }

    /// The chunks of a sequence, in order.
    public static func sequence<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) -> ObjectBody
    where Chunks.Element: ContiguousBytes {
        ObjectBody(
            source: .sequence { spool in
                for try await chunk in chunks { try spool.append(chunk) }
            })
    }
}

extension ObjectBody: ExpressibleByStringLiteral {
    /// The UTF-8 bytes of a text.
    public init(stringLiteral value: String) { self = .string(value) }
}
