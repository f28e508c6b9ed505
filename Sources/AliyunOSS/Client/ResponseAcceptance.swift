import Foundation
import OSSPrimitives

/// Methods that check, before any content is used, whether a response comes from OSS and belongs to its request.
///
/// A captive portal, a proxy or a load balancer may also respond with `200 OK`. Without these checks, its page would
/// count as a stored object, and a transfer record would prevent the file from ever being sent.
extension HTTPResponse {
    /// Whether the response has the request ID that OSS includes in the headers of every response.
    var isFromService: Bool { !(headers["x-oss-request-id"] ?? "").isEmpty }

    /// Returns an error if a response with a success status does not show that the operation succeeded; otherwise,
    /// `nil`.
    ///
    /// - Parameter isSigned: Whether the request was signed, and could therefore ask for the stored bytes of an object.
    func acceptanceProblem(for operation: Operation, isSigned: Bool) -> OSSError? {
        if bodyLength > 0 || stream != nil, isSigned || !operation.wantsStoredEncoding, let encoding = headers.encoding
        {
            return foreign(
                "has Content-Encoding '\(encoding.onOneLine)', which was not requested; turn off compression in any "
                    + "intermediate proxy or gateway")
        }
        guard isFromService else {
            return foreign(
                "has no x-oss-request-id header, so it did not come from OSS; check the endpoint and any \(Self.between)"
            )
        }
        guard operation.acceptsAnySuccess || operation.successStatuses.contains(status) else {
            let expected = operation.successStatuses.map(String.init).joined(separator: " or ")
            return foreign("has an unexpected status: \(operation.name) succeeds with status \(expected); try again")
        }
        let needsETag = operation.requiresETag || operation.headers["If-Match"] != nil
        guard !needsETag || !(headers.eTag ?? "").isEmpty else {
            return foreign("has no ETag, which OSS always sends; check whether any \(Self.between) removes headers")
        }
        guard !operation.requiresETagOrChecksum || !(headers.eTag ?? "").isEmpty || headers.objectChecksum != nil else {
            return foreign(
                "has neither an ETag, which OSS always sends, nor a checksum; check the endpoint and any \(Self.between)"
            )
        }
        // A cache may ignore the condition and send another version.
        if let wanted = operation.headers["If-Match"], wanted.hasPrefix("\""), let eTag = headers.eTag,
            wanted != "\"\(eTag)\""
        {
            return OSSError(
                .preconditionFailed,
                "the response (\(origin)) has ETag '\(eTag.onOneLine)' but If-Match requires \(wanted.onOneLine): the object "
                    + "was replaced, or an intermediate cache sent the response")
        }
        // A cache may ignore the query and send another version.
        if let wanted = operation.query.first(where: { $0.name == "versionId" })?.value,
            let id = headers["x-oss-version-id"], id != wanted
        {
            return foreign(
                "is for the version '\(id.onOneLine)' instead of '\(wanted.onOneLine)'; check any \(Self.between)")
        }
        return nil
    }

    /// Returns an error for an unsuccessful response if OSS did not send it; otherwise, `nil`.
    ///
    /// A 404 from another server does not mean that the object is missing, and a 412 does not mean that it has changed.
    ///
    /// - Parameter serviceError: Error document, which may have the request ID that the headers lack.
    func foreignRefusal(_ serviceError: OSSError.ServiceError, hasBody: Bool) -> OSSError? {
        guard serviceError.requestID == nil, !(300...399).contains(status) || status == 304 else { return nil }
        let code: OSSError.Code
        let advice: String
        switch status {
        case 401, 403:
            (code, advice) = (.accessDenied, "OSS did not send it; check the endpoint and any \(Self.between)")
        case 407:
            (code, advice) = (
                .connectionFailed, "a proxy requires a user name and password; check the proxy settings"
            )
        case 408: (code, advice) = (.timedOut, "a server or proxy gave up waiting for the request")
        case 413 where !hasBody:
            (code, advice) = (
                .refused, "an intermediate gateway refuses the request; check the endpoint and any \(Self.between)"
            )
        case 413:
            code = .refused
            advice =
                "an intermediate gateway refuses bodies of this size; use smaller parts (partSize, --part-size), and "
                + "multipart uploads for smaller files (multipartThreshold, --multipart-threshold)"
        case 429: (code, advice) = (.throttled, "an intermediate gateway limits the number of requests")
        case 500, 502...599: (code, advice) = (.serviceUnavailable, "an intermediate gateway may have failed")
        case 400 where isAboutEncryption:
            (code, advice) = (.invalidResponse, "the port expects TLS; use an https:// endpoint")
        default: (code, advice) = (.invalidResponse, "OSS did not send it; check the endpoint and any \(Self.between)")
        }
        return OSSError(code, "the response (\(origin)) has no x-oss-request-id: \(advice)", serviceError: serviceError)
    }

    /// Whether the body is an error page saying that the request must be encrypted, such as those returned by nginx,
    /// Apache and Go.
    private var isAboutEncryption: Bool {
        let text = String(decoding: body.prefix(4096), as: UTF8.self).lowercased()
        return text.contains("https") || text.contains("ssl")
    }

    /// Returns the error for a response that OSS did not send, or that was changed in transit.
    func foreign(_ problem: String) -> OSSError {
        OSSError(.invalidResponse, "the response (\(origin)) \(problem)")
    }

    /// The status and, if reported, the software that sent the response.
    var origin: String {
        guard let server = headers["Server"], !server.isEmpty else { return "status \(status)" }
        return "status \(status) from '\(server.onOneLine.prefix(64))'"
    }

    static let between = "intermediate captive portal, proxy or gateway"
}

extension Operation {
    /// The status codes that indicate success. A response with another status belongs to another request or another
    /// server.
    var successStatuses: [Int] {
        switch method {
        case .delete: [204]
        case .get where headers["Range"] != nil: [200, 206]
        case .post where name == "RestoreObject": [200, 202]
        case .post where name == "SelectObject": [200, 206]
        default: [200]
        }
    }

    /// Requires a successful response to contain a document with the given root element and, if the document contains a
    /// key, the key of the operation. The service may send status 200 before it fails, in which case the document is an
    /// error.
    mutating func expect(root name: String, withETag: Bool = true) {
        let (key, operation) = (key?.rawValue, self.name)
        verify = { response in
            guard let root = try? XMLReader.read(response.body), root.name != "Error" else {
                return OSSError(refusal: response)
            }
            guard root.name == name else {
                return response.foreign(
                    "contains a '\(root.name.onOneLine)' document, but a response to \(operation) should contain '\(name)'; "
                        + "check the endpoint and any \(HTTPResponse.between)")
            }
            if withETag, (root.text("ETag") ?? "").isEmpty {
                return response.foreign(
                    "contains a \(name) without the ETag that OSS always sends; check any \(HTTPResponse.between)")
            }
            return response.mismatch(of: "Key", in: root, with: key)
        }
    }
}

extension HTTPResponse {
    /// Returns an error if a response element does not match the expected request value, or `nil` if it matches or is
    /// missing.
    ///
    /// On a connection that is out of step, the response to one request is read as the response to the next.
    func mismatch(of element: String, in root: XMLTree, with expected: String?) -> OSSError? {
        guard let expected, let text = root.text(element) else { return nil }
        let isEncoded = root.text("EncodingType")?.lowercased() == "url"
        guard let value = isEncoded ? PercentEncoding.decode(text) : text, !value.utf8.elementsEqual(expected.utf8)
        else {
            return nil
        }
        return foreign("is for the \(element) '\(value.onOneLine)' instead of '\(expected.onOneLine)'; try again")
    }
}

// MARK: Missing checksums

extension HTTPResponse {
    /// Returns the response, adding any checksums that its transport did not compute.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``.
    func completingChecksums(of request: HTTPRequest) async throws -> HTTPResponse {
        var response = self
        if sentChecksum == nil { response.sentChecksum = try await request.body.checksum() }
        if bodyChecksum == nil, stream == nil {
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
    /// CRC-64 of the body, guaranteed to be known after ``completingChecksums(of:)``. The default 0 matches only an
    /// empty body.
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
    /// Returns the CRC-64 of the body.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or `CancellationError`.
    func checksum() async throws -> UInt64 { try await ContentDigest(of: self, md5: false).crc64 }
}

extension Client {
    /// Verifies that the service stored a body correctly, and returns the check that the body passed. If the response
    /// contains no CRC-64, the ETag is compared: it is the MD5 of the bytes unless the service encrypted them.
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
                "the service stored different bytes: ETag \(eTag.onOneLine) instead of MD5 \(md5); upload the file again"
            throw reject(OSSError(.checksumMismatch, problem), operation)
        }
        return .md5
    }
}
