import Foundation

/// Signs requests, in a header or in the URL. A value that can be copied; the copies share the derived key.
package struct Signer: Sendable {
    package let version: SignatureVersion
    /// The region and the product that version 4 signs for; version 1 does without.
    package let region: String
    package let product: String
    let additionalHeaders: AdditionalHeaders
    let keys = SigningKeyCache()

    /// Makes a signer.
    ///
    /// - Parameters:
    ///   - region: `cn-hangzhou`. Version 1 does without.
    ///   - product: `oss`, or `oss-cloudbox`.
    ///   - additionalHeaders: Names of headers that version 4 signs beyond those that it must.
    package init(
        version: SignatureVersion = .v4, region: String = "", product: String = "oss", additionalHeaders: [String] = []
    ) {
        self.version = version
        self.region = region
        self.product = product
        self.additionalHeaders = AdditionalHeaders(additionalHeaders)
    }

    /// Signs in the `Authorization` header, and sets the headers that belong to it. A request that was signed before is
    /// signed anew, as a retry must be.
    package func sign(_ request: inout SignableRequest, credentials: Credentials, at date: Date) {
        request.headers[HeaderName.token] = credentials.securityToken
        switch version {
        case .v4: signV4(&request, credentials: credentials, at: date)
        case .v1: signV1(&request, credentials: credentials, at: date)
        }
    }

    /// Signs in the query: whoever has the URL may send the request until it expires, with exactly the headers that
    /// were signed (`Content-Type`, `Content-MD5`, `x-oss-…`).
    ///
    /// - Parameter validity: Whole seconds are signed; a part of one counts as one. At most 7 days with version 4.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` when the validity is out of range.
    package func presign(
        _ request: inout SignableRequest, credentials: Credentials, at date: Date, validFor validity: Duration
    ) throws(OSSError) {
        let seconds = validity.components.seconds + (validity.components.attoseconds > 0 ? 1 : 0)
        let longest: Int64 = version == .v4 ? 7 * 86_400 : .max / 4
        guard (1...longest).contains(seconds) else {
            throw OSSError(.invalidArgument, "a presigned URL is valid for one second to seven days, not \(validity)")
        }
        for name in [HeaderName.authorization, HeaderName.token, HeaderName.date] { request.headers[name] = nil }
        request.query.removeAll { QueryName.all.contains($0.name) }
        switch version {
        case .v4: presignV4(&request, credentials: credentials, at: date, seconds: seconds)
        case .v1: presignV1(&request, credentials: credentials, at: date, seconds: seconds)
        }
    }
}

/// The headers that signing sets.
enum HeaderName {
    static let authorization = "Authorization"
    static let date = "x-oss-date"
    static let payload = "x-oss-content-sha256"
    static let token = "x-oss-security-token"
}

/// The parameters that signing a URL adds.
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

/// How requests are signed.
public enum SignatureVersion: String, Sendable, Hashable, CaseIterable {
    /// HMAC-SHA256 with a key derived per day and region. The default; it needs the bucket's region.
    case v4
    /// HMAC-SHA1 with the secret itself. For servers and proxies that know nothing newer; new accounts may be refused.
    case v1
}
