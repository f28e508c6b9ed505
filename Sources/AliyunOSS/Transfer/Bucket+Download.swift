import Foundation

extension Bucket {
    /// Downloads an object to a file that appears whole, or not at all. (GetObject)
    ///
    /// The bytes go to a temporary file in the same folder, are verified (length, CRC-64) and brought to stable storage
    /// before the file gets its name. What stood there stays as it is until then, also when the download fails.
    ///
    /// - Parameters:
    ///   - key: the object's name.
    ///   - path: the file. The folder it lies in must exist.
    ///   - options: conditions and version.
    ///   - onProgress: called as bytes move, on the transport's thread: it must return at once. A retry starts at zero.
    /// - Returns: what the service says of the object.
    /// - Throws: ``OSSError``: ``OSSError/Code/notFound``, ``OSSError/Code/checksumMismatch``,
    ///   ``OSSError/Code/fileSystem``.
    @discardableResult
    public func downloadObject(
        _ key: ObjectKey, to path: String, options: GetObjectOptions = GetObjectOptions(),
        onProgress: (@Sendable (HTTPProgress) -> Void)? = nil
    ) async throws -> ObjectMetadata {
        let target = try translatingFileErrors { () throws(FileError) in try AtomicFile(replacing: path) }
        defer { target.discard() }
        let metadata = try await downloadObject(key, into: target.file, options: options, onProgress: onProgress)
        try translatingFileErrors { () throws(FileError) in try target.commit() }
        return metadata
    }

    /// Downloads an object into an open, empty file, and verifies it. The file is neither synced nor given its name.
    func downloadObject(
        _ key: ObjectKey, into file: OpenFile, options: GetObjectOptions = GetObjectOptions(),
        onProgress: (@Sendable (HTTPProgress) -> Void)? = nil
    ) async throws -> ObjectMetadata {
        var operation = Operation("GetObject", .get, key: key)
        options.conditions.add(to: &operation.headers)
        operation.addQuery("versionId", ifPresent: options.versionID)
        operation.wantsStoredEncoding = true
        operation.destination = .file(file, offset: 0, status: 200)
        operation.verify = { $0.downloadProblem }
        operation.onProgress = onProgress
        let response = try await client.perform(operation)
        guard response.status == 200 else {
            throw client.describe(
                OSSError(
                    .invalidResponse, "the answer has status \(response.status) where the whole object was asked for"),
                operation)
        }
        // An earlier attempt may have written more than this one, if the object was replaced in between.
        try translatingFileErrors { () throws(FileError) in try file.truncate(to: response.bodyLength) }
        return ObjectMetadata(key, size: response.bodyLength, headers: response.headers)
    }
}
