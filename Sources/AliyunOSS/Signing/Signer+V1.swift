import Foundation
import OSSPrimitives

extension Signer {
    func signV1(_ request: inout SignableRequest, credentials: Credentials, at date: Date) {
        let text = HTTPDate.string(from: date)
        request.headers["Date"] = text
        // The service prefers this header to `Date`, so it must not contain the time of an earlier attempt.
        if request.headers[HeaderName.date] != nil { request.headers[HeaderName.date] = text }
        let signature = Self.signatureV1(
            of: StringToSignV1.bytes(of: request, date: text), secret: credentials.accessKeySecret)
        request.headers[HeaderName.authorization] = "OSS \(credentials.accessKeyID):\(signature)"
    }

    func presignV1(_ request: inout SignableRequest, credentials: Credentials, at date: Date, seconds: Int64) {
        let expires = "\(Int64(date.timeIntervalSince1970) + seconds)"
        if let token = credentials.securityToken { request.query.append((QueryName.token, token)) }
        let signature = Self.signatureV1(
            of: StringToSignV1.bytes(of: request, date: expires), secret: credentials.accessKeySecret)
        request.query.append((QueryName.accessKeyID, credentials.accessKeyID))
        request.query.append((QueryName.expires, expires))
        request.query.append((QueryName.signature, signature))
    }

    static func signatureV1(of stringToSign: [UInt8], secret: String) -> String {
        Data(HMAC<SHA1>.authenticationCode(for: stringToSign, key: Array(secret.utf8))).base64EncodedString()
    }
}

/// Functions that build the string to sign for a V1 signature, without percent-encoding.
enum StringToSignV1 {
    /// Returns the string to sign for a V1 signature.
    ///
    /// - Parameter date: Value of the `Date` line: the date, or the time at which a presigned URL expires.
    static func bytes(of request: SignableRequest, date: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        for line in [
            request.method.rawValue, request.headers["Content-MD5"] ?? "", request.headers["Content-Type"] ?? "", date,
        ] {
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        CanonicalHeaders.append(request.headers, to: &bytes) { $0.startsIgnoringASCIICase(with: "x-oss-") }
        appendResource(request, to: &bytes)
        return bytes
    }

    private static func appendResource(_ request: SignableRequest, to bytes: inout [UInt8]) {
        if let resource = request.resource {
            bytes += resource.utf8
        } else {
            bytes += "/\(request.bucket.map { "\($0)/\(request.key ?? "")" } ?? "")".utf8
        }
        let signed = request.query.filter { SignedSubresources.contains($0.name) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var separator = UInt8(ascii: "?")
        for (name, value) in signed {
            bytes.append(separator)
            separator = UInt8(ascii: "&")
            bytes += name.utf8
            guard let value, !value.isEmpty else { continue }
            bytes.append(UInt8(ascii: "="))
            bytes += value.utf8
        }
    }
}

/// The query parameters that V1 signs. V4 signs all parameters.
///
/// `continuation-token` is signed although other parameters of a listing (`prefix`, `marker`, `start-after` …) are not.
enum SignedSubresources {
    /// Returns whether V1 signs a query parameter.
    static func contains(_ name: String) -> Bool {
        names.contains(name) || prefixes.contains { name.utf8.starts(with: $0.utf8) }
    }

    private static let prefixes = ["x-oss-", "accessPoint", "resourcePool", "udf"]

    private static let names: Set<String> = [
        // Parameters in the lists of all SDKs.
        "acl", "append", "bucketInfo", "callback", "callback-var", "cloudboxes", "continuation-token", "delete",
        "location", "objectMeta", "partNumber", "position", "regionList", "response-cache-control",
        "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "restore", "security-token", "sequential", "stat", "symlink",
        "tagging", "uploadId", "uploads", "versionId", "versioning", "versions",
        // Parameters of single operations.
        "asyncFetch", "bucketArchiveDirectRead", "cleanRestoredObject", "cname", "comp", "cors", "encryption",
        "endTime",
        "httpsConfig", "img", "inventory", "inventoryId", "legalHold", "lifecycle", "live", "logging", "metaQuery",
        "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable", "objectWorm", "overwriteConfig",
        "policy", "policyStatus", "publicAccessBlock", "qos", "qosInfo",
        "qosRequester", "quota", "redundancyTransition", "referer", "replication", "replicationLocation",
        "replicationProgress", "requestPayment", "requesterQosInfo", "resourceGroup", "retention", "rtc", "seal",
        "startTime", "status", "style", "styleName", "transferAcceleration", "userDefinedLogFieldsConfig", "vod",
        "website", "worm", "wormExtend", "wormId",
    ]
}
