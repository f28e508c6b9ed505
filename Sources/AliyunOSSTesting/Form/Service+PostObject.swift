import AliyunOSS
import Foundation
import OSSPrimitives

extension Service {
    /// Stores the file that a form contains (PostObject) and returns the response that the form requests.
    func postObject(_ request: ServiceRequest) throws -> ServiceResponse {
        guard let form = request.body.form else { throw FormParser.malformed }
        let fields = try form.get()
        var put = request
        put.key = (fields["key"] ?? "").replacingOccurrences(of: "${filename}", with: fields.fileName)
        put.query = QueryItems()
        put.headers = try Self.headers(of: fields)
        var variables: [String: String] = [:]
        for item in fields.items where item.name.hasPrefix("x:") { variables[item.name] = item.value }
        let request = put
        let isCalledBack = request.header("x-oss-callback") != nil
        var response = try callingBack(request, variables: variables) { try putObject(request) }
        if let target = fields["success_action_redirect"], !target.isEmpty {
            guard HeaderText.isValid(target) else {
                throw ServiceError.invalidArgument(
                    "The redirect is not valid.", name: "success_action_redirect", value: "")
            }
            response.status = 303
            response.add("Location", target)
            return response
        }
        if isCalledBack { return response }
        switch fields["success_action_status"] {
        case "200": response.status = 200
        case "201":
            response.status = 201
            response.add("Content-Type", "application/xml")
            response.body = .data(postResponse(request, response))
        default: response.status = 204
        }
        return response
    }

    private func postResponse(_ request: ServiceRequest, _ response: ServiceResponse) -> Data {
        let bucket = request.bucket ?? ""
        let key = request.key ?? ""
        var xml = XMLWriter(root: "PostResponse")
        xml.element("Bucket", bucket)
        xml.element("Location", request.location)
        xml.element("Key", key)
        xml.element("ETag", response.headers.first { $0.name == "ETag" }?.value ?? "")
        return xml.finish()
    }

    private static let contentFields: Set<String> = [
        "cache-control", "content-disposition", "content-encoding", "content-language", "content-md5", "expires",
    ]
    private static let signatureFields: Set<String> = [
        "x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-signature", "x-oss-security-token",
        "x-oss-content-type",
    ]

    /// Converts form fields to the corresponding PutObject headers.
    private static func headers(of fields: FormFields) throws(ServiceError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for item in fields.items {
            var name = item.name
            if name == "callback" { name = "x-oss-callback" }
            guard contentFields.contains(name) || name.hasPrefix("x-oss-") && !signatureFields.contains(name) else {
                continue
            }
            // A field can contain line breaks, which would add a header to later responses.
            guard HeaderText.isValid(item.name), HeaderText.isValid(item.value) else {
                throw .invalidArgument("The field contains control characters.", name: name, value: "")
            }
            headers.add(name, item.value)
        }
        let type = fields["x-oss-content-type"] ?? fields["content-type"] ?? fields.fileType
        if let type, !type.isEmpty {
            guard HeaderText.isValid(type) else {
                throw .invalidArgument("The field contains control characters.", name: "content-type", value: "")
            }
            headers["Content-Type"] = type
        }
        return headers
    }
}
