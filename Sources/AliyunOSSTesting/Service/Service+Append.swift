import AliyunOSS
import Foundation
import OSSPrimitives

extension Service {
    func appendObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let position = try Self.position(request)
        // The CRC-64 is ignored: some clients send that of the object, others that of the appended bytes.
        try request.checkMD5(request.body.md5 ?? request.body.bytes.md5)
        while true {
            let old = bucket.version(nil, of: key)
            let attributes = try appended(request, to: old, in: bucket, position: position)
            // If another append came first, check this request again.
            guard let written = try bucket.append(request.body.bytes, to: old, attributes, for: key) else { continue }
            var response = ServiceResponse(headers: [
                ("ETag", "\"\(attributes.eTag)\""), ("x-oss-hash-crc64ecma", String(attributes.checksum)),
                ("x-oss-next-append-position", String(attributes.size)),
            ])
            response.addVersion(of: written)
            return response
        }
    }

    private func appended(
        _ request: ServiceRequest, to old: MockObject?, in bucket: MockBucket, position: Int
    ) throws(ServiceError) -> MockObject.Attributes {
        if position == 0, Self.forbidsOverwrite(request), !bucket.meets(.noObject, Array((request.key ?? "").utf8)) {
            throw .fileAlreadyExists
        }
        if let old, !old.isAppendable { throw .objectNotAppendable }
        if old?.attributes.sealedTime != nil { throw .appendSealedObjectNotAllowed }
        let size = old?.attributes.size ?? 0
        guard position == size else { throw .positionNotEqualToLength(size) }
        guard request.body.bytes.count <= Connection.maximumObjectLength - size else { throw .entityTooLarge }
        var attributes: MockObject.Attributes
        if let old {
            attributes = old.attributes
        } else {
            attributes = MockObject.Attributes(
                size: 0, eTag: "", checksum: 0, lastModified: request.now, type: "Appendable",
                storageClass: bucket.properties.storageClass, headers: try MockObjectAttributes.headers(of: request))
            try MockObjectAttributes.apply(request, to: &attributes, in: bucket, self)
        }
        attributes.size += request.body.bytes.count
        attributes.checksum = CRC64.combine(
            attributes.checksum, request.body.checksum, secondLength: UInt64(request.body.bytes.count))
        attributes.lastModified = Self.wholeSeconds(request.now)
        // The ETag is opaque, because an append does not hash the entire object again.
        attributes.eTag = Hexadecimal.uppercase(MD5.hash(Array("\(attributes.checksum)-\(attributes.size)".utf8)))
        return attributes
    }

    func sealAppendObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let position = try Self.position(request)
        let object = try bucket.update(key) { attributes in
            guard attributes.type == "Appendable" else { throw ServiceError.objectNotAppendable }
            guard position == attributes.size else {
                throw ServiceError.positionNotEqualToLength(attributes.size)
            }
            // Only the first seal sets the time.
            if attributes.sealedTime == nil { attributes.sealedTime = Self.wholeSeconds(request.now) }
        }
        guard let object else { throw ServiceError.noSuchKey(request.key ?? "") }
        var response = ServiceResponse()
        if let date = object.attributes.sealedTime { response.add("x-oss-sealed-time", HTTPDate.string(from: date)) }
        response.addVersion(of: object)
        return response
    }

    private static func position(_ request: ServiceRequest) throws(ServiceError) -> Int {
        let text = request.query["position"] ?? ""
        guard let position = Int(text), position >= 0 else {
            throw .invalidArgument(
                "The position must be an integer that is 0 or greater.", name: "position", value: text)
        }
        return position
    }
}

extension MockObject {
    fileprivate var isAppendable: Bool { attributes.type == "Appendable" && !isDeleteMarker }
}

extension ServiceError {
    fileprivate static let objectNotAppendable = ServiceError(
        status: 409, code: "ObjectNotAppendable", message: "The object is not appendable.", ec: "0026-00000017")

    fileprivate static func positionNotEqualToLength(_ size: Int) -> ServiceError {
        ServiceError(
            status: 409, code: "PositionNotEqualToLength", message: "Position is not equal to file length",
            ec: "0026-00000016", headers: [("x-oss-next-append-position", String(size))])
    }
}
