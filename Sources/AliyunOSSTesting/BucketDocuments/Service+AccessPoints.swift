import Foundation
import OSSPrimitives

extension Service {
    private static let accessPointShape = DocumentShape(
        "CreateAccessPointConfiguration{AccessPointName!,NetworkOrigin!(vpc|internet),VpcConfiguration{VpcId}}")

    func createAccessPoint(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let given = try Self.body(request, Self.accessPointShape)
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
                given["VpcConfiguration"] ?? XMLTree("VpcConfiguration", ["VpcId": ""]),
                text("AccessPointArn", resource), text("CreationDate", String(Int(request.now.timeIntervalSince1970))),
                text("Alias", alias), text("Status", "enable"),
                XMLTree(
                    "Endpoints",
                    [
                        "PublicEndpoint": "\(alias).oss-\(region).aliyuncs.com",
                        "InternalEndpoint": "\(alias).oss-\(region)-internal.aliyuncs.com",
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
        let block = try bucket(request).properties.tree("publicAccessBlock/\(name)")
        tree.children.append(block ?? XMLTree("PublicAccessBlockConfiguration", ["BlockPublicAccess": "false"]))
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

    /// Lists the access points of the bucket that the request names, or of all buckets if the request names none.
    func listAccessPoints(_ request: ServiceRequest) throws -> ServiceResponse {
        let buckets = request.bucket == nil ? store.all : [try bucket(request)]
        var found: [(name: String, tree: XMLTree)] = []
        for bucket in buckets {
            for (key, document) in bucket.properties.documents where key.hasPrefix("accessPoint/") {
                if let tree = try? XMLReader.read(document) { found.append(("\(bucket.name)/\(key)", tree)) }
            }
        }
        let page = DocumentPage(found, request, maximum: 1000)
        var xml = XMLWriter(root: "ListAccessPointsResult")
        xml.element("IsTruncated", String(page.next != nil))
        if let next = page.next { xml.element("NextContinuationToken", next) }
        xml.element("AccountId", Self.ownerID)
        xml.element("MaxKeys", String(page.limit))
        xml.element("AccessPoints") { xml in
            for item in page.items {
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
        guard let tree = try bucket(request).properties.tree("accessPoint/\(name)") else {
            throw ServiceError(
                status: 404, code: "NoSuchAccessPoint", message: "The access point does not exist.",
                ec: "0045-00000102", details: [("AccessPointName", name)])
        }
        return (name, tree)
    }
}

extension Service {
    private static let cnameShape = DocumentShape(
        "BucketCnameConfiguration{Cname!{Domain!,CertificateConfiguration{CertId,Certificate,PrivateKey,"
            + "PreviousCertId,Force:bool,DeleteCertificate:bool}}}")
    private static let tokenLifetime: TimeInterval = 259_200

    /// Binds a domain to a bucket (PutCname). The server sends no DNS queries: only domains in its configuration count
    /// as verified.
    func putCname(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let given = try Self.body(request, Self.cnameShape)
        let domain = try Self.domain(given)
        guard cnames[domain] == bucket.name else {
            throw ServiceError(
                status: 403, code: "NeedVerifyDomainOwnership", message: "Need verify domain ownership by cname token.",
                ec: "0018-00000115", details: [("Domain", domain)])
        }
        let certificate = given["Cname"]?["CertificateConfiguration"]
        var entry = XMLTree(
            "Cname", ["Domain": domain, "LastModified": ISO8601.extended(request.now), "Status": "Enabled"])
        if let certificate, certificate.text("DeleteCertificate") != "true" {
            entry.children.append(
                XMLTree(
                    "Certificate",
                    [
                        "Type": certificate.text("CertId") == nil ? "Upload" : "CAS",
                        "CertId": certificate.text("CertId") ?? "\(Self.ownerID)-\(domain)", "Status": "Enabled",
                        "CreationDate": HTTPDate.string(from: request.now),
                    ]))
        }
        try store.update(bucket) { $0.documents["cname/\(domain)"] = entry.document }
        return ServiceResponse()
    }

    func deleteCname(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let domain = try Self.domain(try Self.body(request, Self.cnameShape))
        try store.update(bucket) { $0.documents["cname/\(domain)"] = nil }
        return ServiceResponse()
    }

    func listCnames(_ request: ServiceRequest) throws -> ServiceResponse {
        var xml = XMLWriter(root: "ListCnameResult")
        xml.element("Bucket", request.bucket ?? "")
        xml.element("Owner", Self.ownerID)
        for item in try items("cname", of: request) { item.tree.write(to: &xml) }
        return ServiceResponse(xml: xml.finish())
    }

    func createCnameToken(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let domain = try Self.domain(try Self.body(request, Self.cnameShape))
        var xml = XMLWriter(root: "CnameToken")
        xml.element("Bucket", bucket.name)
        xml.element("Cname", domain)
        xml.element("Token", UUID().uuidString.filter { $0 != "-" }.lowercased())
        xml.element("ExpireTime", HTTPDate.string(from: request.now.addingTimeInterval(Self.tokenLifetime)))
        let document = xml.finish()
        try store.update(bucket) { $0.documents["cnameToken/\(domain)"] = document }
        return ServiceResponse(xml: document)
    }

    func cnameToken(_ request: ServiceRequest) throws -> ServiceResponse {
        let domain = request.query["cname"]?.lowercased() ?? ""
        guard let document = try bucket(request).properties.documents["cnameToken/\(domain)"] else {
            throw ServiceError(
                status: 404, code: "CnameTokenNotFound", message: "The CNAME token does not exist.",
                ec: "0018-00000101", details: [("Cname", domain)])
        }
        return ServiceResponse(xml: document)
    }

    private static func domain(_ tree: XMLTree) throws(ServiceError) -> String {
        let domain = tree.text("Cname", "Domain")?.lowercased() ?? ""
        guard domain.contains("."), domain.utf8.count <= 253 else {
            throw .invalidArgument("The domain is not valid.", name: "Domain", value: domain)
        }
        return domain
    }
}
