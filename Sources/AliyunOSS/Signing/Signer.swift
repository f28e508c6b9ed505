import Foundation

/// A request signer. It puts the signature in a header or in the URL. Copies share the derived key.
package struct Signer: Sendable {
    package let version: SignatureVersion
    /// Region and product to use in V4 signatures; V1 uses neither.
    package let region: String
    package let product: String
    let additionalHeaders: AdditionalHeaders
    let keys = SigningKeyCache()

    /// Creates a signer.
    ///
    /// - Parameters:
    ///   - region: Region ID, such as `cn-hangzhou`. Unused by V1.
    ///   - product: `oss` or `oss-cloudbox`.
    ///   - additionalHeaders: Names of further headers that V4 signs.
    package init(
        version: SignatureVersion = .v4, region: String = "", product: String = "oss", additionalHeaders: [String] = []
    ) {
        self.version = version
        self.region = region
        self.product = product
        self.additionalHeaders = AdditionalHeaders(additionalHeaders)
    }

    /// Signs a request with an `Authorization` header, replacing the headers of an earlier signature.
    package func sign(_ request: inout SignableRequest, credentials: Credentials, at date: Date) {
        request.headers[HeaderName.token] = credentials.securityToken
        switch version {
        case .v4: signV4(&request, credentials: credentials, at: date)
        case .v1: signV1(&request, credentials: credentials, at: date)
        }
    }

    /// Signs a request with query parameters, turning its URL into a presigned URL. Anyone with the URL can send the
    /// request until the URL expires, with exactly the signed headers (`Content-Type`, `Content-MD5`, `x-oss-…`).
    ///
    /// - Parameter validity: Period for which the URL is valid, rounded up to seconds; at most 7 days with V4.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the validity is out of range.
    package func presign(
        _ request: inout SignableRequest, credentials: Credentials, at date: Date, validFor validity: Duration
    ) throws(OSSError) {
        let seconds = try checkedSeconds(of: validity)
        request.removeSignature()
        switch version {
        case .v4: presignV4(&request, credentials: credentials, at: date, seconds: seconds)
        case .v1: presignV1(&request, credentials: credentials, at: date, seconds: seconds)
        }
    }

    /// Returns a period of validity in seconds, rounded up.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the service would not accept the period.
    func checkedSeconds(of validity: Duration) throws(OSSError) -> Int64 {
        let longest: Int64 = version == .v4 ? 7 * 86_400 : 1 << 40
        let (whole, fraction) = validity.components
        let seconds = whole < longest && fraction > 0 ? whole + 1 : whole
        guard (1...longest).contains(seconds), seconds > whole || fraction <= 0 else {
            let limit = version == .v4 ? "from one second to seven days" : "at least one second"
            throw OSSError(.invalidArgument, "a presigned URL or form must be valid for \(limit) (got \(validity))")
        }
        return seconds
    }

    /// Returns the period of validity of a signature that expires at a date, in seconds.
    ///
    /// The service adds the period to the time of the signature, which has no fraction of a second.
    func seconds(until expiration: Date, from now: Date) throws(OSSError) -> Int64 {
        let period = (expiration.timeIntervalSince1970.rounded(.down) - now.timeIntervalSince1970.rounded(.down))
        return try checkedSeconds(of: .seconds(Int64(exactly: period) ?? .max))
    }
}

extension SignableRequest {
    /// Removes an earlier signature from the headers and the query.
    mutating func removeSignature() {
        for name in [HeaderName.authorization, HeaderName.token, HeaderName.date] { headers[name] = nil }
        query.removeAll { QueryName.all.contains($0.name) }
    }
}

/// Names of the headers that a signature sets.
enum HeaderName {
    static let authorization = "Authorization"
    static let date = "x-oss-date"
    static let payload = "x-oss-content-sha256"
    static let token = "x-oss-security-token"
}

/// Names of the query parameters that presigning adds to a URL.
enum QueryName {
    static let accessKeyID = "OSSAccessKeyId"
    static let expires = "Expires"
    static let signature = "Signature"
    static let token = "security-token"

    static let v4Version = "x-oss-signature-version"
    static let v4Credential = "x-oss-credential"
    static let v4Date = "x-oss-date"
    static let v4Expires = "x-oss-expires"
    static let v4AdditionalHeaders = "x-oss-additional-headers"
    static let v4Token = "x-oss-security-token"
    static let v4Signature = "x-oss-signature"

    static let all: Set<String> = [
        accessKeyID, expires, signature, token,
        v4Version, v4Credential, v4Date, v4Expires, v4AdditionalHeaders, v4Token, v4Signature,
    ]
}

/// The version of the signature algorithm.
public enum SignatureVersion: String, Sendable, Hashable, CaseIterable {
    /// HMAC-SHA256 with a key derived for each day and region. It requires the region of the bucket. The default.
    case v4
    /// HMAC-SHA1 with the secret, for servers and proxies that do not support V4. The service may refuse V1 signatures
    /// of new accounts.
    case v1
}
