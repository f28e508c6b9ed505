import Foundation
import OSSPrimitives

/// Which version of an object a request means.
extension Service {
    /// The id that a request names; `nil` when it means the current version.
    static func versionID(_ request: ServiceRequest) throws(ServiceError) -> String? {
        guard let id = request.query["versionId"] else { return nil }
        return try validVersionID(id)
    }

    static func validVersionID(_ id: String, name: String = "versionId") throws(ServiceError) -> String {
        if id.utf8.isEmpty {
            throw .invalidArgument("Version id can not be the empty string.", name: name, value: id)
        }
        guard id == "null" || VersionID.sequence(of: id) != nil else {
            throw .invalidArgument("Invalid version id specified.", name: name, value: id)
        }
        return id
    }

    /// The object that a request names, without its bytes.
    func object(_ request: ServiceRequest, in bucket: MockBucket) throws(ServiceError) -> MockObject {
        let id = try Self.versionID(request)
        return try Self.visible(bucket.version(id, of: try key(request)), id, request)
    }

    /// What was found, unless that is nothing or a delete marker.
    static func visible(
        _ found: MockObject?, _ id: String?, _ request: ServiceRequest
    ) throws(ServiceError) -> MockObject {
        let key = request.key ?? ""
        guard let found else {
            if let id { throw .noSuchVersion(key, id) }
            throw .noSuchKey(key)
        }
        guard found.isDeleteMarker else { return found }
        if id == nil { throw .deleted(key, by: found) }
        throw .isDeleteMarker(found, method: request.method)
    }

    /// Changes what is kept beside the bytes of the object that a request names, and answers with its version.
    func update(
        _ request: ServiceRequest, _ change: (inout MockObject.Attributes) throws -> Void
    ) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let id = try Self.versionID(request)
        guard let updated = try bucket.update(key, version: id, change) else {
            _ = try Self.visible(bucket.version(id, of: key), id, request)
            throw ServiceError.noSuchKey(request.key ?? "")
        }
        var response = ServiceResponse()
        response.addVersion(of: updated, in: bucket)
        return response
    }

    /// The XML document in a body, whose digest must be right if there is one.
    static func document(_ request: ServiceRequest, root: String) throws(ServiceError) -> XMLTree {
        let body = request.body.bytes.data
        if let given = request.header("Content-MD5") {
            guard let digest = Data(base64Encoded: given), Array(digest) == MD5.hash(body) else {
                throw .invalidDigest
            }
        }
        guard let document = try? XMLReader.read(body), document.name == root else { throw .malformedXML }
        return document
    }
}
