extension Bucket {
    /// Uploads a file, at most 5 GB. (PutObject)
    ///
    /// - Parameters:
    ///   - key: the object's name.
    ///   - path: the file. It must not change while it is read.
    ///   - options: what is stored beside the bytes.
    /// - Throws: ``OSSError``: ``OSSError/Code/fileSystem``, ``OSSError/Code/sourceChanged``,
    ///   ``OSSError/Code/checksumMismatch``.
    @discardableResult
    public func uploadObject(
        _ key: ObjectKey, from path: String, options: PutObjectOptions = PutObjectOptions()
    ) async throws -> PutObjectResult {
        try await putObject(key, .file(path), options: options)
    }
}
