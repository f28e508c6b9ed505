import Foundation
import OSSPrimitives

extension Service {
    func putSymlink(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let target = request.header("x-oss-symlink-target") ?? ""
        // The target need not exist: it is not checked until a read follows the link.
        guard let targetKey = PercentEncoding.decode(target), !targetKey.utf8.isEmpty else {
            throw ServiceError.invalidArgument(
                "The symlink target is invalid.", name: "x-oss-symlink-target", value: target)
        }
        _ = try Self.validKey(targetKey)
        var attributes = MockObject.Attributes(
            size: 0, eTag: Hexadecimal.uppercase(MD5.hash(Array(targetKey.utf8))), checksum: 0,
            lastModified: Self.wholeSeconds(request.now), type: "Symlink",
            storageClass: bucket.properties.storageClass, headers: try MockObjectAttributes.headers(of: request),
            symlinkTarget: target)
        try MockObjectAttributes.apply(request, to: &attributes, in: bucket, self)
        let object = try Self.write(nil, attributes, for: key, in: bucket, request)
        var response = ServiceResponse(headers: [("ETag", "\"\(attributes.eTag)\"")])
        response.addVersion(of: object)
        return response
    }

    func symlink(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let object = try object(request, in: bucket)
        guard let target = object.attributes.symlinkTarget else { throw ServiceError.notSymlink }
        var response = ServiceResponse(headers: [
            ("x-oss-symlink-target", target), ("ETag", "\"\(object.attributes.eTag)\""),
            ("Last-Modified", HTTPDate.string(from: object.attributes.lastModified)),
        ])
        for (name, value) in object.attributes.headers where name.hasPrefix("x-oss-meta-") { response.add(name, value) }
        response.addVersion(of: object, in: bucket)
        return response
    }

    /// Follows a symlink and returns the content of its target, with some attributes of the symlink.
    func follow(
        _ target: String, of link: MockObject, in bucket: MockBucket, reading selection: MockBucket.Selection
    ) throws -> (object: MockObject, bytes: ObjectBytes) {
        let key = PercentEncoding.decode(target) ?? target
        guard let (object, bytes) = try bucket.open(Array(key.utf8), reading: selection) else {
            throw ServiceError.symlinkTargetNotExist(key)
        }
        guard object.attributes.symlinkTarget == nil else { throw ServiceError.invalidTargetType }
        var attributes = object.attributes
        attributes.type = "Symlink"
        attributes.versionID = link.attributes.versionID
        attributes.tagging = link.attributes.tagging
        attributes.headers = attributes.headers.filter { !$0.key.hasPrefix("x-oss-meta-") }
        for (name, value) in link.attributes.headers where name.hasPrefix("x-oss-meta-") {
            attributes.headers[name] = value
        }
        return (MockObject(attributes: attributes, content: object.content), bytes)
    }
}
