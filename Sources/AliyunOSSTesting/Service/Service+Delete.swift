import Foundation
import OSSPrimitives

extension Service {
    private static let maximumDeleteCount = 1000
    private static let maximumDeleteBody = 2 * 1024 * 1024

    /// The result of deleting an object or a version.
    private struct Deletion {
        var isDeleteMarker = false
        /// ID of the version that was removed or of the delete marker that was added.
        var versionID: String?
    }

    func deleteObject(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let key = try key(request)
        let deletion = try Self.delete(key, try Self.versionID(request), in: bucket, request)
        var response = ServiceResponse(status: 204)
        if deletion.isDeleteMarker { response.add("x-oss-delete-marker", "true") }
        if let id = deletion.versionID { response.add("x-oss-version-id", id) }
        return response
    }

    /// Deletes the current object, or permanently removes a version. Succeeds even if the object or version does not
    /// exist.
    private static func delete(
        _ key: [UInt8], _ id: String?, in bucket: MockBucket, _ request: ServiceRequest
    ) throws -> Deletion {
        if let id {
            let removed = bucket.remove(key, version: id)
            let isShown = bucket.properties.versioning != nil
            return Deletion(isDeleteMarker: removed?.isDeleteMarker ?? false, versionID: isShown ? id : nil)
        }
        let marker = try bucket.delete(key, at: wholeSeconds(request.now))
        return Deletion(isDeleteMarker: marker != nil, versionID: marker?.versionID)
    }

    /// Escapes control characters, which are invalid in XML. `oss2` sends them unescaped in keys, and the service
    /// accepts them.
    private static func escapingControls(_ body: Data) -> Data {
        let isControl: (UInt8) -> Bool = { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        guard body.contains(where: isControl) else { return body }
        return Data(body.flatMap { isControl($0) ? Array("&#\($0);".utf8) : [$0] })
    }

    func deleteMultipleObjects(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        guard request.header("Content-MD5") != nil else {
            throw ServiceError(
                status: 400, code: "MissingArgument", message: "Missing Some Required Arguments.", ec: "0016-00000502",
                details: [("ArgumentName", "Content-MD5")])
        }
        let body = request.body.bytes.data
        guard body.count <= Self.maximumDeleteBody, let document = try? XMLReader.read(Self.escapingControls(body)),
            document.name == "Delete"
        else { throw ServiceError.malformedXML }
        let objects = document.all("Object")
        guard (1...Self.maximumDeleteCount).contains(objects.count) else { throw ServiceError.malformedXML }
        let keys = try objects.map { object in
            guard let key = object["Key"]?.text, !key.utf8.isEmpty else {
                throw ServiceError(
                    status: 400, code: "UserKeyMustBeSpecified", message: "The key must be specified.",
                    ec: "0016-00000503")
            }
            return key
        }
        let isQuiet = document.text("Quiet")?.lowercased() == "true"
        let isEncoded = try Self.isEncoded(request.query["encoding-type"] ?? request.header("Encoding-Type") ?? "")

        let versions = try objects.map { object in
            try object.text("VersionId").flatMap { $0.isEmpty ? nil : try Self.validVersionID($0) }
        }

        var xml = XMLWriter(root: "DeleteResult")
        if isEncoded { xml.element("EncodingType", "url") }
        for (key, version) in zip(keys, versions) {
            let deletion = try Self.delete(Array(key.utf8), version, in: bucket, request)
            xml.element("Deleted") { xml in
                xml.element("Key", isEncoded ? PercentEncoding.encode(key) : key)
                if let version { xml.element("VersionId", version) }
                guard deletion.isDeleteMarker else { return }
                xml.element("DeleteMarker", "true")
                xml.element("DeleteMarkerVersionId", deletion.versionID ?? "null")
            }
        }
        if isQuiet { return ServiceResponse() }
        return ServiceResponse(xml: isEncoded ? xml.finish() : Self.withPlainBlanks(xml.finish()))
    }

    /// Unescapes tabs and line feeds in keys. The service escapes them in listings, but not in this response.
    private static func withPlainBlanks(_ document: Data) -> Data {
        let text = String(decoding: document, as: UTF8.self)
        return Data(
            text.replacingOccurrences(of: "&#x9;", with: "\t").replacingOccurrences(of: "&#xA;", with: "\n").utf8)
    }
}
