import Foundation
import OSSPrimitives

/// A file that is being uploaded, either unchanged or gzip-compressed.
struct UploadSource: Sendable {
    /// The user's file. It must not change during the upload.
    let file: OpenFile
    /// The attributes of the file when it was opened.
    let status: FileStatus
    /// The content to upload, either the file itself or a gzip-compressed copy.
    let content: FileSlice
    /// The content as the body of a single request.
    let body: PreparedBody
    /// The size and checksum of the file if a gzip-compressed copy is uploaded; otherwise, `nil`.
    let gzip: GzipMark?

    private let original: PreparedBody

    /// The absolute path, which identifies the file in later attempts.
    var path: String { absolutePath(file.path) }

    /// Creates a source by opening the file at a path for reading.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, including if it is not a regular file.
    init(path: String) throws(OSSError) {
        try self.init(translatingFileErrors { () throws(FileError) in try OpenFile.reading(path) })
    }

    /// Creates a source from an open file.
    ///
    /// - Throws: The same errors as ``init(path:)``.
    init(_ file: OpenFile) throws(OSSError) {
        try self.init(file, PreparedBody.regularFileStatus(file, isCurrent: false), gzip: nil)
    }

    /// Creates a source that is a gzip-compressed copy of an open file. Equal files compress to equal bytes, so such an
    /// upload can be resumed too.
    ///
    /// - Throws: ``OSSError``: ``OSSError/Code/fileSystem``, ``OSSError/Code/sourceChanged``; or `CancellationError`.
    init(compressing file: OpenFile) async throws {
        let plain = try Self(file)
        let compressed = try await GzipFile(compressing: plain.content)
        if let change = plain.change() { throw change }
        guard compressed.digest.original.size == plain.status.size else {
            throw OSSError(.sourceChanged, "'\(file.path)' changed while it was being uploaded; upload it again")
        }
        self.init(file, plain.status, gzip: compressed)
    }

    private init(_ file: OpenFile, _ status: FileStatus, gzip: GzipFile?) {
        self.file = file
        self.status = status
        original = PreparedBody(file, status)
        content = gzip?.content ?? FileSlice(file, offset: 0, length: status.size)
        body = gzip.map { PreparedBody($0.content) } ?? original
        self.gzip = gzip?.digest.original
    }

    /// Returns a slice of the content.
    func slice(_ range: Range<Int64>) -> FileSlice {
        FileSlice(
            content.file, offset: content.offset + range.lowerBound, length: range.upperBound - range.lowerBound)
    }

    /// Returns an error if the file may have changed since it was opened; otherwise, `nil`.
    func change() -> OSSError? { original.change() }

    /// Reads the file again, and returns whether it matches the uploaded parts.
    func isStillSource(of parts: [UploadedPart]) async throws -> Bool {
        if let gzip {
            let file = FileSlice(file, offset: 0, length: status.size)
            return try await ContentDigest(of: file, md5: false).crc64 == gzip.crc64
        }
        var position: Int64 = 0
        for part in parts {
            guard try await matches(part, at: position..<position + part.size) else { return false }
            position += part.size
        }
        return true
    }

    /// Returns whether an uploaded part has the same bytes as a range of the content.
    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool {
        guard part.size == range.upperBound - range.lowerBound else { return false }
        let slice = slice(range)
        if let checksum = part.crc64 { return try await ContentDigest(of: slice, md5: false).crc64 == checksum }
        return try await ContentDigest(of: slice).md5 == part.eTag.uppercased()
    }
}

/// Returns the absolute form of a path, which identifies the file from any working directory.
func absolutePath(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
