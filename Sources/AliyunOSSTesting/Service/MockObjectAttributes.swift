import AliyunOSS
import Foundation
import OSSPrimitives

/// Functions that convert between request headers and object attributes.
enum MockObjectAttributes {
    private static let contentHeaders: Set<String> = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
    ]
    /// Prefix of the user metadata that describes client-side encryption.
    static let clientEncryption = "x-oss-meta-client-side-encryption-"
    static let maximumMetadataLength = 8 * 1024

    /// Returns the content headers and user metadata of a request, keyed by lowercase name.
    static func headers(of request: ServiceRequest) throws(ServiceError) -> [String: String] {
        var found: [String: String] = [:]
        var metadataLength = 0
        for field in request.headers {
            let name = field.name.lowercased()
            if name.hasPrefix("x-oss-meta-") {
                metadataLength += name.utf8.count + field.value.utf8.count
                found[name] = found[name].map { $0 + "," + field.value } ?? field.value
            } else if contentHeaders.contains(name), !field.value.utf8.isEmpty {
                found[name] = field.value
            }
        }
        try addPersistentHeaders(of: request, to: &found)
        guard metadataLength <= maximumMetadataLength else {
            throw .invalidArgument(
                "The total size of user metadata must not exceed 8 KB.", name: "x-oss-meta-", value: "")
        }
        return found
    }

    /// Adds the headers listed in the `x-oss-persistent-headers` header, which has the form `name:base64(value),…`.
    /// Responses to reads return them unchanged.
    private static func addPersistentHeaders(
        of request: ServiceRequest, to found: inout [String: String]
    ) throws(ServiceError) {
        guard let list = request.header("x-oss-persistent-headers") else { return }
        for item in list.split(separator: ",") {
            let parts = item.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, parts[0].utf8.allSatisfy({ isNameByte($0) }),
                let value = Data(base64Encoded: parts[1]).flatMap({ String(data: $0, encoding: .utf8) }),
                value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), !reservedHeaders.contains(parts[0].lowercased())
            else {
                throw .invalidArgument(
                    "The persistent headers are invalid.", name: "x-oss-persistent-headers", value: list)
            }
            found[parts[0].lowercased()] = value
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "-")
    }

    /// Headers that the server sets in each response.
    private static let reservedHeaders: Set<String> = [
        "accept-ranges", "connection", "content-length", "content-range", "date", "etag", "last-modified", "server",
        "transfer-encoding",
    ]

    /// Sets the storage class, encryption, ACL and, optionally, tags that a request specifies.
    static func apply(
        _ request: ServiceRequest, to attributes: inout MockObject.Attributes, in bucket: MockBucket,
        _ service: Service, hasTags: Bool = true
    ) throws(ServiceError) {
        if let storageClass = request.header("x-oss-storage-class") {
            attributes.storageClass = try Service.validStorageClass(storageClass)
        }
        attributes.encryption = try Encryption(request, in: bucket)
        if let acl = request.header("x-oss-object-acl") { attributes.acl = try service.objectACL(acl, in: bucket) }
        if hasTags, let tagging = request.header("x-oss-tagging") {
            attributes.tagging = try TagSet(header: tagging).encoded
        }
    }

    /// Adds the headers that describe an object to a response to GET or HEAD.
    static func describe(_ object: MockObject, in response: inout ServiceResponse) {
        let attributes = object.attributes
        if attributes.headers["content-type"] == nil { response.add("Content-Type", "application/octet-stream") }
        for (name, value) in attributes.headers.sorted(by: { $0.key < $1.key }) {
            response.add(name.hasPrefix("x-oss-") ? name : capitalized(name), value)
        }
        response.add("Accept-Ranges", "bytes")
        response.add("ETag", "\"\(attributes.eTag)\"")
        response.add("Last-Modified", HTTPDate.string(from: attributes.lastModified))
        response.add("x-oss-object-type", attributes.type)
        response.add("x-oss-hash-crc64ecma", String(attributes.checksum))
        response.add("x-oss-storage-class", attributes.storageClass)
        if let md5 = attributes.contentMD5 { response.add("Content-MD5", md5) }
        if attributes.type == "Appendable" { response.add("x-oss-next-append-position", String(attributes.size)) }
        if let date = attributes.sealedTime { response.add("x-oss-sealed-time", HTTPDate.string(from: date)) }
        attributes.encryption?.describe(in: &response)
        if object.tagCount > 0 { response.add("x-oss-tagging-count", String(object.tagCount)) }
    }

    private static func capitalized(_ name: String) -> String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
    }
}
