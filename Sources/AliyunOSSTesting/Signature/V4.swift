import Foundation
import OSSPrimitives

/// Functions that derive the canonical forms for V4 signatures from a received request.
enum V4 {
    static let algorithm = "OSS4-HMAC-SHA256"
    static let terminator = "aliyun_v4_request"
    /// Placeholder for the body digest. V4 signatures in OSS never cover the body.
    static let unsignedPayload = "UNSIGNED-PAYLOAD"

    /// A credential's scope, in the form `{ak}/{date}/{region}/{product}/aliyun_v4_request`.
    struct Scope: Equatable {
        var accessKeyID: String
        var date: String
        var region: String
        var product: String

        var text: String { "\(date)/\(region)/\(product)/\(terminator)" }

        init(_ credential: String, in place: Place) throws(ServiceError) {
            let parts = credential.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
            guard parts.count == 5 else { throw place.error(.format, credential) }
            guard !parts[0].isEmpty, parts[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw place.error(.accessKeyID, credential)
            }
            guard parts[1].utf8.count == 8 else { throw place.error(.date, credential) }
            guard ["oss", "oss-cloudbox"].contains(parts[3]) else { throw place.error(.product, credential) }
            guard parts[4] == terminator else { throw place.error(.format, credential) }
            (accessKeyID, date, region, product) = (parts[0], parts[1], parts[2], parts[3])
        }
    }

    /// The part of a request that contains its credential. It determines the message and error number of the service if
    /// the credential is invalid.
    enum Place {
        case header, query, form

        enum Mistake {
            /// The credential does not have five components, or its last component is not `aliyun_v4_request`.
            case format
            case accessKeyID, date, region, product
        }

        func error(_ mistake: Mistake, _ credential: String) -> ServiceError {
            let (header, query, form) =
                switch mistake {
                case .format: ("213", "224", "710")
                case .accessKeyID: ("206", "222", "708")
                case .date: ("212", "223", "710")
                case .region: ("226", "228", "715")
                case .product: ("227", "229", "710")
                }
            let name =
                switch mistake {
                case .format, .accessKeyID: "credential"
                case .date: "signing date"
                case .region: "signing region"
                case .product: "signing product"
                }
            let message =
                self == .header
                ? "Invalid \(name) in Authorization header."
                : name == "credential" ? "The credential is invalid." : "The \(name) in credential is invalid."
            let number = self == .header ? header : self == .query ? query : form
            return .invalidArgument(
                message, name: self == .header ? "Authorization" : "x-oss-credential", value: credential,
                ec: "0002-00000\(number)")
        }
    }

    /// The Authorization header. Clients differ in the order of its fields and in spaces after the commas.
    struct Authorization {
        let scope: Scope
        let additionalHeaders: [String]
        let signature: String

        init(_ header: String) throws(ServiceError) {
            var credential: String?
            var signature: String?
            var additional: [String] = []
            for field in header.utf8.dropFirst(algorithm.utf8.count).split(separator: UInt8(ascii: ",")) {
                let text = trimmed(field)
                guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else {
                    throw Self.malformed(header, "0002-00000202")
                }
                let value = String(Substring(text[text.index(after: equals)...]))
                switch Substring(text[..<equals]) {
                case "Credential": credential = value
                case "Signature": signature = value
                case "AdditionalHeaders":
                    guard !value.isEmpty else { throw Self.malformed(header, "0002-00000209") }
                    additional = headerNames(value)
                default: throw Self.malformed(header, "0002-00000204")
                }
            }
            guard let credential else { throw Self.malformed(header, "0002-00000205") }
            guard let signature else { throw Self.malformed(header, "0002-00000207") }
            guard !signature.isEmpty else { throw Self.malformed(header, "0002-00000208") }
            scope = try Scope(credential, in: .header)
            self.signature = signature
            additionalHeaders = additional
        }

        private static func malformed(_ header: String, _ ec: String) -> ServiceError {
            .invalidArgument("The Authorization header is malformed.", name: "Authorization", value: header, ec: ec)
        }
    }

    /// The parameters of a signed URL.
    struct Parameters {
        let scope: Scope
        let date: Date
        let expires: Int
        let additionalHeaders: [String]
        let signature: String

        init(_ request: ServiceRequest) throws(ServiceError) {
            let query = request.query
            guard query["x-oss-signature-version"] == algorithm else {
                throw Self.invalid("x-oss-signature-version", query, "0002-00000066")
            }
            guard let credential = query["x-oss-credential"] else {
                throw Self.invalid("x-oss-credential", query, "0002-00000217")
            }
            guard !credential.isEmpty else { throw Self.invalid("x-oss-credential", query, "0002-00000218") }
            scope = try Scope(credential, in: .query)
            guard let signature = query["x-oss-signature"] else {
                throw Self.invalid("x-oss-signature", query, "0002-00000219")
            }
            guard !signature.isEmpty else { throw Self.invalid("x-oss-signature", query, "0002-00000220") }
            self.signature = signature
            guard let text = query["x-oss-date"], let date = ISO8601.date(from: text), text.prefix(8) == scope.date
            else {
                throw Self.invalid("x-oss-date", query, "0002-00000223")
            }
            self.date = date
            guard let text = query["x-oss-expires"] else { throw Self.invalid("x-oss-expires", query, "0002-00000215") }
            guard !text.isEmpty else { throw Self.invalid("x-oss-expires", query, "0002-00000216") }
            guard let expires = Int(text), (1...604_800).contains(expires) else {
                throw Self.invalid("x-oss-expires", query, "0002-00000232")
            }
            self.expires = expires
            additionalHeaders = headerNames(query["x-oss-additional-headers"] ?? "")
        }

        private static func invalid(_ name: String, _ query: QueryItems, _ ec: String) -> ServiceError {
            .invalidArgument(
                query.contains(name) ? "The parameter \(name) is invalid." : "The parameter \(name) is missing.",
                name: name, value: query[name] ?? "", ec: ec)
        }
    }

    /// Throws an error if a header that the signature covers is missing.
    static func check(_ additionalHeaders: [String], of request: ServiceRequest) throws(ServiceError) {
        for name in additionalHeaders where !request.fields.contains(where: { $0.name.lowercased() == name }) {
            throw .invalidArgument(
                "A header listed in AdditionalHeaders is missing.", name: "AdditionalHeaders",
                value: additionalHeaders.joined(separator: ";"))
        }
    }

    static func stringToSign(_ canonicalRequest: [UInt8], dateTime: String, scope: Scope) -> String {
        let digest = Hexadecimal.lowercase(SHA256.hash(canonicalRequest))
        return "\(algorithm)\n\(dateTime)\n\(scope.text)\n\(digest)"
    }

    /// Returns all query parameters except the signature, encoded and sorted.
    static func canonicalQuery(_ query: QueryItems) -> String {
        var parameters: [(name: String, value: String)] = []
        for item in query.items where item.name != "x-oss-signature" {
            parameters.append((encode(item.name, keepsSlash: false), encode(item.value ?? "", keepsSlash: false)))
        }
        parameters.sort { ($0.name, $0.value) < ($1.name, $1.value) }
        return parameters.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    static func canonicalRequest(_ request: ServiceRequest, additionalHeaders: [String], payload: String) -> [UInt8] {
        var uri = "/"
        if let bucket = request.bucket { uri += encode(bucket, keepsSlash: false) + "/" }
        if let key = request.key { uri += encode(key, keepsSlash: true) }

        let query = canonicalQuery(request.query)
        let lines = request.canonicalHeaders { name in
            name.hasPrefix("x-oss-") || name == "content-type" || name == "content-md5"
                || additionalHeaders.contains(name)
        }
        let additional = additionalHeaders.joined(separator: ";")
        return Array("\(request.method)\n\(uri)\n\(query)\n".utf8) + lines + "\n\(additional)\n\(payload)".utf8
    }

    static func headerNames(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: ";")).map { Substring(trimmed($0)).lowercased() }.sorted()
    }

    // Foundation's `trimmingCharacters` takes longer than all the hashing of a signature.
    static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = text.firstIndex { !isBlank($0) } ?? text.endIndex
        let end = text.lastIndex { !isBlank($0) }.map { text.index(after: $0) } ?? start
        return text[start..<end]
    }

    /// Percent-encodes all bytes except unreserved characters.
    static func encode(_ text: String, keepsSlash: Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count + 16)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(byte)
            case UInt8(ascii: "/") where keepsSlash: encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
