import AliyunOSS
import Foundation
import OSSPrimitives

extension Service {
    func copyObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let source = try openCopySource(request)
        let (object, bytes) = (source.object, source.bytes)
        let conditions = Conditions(request, prefix: "x-oss-copy-source-")
        if let response = try Self.conditionalResponse(conditions, object) { return response }

        if object.attributes.type == "Appendable", source.bucket.properties.versioning != nil {
            throw ServiceError.operationNotSupported("Appendable objects of a bucket with versions cannot be copied.")
        }

        // Copying an object onto itself in a bucket without versioning only updates its attributes.
        let isUpdate = source.bucket === bucket && bucket.properties.versioning == nil && source.key == key
        var attributes = object.attributes
        attributes.lastModified = Self.wholeSeconds(request.now)
        // The ACL is never inherited. A copy is a normal object whatever the type of its source, except for symlinks.
        attributes.acl = "default"
        if !isUpdate {
            attributes.type = attributes.symlinkTarget == nil ? "Normal" : "Symlink"
            attributes.sealedTime = nil
        }
        attributes.restore = nil
        attributes.retention = nil
        attributes.legalHold = nil
        attributes.storageClass = bucket.properties.storageClass
        if try Self.replaces(request, "x-oss-metadata-directive") {
            attributes.headers = Self.replacing(attributes.headers, by: try MockObjectAttributes.headers(of: request))
        }
        let replacesTags = try Self.replaces(request, "x-oss-tagging-directive")
        if replacesTags { attributes.tagging = "" }
        try MockObjectAttributes.apply(request, to: &attributes, in: bucket, self, hasTags: replacesTags)
        let isLink = attributes.symlinkTarget != nil
        if !isLink, !isUpdate {
            // A source from a multipart upload may already have an MD5, although its ETag is not one.
            let known = attributes.contentMD5.flatMap { Data(base64Encoded: $0) }.map(Array.init)
            let digest = known ?? (computesMD5 ? bytes.md5 : nil)
            attributes.eTag = ReceivedBody.eTag(md5: digest, checksum: attributes.checksum, size: attributes.size)
            attributes.contentMD5 = digest.map { Data($0).base64EncodedString() }
        }
        let written = try Self.write(isLink ? nil : bytes, attributes, for: key, in: bucket, request)
        var xml = XMLWriter(root: "CopyObjectResult")
        xml.element("ETag", "\"\(attributes.eTag)\"")
        xml.element("LastModified", ISO8601.extended(attributes.lastModified))
        var response = ServiceResponse(xml: xml.finish())
        response.add("ETag", "\"\(attributes.eTag)\"")
        response.add("x-oss-hash-crc64ecma", String(attributes.checksum))
        response.addVersion(of: written)
        if source.bucket.properties.versioning != nil {
            response.add("x-oss-copy-source-version-id", object.versionID)
        }
        return response
    }

    /// Opens the object that `x-oss-copy-source` names.
    ///
    /// - Parameter selection: Required range; bytes outside it may be missing.
    func openCopySource(
        _ request: ServiceRequest, reading selection: MockBucket.Selection = { 0..<$0.attributes.size }
    ) throws -> (bucket: MockBucket, key: [UInt8], object: MockObject, bytes: ObjectBytes) {
        let source = try copySource(request)
        guard let bucket = store.bucket(source.bucket) else { throw ServiceError.noSuchBucket(source.bucket) }
        let key = String(decoding: source.key, as: UTF8.self)
        guard let found = try bucket.open(version: source.version, of: source.key, reading: selection)
        else {
            if let version = source.version { throw ServiceError.noSuchVersion(key, version) }
            throw ServiceError.noSuchKey(key)
        }
        if found.object.isDeleteMarker { throw ServiceError.deleted(key, by: found.object) }
        try Self.checkReadable(found.object, now: request.now, ec: "0016-00000330")
        return (bucket, source.key, found.object, found.bytes)
    }

    /// Parses the `x-oss-copy-source` header, which has the form `/bucket/key?versionId=id`.
    private func copySource(
        _ request: ServiceRequest
    ) throws(ServiceError) -> (bucket: String, key: [UInt8], version: String?) {
        let header = request.header("x-oss-copy-source") ?? ""
        var path = header[...]
        var version: String?
        // A question mark in the key is encoded, so the first one starts the version ID.
        if let question = path.range(of: "?versionId=") {
            let id = String(path[question.upperBound...])
            version = try Self.validVersionID(PercentEncoding.decode(id) ?? id)
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
        return (String(parts[0]), try Self.validKey(key), version)
    }

    /// Returns the headers of a copy for a request that replaces the source's headers. The source's content type and
    /// client-side encryption are preserved, because the content is unreadable without them.
    private static func replacing(_ old: [String: String], by new: [String: String]) -> [String: String] {
        old.filter { $0.key == "content-type" || $0.key.hasPrefix(MockObjectAttributes.clientEncryption) }
            .merging(new) { $1 }
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
