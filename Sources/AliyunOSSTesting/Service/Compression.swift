import Foundation

/// What the service compresses on the way: texts from 1 KB on, for those who ask for it and for all of it.
enum Compression {
    private static let minimumLength = 1024
    /// The service may compress and need not: what is larger would have to be held in memory for that.
    static let maximumLength = 4 << 20
    private static let types: Set<String> = [
        "application/javascript", "application/json", "application/rss+xml", "application/x-javascript",
        "text/cache-manifest", "text/css", "text/json", "text/plain", "text/xml",
    ]

    static func applies(to request: ServiceRequest, _ object: MockObject) -> Bool {
        guard (minimumLength...maximumLength).contains(object.attributes.size),
            let accepted = request.header("Accept-Encoding"),
            accepted.lowercased().contains("gzip"), request.header("Range") == nil,
            object.attributes.headers["content-encoding"] == nil
        else { return false }
        let type = object.attributes.headers["content-type"]?.split(separator: ";").first ?? ""
        return types.contains(type.trimmingCharacters(in: .whitespaces).lowercased())
    }

    /// Digests and lengths are of what is stored, so they do not go with what is sent.
    static func compress(_ response: inout ServiceResponse, _ bytes: ObjectBytes) {
        response.body = .data(Data(StoredGzip.encode(Array(bytes.data))))
        response.isChunked = true
        response.set("Content-Encoding", "gzip")
        for name in ["ETag", "Content-MD5", "x-oss-hash-crc64ecma", "Accept-Ranges"] { response.set(name, nil) }
    }
}
