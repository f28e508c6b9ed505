import AliyunOSS
import Foundation
import OSSPrimitives

/// What requests say about the object that they write.
enum ObjectAttributes {
    private static let contentHeaders: Set<String> = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
    ]
    static let maximumMetadataLength = 8 * 1024

    /// The content headers and the user metadata, by lower-case name.
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
        guard metadataLength <= maximumMetadataLength else {
            throw .invalidArgument(
                "The total size of user metadata must not exceed 8 KB.", name: "x-oss-meta-", value: "")
        }
        return found
    }

    /// The storage class, ACL and, if it may, tags that a request sets.
    static func apply(
        _ request: ServiceRequest, to attributes: inout MockObject.Attributes, hasTags: Bool = true
    ) throws(ServiceError) {
        if let storageClass = request.header("x-oss-storage-class") {
            attributes.storageClass = try Service.validStorageClass(storageClass)
        }
        if let acl = request.header("x-oss-object-acl") { attributes.acl = try validACL(acl) }
        if hasTags, let tagging = request.header("x-oss-tagging") {
            attributes.tagging = try TagSet(header: tagging).encoded
        }
    }

    static func validACL(_ acl: String) throws(ServiceError) -> String {
        guard ["default", "private", "public-read", "public-read-write"].contains(acl) else {
            throw .invalidArgument("no such bucket access control exists", name: "x-oss-object-acl", value: acl)
        }
        return acl
    }

    /// The headers that describe an object in the answers to GET and HEAD.
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
        if object.tagCount > 0 { response.add("x-oss-tagging-count", String(object.tagCount)) }
    }

    private static func capitalized(_ name: String) -> String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
    }
}
