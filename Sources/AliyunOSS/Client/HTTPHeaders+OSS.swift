import Foundation
import OSSPrimitives

extension HTTPHeaders {
    /// CRC-64 of the entire object as computed by the service, or `nil` if the response contains none. Objects stored
    /// before the service computed checksums have none.
    var objectChecksum: UInt64? { self["x-oss-hash-crc64ecma"].flatMap(UInt64.init) }

    /// MD5 of the entire object in uppercase hexadecimal, if the ETag is known to be the MD5; otherwise, `nil`.
    var contentMD5: String? {
        guard self["x-oss-object-type"] == "Normal", !isEncrypted, let eTag, Hexadecimal.decode(eTag)?.count == 16
        else {
            return nil
        }
        return eTag.uppercased()
    }

    /// Whether the service encrypted the object. If it did, the ETag may not be the MD5 of the content.
    var isEncrypted: Bool { !(self["x-oss-server-side-encryption"] ?? "").isEmpty }

    /// Range of the bytes in a partial response; `nil` if the header is missing or invalid.
    var contentRange: ContentRange? { self["Content-Range"].flatMap { ContentRange($0) } }

    /// ETag, without the surrounding quotes; `nil` if the header is missing.
    var eTag: String? {
        self["ETag"].map { tag in
            let quote = UInt8(ascii: "\"")
            var bytes = tag.utf8[...]
            // A gateway that changes the encoding of a response makes its ETag weak; the ETag of an object never is.
            if bytes.starts(with: "W/\"".utf8) { bytes = bytes.dropFirst(2) }
            let isQuoted = bytes.first == quote && bytes.dropFirst().last == quote
            return String(Substring(isQuoted ? bytes.dropFirst().dropLast() : bytes))
        }
    }
}

extension HTTPResponse {
    /// Delay that the service asks for before the next request; `nil` if it asks for none.
    var requestedDelay: Duration? {
        if let milliseconds = headers["x-oss-qos-delay-time"].flatMap(Int64.init), milliseconds >= 0 {
            return .milliseconds(milliseconds)
        }
        guard let text = headers["Retry-After"] else { return nil }
        // Limited before the conversion to a duration; the retry policy limits the result.
        if let seconds = Double(text), seconds.isFinite { return .seconds(min(max(seconds, 0), 86_400)) }
        // A date, relative to the clock of the sender.
        guard let moment = HTTPDate.date(from: text), let now = headers["Date"].flatMap(HTTPDate.date(from:)) else {
            return nil
        }
        return .seconds(min(max(moment.timeIntervalSince(now), 0), 86_400))
    }

    /// Returns an error if the bytes sent or stored do not match the length or CRC-64 of the body; otherwise, `nil`.
    func uploadProblem(for operation: Operation) -> OSSError? {
        let length = operation.body.length
        guard sentLength == length else {
            return OSSError(
                .connectionLost, "only \(sentLength) of \(length) bytes had been sent when the response arrived")
        }
        guard operation.checksumIsOfBody, let stored = headers.objectChecksum, let sentChecksum, stored != sentChecksum
        else { return nil }
        return OSSError(
            .checksumMismatch,
            "the service stored different bytes: CRC-64 \(stored) instead of \(sentChecksum)")
    }

    /// Returns the error for a response whose range differs from the requested one.
    func wrongRange(asked: ByteRangeHeader) -> OSSError {
        let got = headers["Content-Range"]?.onOneLine ?? "no Content-Range"
        return foreign(
            "contains a range other than the one requested: requested '\(asked.headerValue)', got '\(got)' with \(bodyLength) "
                + "bytes; try again or, if the problem persists, check any \(Self.between)")
    }
}

extension ObjectAttributes {
    private static let maximumMetadataSize = 8 << 10

    /// Returns the header fields for the attributes.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` for attributes that cannot be stored unchanged: a metadata name
    ///   with invalid characters or the prefix `x-oss-`, or a value that starts or ends with a blank.
    func headers() throws(OSSError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        headers["Content-Type"] = contentType ?? "application/octet-stream"
        headers["Cache-Control"] = cacheControl
        headers["Content-Disposition"] = contentDisposition
        headers["Content-Encoding"] = contentEncoding
        headers["Expires"] = copiedExpires ?? expires.map(HTTPDate.string(from:))
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }) else {
                throw OSSError(
                    .invalidArgument, "the metadata name '\(name.onOneLine)' may contain only letters, digits and '-'")
            }
            // The metadata of an object that is copied was stored by any tool and is not changed.
            if !isCopied { try Self.refuseServiceHeader(name.lowercased()) }
            headers["x-oss-meta-" + name.lowercased()] = value
        }
        let size = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard size <= Self.maximumMetadataSize else {
            throw OSSError(
                .invalidArgument,
                "the names and values of the metadata must not exceed \(Self.maximumMetadataSize) bytes (got \(size))")
        }
        // HTTP removes blanks at the ends of a value, so the stored value would be different.
        if let field = headers.first(where: { $0.value.utf8.first.isBlank || $0.value.utf8.last.isBlank }) {
            throw OSSError(
                .invalidArgument,
                "the value of '\(field.name)' starts or ends with a space or tab, which would be lost; remove it")
        }
        headers["x-oss-storage-class"] = storageClass?.rawValue
        headers["x-oss-object-acl"] = accessControl?.rawValue
        try addProtection(to: &headers)
        if !tags.isEmpty {
            try Self.check(tags: tags)
            headers["x-oss-tagging"] = tags.sorted { $0.key < $1.key }
                .map { PercentEncoding.encode($0.key) + "=" + PercentEncoding.encode($0.value) }
                .joined(separator: "&")
        }
        return headers
    }

    private func addProtection(to headers: inout HTTPHeaders) throws(OSSError) {
        if let encryption {
            guard encryption.algorithm == .kms || encryption.masterKeyID == nil && encryption.dataEncryption == nil
            else {
                throw OSSError(
                    .invalidArgument,
                    "encryption with \(encryption.algorithm) has no masterKeyID or dataEncryption; remove them, or use KMS"
                )
            }
            headers["x-oss-server-side-encryption"] = encryption.algorithm.rawValue
            headers["x-oss-server-side-encryption-key-id"] = encryption.masterKeyID
            headers["x-oss-server-side-data-encryption"] = encryption.dataEncryption?.rawValue
        }
        headers["x-oss-object-worm-mode"] = retention?.mode.rawValue
        headers["x-oss-object-worm-retain-until-date"] = (retention?.retainUntil).map(ISO8601.extended)
        if hasLegalHold { headers["x-oss-object-worm-legal-hold"] = "ON" }
    }

    /// Checks the number and the lengths of an object's tags.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument``.
    static func check(tags: [String: String]) throws(OSSError) {
        guard tags.count <= 10 else {
            throw OSSError(.invalidArgument, "an object can have at most 10 tags (got \(tags.count))")
        }
        for (key, value) in tags {
            guard (1...128).contains(key.utf8.count), value.utf8.count <= 256 else {
                throw OSSError(
                    .invalidArgument,
                    "the key of a tag must have 1 to 128 bytes, and its value at most 256 (got \(key.utf8.count) and "
                        + "\(value.utf8.count) for '\(key.excerpt)')")
            }
        }
    }
}

extension ObjectAttributes {
    /// Rejects a metadata name that is also the name of a service header. Such metadata would be stored without any
    /// effect: a caller that requests encryption would get none.
    private static func refuseServiceHeader(_ name: String) throws(OSSError) {
        guard name.hasPrefix("x-oss-") else { return }
        let advice =
            switch name {
            case "x-oss-storage-class": "set ObjectAttributes.storageClass"
            case "x-oss-object-acl": "set ObjectAttributes.accessControl"
            case "x-oss-tagging": "set ObjectAttributes.tags"
            case _ where name.hasPrefix("x-oss-meta-"): "give the name without 'x-oss-meta-'"
            case _ where name.hasPrefix("x-oss-server-side-encryption"): "set ObjectAttributes.encryption"
            default: "remove it, because the library has no option for it"
            }
        throw OSSError(
            .invalidArgument,
            "'\(name)' is the name of a service header, which has no effect when stored as metadata; \(advice)")
    }

    /// Returns a checksum of the attributes' headers, for detecting changed attributes.
    func checksum() throws(OSSError) -> UInt64 {
        let text = try headers().map { "\($0.name):\($0.value)\n" }.joined()
        return CRC64.checksum(Array(text.utf8))
    }
}

extension UInt8? {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension ObjectMetadata {
    /// Creates the metadata of an object from the response to a GET or HEAD request.
    ///
    /// - Parameter size: Size of the entire object, which a partial response reports in a different header.
    init(_ key: ObjectKey, size: Int64, headers: HTTPHeaders) {
        let prefix = "x-oss-meta-"
        var metadata: [String: String] = [:]
        for field in headers {
            let name = field.name.lowercased()
            if name.hasPrefix(prefix) { metadata[String(name.dropFirst(prefix.count))] = field.value }
        }
        // Requests for the stored bytes override the header with `identity`. No object is stored with this value.
        let encoding = headers["Content-Encoding"]
        self.init(
            key: key, size: size, eTag: headers.eTag ?? "",
            lastModified: headers["Last-Modified"].flatMap(HTTPDate.date(from:)),
            crc64: headers.objectChecksum,
            type: headers["x-oss-object-type"].map(ObjectType.init(rawValue:)),
            contentType: headers["Content-Type"],
            cacheControl: headers["Cache-Control"],
            contentDisposition: headers["Content-Disposition"],
            contentEncoding: encoding == "identity" ? nil : encoding,
            expires: headers["Expires"],
            metadata: metadata,
            tagCount: headers["x-oss-tagging-count"].flatMap(Int.init) ?? 0,
            sealedTime: headers["x-oss-sealed-time"].flatMap(HTTPDate.date(from:)),
            storageClass: headers["x-oss-storage-class"].map(StorageClass.init(rawValue:)),
            encryption: headers["x-oss-server-side-encryption"],
            versionID: headers["x-oss-version-id"],
            requestID: headers["x-oss-request-id"])
        encryptionKeyID = headers["x-oss-server-side-encryption-key-id"]
        dataEncryption = headers["x-oss-server-side-data-encryption"]
        restore = headers["x-oss-restore"].flatMap(RestoreStatus.init(text:))
        if let mode = headers["x-oss-object-worm-mode"],
            let date = headers["x-oss-object-worm-retain-until-date"].flatMap(ISO8601.date(from:))
        {
            retention = ObjectRetention(RetentionMode(rawValue: mode), until: date)
        }
        hasLegalHold = headers["x-oss-object-worm-legal-hold"].map { $0 == "ON" }
        transitionTime = headers["x-oss-transition-time"].flatMap(Date.parsed(xmlText:))
        lastAccessTime = headers["x-oss-last-access-time"].flatMap(Date.parsed(xmlText:))
        expiration = headers["x-oss-expiration"]
        processStatus = headers["x-oss-process-status"]
        isRequesterCharged = headers["x-oss-request-charged"] == "requester"
    }
}

extension ReadConditions {
    /// Adds the header fields for the conditions.
    ///
    /// - Parameter prefix: `x-oss-copy-source-` for conditions on the source of a copy.
    func add(to headers: inout HTTPHeaders, prefix: String = "") {
        headers[prefix + "If-Match"] = ifMatch.map(quoted)
        headers[prefix + "If-None-Match"] = ifNoneMatch.map(quoted)
        headers[prefix + "If-Modified-Since"] = ifModifiedSince.map(HTTPDate.string(from:))
        headers[prefix + "If-Unmodified-Since"] = ifUnmodifiedSince.map(HTTPDate.string(from:))
    }
}

private func quoted(_ eTag: String) -> String {
    eTag.hasPrefix("\"") ? eTag : "\"\(eTag)\""
}
