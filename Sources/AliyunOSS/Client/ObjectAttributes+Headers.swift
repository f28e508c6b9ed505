import Foundation
import OSSPrimitives

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
