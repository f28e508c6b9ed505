extension Bucket {
    /// Reads an object: its metadata now, its bytes as they are asked for. (GetObject)
    ///
    /// ```swift
    /// let object = try await bucket.getObject("hello.txt")
    /// print(object.metadata.size, try await object.body.text())
    /// ```
    ///
    /// Objects stored with a `Content-Encoding` come as they are stored: nothing is decompressed.
    ///
    /// - Throws: ``OSSError``: ``OSSError/Code/notFound``, ``OSSError/Code/preconditionFailed``,
    ///   ``OSSError/Code/notModified``.
    public func getObject(
        _ key: ObjectKey, options: GetObjectOptions = GetObjectOptions()
    ) async throws -> RemoteObject {
        try await read(key, .everything, options)
    }

    /// Reads a range of an object's bytes. (GetObject)
    ///
    /// ```swift
    /// let start = try await bucket.getObject("hello.txt", range: 0..<5)
    /// let end = try await bucket.getObject("log.txt", range: .last(1000))
    /// ```
    ///
    /// - Parameter range: offsets in bytes. Where it reaches beyond the end, the object's end is the end.
    /// - Throws: ``OSSError``: ``OSSError/Code/invalidRange`` when it begins beyond the end.
    public func getObject(
        _ key: ObjectKey, range: some ByteRangeExpression & Sendable, options: GetObjectOptions = GetObjectOptions()
    ) async throws -> RemoteObject {
        let range = range.byteRange
        try range.validate()
        return try await read(key, range, options)
    }

    private func read(_ key: ObjectKey, _ range: ByteRange, _ options: GetObjectOptions) async throws -> RemoteObject {
        let get = RangedGet(client: client, key: key, options: options)
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

/// An object that is being read: what is known of it, and its bytes.
public struct RemoteObject: Sendable {
    /// What the service says of it.
    public let metadata: ObjectMetadata
    /// Its bytes, or those of the range that was asked for.
    public let body: ObjectContent
}
