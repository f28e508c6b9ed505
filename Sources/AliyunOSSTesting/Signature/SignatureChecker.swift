import Foundation
import OSSPrimitives
import Synchronization

/// A verifier for signatures of every version, in headers and URLs.
///
/// The verifier derives the canonical forms from the request as received, using its own code. If it shared code with
/// the library's signer, an error in that code would go unnoticed.
final class SignatureChecker: Sendable {
    static let maximumSkew: TimeInterval = 900

    private let accessKeys: [String: MockOSSServer.AccessKey]
    let region: String
    private let signingKeys = Mutex<[String: HMAC<SHA256>]>([:])
    private let expiredKeys = Mutex<Set<String>>([])

    init(accessKeys: [MockOSSServer.AccessKey], region: String) {
        self.accessKeys = Dictionary(accessKeys.map { ($0.id, $0) }) { _, last in last }
        self.region = region
    }

    /// Expires the security token of an access key.
    func expire(_ accessKeyID: String) {
        expiredKeys.withLock { _ = $0.insert(accessKeyID) }
    }

    func forgetExpiredKeys() {
        expiredKeys.withLock { $0 = [] }
    }

    /// Whether the server has access keys. Without keys, the server accepts every request.
    var isStrict: Bool { !accessKeys.isEmpty }

    enum Identity: Equatable {
        case anonymous
        case accessKey(String)
    }

    /// Returns whether the sender's account owns the buckets.
    func isOwner(_ identity: Identity) -> Bool {
        switch identity {
        case .anonymous: false
        case .accessKey(let id): accessKeys[id]?.accountID == nil
        }
    }

    /// Verifies the signature of a request and returns the identity of the sender.
    ///
    /// - Throws: The service's error for an invalid signature.
    func verify(_ request: ServiceRequest) throws(ServiceError) -> Identity {
        guard isStrict else { return .accessKey("") }
        let scheme = SignatureScheme(request)
        guard let authorization = request.header("Authorization") else {
            return switch scheme {
            case .v2URL: try verifyV2URL(request)
            case .v4URL: try verifyV4URL(request)
            case .v1URL: try verifyV1URL(request)
            default: .anonymous
            }
        }
        guard !SignatureScheme.isV4URL(request), !SignatureScheme.isV1URL(request) else {
            throw .invalidArgument(
                "Only one of the Authorization header and a signature in the URL may be given.",
                name: "Authorization", value: authorization)
        }
        if request.header("x-oss-security-token") != nil, request.query.contains("security-token") {
            throw .invalidArgument(
                "The security token was given twice.", name: "security-token",
                value: request.query["security-token"] ?? "")
        }
        switch scheme {
        case .v4Header: return try verifyV4Header(request, authorization)
        case .v2Header: return try verifyV2Header(request, authorization)
        case .v1Header: return try verifyV1Header(request, authorization)
        default:
            throw .invalidArgument(
                "Authorization header is invalid.", name: "Authorization", value: authorization, ec: "0002-00000062")
        }
    }

    // MARK: Version 4

    private func verifyV4Header(
        _ request: ServiceRequest, _ authorization: String
    ) throws(ServiceError) -> Identity {
        let fields = try V4.Authorization(authorization)
        let payload = request.fields.first { $0.name.lowercased() == "x-oss-content-sha256" }
        if let digest = payload?.value, digest != V4.unsignedPayload {
            throw .invalidArgument(
                "The x-oss-content-sha256 only supports \(V4.unsignedPayload).", name: "x-oss-content-sha256",
                value: digest, ec: "0002-00000214")
        }
        guard let text = request.header("x-oss-date") ?? request.header("Date"),
            let date = ISO8601.date(from: text) ?? HTTPDate.date(from: text)
        else { throw Self.invalidDate(isMissing: request.header("Date") == nil) }
        guard fields.scope.date == ISO8601.basic(date).prefix(8) else {
            throw V4.Place.header.error(.date, authorization)
        }
        try checkRegion(fields.scope, in: .header, authorization)
        try V4.check(fields.additionalHeaders, of: request)
        try Self.checkSkew(date, now: request.now)
        let key = try accessKey(
            fields.scope.accessKeyID, token: request.header("x-oss-security-token"), now: request.now)
        let canonical = V4.canonicalRequest(
            request, additionalHeaders: fields.additionalHeaders,
            payload: V4.unsignedPayload)
        // The signature covers the date as sent. ossutil 1.7 sends it in `Date`, in HTTP's format.
        return try compareV4(canonical, text, fields.scope, key, fields.signature)
    }

    private func verifyV4URL(_ request: ServiceRequest) throws(ServiceError) -> Identity {
        let parameters = try V4.Parameters(request)
        try checkRegion(parameters.scope, in: .query, request.query["x-oss-credential"] ?? "")
        try V4.check(parameters.additionalHeaders, of: request)
        if request.header("x-oss-security-token") != nil { throw Self.tokenInHeader }
        if parameters.date.timeIntervalSince(request.now) > Self.maximumSkew {
            throw .accessDenied("Request is not valid yet.", ec: "0002-00000225")
        }
        if request.now > parameters.date.addingTimeInterval(TimeInterval(parameters.expires)) {
            throw .accessDenied("Request has expired.", ec: "0002-00000236")
        }
        let key = try accessKey(
            parameters.scope.accessKeyID, token: request.query["x-oss-security-token"], now: request.now)
        let canonical = V4.canonicalRequest(
            request, additionalHeaders: parameters.additionalHeaders, payload: V4.unsignedPayload)
        return try compareV4(
            canonical, ISO8601.basic(parameters.date), parameters.scope, key, parameters.signature)
    }

    private func compareV4(
        _ canonical: [UInt8], _ dateTime: String, _ scope: V4.Scope, _ key: MockOSSServer.AccessKey, _ provided: String
    ) throws(ServiceError) -> Identity {
        let stringToSign = V4.stringToSign(canonical, dateTime: dateTime, scope: scope)
        var signingKey = signingKey(scope, secret: key.secret)
        signingKey.update(Array(stringToSign.utf8))
        let mac = signingKey.finalize()
        guard Hexadecimal.lowercase(mac) == provided else {
            throw Self.mismatch(key.id, provided, Array(stringToSign.utf8), canonicalRequest: canonical)
        }
        return .accessKey(key.id)
    }

    /// Returns the derived signing key, which is valid for one day. The key is stored as an HMAC that has processed its
    /// first block, so that copies are cheap.
    func signingKey(_ scope: V4.Scope, secret: String) -> HMAC<SHA256> {
        let name = "\(scope.accessKeyID)/\(scope.text)"
        if let key = signingKeys.withLock({ $0[name] }) { return key }
        var key = Array(("aliyun_v4" + secret).utf8)
        for part in [scope.date, scope.region, scope.product, V4.terminator] {
            key = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), key: key)
        }
        let warmKey = HMAC<SHA256>(key: key)
        signingKeys.withLock { keys in
            // Scopes come from requests, so the number of stored keys is limited.
            if keys.count >= 64 { keys = [:] }
            keys[name] = warmKey
        }
        return warmKey
    }

    func checkRegion(_ scope: V4.Scope, in place: V4.Place, _ value: String) throws(ServiceError) {
        guard scope.region == region else { throw place.error(.region, value) }
    }

    // MARK: Version 1

    private func verifyV1Header(_ request: ServiceRequest, _ authorization: String) throws(ServiceError) -> Identity {
        let parts = authorization.dropFirst("OSS ".count).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .invalidArgument(
                "Authorization header is invalid.", name: "Authorization", value: authorization, ec: "0002-00000062")
        }
        let text = request.header("x-oss-date") ?? request.header("Date")
        guard let text, let date = HTTPDate.date(from: text) else { throw Self.invalidDate(isMissing: text == nil) }
        try Self.checkSkew(date, now: request.now)
        let token = request.header("x-oss-security-token") ?? request.query["security-token"]
        let key = try accessKey(String(parts[0]), token: token, now: request.now)
        return try compareV1(V1.stringToSign(request, date: text), key, provided: String(parts[1]))
    }

    private func verifyV1URL(_ request: ServiceRequest) throws(ServiceError) -> Identity {
        guard let id = request.query["OSSAccessKeyId"], let signature = request.query["Signature"],
            let expires = request.query["Expires"]
        else {
            throw .accessDenied(
                "Query-string authentication requires the Signature, Expires and OSSAccessKeyId parameters",
                ec: request.query.contains("Expires")
                    ? request.query.contains("Signature") ? "0002-00000071" : "0002-00000074" : "0002-00000067")
        }
        try Self.checkExpiry(expires, now: request.now)
        if request.header("x-oss-security-token") != nil { throw Self.tokenInHeader }
        let key = try accessKey(id, token: request.query["security-token"], now: request.now)
        return try compareV1(V1.stringToSign(request, date: expires), key, provided: signature)
    }

    /// Checks the expiration time of a URL that has a V1 or V2 signature.
    static func checkExpiry(_ expires: String, now: Date) throws(ServiceError) {
        guard let seconds = Int(expires) else {
            throw .accessDenied("Invalid date (should be seconds since epoch).", ec: "0002-00000070")
        }
        guard now <= Date(timeIntervalSince1970: TimeInterval(seconds)) else {
            throw .accessDenied("Request has expired.", ec: "0002-00000069")
        }
    }

    private func compareV1(
        _ stringToSign: [UInt8], _ key: MockOSSServer.AccessKey, provided: String
    ) throws(ServiceError) -> Identity {
        let mac = HMAC<SHA1>.authenticationCode(for: stringToSign, key: Array(key.secret.utf8))
        guard Data(mac).base64EncodedString() == provided else { throw Self.mismatch(key.id, provided, stringToSign) }
        return .accessKey(key.id)
    }

    // MARK: Both

    func accessKey(
        _ id: String, token: String?, now: Date
    ) throws(ServiceError) -> MockOSSServer.AccessKey {
        let known = accessKeys[id]
        // A temporary key without its token is unknown to the service.
        guard let key = known, key.securityToken == nil || token != nil else {
            throw ServiceError(
                status: 403, code: "InvalidAccessKeyId",
                message: "The OSS Access Key Id you provided does not exist in our records.",
                ec: known == nil ? "0002-00000902" : "0002-00000003", details: [("OSSAccessKeyId", id)])
        }
        guard token ?? "" == key.securityToken ?? "" else {
            throw ServiceError(
                status: 403, code: "InvalidSecurityToken", message: "The security token you provided is invalid.",
                ec: "0002-00000006")
        }
        if key.expiration ?? .distantFuture <= now || expiredKeys.withLock({ $0.contains(id) }) {
            throw ServiceError(
                status: 403, code: "SecurityTokenExpired", message: "The security token you provided has expired.",
                ec: "0002-00000007", details: [("SecurityToken", token ?? "")])
        }
        return key
    }

    static func checkSkew(_ date: Date, now: Date) throws(ServiceError) {
        guard abs(date.timeIntervalSince(now)) > maximumSkew else { return }
        throw ServiceError(
            status: 403, code: "RequestTimeTooSkewed",
            message: "The difference between the request time and the current time is too large.",
            ec: "0002-00000504",
            details: [
                ("MaxAllowedSkewMilliseconds", "900000"), ("RequestTime", ISO8601.extended(date)),
                ("ServerTime", ISO8601.extended(now)),
            ])
    }

    static func invalidDate(isMissing: Bool) -> ServiceError {
        .accessDenied(
            "OSS authentication requires a valid Date.", ec: isMissing ? "0002-00000503" : "0002-00000502")
    }

    static let tokenInHeader = ServiceError(
        status: 400, code: "InvalidRequest", message: "Security-token must be provided by query string parameter.",
        ec: "0002-00000063")

    static func mismatch(
        _ id: String, _ provided: String, _ stringToSign: [UInt8], canonicalRequest: [UInt8]? = nil
    ) -> ServiceError {
        let bytes = stringToSign.map { Hexadecimal.uppercase([$0]) }.joined(separator: " ")
        var error = ServiceError(
            status: 403, code: "SignatureDoesNotMatch",
            message: "The request signature we calculated does not match the signature you provided. "
                + "Check your key and signing method.",
            ec: "0002-00000040",
            details: [
                ("OSSAccessKeyId", id), ("SignatureProvided", provided),
                ("StringToSign", String(decoding: stringToSign, as: UTF8.self)),
                ("StringToSignBytes", bytes),
            ])
        if let canonicalRequest {
            error.details.append(("CanonicalRequest", String(decoding: canonicalRequest, as: UTF8.self)))
        }
        return error
    }
}
