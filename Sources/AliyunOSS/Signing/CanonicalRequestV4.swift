import OSSPrimitives

/// The request as version 4 of the signature writes it, before it is hashed.
enum CanonicalRequestV4 {
    /// The one payload hash that the service defines: the body is not part of the signature.
    static let payload = "UNSIGNED-PAYLOAD"

    /// The whole of it, in one buffer.
    ///
    /// - Parameters:
    ///   - additional: The headers that are signed beyond those that always are.
    ///   - names: Those of them that the request has, as ``AdditionalHeaders/present(in:)`` says.
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

    /// `/bucket/key`, `/bucket/` or `/`. A key keeps its slashes here even where its URL has `%2F`: the service signs
    /// what it decoded.
    private static func appendResource(_ request: SignableRequest, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "/"))
        guard let bucket = request.bucket else { return }
        bytes += PercentEncoding.encode(bucket).utf8
        bytes.append(UInt8(ascii: "/"))
        if let key = request.key { bytes += PercentEncoding.encodePath(key).utf8 }
    }

    /// Every parameter, in the order of the **encoded** names: `|` sorts as `%7C`, which is before `a`.
    private static func appendQuery(_ query: [(name: String, value: String?)], to bytes: inout [UInt8]) {
        if query.isEmpty { return }
        // What was encoded is ASCII, which Swift compares as the bytes it is.
        let parameters = query.map {
            (name: PercentEncoding.encode($0.name), value: PercentEncoding.encode($0.value ?? ""))
        }
        .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        var isFirst = true
        for (name, value) in parameters {
            if !isFirst { bytes.append(UInt8(ascii: "&")) }
            isFirst = false
            bytes += name.utf8
            // `acl` and `acl=` are the same to the service.
            if value.isEmpty { continue }
            bytes.append(UInt8(ascii: "="))
            bytes += value.utf8
        }
    }
}
