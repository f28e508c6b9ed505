import Foundation
import OSSPrimitives

extension Service {
    private static let maximumDeleteCount = 1000
    private static let maximumDeleteBody = 2 * 1024 * 1024

    func deleteMultipleObjects(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        guard let given = request.header("Content-MD5") else {
            throw ServiceError(
                status: 400, code: "MissingArgument", message: "Missing Some Required Arguments.", ec: "0016-00000502",
                details: [("ArgumentName", "Content-MD5")])
        }
        let body = request.body.bytes.data
        guard let digest = Data(base64Encoded: given), Array(digest) == MD5.hash(body) else {
            throw ServiceError.invalidDigest
        }
        guard body.count <= Self.maximumDeleteBody, let document = try? XMLReader.read(body), document.name == "Delete"
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
        let isEncoded = (request.query["encoding-type"] ?? request.header("Encoding-Type"))?.lowercased() == "url"

        for (key, object) in zip(keys, objects) {
            let version = object.text("VersionId") ?? ""
            if version.isEmpty || version == "null" { try bucket.delete(Array(key.utf8), at: request.now) }
        }
        if isQuiet { return ServiceResponse() }
        var xml = XMLWriter(root: "DeleteResult")
        if isEncoded { xml.element("EncodingType", "url") }
        for key in keys {
            xml.element("Deleted") { $0.element("Key", isEncoded ? PercentEncoding.encode(key) : key) }
        }
        return ServiceResponse(xml: xml.finish())
    }
}
