import OSSPrimitives

extension Service {
    /// There are none: this server streams no video. Clients that clean a bucket up ask all the same.
    func listLiveChannels(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        var xml = XMLWriter(root: "ListLiveChannelResult")
        xml.element("Prefix", request.query["prefix"] ?? "")
        xml.element("Marker", request.query["marker"] ?? "")
        xml.element("MaxKeys", request.query["max-keys"] ?? "100")
        xml.element("IsTruncated", "false")
        xml.element("NextMarker", "")
        return ServiceResponse(xml: xml.finish())
    }
}
