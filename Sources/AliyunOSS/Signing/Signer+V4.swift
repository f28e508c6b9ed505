import Foundation
import OSSPrimitives
import Synchronization

extension Signer {
    static let algorithm = "OSS4-HMAC-SHA256"

    func signV4(_ request: inout SignableRequest, credentials: Credentials, at date: Date) {
        let datetime = ISO8601.basic(date)
        request.headers[HeaderName.date] = datetime
        request.headers[HeaderName.payload] = CanonicalRequestV4.payload
        let names = additionalHeaders.present(in: request.headers)
        let canonical = CanonicalRequestV4.bytes(of: request, additional: additionalHeaders, names: names)
        let key = signingKey(of: datetime, product: request.product, secret: credentials.accessKeySecret)
        var authorization = Self.algorithm
        authorization.reserveCapacity(256)
        authorization += " Credential="
        authorization += credentials.accessKeyID
        authorization += "/"
        authorization += key.scope
        if !names.isEmpty {
            authorization += ",AdditionalHeaders="
            authorization += names
        }
        authorization += ",Signature="
        authorization += key.signature(of: Self.stringToSignV4(canonical: canonical, datetime: datetime, key.scope))
        request.headers[HeaderName.authorization] = authorization
    }

    func presignV4(_ request: inout SignableRequest, credentials: Credentials, at date: Date, seconds: Int64) {
        let datetime = ISO8601.basic(date)
        let key = signingKey(of: datetime, product: request.product, secret: credentials.accessKeySecret)
        let names = additionalHeaders.present(in: request.headers)
        request.query.append((QueryName.v4Version, Self.algorithm))
        request.query.append((QueryName.v4Credential, "\(credentials.accessKeyID)/\(key.scope)"))
        request.query.append((QueryName.v4Date, datetime))
        request.query.append((QueryName.v4Expires, "\(seconds)"))
        if !names.isEmpty { request.query.append((QueryName.v4AdditionalHeaders, names)) }
        if let token = credentials.securityToken { request.query.append((QueryName.v4Token, token)) }
        let canonical = CanonicalRequestV4.bytes(of: request, additional: additionalHeaders, names: names)
        let text = Self.stringToSignV4(canonical: canonical, datetime: datetime, key.scope)
        request.query.append((QueryName.v4Signature, key.signature(of: text)))
    }

    /// Returns the string to sign for a V4 signature. It consists of the algorithm, the time, the scope and the hash of
    /// the canonical request.
    static func stringToSignV4(canonical: [UInt8], datetime: String, _ scope: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        bytes += algorithm.utf8
        bytes.append(UInt8(ascii: "\n"))
        bytes += datetime.utf8
        bytes.append(UInt8(ascii: "\n"))
        bytes += scope.utf8
        bytes.append(UInt8(ascii: "\n"))
        bytes += Hexadecimal.lowercase(SHA256.hash(canonical)).utf8
        return bytes
    }

    /// Returns the key for signing requests on the day of a time such as `20231216T162057Z`.
    ///
    /// - Parameter product: Product of the request. Default: that of the signer.
    func signingKey(of datetime: String, product: String? = nil, secret: String) -> SigningKeyV4 {
        keys.key(
            secret: secret, day: String(datetime.prefix(8)), region: region, product: product ?? self.product)
    }
}

/// Functions that build the canonical form of a request for a V4 signature.
enum CanonicalRequestV4 {
    /// The only payload hash that the service supports. The body is not signed.
    static let payload = "UNSIGNED-PAYLOAD"

    /// Returns the canonical request.
    ///
    /// - Parameters:
    ///   - additional: Additional headers to sign.
    ///   - names: Names of the additional headers in the request, from ``AdditionalHeaders/present(in:)``.
    static func bytes(of request: SignableRequest, additional: AdditionalHeaders, names: String) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        bytes += request.method.rawValue.utf8
        bytes.append(newline)
        appendResource(request, to: &bytes)
        bytes.append(newline)
        appendQuery(request.query, to: &bytes)
        bytes.append(newline)
        CanonicalHeaders.append(request.headers, to: &bytes, where: additional.isSigned)
        bytes.append(newline)
        bytes += names.utf8
        bytes.append(newline)
        bytes += payload.utf8
        return bytes
    }

    /// Appends `/bucket/key`, `/bucket/` or `/`. Slashes in the key are not encoded here, even if the URL contains
    /// `%2F`, because the service signs the decoded key.
    private static func appendResource(_ request: SignableRequest, to bytes: inout [UInt8]) {
        if let resource = request.resource { return bytes += PercentEncoding.encodePath(resource).utf8 }
        bytes.append(UInt8(ascii: "/"))
        guard let bucket = request.bucket else { return }
        bytes += PercentEncoding.encode(bucket).utf8
        bytes.append(UInt8(ascii: "/"))
        if let key = request.key { bytes += PercentEncoding.encodePath(key).utf8 }
    }

    /// Appends all parameters, sorted by their encoded names. For example, `|` sorts as `%7C`, which is before `a`.
    private static func appendQuery(_ query: [(name: String, value: String?)], to bytes: inout [UInt8]) {
        if query.isEmpty { return }
        // Encoded text is ASCII, which Swift compares by bytes.
        let parameters = query.map {
            (name: PercentEncoding.encode($0.name), value: PercentEncoding.encode($0.value ?? ""))
        }
        .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        var isFirst = true
        for (name, value) in parameters {
            if !isFirst { bytes.append(UInt8(ascii: "&")) }
            isFirst = false
            bytes += name.utf8
            // The service treats `acl` and `acl=` alike.
            if value.isEmpty { continue }
            bytes.append(UInt8(ascii: "="))
            bytes += value.utf8
        }
    }
}

/// The additional headers that V4 signs, such as `host` or `range`.
struct AdditionalHeaders: Sendable {
    /// Sorted lowercase names, excluding duplicates and headers that are always signed.
    private let names: [String]

    init(_ names: [String]) {
        let lowercase = names.map { String(decoding: $0.utf8.map(\.asciiLowercased), as: UTF8.self) }
        self.names = Set(lowercase).filter { !Self.isAlwaysSigned($0) }.sorted { $0.precedesIgnoringASCIICase($1) }
    }

    /// Returns whether V4 signs a header.
    func isSigned(_ name: String) -> Bool {
        Self.isAlwaysSigned(name) || names.contains { $0.equalsIgnoringASCIICase(name) }
    }

    /// Returns the names of the additional headers that the request contains, in the format of the signature, such as
    /// `host;range`. A listed name without a header would make the signature invalid.
    func present(in headers: HTTPHeaders) -> String {
        names.isEmpty ? "" : names.filter { headers[$0] != nil }.joined(separator: ";")
    }

    private static func isAlwaysSigned(_ name: String) -> Bool {
        name.startsIgnoringASCIICase(with: "x-oss-") || name.equalsIgnoringASCIICase("content-type")
            || name.equalsIgnoringASCIICase("content-md5")
    }
}

/// A key for V4 signatures, which is valid for one secret, day, region and product.
struct SigningKeyV4: Sendable {
    /// Scope of the signatures, such as `20231216/cn-hangzhou/oss/aliyun_v4_request`.
    let scope: String
    /// An HMAC that is initialized with the key.
    private let code: HMAC<SHA256>

    /// Derives a key from a secret.
    ///
    /// - Parameter day: Day, such as `20231216`.
    init(secret: String, day: String, region: String, product: String) {
        code = HMAC(key: Self.derive(secret: secret, day: day, region: region, product: product))
        scope = "\(day)/\(region)/\(product)/\(Self.terminator)"
    }

    /// Returns the bytes of a key.
    static func derive(secret: String, day: String, region: String, product: String) -> [UInt8] {
        var key = Array("aliyun_v4\(secret)".utf8)
        for part in [day, region, product, terminator] {
            key = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), key: key)
        }
        return key
    }

    private static let terminator = "aliyun_v4_request"

    /// Returns the signature of a text in hexadecimal.
    func signature(of text: [UInt8]) -> String {
        var code = code
        code.update(text)
        return Hexadecimal.lowercase(code.finalize())
    }
}

/// A cache for the most recently derived key. Deriving a key takes longer than signing a request.
///
/// One entry suffices: a client signs with one secret and one day at a time.
final class SigningKeyCache: Sendable {
    private struct Entry {
        var secret: String
        var day: String
        var region: String
        var product: String
        var key: SigningKeyV4
    }

    private let entry = Mutex<Entry?>(nil)

    /// Returns the key for a secret, day, region and product.
    func key(secret: String, day: String, region: String, product: String) -> SigningKeyV4 {
        entry.withLock { entry in
            if let entry, entry.secret == secret, entry.day == day, entry.region == region, entry.product == product {
                return entry.key
            }
            let key = SigningKeyV4(secret: secret, day: day, region: region, product: product)
            entry = Entry(secret: secret, day: day, region: region, product: product, key: key)
            return key
        }
    }
}

extension SigningKeyCache: CustomReflectable {
    /// An empty mirror, because the cache contains a secret.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
