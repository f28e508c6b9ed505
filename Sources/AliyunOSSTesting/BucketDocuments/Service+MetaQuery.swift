import Foundation
import OSSPrimitives

/// Operations on the metadata index of a bucket. Requests can open, query and close the index; queries return no files.
extension Service {
    func openMetaQuery(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let mode = request.query["mode"].flatMap { $0.isEmpty ? nil : $0 } ?? "basic"
        let document = XMLTree(
            "MetaQueryStatus",
            [
                "State": "Ready", "Phase": "FullScanning", "MetaQueryMode": mode,
                "CreateTime": ISO8601.extended(request.now), "UpdateTime": ISO8601.extended(request.now),
            ]
        ).document
        try store.update(bucket) { properties throws in
            guard properties.documents["metaQuery"] == nil else {
                throw ServiceError(
                    status: 409, code: "MetaQueryAlreadyExist", message: "The bucket already has a metadata index.",
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

    /// Returns the status of the index, which is `Ready` for the first request and `Running` for later ones. Clients
    /// wait for this change.
    func metaQueryStatus(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        guard var status = bucket.properties.tree("metaQuery") else { throw Self.metaQueryNotExist }
        let document = status.document
        if status.text("State") != "Running" {
            status.children[0].text = "Running"
            try store.update(bucket) { $0.documents["metaQuery"] = status.document }
        }
        return ServiceResponse(xml: document)
    }

    func doMetaQuery(_ request: ServiceRequest) throws -> ServiceResponse {
        guard try bucket(request).properties.documents["metaQuery"] != nil else { throw Self.metaQueryNotExist }
        let query = try Self.document(request, root: "MetaQuery")
        var xml = XMLWriter(root: "MetaQuery")
        xml.element("NextToken", "")
        // The response to a query with aggregations has no files.
        guard let aggregations = query["Aggregations"]?.all("Aggregation"), !aggregations.isEmpty else {
            xml.element("Files", "")
            return ServiceResponse(xml: xml.finish())
        }
        xml.element("Aggregations") { xml in
            for aggregation in aggregations {
                let operation = aggregation.text("Operation") ?? ""
                xml.element("Aggregation") { xml in
                    xml.element("Field", aggregation.text("Field") ?? "")
                    xml.element("Operation", operation)
                    if operation == "group" { xml.element("Groups", "") } else { xml.element("Value", "0") }
                }
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    /// Handles data processing operations. By default, they are not enabled for any bucket.
    func metaQueryAction(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        if let response = processed(request, object: nil) { return response }
        var error = ServiceError.operationNotSupported("The bucket has no data processing.")
        error.ec = "0037-00000001"
        throw error
    }

    private static let metaQueryNotExist = ServiceError(
        status: 400, code: "MetaQueryNotExist", message: "The bucket has no metadata index.", ec: "0037-00000102")

    /// Returns an empty list of cloud boxes. An account has none unless it buys them.
    func listCloudBoxes(_ request: ServiceRequest) throws -> ServiceResponse {
        var xml = XMLWriter(root: "ListCloudBoxResult")
        xml.element("Prefix", request.query["prefix"] ?? "")
        xml.element("Marker", request.query["marker"] ?? "")
        xml.element("MaxKeys", request.query["max-keys"] ?? "100")
        xml.element("IsTruncated", "false")
        xml.element("NextMarker", "")
        xml.element("Owner", Self.writeOwner)
        xml.element("CloudBoxes", "")
        return ServiceResponse(xml: xml.finish())
    }
}
