import Foundation
import OSSPrimitives

/// The canonical forms of version 4, from a request as it was received.
enum V4 {
    static let algorithm = "OSS4-HMAC-SHA256"
    static let terminator = "aliyun_v4_request"

    /// `{ak}/{date}/{region}/{product}/aliyun_v4_request`.
    struct Scope: Equatable {
        var accessKeyID: String
        var date: String
        var region: String
        var product: String

        var text: String { "\(date)/\(region)/\(product)/\(terminator)" }

        init(_ credential: String, name: String) throws(ServiceError) {
            let parts = credential.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
            guard parts.count == 5, !parts[0].isEmpty, parts[1].utf8.count == 8 else {
                throw .invalidArgument(
                    "The credential is malformed.", name: name, value: credential, ec: "0002-00000202")
            }
            guard parts[4] == terminator else {
                throw .invalidArgument(
                    "The credential must end with \(terminator).", name: name, value: credential, ec: "0002-00000213")
            }
            guard ["oss", "oss-cloudbox"].contains(parts[3]) else {
                throw .invalidArgument("Invalid signing product.", name: name, value: credential, ec: "0002-00000214")
            }
            (accessKeyID, date, region, product) = (parts[0], parts[1], parts[2], parts[3])
        }
    }

    /// The Authorization header. Clients differ in the order of its fields and in blanks after the commas.
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
            guard let credential, let signature else { throw Self.malformed(header, "0002-00000202") }
            scope = try Scope(credential, name: "Authorization")
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
                throw Self.invalid("x-oss-signature-version", query, "0002-00000216")
            }
            guard let credential = query["x-oss-credential"] else {
                throw Self.invalid("x-oss-credential", query, "0002-00000217")
            }
            guard !credential.isEmpty else { throw Self.invalid("x-oss-credential", query, "0002-00000218") }
            scope = try Scope(credential, name: "x-oss-credential")
            guard let signature = query["x-oss-signature"], !signature.isEmpty else {
                throw Self.invalid("x-oss-signature", query, "0002-00000219")
            }
            self.signature = signature
            guard let text = query["x-oss-date"], let date = ISO8601.date(from: text), text.prefix(8) == scope.date
            else {
                throw Self.invalid("x-oss-date", query, "0002-00000223")
            }
            self.date = date
            guard let expires = query["x-oss-expires"].flatMap(Int.init), (1...604_800).contains(expires) else {
                throw Self.invalid("x-oss-expires", query, "0002-00000215")
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

    /// Refuses a request without a header that its signature is said to cover.
    static func check(_ additionalHeaders: [String], of request: ServiceRequest) throws(ServiceError) {
        for name in additionalHeaders where !request.fields.contains(where: { $0.name.lowercased() == name }) {
            throw .invalidArgument(
                "A header of the additional headers is missing.", name: "AdditionalHeaders",
                value: additionalHeaders.joined(separator: ";"))
        }
    }

    static func stringToSign(_ canonicalRequest: String, dateTime: String, scope: Scope) -> String {
        let digest = Hexadecimal.lowercase(SHA256.hash(Array(canonicalRequest.utf8)))
        return "\(algorithm)\n\(dateTime)\n\(scope.text)\n\(digest)"
    }

    static func canonicalRequest(_ request: ServiceRequest, additionalHeaders: [String], payload: String) -> String {
        var uri = "/"
        if let bucket = request.bucket { uri += encode(bucket, keepsSlash: false) + "/" }
        if let key = request.key { uri += encode(key, keepsSlash: true) }

        var parameters: [(name: String, value: String)] = []
        for item in request.query.items where item.name != "x-oss-signature" {
            parameters.append((encode(item.name, keepsSlash: false), encode(item.value ?? "", keepsSlash: false)))
        }
        parameters.sort { ($0.name, $0.value) < ($1.name, $1.value) }
        let query = parameters.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }.joined(separator: "&")

        var headers: [String: String] = [:]
        for field in request.fields {
            let name = field.name.lowercased()
            guard
                name.hasPrefix("x-oss-") || name == "content-type" || name == "content-md5"
                    || additionalHeaders.contains(name)
            else { continue }
            headers[name] = headers[name].map { $0 + "," + field.value } ?? field.value
        }
        let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)\n" }.joined()
        let additional = additionalHeaders.joined(separator: ";")
        return "\(request.method)\n\(uri)\n\(query)\n\(lines)\n\(additional)\n\(payload)"
    }

    private static func headerNames(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: ";")).map { Substring(trimmed($0)).lowercased() }.sorted()
    }

    // Foundation's `trimmingCharacters` takes longer than all the hashing of a signature.
    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let start = text.firstIndex { !isBlank($0) } ?? text.endIndex
        let end = text.lastIndex { !isBlank($0) }.map { text.index(after: $0) } ?? start
        return text[start..<end]
    }

    /// Every byte but the unreserved ones as `%XX`.
    private static func encode(_ text: String, keepsSlash: Bool) -> String {
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
