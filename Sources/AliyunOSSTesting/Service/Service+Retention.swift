import OSSPrimitives

/// Retention and legal hold are kept and returned; nothing is protected by them.
extension Service {
    func putObjectRetention(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        let document = try Self.document(request, root: "Retention")
        guard let mode = document.text("Mode"), ["COMPLIANCE", "GOVERNANCE"].contains(mode),
            let date = document.text("RetainUntilDate"), ISO8601.date(from: date) != nil
        else { throw ServiceError.malformedXML }
        return try update(request) { $0.retention = MockObject.Retention(mode: mode, retainUntilDate: date) }
    }

    func objectRetention(_ request: ServiceRequest) throws -> ServiceResponse {
        let object = try object(request, in: try bucket(request))
        guard let retention = object.attributes.retention else {
            throw ServiceError(
                status: 404, code: "NoSuchObjectRetention", message: "The object has no retention configuration.",
                ec: "0026-00000030", details: [("Key", request.key ?? "")])
        }
        var xml = XMLWriter(root: "Retention")
        xml.element("Mode", retention.mode)
        xml.element("RetainUntilDate", retention.retainUntilDate)
        return ServiceResponse(xml: xml.finish())
    }

    func putObjectLegalHold(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        let document = try Self.document(request, root: "LegalHold")
        guard let status = document.text("Status"), ["ON", "OFF"].contains(status) else {
            throw ServiceError.malformedXML
        }
        return try update(request) { $0.legalHold = status }
    }

    func objectLegalHold(_ request: ServiceRequest) throws -> ServiceResponse {
        let object = try object(request, in: try bucket(request))
        var xml = XMLWriter(root: "LegalHold")
        xml.element("Status", object.attributes.legalHold ?? "OFF")
        return ServiceResponse(xml: xml.finish())
    }
}
