import Foundation
import OSSPrimitives

/// Checks that a response comes from OSS and answers its request, before anything in it is believed.
///
/// A captive portal, a proxy, a load balancer or a misdirected name answers `200 OK` as readily as the service does. Without
/// these checks its page counts as a stored object, and a record of that keeps the file from ever being sent.
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
        // A cache may ignore the condition and send the version it has.
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
    /// A foreign server knows nothing about an object or a condition: its 404 is no missing object, its 412 no changed one.
    ///
    /// - Parameter response: The error document, which may have the request ID that the headers lack.
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

    /// Whether the page says that the request should have been encrypted, as those of nginx, Apache and Go do.
    private var isAboutEncryption: Bool {
        let text = String(decoding: body.prefix(4096), as: UTF8.self).lowercased()
        return text.contains("https") || text.contains("ssl")
    }

    /// The error for a response that OSS did not send, or that was changed on the way.
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
    /// The statuses of a success. The service uses no others for what the library sends; another one belongs to another
    /// request, or to another server.
    var successStatuses: [Int] {
        switch method {
        case .delete: [204]
        case .get where headers["Range"] != nil: [200, 206]
        default: [200]
        }
    }

    /// Accepts a success only when its document has this root, and names the key of the operation where it names one. The
    /// service may send the status 200 first and fail after it: then the document is an error.
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
    /// The reason why a document does not belong to the request, if it repeats a value of the request and that is another.
    ///
    /// On a connection that has lost its place, the response to one request is read as the response to the next.
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

// MARK: Checksums that a transport leaves out

extension HTTPResponse {
    /// The response with every checksum that its transport did not compute.
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
    /// The checksum of the body, which ``completingChecksums(of:)`` has seen to: a response of the client has one. Without
    /// one no comparison with a stated checksum succeeds, but that of an empty body.
    var receivedChecksum: UInt64 { bodyChecksum ?? 0 }
}

extension HTTPPartialResponse {
    /// The partial response with its checksum, or `nil` when that cannot be computed: then nothing of it can be used.
    func completingChecksum(of request: HTTPRequest) async -> HTTPPartialResponse? {
        guard bodyChecksum == nil else { return self }
        guard case .file(let file, let offset, status) = request.destination else { return nil }
        var partial = self
        partial.bodyChecksum = try? await HTTPBody.file(FileSlice(file, offset: offset, length: bodyLength)).checksum()
        return partial.bodyChecksum == nil ? nil : partial
    }
}

extension HTTPBody {
    /// CRC-64 of the bytes.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/fileSystem``, or `CancellationError`.
    func checksum() async throws -> UInt64 { try await ContentDigest(of: self, md5: false).crc64 }
}

extension Client {
    /// The comparison that a body has passed which one request stored, as an object or as a part. Without a CRC-64 in the
    /// response the ETag is compared, which is the MD5 of the bytes unless the service encrypted them.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/checksumMismatch`` when the service stored something else.
    @discardableResult
    func compare(_ body: HTTPBody, stored response: HTTPResponse, _ operation: Operation) async throws -> Integrity {
        // The CRC-64 has been compared when the response came.
        guard response.headers.objectChecksum == nil else { return .checksum }
        guard !response.headers.isEncrypted else { return .lengthOnly }
        let (md5, eTag) = (try await ContentDigest(of: body).md5, response.headers.eTag ?? "")
        guard md5 == eTag.uppercased() else {
            let problem =
                "the service stored other bytes than were sent: ETag \(eTag.onOneLine) there, MD5 \(md5) here. Upload it again"
            throw reject(OSSError(.checksumMismatch, problem), operation)
        }
        return .md5
    }
}
