import AliyunOSSTesting
import Foundation

extension MockOSSServer {
    /// A server with one bucket, `photos`, in a state of versioning; `nil` has never been set.
    static func versioned(_ status: String?, clock: (@Sendable () -> Date)? = nil) throws -> MockOSSServer {
        var configuration = Configuration(buckets: ["photos"], blocksPublicAccess: false)
        if let clock { configuration.clock = clock }
        let server = try MockOSSServer(configuration)
        if let status { try server.setVersioning(status) }
        return server
    }

    func setVersioning(_ status: String) throws {
        let response = try request(
            "PUT", "/photos?versioning",
            body: "<VersioningConfiguration><Status>\(status)</Status></VersioningConfiguration>")
        guard response.status == 200 else { throw RawClient.Failure() }
    }

    /// Stores an object over the wire and returns its version id.
    @discardableResult
    func write(_ key: String, _ body: String, headers: KeyValuePairs<String, String> = [:]) throws -> String? {
        let response = try request("PUT", "/photos/\(key)", headers: headers, body: body)
        guard response.status == 200 else { throw RawClient.Failure() }
        return response.headers["x-oss-version-id"]
    }

    /// Every version in the order listed: `key version`, and a mark on delete markers and on what is current.
    func versions(_ query: String = "") throws -> [String] {
        let response = try request("GET", "/photos?versions&\(query)")
        let parts = response.text.components(separatedBy: "<Version>").flatMap { part in
            part.components(separatedBy: "<DeleteMarker>").enumerated().map { ($0.offset > 0, $0.element) }
        }
        return parts.dropFirst().map { isMarker, text in
            let entry = RawResponse(status: 0, headers: [:], body: Array(text.utf8), isComplete: true)
            return [
                entry.element("Key") ?? "", entry.element("VersionId") ?? "", isMarker ? "marker" : nil,
                entry.element("IsLatest") == "true" ? "latest" : nil,
            ].compactMap { $0 }.joined(separator: " ")
        }
    }
}
