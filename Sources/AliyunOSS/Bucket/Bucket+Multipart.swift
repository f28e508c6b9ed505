import Foundation
import OSSPrimitives

extension Bucket {
    /// Initiates a multipart upload. (InitiateMultipartUpload)
    ///
    /// The object becomes visible when the upload is completed. Uploaded parts are billed until the upload is completed or
    /// aborted. `uploadObject` performs all these steps for a file.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - options: Headers, metadata and tags to store with the object. The access control list is part of the request that
    ///     completes the upload.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/alreadyExists`` if the options forbid overwriting an existing
    ///   object.
    public func initiateMultipartUpload(
        _ key: ObjectKey, options: PutObjectOptions = PutObjectOptions()
    ) async throws -> MultipartUpload {
        var operation = Operation("InitiateMultipartUpload", .post, key: key)
        operation.query = [("uploads", nil), ("encoding-type", "url")]
        operation.headers = try options.attributes.headers()
        operation.headers["x-oss-object-acl"] = nil
        if options.forbidsOverwrite { operation.headers["x-oss-forbid-overwrite"] = "true" }
        operation.expect(root: "InitiateMultipartUploadResult", withETag: false)
        let client = client.adding(options.extras)
        let response = try await client.perform(operation)
        guard let uploadID = try? XMLReader.read(response.body).text("UploadId"), !uploadID.isEmpty else {
            throw client.describe(.unreadable(operation), operation)
        }
        return MultipartUpload(key: key, uploadID: uploadID)
    }

    /// Uploads a part, replacing any existing part with the same number. (UploadPart)
    ///
    /// - Parameters:
    ///   - number: Number of the part, 1 to 10,000. Parts are joined in part-number order; the numbers need not be
    ///     consecutive.
    ///   - upload: Upload that the part belongs to.
    ///   - body: Content of the part, 100 KiB to 5 GiB; the last part may be smaller.
    ///   - onProgress: Closure that receives progress. It runs on one of the transport's threads and must return
    ///     immediately. Progress restarts at zero with each retry.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the upload was completed or aborted,
    ///   ``OSSError/Code/sourceChanged`` or ``OSSError/Code/checksumMismatch``.
    public func uploadPart(
        number: Int, of upload: MultipartUpload, body: ObjectBody,
        onProgress: (@Sendable (HTTPProgress) -> Void)? = nil
    ) async throws -> UploadedPart {
        let content = try await PreparedBody(body)
        return try await uploadPart(number, of: upload, content.body, unlessChanged: { content.change() }, onProgress)
    }

    /// Uploads a slice of a file as a part, and fails if `change` reports that the file has changed.
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
            // A file that was truncated cannot be read to its end.
            throw change().map { client.describe($0, operation) } ?? error
        }
        if let change = change() { throw client.describe(change, operation) }
        try await client.compare(body, stored: response, operation)
        return UploadedPart(
            number: number, eTag: response.headers.eTag ?? "", size: body.length,
            crc64: response.headers.objectChecksum)
    }

    /// Creates a part from a range of an existing object. (UploadPartCopy)
    ///
    /// - Parameters:
    ///   - number: Number of the part, 1 to 10,000.
    ///   - upload: Upload that the part belongs to.
    ///   - source: Key of the existing object.
    ///   - sourceBucket: Bucket of the existing object. Default: this bucket.
    ///   - range: Offsets of the bytes in the existing object.
    ///   - options: Conditions that the existing object must meet, and the version to copy.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/preconditionFailed`` if a condition does not hold.
    public func copyPart(
        number: Int, of upload: MultipartUpload, from source: ObjectKey, in sourceBucket: String? = nil,
        range: Range<Int64>, options: GetObjectOptions = GetObjectOptions()
    ) async throws -> UploadedPart {
        guard range.lowerBound >= 0, !range.isEmpty else {
            throw OSSError(
                .invalidArgument, "range must contain at least one byte and start at 0 or later (got \(range))")
        }
        var operation = try Operation(part: number, of: upload, "UploadPartCopy")
        operation.headers["x-oss-copy-source"] = try copySource(source, in: sourceBucket, options.versionID)
        operation.headers["x-oss-copy-source-range"] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        options.conditions.add(to: &operation.headers, prefix: "x-oss-copy-source-")
        operation.expect(root: "CopyPartResult")
        let client = client.adding(options.extras)
        let response = try await client.perform(operation)
        guard let eTag = (try? XMLReader.read(response.body))?.text("ETag") else {
            throw client.describe(.unreadable(operation), operation)
        }
        // The service copies the entire source if it cannot parse the range, and only this header shows it.
        if let stated = response.headers.contentRange,
            stated.first != range.lowerBound || stated.last != range.upperBound - 1
        {
            throw client.reject(
                OSSError(.invalidResponse, "the service copied a different range of the source"), operation)
        }
        return UploadedPart(
            number: number, eTag: eTag.filter { $0 != "\"" }, size: range.upperBound - range.lowerBound,
            crc64: response.headers.objectChecksum)
    }

    /// Completes a multipart upload by joining its parts into an object. (CompleteMultipartUpload)
    ///
    /// - Parameters:
    ///   - upload: Upload to complete.
    ///   - parts: Parts that form the object, in part-number order. Any other uploaded parts are deleted.
    ///   - options: Options. Only ``PutObjectOptions/forbidsOverwrite``, the access control list,
    ///     ``PutObjectOptions/callback`` and ``PutObjectOptions/extras`` apply.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound`` if the upload was completed or aborted, or
    ///   ``OSSError/Code/refused`` with the service's code `InvalidPart` if the service has a different part.
    @discardableResult
    public func completeMultipartUpload(
        _ upload: MultipartUpload, parts: [UploadedPart], options: PutObjectOptions = PutObjectOptions()
    ) async throws -> PutObjectResult {
        var operation = Operation("CompleteMultipartUpload", .post, key: upload.key)
        operation.query = [("uploadId", upload.uploadID), ("encoding-type", "url")]
        operation.headers["x-oss-object-acl"] = options.attributes.accessControl?.rawValue
        if options.forbidsOverwrite { operation.headers["x-oss-forbid-overwrite"] = "true" }
        var writer = XMLWriter(root: "CompleteMultipartUpload")
        for part in parts {
            writer.element("Part") {
                $0.element("PartNumber", String(part.number))
                $0.element("ETag", "\"\(part.eTag)\"")
            }
        }
        operation.setBody(writer.finish(), type: "application/xml")
        if let callback = options.callback {
            try callback.add(to: &operation)
            operation.verify = { $0.failureInSuccess }
        } else {
            operation.expect(root: "CompleteMultipartUploadResult")
        }
        let response = try await client.adding(options.extras).perform(operation)
        var result = PutObjectResult(response, try? XMLReader.read(response.body))
        if options.callback != nil { result.callbackResponse = response.body }
        return result
    }

    /// Aborts a multipart upload and deletes its parts. Aborting an upload that does not exist succeeds.
    /// (AbortMultipartUpload)
    ///
    /// A part in flight may be stored after the abort. Abort the upload when no part is in flight, or abort it again
    /// later.
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

    /// Returns the value of the header that names the source of a copy.
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
    /// Whether the request failed because its upload has been completed or aborted, or never existed.
    var isNoSuchUpload: Bool { serviceError?.code == "NoSuchUpload" }

    fileprivate static func unreadable(_ operation: Operation) -> OSSError {
        OSSError(.invalidResponse, "cannot read the response to \(operation.name); check the endpoint")
    }
}

extension Operation {
    fileprivate init(part number: Int, of upload: MultipartUpload, _ name: String) throws(OSSError) {
        guard (1...10_000).contains(number) else {
            throw OSSError(.invalidArgument, "part number must be from 1 to 10000 (got \(number))")
        }
        self.init(name, .put, key: upload.key)
        query = [("partNumber", String(number)), ("uploadId", upload.uploadID)]
    }
}
