import Foundation

/// What the service compresses on the way: texts from 1 KB on, for those who ask for it and for all of it.
enum Compression {
    private static let minimumLength = 1024
    /// The service may compress and need not: what is larger would have to be held in memory for that.
    static let maximumLength = 4 << 20
    private static let types: Set<String> = [
        "application/javascript", "application/json", "application/rss+xml", "application/x-javascript",
        "text/cache-manifest", "text/css", "text/html", "text/json", "text/plain", "text/xml",
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

    static func compress(_ response: inout ServiceResponse, _ bytes: ObjectBytes) {
        response.body = .data(Data(StoredGzip.encode(Array(bytes.data))))
        describe(&response)
    }

    /// Makes the headers those of a compressed answer, which HEAD has too. The digests stay: they are of what is stored.
    static func describe(_ response: inout ServiceResponse) {
        response.isChunked = true
        response.set("Content-Encoding", "gzip")
        response.set("Vary", "Accept-Encoding")
        for name in ["ETag", "Accept-Ranges"] { response.set(name, nil) }
    }
}
