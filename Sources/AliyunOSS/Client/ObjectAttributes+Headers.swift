import Foundation
import OSSPrimitives

extension ObjectAttributes {
    /// The header fields for them.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` for a metadata name that cannot be stored.
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
            headers["x-oss-meta-" + name.lowercased()] = value
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
    /// A checksum by which it shows whether two sets of attributes are the same.
    func checksum() throws(OSSError) -> UInt64 {
        let text = try headers().map { "\($0.name):\($0.value)\n" }.joined()
        return CRC64.checksum(Array(text.utf8))
    }
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
