import Foundation
import OSSPrimitives

// Snippet uses: upload: PresignedRequest; download: PresignedRequest
/// A client that sends presigned requests. It needs no credentials, and retries and verifies transfers like a
/// ``Bucket``.
///
/// ```swift
/// let client = try PresignedClient()
/// try await client.upload(.file("scan.png"), with: upload)
/// try await client.download(download, to: "report.pdf")
/// ```
public struct PresignedClient: Sendable {
    private let resources: ClientResources

    /// Creates a client. No request is sent.
    ///
    /// - Parameter configuration: Timeouts, retries and other settings. Settings for signatures and endpoints have no
    ///   effect.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    public init(configuration: BucketConfiguration = BucketConfiguration()) throws(OSSError) {
        try configuration.validate()
        resources = ClientResources(configuration)
    }

    /// Stores an object or a part by a presigned PUT request, and verifies the stored bytes.
    ///
    /// - Parameters:
    ///   - body: Content: text, bytes, `Data`, a file, a slice of a file, or an asynchronous sequence of chunks.
    ///   - request: A request for PutObject or UploadPart. Its headers are sent with it.
    ///   - onProgress: A closure that receives progress. It runs on one of the transport's threads and must return
    ///     immediately. Progress restarts at zero with each retry.
    /// - Returns: The ETag and the CRC-64 of the stored object or part.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/accessDenied`` if the URL has expired or the request differs
    ///   from the signed one, or ``OSSError/Code/checksumMismatch`` if the service stored different bytes.
    @discardableResult
    public func upload(
        _ body: ObjectBody, with request: PresignedRequest, onProgress: (@Sendable (HTTPProgress) -> Void)? = nil
    ) async throws -> PutObjectResult {
        var (client, operation) = try operation(for: request, transferring: .upload)
        operation.onProgress = onProgress
        return PutObjectResult(try await client.send(operation, body))
    }

    /// Downloads an object to a file by a presigned GET request. The file appears when it is complete and verified.
    ///
    /// - Parameters:
    ///   - request: A request for GetObject. Its headers are sent with it.
    ///   - path: Path of the file. Its directory must exist. A symbolic link is replaced, not followed.
    ///   - conflictPolicy: The policy for handling an existing file. Default: replace it.
    ///   - onProgress: A closure that receives progress. It runs on one of the transport's threads and must return
    ///     immediately.
    /// - Returns: The metadata of the object and the path of the file. The key is that of the URL.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/accessDenied`` if the URL has expired or the request differs
    ///   from the signed one, ``OSSError/Code/notFound``, ``OSSError/Code/checksumMismatch``,
    ///   ``OSSError/Code/alreadyExists``, ``OSSError/Code/destinationChanged`` or ``OSSError/Code/fileSystem``.
    @discardableResult
    public func download(
        _ request: PresignedRequest, to path: String, conflictPolicy: ConflictPolicy = .replace,
        onProgress: (@Sendable (HTTPProgress) -> Void)? = nil
    ) async throws -> DownloadResult {
        var (client, operation) = try operation(for: request, transferring: .download)
        let key = operation.key ?? ""
        let target = try translatingFileErrors { () throws(FileError) in try AtomicFile(replacing: path) }
        if conflictPolicy == .keep, target.previous != nil {
            throw client.describe(OSSError(.alreadyExists, "'\(path)' already exists"), operation, attempts: 0)
        }
        operation.destination = .file(target.file, offset: 0, status: 200)
        operation.resumption = RangeResumption(first: 0, last: nil, file: target.file, offset: 0)
        operation.onProgress = onProgress
        let response = try await client.perform(operation)
        let content = FileSlice(target.file, offset: 0, length: response.bodyLength)
        let integrity = try await integrity(of: .file(content), response, client, operation)
        let final = try await BlockingWork.run {
            // A failed attempt may have written more.
            try translatingFileErrors { () throws(FileError) in try target.file.truncate(to: response.bodyLength) }
            return try target.install(conflictPolicy, key: key)
        }
        return DownloadResult(
            metadata: ObjectMetadata(key, size: response.bodyLength, headers: response.headers), path: final,
            integrity: integrity)
    }

    /// Reads an object into memory by a presigned GET request, and verifies its content.
    ///
    /// - Parameters:
    ///   - request: A request for GetObject. Its headers are sent with it.
    ///   - limit: Maximum number of bytes to accept. Default: 64 MiB.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/accessDenied`` if the URL has expired or the request differs
    ///   from the signed one, ``OSSError/Code/bodyTooLarge`` or ``OSSError/Code/checksumMismatch``.
    public func read(_ request: PresignedRequest, upTo limit: Int = 64 << 20) async throws -> Data {
        var (client, operation) = try operation(for: request, transferring: .download)
        operation.destination = .memory(limit: max(0, limit))
        let response = try await client.perform(operation)
        _ = try await integrity(of: .data(response.body), response, client, operation)
        return response.body
    }

    /// Sends any presigned request, such as one that deletes an object or completes a multipart upload.
    ///
    /// - Parameters:
    ///   - request: The request. Its headers are sent with it.
    ///   - body: Body of the request. Default: none.
    ///   - limit: Maximum number of bytes of the response body. Default: 16 MiB.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/accessDenied`` if the URL has expired or the request differs
    ///   from the signed one.
    @discardableResult
    public func send(
        _ request: PresignedRequest, body: ObjectBody? = nil, upTo limit: Int = 16 << 20
    ) async throws -> OSSResponse {
        var (client, operation) = try operation(for: request, transferring: nil)
        operation.destination = .memory(limit: max(0, limit))
        return OSSResponse(try await client.send(operation, body))
    }

    /// Ends all requests in flight and closes the connections. Requests in flight and all later calls fail with
    /// ``OSSError/Code/shutDown``.
    public func shutDown() { resources.shutDown() }
}

extension PresignedClient {
    /// Returns the operation of a presigned request, and a client for it.
    ///
    /// - Parameter content: Content that the request must transfer, or `nil` for any request.
    private func operation(
        for presigned: PresignedRequest, transferring content: OSSRequest.Content?
    ) throws(OSSError) -> (Client, Operation) {
        let url = try PresignedURL(presigned.url)
        try url.endpoint.checkEncryption(
            isAnonymous: false, allowsPlainHTTP: resources.configuration.allowsPlainHTTP)
        var request = OSSRequest("presigned \(presigned.method.rawValue)", presigned.method, key: url.key)
        request.query = url.query
        for (name, value) in presigned.headers.sorted(by: { $0.key < $1.key }) { request.headers.add(name, value) }
        switch request.content {
        case .upload: request.operation = url.query.contains { $0.name == "uploadId" } ? "UploadPart" : "PutObject"
        case .download: request.operation = "GetObject"
        case .none: break
        }
        let client = Client(presignedBy: url.endpoint, bucket: url.bucket, sharing: resources)
        var operation = Operation(request)
        operation.url = presigned.url.absoluteString
        guard content == nil || content == request.content && request.headers["Range"] == nil else {
            let wanted = content == .upload ? "PutObject or UploadPart" : "GetObject of an entire object"
            throw client.describe(
                OSSError(.invalidArgument, "the presigned request is not for \(wanted); use send"), operation,
                attempts: 0)
        }
        return (client, operation)
    }

    /// Verifies a downloaded object that has no CRC-64, and returns the check that it passed.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/checksumMismatch``, or ``OSSError/Code/truncatedBody`` if the
    ///   response does not even contain the length, so that it may be incomplete.
    private func integrity(
        of content: HTTPBody, _ response: HTTPResponse, _ client: Client, _ operation: Operation
    ) async throws -> Integrity {
        guard response.headers.objectChecksum == nil else { return .checksum }
        if let stated = response.headers.contentMD5 {
            let md5 = try await ContentDigest(of: content).md5
            if md5 == stated { return .md5 }
            throw client.reject(
                OSSError(.checksumMismatch, "the received bytes have MD5 \(md5), but the object has ETag \(stated)"),
                operation)
        }
        let hasLength = response.headers["Content-Length"] != nil || response.headers.contentRange?.total != nil
        guard hasLength else {
            let problem = "the response has neither a checksum nor a length, so the content cannot be verified"
            throw client.describe(OSSError(.truncatedBody, problem), operation)
        }
        return .lengthOnly
    }
}
