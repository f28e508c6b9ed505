import Foundation
import OSSPrimitives

/// A file that is being uploaded: the bytes, and what they were when it began.
struct UploadSource: Sendable {
    /// The file of the user's, which must not change meanwhile.
    let file: OpenFile
    let status: FileStatus
    /// The path, absolute, by which it is recognised the next time.
    let path: String
    /// What goes up: the bytes of the file, or their gzip form.
    let content: FileSlice
    /// What is to be said of the file, when its gzip form goes up.
    let gzip: GzipMark?

    /// Opens a file.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, also for what is no regular file.
    init(path: String) throws(OSSError) {
        let file = try translatingFileErrors { () throws(FileError) in try OpenFile.reading(path) }
        try self.init(file)
    }

    init(_ file: OpenFile) throws(OSSError) {
        let status = try translatingFileErrors { () throws(FileError) in try file.status() }
        guard status.kind == .regular else {
            let kind = status.kind == .directory ? "a directory" : "no regular file"
            throw OSSError(.fileSystem, "cannot upload '\(file.path)': it is \(kind)")
        }
        self.init(
            file: file, status: status, path: absolutePath(file.path),
            content: FileSlice(file, offset: 0, length: status.size), gzip: nil)
    }

    /// Compresses a file as gzip. Equal files give equal bytes, so that an upload of them can be resumed as well.
    ///
    /// - Throws: ``OSSError``: ``OSSError/Code/fileSystem``, ``OSSError/Code/sourceChanged``; or `CancellationError`.
    init(compressing file: OpenFile) async throws {
        let plain = try Self(file)
        let form = try await GzipFile(compressing: plain.content)
        if let change = plain.change() { throw change }
        let mark = form.digest.original
        guard mark.size == plain.status.size else { throw plain.changed }
        self.init(file: file, status: plain.status, path: plain.path, content: form.content, gzip: mark)
    }

    private init(file: OpenFile, status: FileStatus, path: String, content: FileSlice, gzip: GzipMark?) {
        self.file = file
        self.status = status
        self.path = path
        self.content = content
        self.gzip = gzip
    }

    /// A part of what goes up.
    func slice(_ range: Range<Int64>) -> FileSlice {
        FileSlice(
            content.file, offset: content.offset + range.lowerBound, length: range.upperBound - range.lowerBound)
    }

    /// Why the file must not be taken for what it was, if so.
    func change() -> OSSError? {
        do throws(FileError) {
            guard try file.status().hasChanged(from: status) else { return nil }
        } catch {
            return OSSError(.fileSystem, error.description, underlying: error)
        }
        return changed
    }

    private var changed: OSSError {
        OSSError(.sourceChanged, "'\(file.path)' changed while it was being uploaded; upload it again")
    }

    /// Whether the file, read once more, is what the parts were made of.
    func isStillSource(of parts: [UploadedPart]) async throws -> Bool {
        if let gzip {
            let whole = FileSlice(file, offset: 0, length: status.size)
            return try await ContentDigest(of: whole, md5: false).crc64 == gzip.crc64
        }
        var position: Int64 = 0
        for part in parts {
            guard try await matches(part, at: position..<position + part.size) else { return false }
            position += part.size
        }
        return true
    }

    /// Whether a part that the service has is what there is to go up in its place.
    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool {
        guard part.size == range.upperBound - range.lowerBound else { return false }
        let slice = slice(range)
        if let checksum = part.checksum { return try await ContentDigest(of: slice, md5: false).crc64 == checksum }
        return try await ContentDigest(of: slice).md5 == part.eTag.uppercased()
    }
}

/// A path from the root, by which a file is recognised in another working directory.
func absolutePath(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
