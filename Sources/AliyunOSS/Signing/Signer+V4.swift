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
        let product = request.product ?? product
        let scope = scope(of: datetime, product: product)
        let text = Self.stringToSignV4(canonical: canonical, datetime: datetime, scope: scope)
        let signature = signature(
            of: text, datetime: datetime, product: product, secret: credentials.accessKeySecret)
        request.headers[HeaderName.authorization] =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope)"
            + (names.isEmpty ? "" : ",AdditionalHeaders=\(names)") + ",Signature=\(signature)"
    }

    func presignV4(_ request: inout SignableRequest, credentials: Credentials, at date: Date, seconds: Int64) {
        let datetime = ISO8601.basic(date)
        let product = request.product ?? product
        let scope = scope(of: datetime, product: product)
        let names = additionalHeaders.present(in: request.headers)
        request.query.append((QueryName.v4Version, Self.algorithm))
        request.query.append((QueryName.v4Credential, "\(credentials.accessKeyID)/\(scope)"))
        request.query.append((QueryName.v4Date, datetime))
        request.query.append((QueryName.v4Expires, "\(seconds)"))
        if !names.isEmpty { request.query.append((QueryName.v4AdditionalHeaders, names)) }
        if let token = credentials.securityToken { request.query.append((QueryName.v4Token, token)) }
        let canonical = CanonicalRequestV4.bytes(of: request, additional: additionalHeaders, names: names)
        let text = Self.stringToSignV4(canonical: canonical, datetime: datetime, scope: scope)
        let signature = signature(
            of: text, datetime: datetime, product: product, secret: credentials.accessKeySecret)
        request.query.append((QueryName.v4Signature, signature))
    }

    /// Returns the string to sign for a V4 signature. It consists of the algorithm, the time, the scope and the hash of
    /// the canonical request.
    static func stringToSignV4(canonical: [UInt8], datetime: String, scope: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        for line in [algorithm, datetime, scope] {
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        bytes += Hexadecimal.lowercase(SHA256.hash(canonical)).utf8
        return bytes
    }

    /// Returns the scope of a signature.
    ///
    /// - Parameter product: Product of the request. Default: that of the signer.
    func scope(of datetime: String, product: String? = nil) -> String {
        "\(datetime.prefix(8))/\(region)/\(product ?? self.product)/aliyun_v4_request"
    }

    func signature(of text: [UInt8], datetime: String, product: String, secret: String) -> String {
        var code = keys.code(secret: secret, day: String(datetime.prefix(8)), region: region, product: product)
        code.update(text)
        return Hexadecimal.lowercase(code.finalize())
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
    private let names: [[UInt8]]

    init(_ names: [String]) {
        let wanted = Set(names.map(CanonicalHeaders.lowercase)).filter { !Self.isAlwaysSigned($0) }
        self.names = wanted.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Returns whether V4 signs a header.
    func isSigned(_ lowercaseName: [UInt8]) -> Bool {
        Self.isAlwaysSigned(lowercaseName) || names.contains(lowercaseName)
    }

    /// Returns the names of the additional headers that the request contains, in the format of the signature, such as
    /// `host;range`. A listed name without a header would make the signature invalid.
    func present(in headers: HTTPHeaders) -> String {
        if names.isEmpty { return "" }
        let sent = Set(headers.map { CanonicalHeaders.lowercase($0.name) })
        return names.filter(sent.contains).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ";")
    }

    private static func isAlwaysSigned(_ lowercaseName: [UInt8]) -> Bool {
        lowercaseName.starts(with: "x-oss-".utf8) || lowercaseName.elementsEqual("content-type".utf8)
            || lowercaseName.elementsEqual("content-md5".utf8)
    }
}

/// Functions that derive the V4 signing key from the secret for one day, region and product.
enum SigningKeyV4 {
    /// Derives the signing key.
    ///
    /// - Parameter day: Day, such as `20231216`.
    static func derive(secret: String, day: String, region: String, product: String) -> [UInt8] {
        var key = Array("aliyun_v4\(secret)".utf8)
        for part in [day, region, product, "aliyun_v4_request"] {
            key = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), key: key)
        }
        return key
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
        var code: HMAC<SHA256>
    }

    private let entry = Mutex<Entry?>(nil)

    /// Returns an HMAC that is initialized with the signing key.
    func code(secret: String, day: String, region: String, product: String) -> HMAC<SHA256> {
        entry.withLock { entry in
            if let entry, entry.secret == secret, entry.day == day, entry.region == region, entry.product == product {
                return entry.code
            }
            let key = SigningKeyV4.derive(secret: secret, day: day, region: region, product: product)
            let code = HMAC<SHA256>(key: key)
            entry = Entry(secret: secret, day: day, region: region, product: product, code: code)
            return code
        }
    }
}

extension SigningKeyCache: CustomReflectable {
    /// An empty mirror, because the cache contains a secret.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
