/// The signed parts of a request, without percent-encoding.
///
/// The bucket is signed regardless of the addressing style, so that a signature is valid for all styles.
package struct SignableRequest: Sendable {
    package var method: HTTPMethod
    package var bucket: String?
    package var key: String?
    /// Query parameters in the order in which they appear in the URL. A parameter without a value is a bare name:
    /// `?acl`.
    package var query: [(name: String, value: String?)]
    package var headers: HTTPHeaders

    package init(
        method: HTTPMethod, bucket: String? = nil, key: String? = nil, query: [(name: String, value: String?)] = [],
        headers: HTTPHeaders = [:]
    ) {
        self.method = method
        self.bucket = bucket
        self.key = key
        self.query = query
        self.headers = headers
    }
}

extension SignableRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The request's method and resource. Values of headers and of the query are omitted, because they include tokens
    /// and signatures.
    package var description: String { "\(method.rawValue) /\(bucket ?? "")/\(key ?? "")" }

    package var debugDescription: String { description }

    package var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "method": method.rawValue, "bucket": bucket ?? "", "key": key ?? "",
                "query": query.map(\.name).joined(separator: " "),
                "headers": headers.map(\.name).joined(separator: " "),
            ])
    }
}

/// Functions that build the canonical form of signed headers. It consists of `name:value` lines sorted by lowercase
/// name, with trimmed values and with the values of repeated names joined by commas.
enum CanonicalHeaders {
    /// Appends a line for each signed header.
    static func append(
        _ headers: HTTPHeaders, to bytes: inout [UInt8], where isSigned: (_ lowercaseName: [UInt8]) -> Bool
    ) {
        var lines: [(name: [UInt8], value: ArraySlice<UInt8>)] = []
        for (name, value) in headers {
            let name = lowercase(name)
            guard isSigned(name) else { continue }
            let value = trimmed(Array(value.utf8)[...])
            // For few headers a search is cheaper than a dictionary, and preserves the order of values.
            if let index = lines.firstIndex(where: { $0.name == name }) {
                lines[index].value += [UInt8(ascii: ",")] + value
            } else {
                lines.append((name, value))
            }
        }
        lines.sort { $0.name.lexicographicallyPrecedes($1.name) }
        for line in lines {
            bytes += line.name
            bytes.append(UInt8(ascii: ":"))
            bytes += line.value
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// Returns the bytes of a name, with ASCII letters converted to lowercase.
    static func lowercase(_ name: String) -> [UInt8] {
        name.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let first = value.firstIndex(where: { !isBlank($0) }), let last = value.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return value[first...last]
    }
}
