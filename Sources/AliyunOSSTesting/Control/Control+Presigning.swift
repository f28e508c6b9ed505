import AliyunOSS
import Foundation
import OSSPrimitives

extension Control {
    /// Returns the target of a request, with a signature if the server verifies signatures. With it, the page and
    /// programs that cannot sign send requests like any other client.
    func presign(_ request: ControlRequest) throws -> ServiceResponse {
        let document = try JSONDecoder().decode(PresignDocument.self, from: request.body)
        var query = QueryItems()
        query.items = document.query.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let unsigned = ServiceRequest(
            method: document.method, operation: .notAllowed, bucket: document.bucket, key: document.key, query: query,
            headers: document.headers, authority: "", requestID: "", now: core.now())
        let keys = core.configuration.accessKeys
        let signed =
            if let key = keys.first(where: { $0.accountID == nil }) ?? keys.first {
                try core.checker.presign(unsigned, with: key, validity: document.expires)
            } else {
                query
            }
        // A slash of the key is encoded, because clients remove the segments `.` and `..` from paths.
        let path = [document.bucket, document.key].compactMap { $0 }.map { V4.encode($0, keepsSlash: false) }
        let items = signed.items.map { item in
            V4.encode(item.name, keepsSlash: false)
                + (item.value.map { $0.isEmpty ? "" : "=" + V4.encode($0, keepsSlash: false) } ?? "")
        }
        let target = "/" + path.joined(separator: "/") + (document.bucket != nil && document.key == nil ? "/" : "")
        return try json(["target": items.isEmpty ? target : target + "?" + items.joined(separator: "&")])
    }
}

/// The body of `POST /-/presign`. Example: `{"method": "PUT", "bucket": "photos", "key": "a.txt",
/// "headers": {"Content-Type": "text/plain"}}`.
private struct PresignDocument: Decodable {
    let method: String
    let bucket: String?
    let key: String?
    let query: [String: String]
    let headers: HTTPHeaders
    /// Period of validity, in seconds.
    let expires: Int

    init(from decoder: any Decoder) throws {
        var members = try JSONMembers(decoder, subject: "a request to presign")
        method = try members.required("method")
        bucket = try members.value("bucket")
        key = try members.value("key")
        query = try members.value("query") ?? [:]
        var headers = HTTPHeaders()
        for (name, value) in try members.value("headers", as: [String: String].self) ?? [:] { headers[name] = value }
        self.headers = headers
        expires = try members.value("expires") ?? 900
        guard (1...604_800).contains(expires) else {
            throw members.problem("'expires' must be from 1 to 604800 seconds (got \(expires))")
        }
        guard key == nil || bucket != nil else { throw members.problem("'key' requires 'bucket'") }
        try members.rejectUnread()
    }
}

extension SignatureChecker {
    /// Returns the query of a request with a V4 signature.
    fileprivate func presign(
        _ request: ServiceRequest, with key: MockOSSServer.AccessKey, validity: Int
    ) throws(ServiceError) -> QueryItems {
        let dateTime = ISO8601.basic(request.now)
        let scope = try V4.Scope("\(key.id)/\(dateTime.prefix(8))/\(region)/oss/\(V4.terminator)", in: .query)
        var request = request
        request.query.items += [
            ("x-oss-signature-version", V4.algorithm), ("x-oss-credential", "\(key.id)/\(scope.text)"),
            ("x-oss-date", dateTime), ("x-oss-expires", "\(validity)"),
        ]
        if let token = key.securityToken { request.query.items.append(("x-oss-security-token", token)) }
        let canonical = V4.canonicalRequest(request, additionalHeaders: [], payload: V4.unsignedPayload)
        var signature = signingKey(scope, secret: key.secret)
        signature.update(Array(V4.stringToSign(canonical, dateTime: dateTime, scope: scope).utf8))
        request.query.items.append(("x-oss-signature", Hexadecimal.lowercase(signature.finalize())))
        return request.query
    }
}
