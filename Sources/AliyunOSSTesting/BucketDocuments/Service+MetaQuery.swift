import Foundation
import OSSPrimitives

/// The metadata index can be opened, looked at and closed. Queries are not offered.
extension Service {
    func openMetaQuery(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        var xml = XMLWriter(root: "MetaQueryStatus")
        xml.element("State", "Ready")
        xml.element("Phase", "FullScanning")
        xml.element("MetaQueryMode", request.query["mode"].flatMap { $0.isEmpty ? nil : $0 } ?? "basic")
        xml.element("CreateTime", ISO8601.extended(request.now))
        xml.element("UpdateTime", ISO8601.extended(request.now))
        let document = xml.finish()
        try store.update(bucket) { properties throws in
            guard properties.documents["metaQuery"] == nil else {
                throw ServiceError(
                    status: 409, code: "MetaQueryAlreadyExist", message: "The bucket has a metadata index.",
                    ec: "0037-00000101")
            }
            properties.documents["metaQuery"] = document
        }
        return ServiceResponse()
    }

    func closeMetaQuery(_ request: ServiceRequest) throws -> ServiceResponse {
        try store.update(try bucket(request)) { $0.documents["metaQuery"] = nil }
        return ServiceResponse()
    }

    func metaQueryStatus(_ request: ServiceRequest) throws -> ServiceResponse {
        guard let document = try bucket(request).properties.documents["metaQuery"] else {
            throw ServiceError(
                status: 400, code: "MetaQueryNotExist", message: "The bucket has no metadata index.",
                ec: "0037-00000102")
        }
        return ServiceResponse(xml: document)
    }
}
