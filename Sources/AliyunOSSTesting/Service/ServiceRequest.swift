import AliyunOSS
import Foundation
import OSSPrimitives

/// A request whose target is understood.
struct ServiceRequest {
    var method: String
    var operation: ServiceOperation
    var bucket: String?
    /// The decoded key; its bytes are never normalised.
    var key: String?
    var query: QueryItems
    var headers: HTTPHeaders
    var authority: String
    var requestID: String
    var now: Date
    /// Whether the bucket stands in the path of the address.
    var isPathStyle = false
    /// The fields, by lower-case name, whose bytes were no UTF-8.
    var latin1Fields: Set<String> = []
    /// The faults that it meets while it is served.
    var faults: ServingFaults?
    /// Set when the body has been read.
    var body = ReceivedBody.empty

    /// The header fields in the order received.
    var fields: [(name: String, value: String)] { Array(headers) }

    /// The address of the object that it names, as the request itself was addressed.
    var location: String {
        let root = isPathStyle ? "\(authority)/\(bucket ?? "")" : authority
        return "http://\(root)/\(PercentEncoding.encodePath(key ?? ""))"
    }

    /// The first value of a header, `nil` when it is missing or empty.
    func header(_ name: String) -> String? {
        guard let value = headers[name], !value.utf8.isEmpty else { return nil }
        return value
    }
}

/// A request body.
struct ReceivedBody {
    var bytes: ObjectBytes
    var md5: [UInt8]
    var checksum: UInt64
    /// What came with the bytes when they are the file of a form.
    var form: Result<FormFields, ServiceError>?

    static let empty = ReceivedBody(bytes: .empty, md5: [], checksum: 0)
}

/// The decoded query, in the order received.
struct QueryItems {
    var items: [(name: String, value: String?)] = []

    init() {}

    /// Decodes a raw query; `nil` when an escape is bad or the text is not UTF-8.
    ///
    /// A `+` is a space here, as in a form: `oss2` writes it so (with `requests`) and signs `%20`. In a path it is a `+`.
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

    /// The names as they stand for sub-resources. The service takes `metaQuery` in any case, and Python's client sends
    /// `MetaQuery`.
    var resources: some Sequence<String> {
        items.lazy.map { $0.name.lowercased() == "metaquery" ? "metaQuery" : $0.name }
    }

    func contains(_ name: String) -> Bool {
        items.contains { $0.name == name }
    }

    /// The first value; empty when the parameter stands alone, `nil` when it is missing.
    subscript(name: String) -> String? {
        items.first { $0.name == name }.map { $0.value ?? "" }
    }
}

/// Text from percent-encoded bytes; `+` stays `+`.
func percentDecoded(_ bytes: some Collection<UInt8>) -> String? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index != bytes.endIndex {
        let byte = bytes[index]
        index = bytes.index(after: index)
        guard byte == UInt8(ascii: "%") else {
            decoded.append(byte)
            continue
        }
        guard index != bytes.endIndex, let high = hexDigit(bytes[index]) else { return nil }
        index = bytes.index(after: index)
        guard index != bytes.endIndex, let low = hexDigit(bytes[index]) else { return nil }
        index = bytes.index(after: index)
        decoded.append(high << 4 | low)
    }
    return String(validating: decoded, as: UTF8.self)
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}
