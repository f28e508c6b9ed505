import Foundation
import OSSPrimitives

extension Service {
    private static let configuration = DocumentShape(
        "CreateAccessPointConfiguration{AccessPointName!,NetworkOrigin!(vpc|internet),VpcConfiguration{VpcId}}")

    func createAccessPoint(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let given = try Self.body(request, Self.configuration)
        let name = given.text("AccessPointName") ?? ""
        guard Address.isValidBucketName(name) else {
            throw ServiceError.invalidArgument(
                "The access point's name is invalid.", name: "AccessPointName", value: name)
        }
        let alias =
            "\(name)-\(Hexadecimal.lowercase(MD5.hash(Array("\(bucket.name)/\(name)".utf8)).prefix(8)))-ossalias"
        let resource = "acs:oss:\(region):\(Self.ownerID):accesspoint/\(name)"
        func text(_ name: String, _ text: String) -> XMLTree { XMLTree(name: name, text: text) }
        let entry = XMLTree(
            name: "GetAccessPointResult",
            children: [
                text("AccessPointName", name), text("Bucket", bucket.name), text("AccountId", Self.ownerID),
                text("NetworkOrigin", given.text("NetworkOrigin") ?? ""),
                given["VpcConfiguration"] ?? XMLTree(name: "VpcConfiguration", children: [text("VpcId", "")]),
                text("AccessPointArn", resource), text("CreationDate", String(Int(request.now.timeIntervalSince1970))),
                text("Alias", alias), text("Status", "enable"),
                XMLTree(
                    name: "Endpoints",
                    children: [
                        text("PublicEndpoint", "\(alias).oss-\(region).aliyuncs.com"),
                        text("InternalEndpoint", "\(alias).oss-\(region)-internal.aliyuncs.com"),
                    ]),
            ])
        try store.update(bucket) { properties throws in
            guard properties.documents["accessPoint/\(name)"] == nil else {
                throw ServiceError(
                    status: 409, code: "AccessPointAlreadyExists", message: "The access point already exists.",
                    ec: "0045-00000101")
            }
            properties.documents["accessPoint/\(name)"] = entry.document
        }
        var xml = XMLWriter(root: "CreateAccessPointResult")
        xml.element("AccessPointArn", resource)
        xml.element("Alias", alias)
        return ServiceResponse(xml: xml.finish())
    }

    func accessPoint(_ request: ServiceRequest) throws -> ServiceResponse {
        guard request.header("x-oss-access-point-name") != nil else { return try listAccessPoints(request) }
        var (_, tree) = try existingAccessPoint(request)
        let name = request.header("x-oss-access-point-name") ?? ""
        let block = self.tree("publicAccessBlock/\(name)", of: try bucket(request).properties)
        tree.children.append(
            block
                ?? XMLTree(
                    name: "PublicAccessBlockConfiguration",
                    children: [XMLTree(name: "BlockPublicAccess", text: "false")]))
        return ServiceResponse(xml: tree.document)
    }

    func deleteAccessPoint(_ request: ServiceRequest) throws -> ServiceResponse {
        let (name, _) = try existingAccessPoint(request)
        try store.update(try bucket(request)) { properties in
            for kind in ["accessPoint", "accessPointPolicy", "publicAccessBlock"] {
                properties.documents["\(kind)/\(name)"] = nil
            }
        }
        return ServiceResponse(status: 204)
    }

    /// The access points of a bucket, or of all.
    func listAccessPoints(_ request: ServiceRequest) throws -> ServiceResponse {
        let buckets = request.bucket == nil ? store.all : [try bucket(request)]
        let marker = request.query["continuation-token"] ?? ""
        let limit = request.query["max-keys"].flatMap(Int.init).map { min(max($0, 1), 1000) } ?? 100
        var found: [(name: String, tree: XMLTree)] = []
        for bucket in buckets {
            for (key, document) in bucket.properties.documents where key.hasPrefix("accessPoint/") {
                if let tree = try? XMLReader.read(document) { found.append(("\(bucket.name)/\(key)", tree)) }
            }
        }
        let rest = found.filter { $0.name > marker }.sorted { $0.name < $1.name }
        let page = rest.prefix(limit)
        var xml = XMLWriter(root: "ListAccessPointsResult")
        xml.element("IsTruncated", String(page.count < rest.count))
        if page.count < rest.count { xml.element("NextContinuationToken", page.last?.name ?? "") }
        xml.element("AccountId", Self.ownerID)
        xml.element("MaxKeys", String(limit))
        xml.element("AccessPoints") { xml in
            for item in page {
                xml.element("AccessPoint") { xml in
                    for name in ["Bucket", "AccessPointName", "Alias", "NetworkOrigin", "VpcConfiguration", "Status"] {
                        item.tree[name]?.write(to: &xml)
                    }
                }
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    // MARK: Policies

    func putAccessPointPolicy(_ request: ServiceRequest) throws -> ServiceResponse {
        let (name, _) = try existingAccessPoint(request)
        let policy = request.body.bytes.data
        try BucketPolicy.check(policy)
        try store.update(try bucket(request)) { $0.documents["accessPointPolicy/\(name)"] = policy }
        return ServiceResponse()
    }

    func accessPointPolicy(_ request: ServiceRequest) throws -> ServiceResponse {
        let (name, _) = try existingAccessPoint(request)
        guard let policy = try bucket(request).properties.documents["accessPointPolicy/\(name)"] else {
            throw ServiceError(
                status: 404, code: "NoSuchAccessPointPolicy", message: "The access point policy does not exist.",
                ec: "0045-00000103")
        }
        return ServiceResponse(headers: [("Content-Type", "application/json")], body: .data(policy))
    }

    func deleteAccessPointPolicy(_ request: ServiceRequest) throws -> ServiceResponse {
        let (name, _) = try existingAccessPoint(request)
        try store.update(try bucket(request)) { $0.documents["accessPointPolicy/\(name)"] = nil }
        return ServiceResponse(status: 204)
    }

    private func existingAccessPoint(_ request: ServiceRequest) throws -> (name: String, tree: XMLTree) {
        let name = request.header("x-oss-access-point-name") ?? ""
        guard let tree = tree("accessPoint/\(name)", of: try bucket(request).properties) else {
            throw ServiceError(
                status: 404, code: "NoSuchAccessPoint", message: "The access point does not exist.",
                ec: "0045-00000102", details: [("AccessPointName", name)])
        }
        return (name, tree)
    }
}
