import Foundation
import OSSPrimitives

extension Bucket {
    /// Begins an upload in parts. (InitiateMultipartUpload)
    ///
    /// Nothing is visible under the key until the upload is completed, and what was uploaded is billed until it is
    /// completed or aborted. `uploadObject` does all of this for a file.
    ///
    /// - Parameters:
    ///   - key: the name of the object it is to become.
    ///   - options: what is stored beside the bytes. The access control list is not part of this request: the service takes
    ///     it when the upload is completed.
    /// - Throws: ``OSSError``: ``OSSError/Code/alreadyExists`` when it must not overwrite and there is an object.
    public func initiateMultipartUpload(
        _ key: ObjectKey, options: PutObjectOptions = PutObjectOptions()
    ) async throws -> MultipartUpload {
        var operation = Operation("InitiateMultipartUpload", .post, key: key)
        operation.query = [("uploads", nil), ("encoding-type", "url")]
        operation.headers = try options.attributes.headers()
        operation.headers["x-oss-object-acl"] = nil
        if options.forbidsOverwrite { operation.headers["x-oss-forbid-overwrite"] = "true" }
        operation.expect(root: "InitiateMultipartUploadResult", withETag: false)
        let response = try await client.perform(operation)
        guard let uploadID = try? XMLReader.read(response.body).text("UploadId"), !uploadID.isEmpty else {
            throw client.describe(.unreadable(operation), operation)
        }
        return MultipartUpload(key: key, uploadID: uploadID)
    }

    /// Uploads one part. A part of the same number that is there already is replaced. (UploadPart)
    ///
    /// - Parameters:
    ///   - number: 1 to 10,000. Parts are joined in the order of their numbers, which need not be consecutive.
    ///   - upload: the upload it belongs to.
    ///   - body: 100 KiB to 5 GiB; the last part may be smaller.
    ///   - onProgress: called as bytes move, on the transport's thread: it must return at once. A retry starts again at
    ///     zero.
    /// - Throws: ``OSSError``: ``OSSError/Code/notFound`` when the upload was completed or aborted,
    ///   ``OSSError/Code/sourceChanged``, ``OSSError/Code/checksumMismatch``.
    public func uploadPart(
        _ number: Int, of upload: MultipartUpload, _ body: ObjectBody,
        onProgress: (@Sendable (HTTPProgress) -> Void)? = nil
    ) async throws -> UploadedPart {
        let content = try await PreparedBody(body)
        return try await uploadPart(number, of: upload, content.body, unlessChanged: { content.change() }, onProgress)
    }

    /// Uploads a slice of a file as one part, and fails when `change` says that the file is no longer what it was.
    nonisolated func uploadPart(
        _ number: Int, of upload: MultipartUpload, _ slice: FileSlice,
        unlessChanged change: @escaping @Sendable () -> OSSError?,
        onProgress: (@Sendable (HTTPProgress) -> Void)?
    ) async throws -> UploadedPart {
        try await uploadPart(number, of: upload, .file(slice), unlessChanged: change, onProgress)
    }

    private nonisolated func uploadPart(
        _ number: Int, of upload: MultipartUpload, _ body: HTTPBody,
        unlessChanged change: @escaping @Sendable () -> OSSError?, _ onProgress: (@Sendable (HTTPProgress) -> Void)?
    ) async throws -> UploadedPart {
        var operation = try Operation(part: number, of: upload, "UploadPart")
        operation.body = body
        operation.checksumIsOfBody = true
        operation.requiresETag = true
        operation.refusesReplay = change
        operation.onProgress = onProgress
        let response: HTTPResponse
        do {
            response = try await client.perform(operation)
        } catch let error as OSSError where error.code == .fileSystem {
            // A file that became shorter shows as one that cannot be read to its end.
            throw change().map { client.describe($0, operation) } ?? error
        }
        if let change = change() { throw client.describe(change, operation) }
        try await client.compare(body, stored: response, operation)
        return UploadedPart(
            number: number, eTag: response.headers.eTag ?? "", size: body.length,
            checksum: response.headers.objectChecksum)
    }

    /// Makes one part from bytes that the service has already. (UploadPartCopy)
    ///
    /// - Parameters:
    ///   - number: 1 to 10,000.
    ///   - upload: the upload it belongs to.
    ///   - source: the object the bytes are in.
    ///   - sourceBucket: the bucket it is in. Default: this one.
    ///   - range: the offsets of the bytes.
    ///   - options: conditions on the source and its version; the other options do not apply.
    /// - Throws: ``OSSError``: ``OSSError/Code/preconditionFailed`` when the source is not what it should be.
    public func copyPart(
        _ number: Int, of upload: MultipartUpload, from source: ObjectKey, in sourceBucket: String? = nil,
        range: Range<Int64>, options: GetObjectOptions = GetObjectOptions()
    ) async throws -> UploadedPart {
        guard range.lowerBound >= 0, !range.isEmpty else {
            throw OSSError(.invalidArgument, "a part is copied from at least one byte, at offset 0 or later")
        }
        var operation = try Operation(part: number, of: upload, "UploadPartCopy")
        operation.headers["x-oss-copy-source"] = try copySource(source, in: sourceBucket, options.versionID)
        operation.headers["x-oss-copy-source-range"] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        options.conditions.add(to: &operation.headers, prefix: "x-oss-copy-source-")
        operation.expect(root: "CopyPartResult")
        let response = try await client.perform(operation)
        guard let eTag = (try? XMLReader.read(response.body))?.text("ETag") else {
            throw client.describe(.unreadable(operation), operation)
        }
        // A range that the service cannot make sense of copies the whole source, and only this header tells.
        if let stated = response.headers.contentRange,
            stated.first != range.lowerBound || stated.last != range.upperBound - 1
        {
            throw client.reject(
                OSSError(.invalidResponse, "the service copied other bytes than it was asked to"), operation)
        }
        return UploadedPart(
            number: number, eTag: eTag.filter { $0 != "\"" }, size: range.upperBound - range.lowerBound,
            checksum: response.headers.objectChecksum)
    }

    /// Joins parts to the object. (CompleteMultipartUpload)
    ///
    /// - Parameters:
    ///   - upload: the upload.
    ///   - parts: the parts, in the order of their numbers. Those that were uploaded and are not named are dropped.
    ///   - options: whether it may overwrite, and the access control list; the other options do not apply.
    /// - Throws: ``OSSError``: ``OSSError/Code/notFound`` when the upload was completed or aborted,
    ///   ``OSSError/Code/refused`` with the service's code `InvalidPart` when a part is not what was named.
    @discardableResult
    public func completeMultipartUpload(
        _ upload: MultipartUpload, parts: [UploadedPart], options: PutObjectOptions = PutObjectOptions()
    ) async throws -> PutObjectResult {
        var operation = Operation("CompleteMultipartUpload", .post, key: upload.key)
        operation.query = [("uploadId", upload.uploadID), ("encoding-type", "url")]
        operation.headers["Content-Type"] = "application/xml"
        operation.headers["x-oss-object-acl"] = options.attributes.accessControl?.rawValue
        if options.forbidsOverwrite { operation.headers["x-oss-forbid-overwrite"] = "true" }
        var writer = XMLWriter(root: "CompleteMultipartUpload")
        for part in parts {
            writer.element("Part") {
                $0.element("PartNumber", String(part.number))
                $0.element("ETag", "\"\(part.eTag)\"")
            }
        }
        operation.body = .data(writer.finish())
        operation.expect(root: "CompleteMultipartUploadResult")
        let response = try await client.perform(operation)
        let root = try? XMLReader.read(response.body)
        return PutObjectResult(
            eTag: (root?.text("ETag") ?? response.headers.eTag ?? "").filter { $0 != "\"" },
            checksum: response.headers.objectChecksum, versionID: response.headers["x-oss-version-id"],
            requestID: response.headers["x-oss-request-id"])
    }

    /// Ends an upload and frees its parts. One that does not exist counts as aborted. (AbortMultipartUpload)
    ///
    /// A part that is being uploaded at this moment may be stored after all: abort when none is, or again later.
    ///
    /// - Throws: ``OSSError``.
    public func abortMultipartUpload(_ upload: MultipartUpload) async throws {
        var operation = Operation("AbortMultipartUpload", .delete, key: upload.key)
        operation.query = [("uploadId", upload.uploadID)]
        do {
            _ = try await client.perform(operation)
        } catch let error as OSSError where error.isNoSuchUpload {
            return
        }
    }

    /// The value of the header that names the source of a copy.
    nonisolated func copySource(
        _ source: ObjectKey, in sourceBucket: String?, _ versionID: String?
    ) throws(OSSError) -> String {
        try source.validate()
        let sourceBucket = sourceBucket ?? name
        try BucketName.validate(sourceBucket)
        let path = "/\(sourceBucket)/\(PercentEncoding.encodePath(source.rawValue))"
        return versionID.map { "\(path)?versionId=\(PercentEncoding.encode($0))" } ?? path
    }
}

extension OSSError {
    /// Whether the upload that a request named was completed or aborted, or never was.
    var isNoSuchUpload: Bool { serviceError?.code == "NoSuchUpload" }

    fileprivate static func unreadable(_ operation: Operation) -> OSSError {
        OSSError(.invalidResponse, "the answer to \(operation.name) cannot be read. Check the endpoint")
    }
}

extension Operation {
    fileprivate init(part number: Int, of upload: MultipartUpload, _ name: String) throws(OSSError) {
        guard (1...10_000).contains(number) else {
            throw OSSError(.invalidArgument, "parts have the numbers 1 to 10000, not \(number)")
        }
        self.init(name, .put, key: upload.key)
        query = [("partNumber", String(number)), ("uploadId", upload.uploadID)]
    }
}
