/// The signed parts of a request, without percent-encoding. A ``RequestSigner`` receives them.
///
/// The bucket is signed regardless of the addressing style, so that a signature is valid for all styles.
public struct SignableRequest: Sendable {
    /// Method of the request.
    public var method: HTTPMethod
    /// Name of the bucket; `nil` for a request to the service.
    public var bucket: String?
    /// Key of the object; `nil` for a request to a bucket or to the service.
    public var key: String?
    /// Query parameters in the order in which they appear in the URL. A parameter without a value is a bare name:
    /// `?acl`.
    public var query: [(name: String, value: String?)]
    /// Header fields of the request.
    public var headers: HTTPHeaders
    /// Resource that is signed instead of the bucket and the key, starting with `/`; `nil` for a bucket of OSS.
    public var resource: String?
    /// Product that V4 signs; `nil` for that of the signer, which is `oss` for most endpoints.
    public var product: String?

    /// Creates a description of a request.
    public init(
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

extension SignableRequest: Codable {
    private enum CodingKeys: CodingKey { case method, bucket, key, query, headers, resource, product }

    /// A query parameter or a header field. Both are lists, because names can repeat.
    private struct Field: Codable {
        var name: String
        var value: String?
    }

    /// Creates a description of a request that another process encoded.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            method: try values.decode(HTTPMethod.self, forKey: .method),
            bucket: try values.decodeIfPresent(String.self, forKey: .bucket),
            key: try values.decodeIfPresent(String.self, forKey: .key),
            query: try values.decode([Field].self, forKey: .query).map { ($0.name, $0.value) })
        for field in try values.decode([Field].self, forKey: .headers) { headers.add(field.name, field.value ?? "") }
        resource = try values.decodeIfPresent(String.self, forKey: .resource)
        product = try values.decodeIfPresent(String.self, forKey: .product)
    }

    /// Encodes the description, for a signer in another process.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(method, forKey: .method)
        try values.encodeIfPresent(bucket, forKey: .bucket)
        try values.encodeIfPresent(key, forKey: .key)
        try values.encode(query.map { Field(name: $0.name, value: $0.value) }, forKey: .query)
        try values.encode(headers.map { Field(name: $0.name, value: $0.value) }, forKey: .headers)
        try values.encodeIfPresent(resource, forKey: .resource)
        try values.encodeIfPresent(product, forKey: .product)
    }
}

extension SignableRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The request's method and resource. Values of headers and of the query are omitted, because they include tokens
    /// and signatures.
    public var description: String { "\(method.rawValue) \(resource ?? "/\(bucket ?? "")/\(key ?? "")")" }

    /// The same text as ``description``.
    public var debugDescription: String { description }

    /// A mirror without the values of headers and of the query.
    public var customMirror: Mirror {
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
    static func append(_ headers: HTTPHeaders, to bytes: inout [UInt8], where isSigned: (_ name: String) -> Bool) {
        var fields: [HTTPHeaders.Element] = []
        fields.reserveCapacity(headers.count)
        for field in headers where isSigned(field.name) {
            // There are few fields, and they are almost in order. Fields with the same name keep their order.
            var index = fields.endIndex
            while index > 0, field.name.precedesIgnoringASCIICase(fields[index - 1].name) { index -= 1 }
            fields.insert(field, at: index)
        }
        for (index, field) in fields.enumerated() {
            if index > 0, field.name.equalsIgnoringASCIICase(fields[index - 1].name) {
                bytes[bytes.endIndex - 1] = UInt8(ascii: ",")
            } else {
                for byte in field.name.utf8 { bytes.append(byte.asciiLowercased) }
                bytes.append(UInt8(ascii: ":"))
            }
            bytes += field.value.trimmingBlanks.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}
