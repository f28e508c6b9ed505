import AliyunOSS
import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSSTesting

/// A published signature: a request and the output of its signer.
struct SignatureVector: Decodable, Sendable, CustomTestStringConvertible {
    struct Expected: Decodable {
        var signature: String?
        var authorization: String?
        var canonicalRequest: String?
        var stringToSign: String?
        var query: [String: String]?
    }

    var id: String
    var kind: String?
    var accessKeyId: String?
    var accessKeySecret: String?
    var securityToken: String?
    var region: String?
    var time: Double?
    var expires: Double?
    var xOssDate: String?
    var method: String?
    var bucket: String?
    var key: String?
    var headers: [String: String]?
    var query: [[String?]]?
    var dateInDateHeader: Bool?
    var expected: Expected

    var testDescription: String { id }

    /// Loads the vectors of a file that have all required fields.
    static func load(_ name: String) -> [SignatureVector] {
        struct File: Decodable {
            var vectors: [SignatureVector]
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"),
            let data = try? Data(contentsOf: url), let file = try? decoder.decode(File.self, from: data)
        else { return [] }
        return file.vectors.filter { $0.accessKeySecret != nil && $0.kind != "string-only" }
    }

    /// Returns the request as a server receives it, at the time of its signature.
    func request(isV4: Bool) -> ServiceRequest {
        var fields = HTTPHeaders()
        for (name, value) in (headers ?? [:]).sorted(by: { $0.key < $1.key }) {
            fields.add(name, value.trimmingCharacters(in: .whitespaces))
        }
        var items = QueryItems()
        items.items = (query ?? []).map { ($0[0] ?? "", $0[1]) }
        for (name, value) in (expected.query ?? [:]).sorted(by: { $0.key > $1.key }) {
            items.items.append((name, value))
        }
        // Some sources print only the signature.
        let bare = expected.query == nil ? expected.signature.map { "OSS \(accessKeyId ?? ""):\($0)" } : nil
        if let authorization = expected.authorization ?? bare {
            fields["Authorization"] = authorization
            if let token = securityToken { fields["x-oss-security-token"] = token }
            if isV4 {
                fields[dateInDateHeader == true ? "Date" : "x-oss-date"] = xOssDate
                fields["x-oss-content-sha256"] = "UNSIGNED-PAYLOAD"
            }
        }
        let signed =
            time.map { Date(timeIntervalSince1970: $0) }
            ?? (fields["x-oss-date"] ?? fields["Date"]).flatMap { HTTPDate.date(from: $0) }
            ?? Date(timeIntervalSince1970: (expires ?? 0) - 60)
        return ServiceRequest(
            method: method ?? "", operation: .getObject, bucket: bucket, key: key, query: items, headers: fields,
            authority: "", requestID: "", now: signed)
    }

    func checker(secret: String? = nil) -> SignatureChecker {
        SignatureChecker(
            accessKeys: [
                .init(id: accessKeyId ?? "", secret: secret ?? accessKeySecret ?? "", securityToken: securityToken)
            ], region: region ?? "")
    }
}
