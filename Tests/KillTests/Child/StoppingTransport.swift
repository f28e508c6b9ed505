import AliyunOSS

/// A transport with a point before each request and after its response.
struct StoppingTransport: HTTPTransport {
    let base: any HTTPTransport
    let points: Points

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let name = Self.name(of: request)
        points.pass("ask \(name)")
        let response = try await base.send(request)
        points.pass("answered \(name)")
        return response
    }

    /// Returns a name that is the same in every run, such as `PUT /photos/a partNumber=2`, without the upload ID.
    private static func name(of request: HTTPRequest) -> String {
        let parts = request.url.split(separator: "?", maxSplits: 1)
        let path = parts[0].split(separator: "/").dropFirst(2).joined(separator: "/")
        var words = [request.method.rawValue, "/" + path]
        if parts.count > 1 {
            let items = parts[1].split(separator: "&")
            words += items.map { $0.hasPrefix("uploadId=") ? "uploadId" : String($0) }
        }
        if let range = request.headers["Range"] { words.append(range) }
        return words.joined(separator: " ")
    }
}
