import AliyunOSS
import Foundation
import OSSPrimitives

extension Service {
    func copyObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let source = try copySource(request)
        guard let sourceBucket = store.bucket(source.bucket) else { throw ServiceError.noSuchBucket(source.bucket) }
        guard let (object, bytes) = try sourceBucket.open(source.key) else {
            throw ServiceError.noSuchKey(String(decoding: source.key, as: UTF8.self))
        }
        let conditions = Conditions(request, prefix: "x-oss-copy-source-")
        if let answer = try Self.conditionalAnswer(conditions, object, now: request.now) { return answer }

        var attributes = object.attributes
        attributes.lastModified = Self.wholeSeconds(request.now)
        // The ACL is never inherited, and a copy is one piece whatever its source was made of.
        attributes.acl = "default"
        attributes.type = "Normal"
        attributes.storageClass = bucket.properties.storageClass
        if try Self.replaces(request, "x-oss-metadata-directive") {
            attributes.headers = try ObjectAttributes.headers(of: request)
        }
        let tagging = attributes.tagging
        try ObjectAttributes.apply(request, to: &attributes)
        if try !Self.replaces(request, "x-oss-tagging-directive") {
            attributes.tagging = tagging
        } else if request.header("x-oss-tagging") == nil {
            attributes.tagging = ""
        }
        if attributes.contentMD5 == nil {
            var hash = MD5()
            bytes.withPieces(in: 0..<bytes.count) { hash.update($0) }
            let digest = hash.finalize()
            attributes.eTag = Hexadecimal.uppercase(digest)
            attributes.contentMD5 = Data(digest).base64EncodedString()
        }
        let written = try Self.write(bytes, attributes, for: key, in: bucket, request)
        var xml = XMLWriter(root: "CopyObjectResult")
        xml.element("ETag", "\"\(attributes.eTag)\"")
        xml.element("LastModified", ISO8601.extended(attributes.lastModified))
        var response = ServiceResponse(xml: xml.finish())
        response.add("ETag", "\"\(attributes.eTag)\"")
        response.add("x-oss-hash-crc64ecma", String(attributes.checksum))
        response.addVersion(of: written)
        return response
    }

    /// The bucket and key of `x-oss-copy-source: /bucket/key?versionId=id`.
    func copySource(_ request: ServiceRequest) throws(ServiceError) -> (bucket: String, key: [UInt8]) {
        let header = request.header("x-oss-copy-source") ?? ""
        var path = header[...]
        // A question mark of the key is encoded, so the first one begins the version.
        if let question = path.range(of: "?versionId=") {
            let version = path[question.upperBound...]
            guard version == "null" else {
                throw ServiceError(
                    status: 404, code: "NoSuchVersion", message: "The specified version does not exist.",
                    ec: "0026-00000005", details: [("VersionId", String(version))])
            }
            path = path[..<question.lowerBound]
        }
        let parts = path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard path.hasPrefix("/"), parts.count == 2, !parts[0].isEmpty, !parts[1].utf8.isEmpty,
            let key = percentDecoded(parts[1].utf8)
        else {
            throw .invalidArgument(
                "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey.",
                name: "x-oss-copy-source", value: header)
        }
        return (String(parts[0]), try Self.validKey(key))
    }

    private static func replaces(_ request: ServiceRequest, _ name: String) throws(ServiceError) -> Bool {
        guard let directive = request.header(name) else { return false }
        switch directive.lowercased() {
        case "copy": return false
        case "replace": return true
        default: throw .invalidArgument("Unknown directive.", name: name, value: directive)
        }
    }
}
