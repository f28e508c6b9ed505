import AliyunOSS
import Foundation
import OSSPrimitives

extension Service {
    func appendObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        try Self.checkAppendedDigest(request)
        guard let position = request.query["position"].flatMap(Int.init), position >= 0 else {
            throw ServiceError.invalidArgument(
                "The position must be an integer of 0 or more.", name: "position",
                value: request.query["position"] ?? "")
        }
        while true {
            let old = try bucket.open(version: nil, of: key)
            let attributes = try appended(request, to: old?.object, in: bucket, position: position)
            let added = request.body.bytes
            let bytes = old?.bytes.appending(added) ?? added
            // Another append may have come between: then this one is judged anew.
            let written = try bucket.put(bytes, attributes, for: key, expecting: .newest(old?.object))
            guard let written else { continue }
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
        guard old == nil || old?.attributes.type == "Appendable" else {
            throw ServiceError(
                status: 409, code: "ObjectNotAppendable", message: "The object is not appendable.",
                ec: "0026-00000017")
        }
        let size = old?.attributes.size ?? 0
        guard position == size else {
            throw ServiceError(
                status: 409, code: "PositionNotEqualToLength", message: "Position is not equal to file length",
                ec: "0026-00000016", headers: [("x-oss-next-append-position", String(size))])
        }
        var attributes: MockObject.Attributes
        if let old {
            attributes = old.attributes
        } else {
            attributes = MockObject.Attributes(
                size: 0, eTag: "", checksum: 0, lastModified: request.now, type: "Appendable",
                storageClass: bucket.properties.storageClass, headers: try ObjectAttributes.headers(of: request))
            try ObjectAttributes.apply(request, to: &attributes)
        }
        attributes.size += request.body.bytes.count
        attributes.checksum = CRC64.combine(
            attributes.checksum, request.body.checksum, secondLength: UInt64(request.body.bytes.count))
        attributes.lastModified = Self.wholeSeconds(request.now)
        // Opaque: an append does not digest the whole object again.
        attributes.eTag = Hexadecimal.uppercase(MD5.hash(Array("\(attributes.checksum)-\(attributes.size)".utf8)))
        return attributes
    }

    /// A checksum in the request is of the whole object in some clients and of the piece in others; only MD5 is clear.
    private static func checkAppendedDigest(_ request: ServiceRequest) throws(ServiceError) {
        guard let given = request.header("Content-MD5") else { return }
        guard Data(base64Encoded: given).map({ Array($0) == request.body.md5 }) ?? false else { throw .invalidDigest }
    }
}
