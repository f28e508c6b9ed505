import AliyunOSSTesting
import Foundation
import TestKit
import Testing

extension MockOSSServer {
    /// Starts a server with a bucket `photos` and a versioning status; `nil` for none.
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

    /// Stores an object with PutObject and returns its version ID.
    @discardableResult
    func write(_ key: String, _ body: String, headers: KeyValuePairs<String, String> = [:]) throws -> String? {
        let response = try request("PUT", "/photos/\(key)", headers: headers, body: body)
        guard response.status == 200 else { throw RawClient.Failure() }
        return response.headers["x-oss-version-id"]
    }

    /// Lists all versions, one text each: `key version`, with `marker` for delete markers and `latest`.
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

/// Requests of a multipart upload of the object `big`.
extension MockOSSServer {
    func initiateUpload(_ headers: KeyValuePairs<String, String> = [:]) throws -> String {
        let response = try request("POST", "/photos/big?uploads", headers: headers)
        #expect(response.status == 200)
        return try #require(response.element("UploadId"))
    }

    func uploadPart(_ number: Int, _ body: String, _ id: String) throws -> String {
        let response = try request("PUT", "/photos/big?partNumber=\(number)&uploadId=\(id)", body: body)
        #expect(response.status == 200)
        return try #require(response.headers["etag"]).filter { $0 != "\"" }
    }

    func completeUpload(_ parts: [(Int, String)], _ id: String) throws -> RawResponse {
        let list = parts.map { "<Part><PartNumber>\($0.0)</PartNumber><ETag>\"\($0.1)\"</ETag></Part>" }.joined()
        return try request(
            "POST", "/photos/big?uploadId=\(id)",
            body: "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>")
    }
}
