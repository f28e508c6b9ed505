import Foundation
import OSSPrimitives

/// A file that is being uploaded: the bytes, and what they were when it began.
struct UploadSource: Sendable {
    let file: OpenFile
    let status: FileStatus
    /// The path, absolute, by which it is recognised the next time.
    let path: String

    /// Opens a file.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, also for what is no regular file.
    init(path: String) throws(OSSError) {
        let file = try translatingFileErrors { () throws(FileError) in try OpenFile.reading(path) }
        try self.init(file)
    }

    init(_ file: OpenFile) throws(OSSError) {
        self.file = file
        status = try translatingFileErrors { () throws(FileError) in try file.status() }
        guard status.kind == .regular else {
            let kind = status.kind == .directory ? "a directory" : "no regular file"
            throw OSSError(.fileSystem, "cannot upload '\(file.path)': it is \(kind)")
        }
        path = absolutePath(file.path)
    }

    /// Why the file must not be taken for what it was, if so.
    func change() -> OSSError? {
        do throws(FileError) {
            guard try file.status().mayDiffer(from: status) else { return nil }
        } catch {
            return OSSError(.fileSystem, error.description, underlying: error)
        }
        return OSSError(.sourceChanged, "'\(file.path)' changed while it was being uploaded; upload it again")
    }

    /// Whether a part that the service has is what the file has there.
    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool {
        guard part.size == range.upperBound - range.lowerBound else { return false }
        let slice = FileSlice(file, offset: range.lowerBound, length: part.size)
        if let checksum = part.checksum { return try await ContentDigest(of: slice, md5: false).crc64 == checksum }
        return try await ContentDigest(of: slice).md5 == part.eTag.uppercased()
    }
}

/// A path from the root, by which a file is recognised in another working directory.
func absolutePath(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}
