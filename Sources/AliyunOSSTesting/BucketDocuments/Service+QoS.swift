import OSSPrimitives

/// Operations on the QoS limits of the account and of requesters, and on resource pools. The account has no pools.
extension Service {
    func accountQoS(_ request: ServiceRequest) throws -> ServiceResponse {
        var xml = XMLWriter(root: "QoSConfiguration")
        xml.element("Region", region)
        QoSLimits.write(accountTo: &xml)
        return ServiceResponse(xml: xml.finish())
    }

    func requesterQoS(_ request: ServiceRequest) throws -> ServiceResponse {
        let requester = request.query["qosRequester"] ?? ""
        guard let limits = try bucket(request).properties.tree("requesterQosInfo/\(requester)") else {
            throw ServiceError(
                status: 404, code: "NoSuchBucketRequesterQosInfo",
                message: "The requester has no QoS configuration.", ec: "0015-00000404",
                details: [("BucketName", request.bucket ?? "")])
        }
        var xml = XMLWriter(root: "RequesterQoSInfo")
        Self.write(requester, limits, to: &xml)
        return ServiceResponse(xml: xml.finish())
    }

    func listRequesterQoS(_ request: ServiceRequest) throws -> ServiceResponse {
        let page = DocumentPage(try items("requesterQosInfo", of: request), request, maximum: 100)
        var xml = XMLWriter(root: "ListBucketRequesterQoSInfosResult")
        xml.element("Bucket", request.bucket ?? "")
        Self.write(page.marker, page.next, to: &xml)
        for item in page.items {
            xml.element("RequesterQoSInfo") { Self.write(item.name, item.tree, to: &$0) }
        }
        return ServiceResponse(xml: xml.finish())
    }

    func listResourcePools(_ request: ServiceRequest) throws -> ServiceResponse {
        // In other requests this parameter can come first, in which case its value names a pool.
        guard request.query["resourcePool"] ?? "" == "" else { return try resourcePool(request) }
        var xml = XMLWriter(root: "ListResourcePoolsResult")
        xml.element("Region", region)
        xml.element("Owner", Self.ownerID)
        Self.write(request.query["continuation-token"] ?? "", nil, to: &xml)
        return ServiceResponse(xml: xml.finish())
    }

    /// Throws `NoSuchResourcePool` for every request that names a pool.
    func resourcePool(_ request: ServiceRequest) throws -> ServiceResponse {
        throw ServiceError(
            status: 404, code: "NoSuchResourcePool", message: "The specified resource pool does not exist.",
            ec: "0015-00000404", details: [("ResourcePool", request.query["resourcePool"] ?? "")])
    }

    private static func write(_ requester: String, _ limits: XMLTree, to xml: inout XMLWriter) {
        xml.element("Requester", requester)
        limits.write(to: &xml)
    }

    private static func write(_ token: String, _ next: String?, to xml: inout XMLWriter) {
        xml.element("ContinuationToken", token)
        xml.element("NextContinuationToken", next ?? "")
        xml.element("IsTruncated", String(next != nil))
    }
}

/// The bandwidth limits (in Gbit/s) and request rate limits (in requests per second) of a QoS configuration. -1 means
/// no limit, and 0 allows nothing. The server stores the limits but does not enforce them.
enum QoSLimits {
    static let notation =
        "QoSConfiguration{TotalUploadBandwidth:int,IntranetUploadBandwidth:int,ExtranetUploadBandwidth:int,"
        + "TotalDownloadBandwidth:int,IntranetDownloadBandwidth:int,ExtranetDownloadBandwidth:int,TotalQps:int,"
        + "IntranetQps:int,ExtranetQps:int,StorageCapacity:int}"

    /// The account's limits in the server's region.
    static let account = ["UploadBandwidth": 10, "DownloadBandwidth": 10, "Qps": -1]

    private static let kinds = ["UploadBandwidth", "DownloadBandwidth", "Qps"]
    private static let networks = ["Intranet", "Extranet"]

    /// Writes the account's QoS configuration.
    static func write(accountTo xml: inout XMLWriter) {
        for kind in kinds {
            xml.element("Total" + kind, String(account[kind] ?? -1))
            for network in networks { xml.element(network + kind, "-1") }
        }
    }

    /// Adds missing limits to a QoS configuration.
    ///
    /// - Parameter highest: Maximum total for each kind of limit; -1 or a missing entry means no maximum.
    /// - Throws: `InvalidArgument` if a total exceeds its maximum or a limit exceeds the total of its kind.
    static func complete(_ tree: inout XMLTree, below highest: [String: Int] = [:]) throws(ServiceError) {
        var index = 0
        for kind in kinds {
            var limit = highest[kind] ?? -1
            for name in ["Total" + kind] + networks.map({ $0 + kind }) {
                let value = tree.text(name).flatMap(Int.init) ?? -1
                guard value >= -1, limit == -1 || value <= limit else {
                    throw .invalidArgument("The limit is out of range.", name: name, value: String(value))
                }
                if name.hasPrefix("Total"), value != -1 { limit = value }
                tree.set(name, String(value), at: index)
                index += 1
            }
        }
    }
}
