import Foundation
import OSSPrimitives

extension Service {
    private static let configuration = DocumentShape(
        "BucketCnameConfiguration{Cname!{Domain!,CertificateConfiguration{CertId,Certificate,PrivateKey,"
            + "PreviousCertId,Force:bool,DeleteCertificate:bool}}}")
    private static let tokenLifetime: TimeInterval = 259_200

    /// Binds a domain. No DNS is asked for the token: the domains that the server was configured with are verified.
    func putCname(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let given = try Self.body(request, Self.configuration)
        let domain = try Self.domain(given)
        guard cnames[domain] == bucket.name else {
            throw ServiceError(
                status: 403, code: "NeedVerifyDomainOwnership", message: "Need verify domain ownership by cname token.",
                ec: "0018-00000115", details: [("Domain", domain)])
        }
        let certificate = given["Cname"]?["CertificateConfiguration"]
        var entry = XMLTree(
            name: "Cname",
            children: [
                XMLTree(name: "Domain", text: domain),
                XMLTree(name: "LastModified", text: ISO8601.extended(request.now)),
                XMLTree(name: "Status", text: "Enabled"),
            ])
        if let certificate, certificate.text("DeleteCertificate") != "true" {
            entry.children.append(
                XMLTree(
                    name: "Certificate",
                    children: [
                        XMLTree(name: "Type", text: certificate.text("CertId") == nil ? "Upload" : "CAS"),
                        XMLTree(name: "CertId", text: certificate.text("CertId") ?? "\(Self.ownerID)-\(domain)"),
                        XMLTree(name: "Status", text: "Enabled"),
                        XMLTree(name: "CreationDate", text: HTTPDate.string(from: request.now)),
                    ]))
        }
        try store.update(bucket) { $0.documents["cname/\(domain)"] = entry.document }
        return ServiceResponse()
    }

    func deleteCname(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let domain = try Self.domain(try Self.body(request, Self.configuration))
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
        let domain = try Self.domain(try Self.body(request, Self.configuration))
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
