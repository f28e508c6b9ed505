import Foundation
import OSSPrimitives

/// The checks that a response comes from OSS and belongs to its request, before any of its content is used.
///
/// A captive portal, a proxy or a load balancer may respond with `200 OK`, too. Without these checks its page would count as
/// a stored object, and a transfer record would prevent the file from ever being sent.
extension HTTPResponse {
    /// Whether the response has the request ID that OSS puts into the headers of every response.
    var isFromService: Bool { !(headers["x-oss-request-id"] ?? "").isEmpty }

    /// The reason why a response with a status of success is not a success of the operation, if any.
    func acceptanceProblem(for operation: Operation) -> OSSError? {
        guard isFromService else {
            return foreign(
                "has no x-oss-request-id, so OSS did not send it. Check the endpoint, and any \(Self.between)")
        }
        guard operation.successStatuses.contains(status) else {
            let expected = operation.successStatuses.map(String.init).joined(separator: " or ")
            return foreign("answers \(operation.name), which succeeds with status \(expected). Try again")
        }
        let needsETag = operation.requiresETag || operation.headers["If-Match"] != nil
        guard !needsETag || !(headers.eTag ?? "").isEmpty else {
            return foreign("has no ETag, which OSS always sends. Check any \(Self.between): it may remove headers")
        }
        // A cache may ignore the condition and send another version.
        if let wanted = operation.headers["If-Match"], wanted.hasPrefix("\""), let eTag = headers.eTag,
            wanted != "\"\(eTag)\""
        {
            return OSSError(
                .preconditionFailed,
                "the response (\(origin)) has ETag '\(eTag.onOneLine)' where If-Match asked for \(wanted.onOneLine): the object "
                    + "was replaced, or a cache in between answered")
        }
        return nil
    }

    /// The error for a response of any other status, when OSS did not send it; `nil` when it did.
    ///
    /// The 404 of a foreign server does not mean a missing object, and its 412 does not mean a changed one.
    ///
    /// - Parameter serviceError: Error document, which may have the request ID that the headers lack.
    func foreignRefusal(_ serviceError: OSSError.ServiceError, hasBody: Bool) -> OSSError? {
        guard serviceError.requestID == nil, !(300...399).contains(status) || status == 304 else { return nil }
        let code: OSSError.Code
        let advice: String
        switch status {
        case 401, 403:
            (code, advice) = (.accessDenied, "OSS did not send it. Check the endpoint, and any \(Self.between)")
        case 407:
            (code, advice) = (
                .connectionFailed, "a proxy asks for a user name and a password. Check the proxy settings"
            )
        case 408: (code, advice) = (.timedOut, "a server or proxy gave up waiting for the request")
        case 413 where !hasBody:
            (code, advice) = (
                .refused, "a gateway in between refuses the request. Check the endpoint, and any \(Self.between)"
            )
        case 413:
            code = .refused
            advice =
                "a gateway in between refuses bodies of this size. Use smaller parts (partSize, --part-size), and "
                + "multipart uploads for smaller files (multipartThreshold, --multipart-threshold)"
        case 429: (code, advice) = (.throttled, "a gateway in between limits the number of requests")
        case 500, 502...599: (code, advice) = (.serviceUnavailable, "a gateway in between may have failed")
        case 400 where isAboutEncryption:
            (code, advice) = (.invalidResponse, "the port expects TLS. Use an https:// endpoint")
        default: (code, advice) = (.invalidResponse, "OSS did not send it. Check the endpoint, and any \(Self.between)")
        }
        return OSSError(code, "the response (\(origin)) has no x-oss-request-id: \(advice)", serviceError: serviceError)
    }

    /// Whether the page requires an encrypted request, like those of nginx, Apache and Go.
    private var isAboutEncryption: Bool {
        let text = String(decoding: body.prefix(4096), as: UTF8.self).lowercased()
        return text.contains("https") || text.contains("ssl")
    }

    /// Returns the error for a response that OSS did not send, or that was changed in transit.
    func foreign(_ problem: String) -> OSSError {
        OSSError(.invalidResponse, "the response (\(origin)) \(problem)")
    }

    /// The status and, if stated, the software that sent the response.
    var origin: String {
        guard let server = headers["Server"], !server.isEmpty else { return "status \(status)" }
        return "status \(status) from '\(server.onOneLine.prefix(64))'"
    }

    static let between = "captive portal, proxy or gateway in between"
}

extension Operation {
    /// The statuses of a success. A response with another status belongs to another request or another server.
    var successStatuses: [Int] {
        switch method {
        case .delete: [204]
        case .get where headers["Range"] != nil: [200, 206]
        default: [200]
        }
    }

    /// Requires a success to have a document with the given root element and, if the document has a key, the key of the
    /// operation. The service may send the status 200 before it fails; the document is an error then.
    mutating func expect(root name: String, withETag: Bool = true) {
        let (key, operation) = (key?.rawValue, self.name)
        verify = { response in
            guard let root = try? XMLReader.read(response.body), root.name != "Error" else {
                return OSSError(refusal: response)
            }
            guard root.name == name else {
                return response.foreign(
                    "has the document '\(root.name.onOneLine)' and is not one to \(operation), whose document is '\(name)'. "
                        + "Check the endpoint, and any \(HTTPResponse.between)")
            }
            if withETag, (root.text("ETag") ?? "").isEmpty {
                return response.foreign(
                    "has no ETag in its \(name), which OSS always sends. Check any \(HTTPResponse.between)")
            }
            return response.mismatch(of: "Key", in: root, with: key)
        }
    }
}

extension HTTPResponse {
    /// Returns the error for a document that repeats a different value than that of the request, if so.
    ///
    /// On a connection that is out of step, the response to one request is read as the response to the next.
    func mismatch(of element: String, in root: XMLTree, with expected: String?) -> OSSError? {
        guard let expected, let text = root.text(element) else { return nil }
        let isEncoded = root.text("EncodingType")?.lowercased() == "url"
        guard let value = isEncoded ? PercentEncoding.decode(text) : text, !value.utf8.elementsEqual(expected.utf8)
        else {
            return nil
        }
        return foreign("is about the \(element) '\(value.onOneLine)' and not '\(expected.onOneLine)'. Try again")
    }
}

// MARK: Missing checksums

extension HTTPResponse {
    /// Returns the response with the checksums that its transport did not compute.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``.
    func completingChecksums(of request: HTTPRequest) async throws -> HTTPResponse {
        var response = self
        if sentChecksum == nil { response.sentChecksum = try await request.body.checksum() }
        if bodyChecksum == nil {
            if case .file(let file, let offset, status) = request.destination {
                let received = HTTPBody.file(FileSlice(file, offset: offset, length: bodyLength))
                response.bodyChecksum = try await received.checksum()
            } else {
                response.bodyChecksum = CRC64.checksum(body)
            }
        }
        return response
    }
}

extension HTTPResponse {
    /// CRC-64 of the body, which ``completingChecksums(of:)`` guarantees. The default 0 matches only an empty body.
    var receivedChecksum: UInt64 { bodyChecksum ?? 0 }
}

extension HTTPPartialResponse {
    /// Returns the partial response with its checksum, or `nil` if the checksum cannot be computed.
    func completingChecksum(of request: HTTPRequest) async -> HTTPPartialResponse? {
        guard bodyChecksum == nil else { return self }
        guard case .file(let file, let offset, status) = request.destination else { return nil }
        var partial = self
        partial.bodyChecksum = try? await HTTPBody.file(FileSlice(file, offset: offset, length: bodyLength)).checksum()
        return partial.bodyChecksum == nil ? nil : partial
    }
}

extension HTTPBody {
    /// Returns the CRC-64 of the bytes.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or `CancellationError`.
    func checksum() async throws -> UInt64 { try await ContentDigest(of: self, md5: false).crc64 }
}

extension Client {
    /// Returns the comparison that a stored body has passed. Without a CRC-64 in the response the ETag is compared, which is
    /// the MD5 of the bytes unless the service encrypted them.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/checksumMismatch`` if the service stored different bytes.
    @discardableResult
    func compare(_ body: HTTPBody, stored response: HTTPResponse, _ operation: Operation) async throws -> Integrity {
        // The CRC-64 was already compared by the client.
        guard response.headers.objectChecksum == nil else { return .checksum }
        guard !response.headers.isEncrypted else { return .lengthOnly }
        let (md5, eTag) = (try await ContentDigest(of: body).md5, response.headers.eTag ?? "")
        guard md5 == eTag.uppercased() else {
            let problem =
                "the service stored different bytes: ETag \(eTag.onOneLine) instead of MD5 \(md5). Upload the file again"
            throw reject(OSSError(.checksumMismatch, problem), operation)
        }
        return .md5
    }
}
