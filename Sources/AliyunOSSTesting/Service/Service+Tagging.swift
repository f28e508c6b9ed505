import OSSPrimitives

extension Service {
    func putObjectTagging(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        let tags = try TagSet(document: try Self.document(request, root: "Tagging"))
        return try update(request) { $0.tagging = tags.encoded }
    }

    func objectTagging(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let object = try object(request, in: bucket)
        var xml = XMLWriter(root: "Tagging")
        xml.element("TagSet") { xml in
            for tag in TagSet(encoded: object.attributes.tagging).tags {
                xml.element("Tag") { xml in
                    xml.element("Key", tag.key)
                    xml.element("Value", tag.value)
                }
            }
        }
        var response = ServiceResponse(xml: xml.finish())
        response.addVersion(of: object, in: bucket)
        return response
    }

    func deleteObjectTagging(_ request: ServiceRequest) throws -> ServiceResponse {
        var response = try update(request) { $0.tagging = "" }
        response.status = 204
        return response
    }
}

/// The validated tags of an object.
struct TagSet {
    private static let maximumCount = 10
    private static let maximumKeyLength = 128
    private static let maximumValueLength = 256

    private(set) var tags: [(key: String, value: String)] = []

    /// Parses the `x-oss-tagging` header, which has the form `key=value&key`, where keys and values are
    /// percent-encoded.
    init(header: String) throws(ServiceError) {
        var found: [(key: String, value: String)] = []
        for pair in header.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count <= 2, let key = parts.first.flatMap({ PercentEncoding.decode(String($0)) }),
                let value = parts.count == 2 ? PercentEncoding.decode(String(parts[1])) : ""
            else { throw .invalidTag }
            found.append((key, value))
        }
        try self.init(found)
    }

    /// Parses the body of PutObjectTagging.
    init(document: XMLTree) throws(ServiceError) {
        guard let set = document["TagSet"] else { throw .malformedXML }
        var found: [(key: String, value: String)] = []
        for tag in set.all("Tag") {
            guard let key = tag["Key"]?.text else { throw .malformedXML }
            found.append((key, tag["Value"]?.text ?? ""))
        }
        try self.init(found)
    }

    /// Parses tags from text that ``encoded`` returned.
    init(encoded: String) {
        tags = encoded.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            return (
                PercentEncoding.decode(parts[0]) ?? "", PercentEncoding.decode(parts.count > 1 ? parts[1] : "") ?? ""
            )
        }
    }

    private init(_ found: [(key: String, value: String)]) throws(ServiceError) {
        guard found.count <= Self.maximumCount else { throw .tooManyTags }
        var keys: Set<String> = []
        for tag in found {
            guard (1...Self.maximumKeyLength).contains(tag.key.utf8.count), Self.isAllowed(tag.key) else {
                throw .invalidTaggingKey(tag.key)
            }
            guard tag.value.utf8.count <= Self.maximumValueLength, Self.isAllowed(tag.value) else { throw .invalidTag }
            guard keys.insert(tag.key).inserted else { throw .repeatedTags(tag.key) }
        }
        tags = found
    }

    /// The tags as text, in the form that is stored with an object.
    var encoded: String {
        tags.map { "\(PercentEncoding.encode($0.key))=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
    }

    /// Returns whether the text contains only permitted punctuation, and letters and digits of any script.
    static func isAllowed(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || " +-=._:/".unicodeScalars.contains(scalar)
        }
    }
}
