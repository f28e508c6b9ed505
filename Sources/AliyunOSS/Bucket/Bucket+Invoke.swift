import Foundation
import OSSPrimitives

extension Bucket {
    /// Sends a request for any operation, including operations without a method of their own, and returns the response.
    ///
    /// The request is signed, retried and verified like all others: only a response of the service with a status from
    /// 200 to 299 is returned, and the CRC-64 of an object that is stored or read is compared. A body in memory with the
    /// type `application/xml` or `application/json` is sent with its `Content-MD5`, unless ``OSSRequest/target`` is set.
    ///
    /// ```swift
    /// var request = OSSRequest("PutBucketQosInfo", .put, query: ["qosInfo": nil])
    /// request.headers["Content-Type"] = "application/xml"
    /// try await bucket.invoke(request, body: "<QoSConfiguration>…</QoSConfiguration>")
    /// ```
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - body: Body of the request. Default: none.
    ///   - limit: Maximum number of bytes of the response body. Default: 16 MiB.
    /// - Throws: ``OSSError``, with code ``OSSError/Code/bodyTooLarge`` if the response body exceeds the limit.
    @discardableResult
    public nonisolated func invoke(
        _ request: OSSRequest, body: ObjectBody? = nil, upTo limit: Int = 16 << 20
    ) async throws -> OSSResponse {
        try await client.invoke(request, body, upTo: limit)
    }

    /// Sends a request for any operation, and saves the body of the response to a file, which appears only when it is
    /// complete.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - body: Body of the request. Default: none.
    ///   - path: Path of the file. An existing file is replaced.
    /// - Returns: The response, without its body.
    /// - Throws: ``OSSError``.
    @discardableResult
    public nonisolated func invoke(
        _ request: OSSRequest, body: ObjectBody? = nil, savingTo path: String
    ) async throws -> OSSResponse {
        try await client.invoke(request, body, savingTo: path)
    }
}

/// A response of the service to a request that the library does not interpret.
public struct OSSResponse: Sendable {
    /// Status code, 200 to 299.
    public var status: Int
    /// Header fields.
    public var headers: HTTPHeaders
    /// Body, or no bytes if it was saved to a file.
    public var body: Data

    /// ID of the request.
    public var requestID: String? { headers["x-oss-request-id"] }

    init(_ response: HTTPResponse) {
        (status, headers, body) = (response.status, response.headers, response.body)
    }
}

extension Client {
    func invoke(_ request: OSSRequest, _ body: ObjectBody?, upTo limit: Int) async throws -> OSSResponse {
        guard limit >= 0 else { throw OSSError(.invalidArgument, "upTo must not be negative (got \(limit))") }
        var operation = Operation(request)
        operation.destination = .memory(limit: limit)
        return OSSResponse(try await send(operation, body))
    }

    func invoke(_ request: OSSRequest, _ body: ObjectBody?, savingTo path: String) async throws -> OSSResponse {
        let target = try translatingFileErrors { () throws(FileError) in try AtomicFile(replacing: path) }
        var operation = Operation(request)
        let status = operation.headers["Range"] == nil ? 200 : 206
        operation.destination = .file(target.file, offset: 0, status: status)
        let response = try await send(operation, body)
        guard response.status == status else {
            let problem = "has status \(response.status) instead of \(status), so its body was not saved to '\(path)'"
            throw describe(response.foreign(problem), operation)
        }
        try await BlockingWork.run {
            try translatingFileErrors { () throws(FileError) in
                // A failed attempt may have written more.
                try target.file.truncate(to: response.bodyLength)
                try target.commit()
            }
        }
        return OSSResponse(response)
    }

    /// Sends an operation with a body, and verifies the stored content. A body that changes meanwhile is an error.
    func send(_ operation: Operation, _ body: ObjectBody?) async throws -> HTTPResponse {
        // Validated before the body is opened, because opening consumes a sequence.
        try check(operation)
        var operation = operation
        let content = try await PreparedBody(body ?? .bytes([]))
        operation.body = content.guardedBody
        if operation.body.length > 0, operation.headers["Content-Type"] == nil, operation.url == nil {
            operation.headers["Content-Type"] = "application/octet-stream"
        }
        if !operation.checksumIsOfBody, operation.url == nil, operation.target == nil,
            operation.headers["Content-MD5"] == nil, case .data(let document) = operation.body,
            let type = operation.headers["Content-Type"], type.isDocumentType
        {
            operation.setBody(document, type: type)
        }
        operation.refusesReplay = { content.change() }
        let response: HTTPResponse
        do {
            response = try await perform(operation)
        } catch let error as OSSError where error.code == .fileSystem {
            // A file that was truncated cannot be read to its end.
            throw content.change().map { describe($0, operation) } ?? error
        }
        if operation.checksumIsOfBody { try await compare(content.body, stored: response, operation) }
        if let change = content.changeAfterGuardedRead() { throw describe(change, operation) }
        return response
    }
}

extension String {
    /// Whether this is the `Content-Type` of a document in XML or JSON.
    fileprivate var isDocumentType: Bool {
        let type = prefix { $0 != ";" }.lowercased()
        return type == "application/xml" || type == "application/json"
    }
}

extension Operation {
    /// Creates the operation for a request of the caller.
    init(_ request: OSSRequest) {
        self.init(request.operation, request.method, key: request.key)
        bucket = request.bucket
        query = request.query
        headers = request.headers
        isIdempotent = request.isIdempotent
        target = request.target
        acceptsAnySuccess = true
        switch request.content {
        case .upload:
            checksumIsOfBody = true
            requiresETag = true
        case .download:
            requiresETag = true
            wantsStoredEncoding = !query.contains { $0.name == "response-content-encoding" }
            verify = { response in
                let isEntireObject =
                    response.status == 200 || response.headers.contentRange?.total == response.bodyLength
                return isEntireObject ? response.checksumProblem : nil
            }
        case .none: verify = { $0.failureInSuccess }
        }
    }
}

extension HTTPResponse {
    /// The error that a response with a success status contains, because the service sent the status before it failed;
    /// otherwise, `nil`.
    var failureInSuccess: OSSError? {
        guard (try? XMLReader.read(body))?.name == "Error" else { return nil }
        return OSSError(refusal: self)
    }
}
