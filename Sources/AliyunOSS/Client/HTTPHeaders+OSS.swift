import Foundation
import OSSPrimitives

extension HTTPHeaders {
    /// CRC-64 of the whole object, as the service computed it. Objects from before the service had it carry none.
    var objectChecksum: UInt64? { self["x-oss-hash-crc64ecma"].flatMap(UInt64.init) }

    /// The MD5 of the whole object in upper-case hexadecimal, as far as the ETag is known to be that.
    var contentMD5: String? { self["x-oss-object-type"] == "Normal" && !isEncrypted ? eTag?.uppercased() : nil }

    /// Whether the service stores the object encrypted. Then its ETag need not be the MD5 of its bytes.
    var isEncrypted: Bool { !(self["x-oss-server-side-encryption"] ?? "").isEmpty }

    /// The bytes that a response with a range carries.
    var contentRange: ContentRange? { self["Content-Range"].flatMap { ContentRange($0) } }

    /// The entity tag without its quotes.
    var eTag: String? {
        self["ETag"].map { tag in
            // A gateway that changes how a response is encoded makes its tag weak; the object's own is never.
            let tag = tag.hasPrefix("W/\"") ? tag.dropFirst(2) : tag[...]
            return String(
                tag.hasPrefix("\"") && tag.hasSuffix("\"") && tag.count >= 2 ? tag.dropFirst().dropLast() : tag)
        }
    }
}

extension HTTPResponse {
    /// How long the service asks to wait before the next request.
    var requestedDelay: Duration? {
        if let milliseconds = headers["x-oss-qos-delay-time"].flatMap(Int64.init), milliseconds >= 0 {
            return .milliseconds(milliseconds)
        }
        guard let text = headers["Retry-After"] else { return nil }
        // Bounded before it becomes a duration, and by the retry policy after that.
        if let seconds = Double(text), seconds.isFinite { return .seconds(min(max(seconds, 0), 86_400)) }
        // A moment, by the clock of whoever names it.
        guard let moment = HTTPDate.date(from: text), let now = headers["Date"].flatMap(HTTPDate.date(from:)) else {
            return nil
        }
        return .seconds(min(max(moment.timeIntervalSince(now), 0), 86_400))
    }

    /// Why a success must not be believed: the bytes that were sent are not those the service says it has.
    func uploadProblem(for operation: Operation) -> OSSError? {
        let length = operation.body.length
        guard sentLength == length else {
            return OSSError(.connectionLost, "only \(sentLength) of \(length) bytes had been sent when the answer came")
        }
        guard operation.checksumIsOfBody, let stored = headers.objectChecksum, let sentChecksum, stored != sentChecksum
        else { return nil }
        return OSSError(
            .checksumMismatch,
            "the service stored other bytes than were sent: CRC-64 \(stored) there, \(sentChecksum) here")
    }

    /// The error for a range that is not the one that was requested.
    func wrongRange(asked: ByteRangeHeader) -> OSSError {
        let got = headers["Content-Range"]?.onOneLine ?? "no Content-Range"
        return foreign(
            "has another range than was requested: asked for '\(asked.headerValue)', got '\(got)' with \(bodyLength) "
                + "bytes. Try again; if it persists, check any \(Self.between)")
    }
}

extension ObjectAttributes {
    /// The header fields for them.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` for what cannot be stored as it is: a metadata name with
    ///   other characters, or one that begins with `x-oss-`, and a value that begins or ends with a blank.
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
                    .invalidArgument, "metadata name '\(name.onOneLine)' may consist of letters, digits and '-' only")
            }
            // What somebody else has stored is copied as it is.
            if !isCopied { try Self.refuseServiceHeader(name.lowercased()) }
            headers["x-oss-meta-" + name.lowercased()] = value
        }
        // HTTP knows no blanks at the ends of a value: they are lost on the way, and what was stored is not what was given.
        if let field = headers.first(where: { $0.value.utf8.first.isBlank || $0.value.utf8.last.isBlank }) {
            throw OSSError(
                .invalidArgument,
                "the value of '\(field.name)' begins or ends with a blank, which would be lost; remove it")
        }
        headers["x-oss-storage-class"] = storageClass?.rawValue
        headers["x-oss-object-acl"] = accessControl?.rawValue
        if !tags.isEmpty {
            headers["x-oss-tagging"] = tags.sorted { $0.key < $1.key }
                .map { PercentEncoding.encode($0.key) + "=" + PercentEncoding.encode($0.value) }
                .joined(separator: "&")
        }
        return headers
    }
}

extension ObjectAttributes {
    /// Refuses the name of a header of the service's own as a name of metadata: as such it is stored and does nothing, so that
    /// who asks for encryption gets none.
    private static func refuseServiceHeader(_ name: String) throws(OSSError) {
        guard name.hasPrefix("x-oss-") else { return }
        let advice =
            switch name {
            case "x-oss-storage-class": "set ObjectAttributes.storageClass"
            case "x-oss-object-acl": "set ObjectAttributes.accessControl"
            case "x-oss-tagging": "set ObjectAttributes.tags"
            case _ where name.hasPrefix("x-oss-meta-"): "give the name without 'x-oss-meta-'"
            case _ where name.hasPrefix("x-oss-server-side-encryption"): "set the bucket's default encryption"
            default: "there is no option for it"
            }
        throw OSSError(
            .invalidArgument,
            "'\(name)' is a header of the service and would be stored as metadata, without its effect: \(advice)")
    }

    /// A checksum by which it shows whether two sets of attributes are the same.
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
    /// Reads the metadata of an object from the response to a GET or HEAD.
    ///
    /// - Parameter size: the size of the whole object, which a ranged response states elsewhere than a whole one.
    init(_ key: ObjectKey, size: Int64, headers: HTTPHeaders) {
        let prefix = "x-oss-meta-"
        var metadata: [String: String] = [:]
        for field in headers {
            let name = field.name.lowercased()
            if name.hasPrefix(prefix) { metadata[String(name.dropFirst(prefix.count))] = field.value }
        }
        // What reading an object asks for in order to get its stored bytes; nobody stores this value.
        let encoding = headers["Content-Encoding"]
        self.init(
            key: key, size: size, eTag: headers.eTag ?? "",
            lastModified: headers["Last-Modified"].flatMap(HTTPDate.date(from:)),
            checksum: headers.objectChecksum,
            type: headers["x-oss-object-type"],
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
    }
}

extension ReadConditions {
    /// The header fields for these conditions.
    ///
    /// - Parameter prefix: `x-oss-copy-source-` when they are about the source of a copy.
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
