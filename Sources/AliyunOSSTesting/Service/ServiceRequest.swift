import AliyunOSS
import Foundation
import OSSPrimitives

/// A request with a parsed target.
struct ServiceRequest {
    var method: String
    var operation: ServiceOperation
    var bucket: String?
    /// Key of the object, decoded but never normalized; `nil` for a request to a bucket or to the service.
    var key: String?
    var query: QueryItems
    var headers: HTTPHeaders
    var authority: String
    var requestID: String
    var now: Date
    /// Whether the path contains the bucket name.
    var isPathStyle = false
    /// Lowercase names of the header fields whose values are not valid UTF-8.
    var latin1Fields: Set<String> = []
    /// Faults that apply while the request is being served.
    var faults: ServingFaults?
    /// Body of the request; empty until it has been read.
    var body = ReceivedBody.empty

    /// Header fields in the order received.
    var fields: [(name: String, value: String)] { Array(headers) }

    /// URL of the object in the addressing style of the request.
    var location: String {
        let root = isPathStyle ? "\(authority)/\(bucket ?? "")" : authority
        return "http://\(root)/\(PercentEncoding.encodePath(key ?? ""))"
    }

    /// Returns the first value of a header, or `nil` if it is missing or empty.
    func header(_ name: String) -> String? {
        guard let value = headers[name], !value.utf8.isEmpty else { return nil }
        return value
    }
}

extension ServiceRequest {
    /// Throws `InvalidDigest` if the request's `Content-MD5` differs from the given digest.
    func checkMD5(_ digest: @autoclosure () -> [UInt8]) throws(ServiceError) {
        guard let given = header("Content-MD5") else { return }
        guard Data(base64Encoded: given).map(Array.init) == digest() else { throw .invalidDigest }
    }
}

/// A received request body.
struct ReceivedBody {
    var bytes: ObjectBytes
    /// MD5 of the bytes, or `nil` if it was not computed while they arrived.
    var md5: [UInt8]?
    var checksum: UInt64
    /// Form fields, or the error if the form is invalid; `nil` if the body is not a form.
    var form: Result<FormFields, ServiceError>?

    static let empty = ReceivedBody(bytes: .empty, checksum: 0)

    /// ETag of an object or a part with this content.
    var eTag: String { Self.eTag(md5: md5, checksum: checksum, size: bytes.count) }

    var contentMD5: String? { md5.map { Data($0).base64EncodedString() } }

    /// Returns the MD5, or without one a text that clients do not take for an MD5, because it has the form of the ETag of
    /// a multipart upload.
    static func eTag(md5: [UInt8]?, checksum: UInt64, size: Int) -> String {
        if let md5 { return Hexadecimal.uppercase(md5) }
        let bytes = withUnsafeBytes(of: (checksum.bigEndian, UInt64(size).bigEndian), Array.init)
        return Hexadecimal.uppercase(bytes) + "-1"
    }
}

/// The decoded query items in the order received.
struct QueryItems {
    var items: [(name: String, value: String?)] = []

    init() {}

    /// Decodes a query, or returns `nil` if an escape is invalid or the decoded bytes are not valid UTF-8.
    ///
    /// In a query, `+` stands for a space, as in forms: `oss2` (with `requests`) sends spaces as `+` and signs them as
    /// `%20`. In a path, `+` stands for itself.
    init?(_ raw: [UInt8]) {
        let raw = raw.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        for item in raw.split(separator: UInt8(ascii: "&")) {
            let equals = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
            guard let name = percentDecoded(item[..<equals]) else { return nil }
            if equals == item.endIndex {
                items.append((name, nil))
            } else {
                guard let value = percentDecoded(item[(equals + 1)...]) else { return nil }
                items.append((name, value))
            }
        }
    }

    /// Names of the parameters, for use as subresource names. The service accepts `metaQuery` in any case, and the
    /// Python client sends `MetaQuery`.
    var resources: some Sequence<String> {
        items.lazy.map { $0.name.lowercased() == "metaquery" ? "metaQuery" : $0.name }
    }

    func contains(_ name: String) -> Bool {
        items.contains { $0.name == name }
    }

    /// Returns the first value of a parameter, or `nil` if the parameter is missing. The value is empty if the
    /// parameter has none.
    subscript(name: String) -> String? {
        items.first { $0.name == name }.map { $0.value ?? "" }
    }
}

/// Decodes percent-encoded text, or returns `nil` if an escape is invalid or the decoded bytes are not valid UTF-8. A
/// `+` is left unchanged.
func percentDecoded(_ bytes: some Collection<UInt8>) -> String? {
    PercentEncoding.decodeBytes(bytes).flatMap { String(validating: $0, as: UTF8.self) }
}
