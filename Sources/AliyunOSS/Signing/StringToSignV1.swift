/// The text that version 1 signs. Nothing in it is percent-encoded.
enum StringToSignV1 {
    /// The whole of it.
    ///
    /// - Parameter date: The value of the `Date` line: that of `x-oss-date` or `Date`, or in a URL the time it expires.
    static func bytes(of request: SignableRequest, date: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        for line in [
            request.method.rawValue, request.headers["Content-MD5"] ?? "", request.headers["Content-Type"] ?? "", date,
        ] {
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        CanonicalHeaders.append(request.headers, to: &bytes) { $0.starts(with: "x-oss-".utf8) }
        appendResource(request, to: &bytes)
        return bytes
    }

    private static func appendResource(_ request: SignableRequest, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "/"))
        if let bucket = request.bucket {
            bytes += bucket.utf8
            bytes.append(UInt8(ascii: "/"))
            bytes += (request.key ?? "").utf8
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
