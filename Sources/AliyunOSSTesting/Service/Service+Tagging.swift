import OSSPrimitives

extension Service {
    func putObjectTagging(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        let tags = try TagSet(document: try Self.document(request, root: "Tagging"))
        return try update(request) { $0.tagging = tags.encoded }
    }

    func objectTagging(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let object = try object(request, in: bucket)
        var xml = XMLWriter(root: "Tagging")
        xml.element("TagSet") { xml in
            for tag in TagSet(encoded: object.attributes.tagging).tags {
                xml.element("Tag") { xml in
                    xml.element("Key", tag.key)
                    xml.element("Value", tag.value)
                }
            }
        }
        var response = ServiceResponse(xml: xml.finish())
        response.addVersion(of: object, in: bucket)
        return response
    }

    func deleteObjectTagging(_ request: ServiceRequest) throws -> ServiceResponse {
        var response = try update(request) { $0.tagging = "" }
        response.status = 204
        return response
    }
}
