extension Bucket {
    /// Reads an object. The metadata is returned immediately; the content is fetched as it is iterated over.
    /// (GetObject)
    ///
    /// ```swift
    /// let object = try await bucket.getObject("hello.txt")
    /// print(object.metadata.size, try await object.body.text())
    /// ```
    ///
    /// The content of an object with a `Content-Encoding` is returned as stored, without decompression.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, ``OSSError/Code/preconditionFailed`` or
    ///   ``OSSError/Code/notModified``.
    public func getObject(
        _ key: ObjectKey, options: GetObjectOptions = GetObjectOptions()
    ) async throws -> RemoteObject {
        try await read(key, .everything, options)
    }

    /// Reads a range of an object. (GetObject)
    ///
    /// ```swift
    /// let start = try await bucket.getObject("hello.txt", range: 0..<5)
    /// let end = try await bucket.getObject("log.txt", range: .last(1000))
    /// ```
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - range: Offsets in bytes. A range that extends past the end of the object is truncated.
    ///   - options: Version of the object, conditions and response headers.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidRange`` if the range starts beyond the end of the object.
    public func getObject(
        _ key: ObjectKey, range: some ByteRangeExpression & Sendable, options: GetObjectOptions = GetObjectOptions()
    ) async throws -> RemoteObject {
        let range = range.byteRange
        try range.validate()
        return try await read(key, range, options)
    }

    private func read(_ key: ObjectKey, _ range: ByteRange, _ options: GetObjectOptions) async throws -> RemoteObject {
        let get = RangedGet(client: client.adding(options.extras), key: key, options: options)
        let first = try await get.readFirst(range)
        let end: Int64
        switch range.extent {
        case .offsets(_, let last): end = min(last.map { $0 == .max ? .max : $0 + 1 } ?? .max, first.objectSize)
        case .suffix: end = first.objectSize
        }
        return RemoteObject(
            metadata: first.metadata(of: key),
            body: ObjectContent(length: end - first.range.lowerBound, first: first, get: get))
    }
}
