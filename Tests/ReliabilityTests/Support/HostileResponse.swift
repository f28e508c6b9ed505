import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

/// A wrong response: sent by another server, changed in transit, or meant for another request.
struct HostileResponse: Sendable, CustomTestStringConvertible {
    let name: String
    /// The faults that produce the response, all for the same request.
    let actions: [MockFault.Action]
    /// Returns whether the response is valid for an operation that cannot compare it with anything.
    var isPlausible: @Sendable (_ operation: String) -> Bool = { _ in false }

    var testDescription: String { name }

    /// Adds the faults for every request of an operation.
    func add(to server: MockOSSServer, operation: String, times: Int = .max) {
        for action in actions { server.add(action, when: .operation(operation), times: times) }
    }

    static let foreignContent = Data("<html><body>Please log in</body></html>".utf8)

    /// Returns a raw response, as from a server that is not OSS.
    static func raw(_ status: String, _ fields: [String] = [], body: String = "") -> MockFault.Action {
        let head = ["HTTP/1.1 \(status)", "Server: portal"] + fields + ["Content-Length: \(body.utf8.count)", "", ""]
        return .raw(Array((head.joined(separator: "\r\n") + body).utf8))
    }

    /// Returns the headers that OSS sends with an object of the given content.
    static func headers(of content: Data) -> [String: String] {
        [
            "ETag": "\"\(Hexadecimal.uppercase(MD5.hash(content)))\"", "x-oss-object-type": "Normal",
            "x-oss-hash-crc64ecma": String(CRC64.checksum(content)), "x-oss-storage-class": "Standard",
            "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        ]
    }

    private static let html = String(decoding: foreignContent, as: UTF8.self)
    private static let noLength = MockFault.Action.header("Content-Length", nil)
    private static let noChecksum = MockFault.Action.header("x-oss-hash-crc64ecma", nil)
    /// Returns whether the response to an operation has no document, so that any status 204 looks like a success.
    private static let isDeletion: @Sendable (String) -> Bool = {
        ["DeleteObject", "AbortMultipartUpload"].contains($0)
    }

    static let all: [HostileResponse] = [
        HostileResponse(name: "200 without anything", actions: [raw("200 OK")]),
        HostileResponse(
            name: "200 with a login page", actions: [raw("200 OK", ["Content-Type: text/html"], body: html)]),
        HostileResponse(
            name: "200 of another object",
            actions: [.response(status: 200, headers: headers(of: foreignContent), body: Array(foreignContent))]),
        HostileResponse(name: "204 of a stranger", actions: [raw("204 No Content")]),
        HostileResponse(name: "204 of the service", actions: [.response(status: 204)], isPlausible: isDeletion),
        HostileResponse(
            name: "206 of another range",
            actions: [
                .response(
                    status: 206,
                    headers: headers(of: foreignContent).merging(["Content-Range": "bytes 1-3/5000"]) { $1 },
                    body: Array("abc".utf8))
            ]),
        HostileResponse(name: "301", actions: [raw("301 Moved Permanently", ["Location: http://127.0.0.1:9/login"])]),
        HostileResponse(name: "302", actions: [.redirect(status: 302, to: "http://127.0.0.1:9/login")]),
        HostileResponse(name: "304", actions: [raw("304 Not Modified")]),
        HostileResponse(name: "404 of a stranger", actions: [raw("404 Not Found", body: html)]),
        HostileResponse(name: "407", actions: [raw("407 Proxy Authentication Required")]),
        HostileResponse(name: "412 of a stranger", actions: [raw("412 Precondition Failed")]),
        HostileResponse(name: "413", actions: [raw("413 Request Entity Too Large", body: html)]),
        HostileResponse(name: "501", actions: [raw("501 Not Implemented", body: html)]),
        HostileResponse(name: "truncated", actions: [.truncateBody(after: 1)]),
        HostileResponse(
            name: "truncated, no length, no CRC", actions: [.truncateBody(after: 1), noLength, noChecksum]),
        HostileResponse(name: "one byte flipped, no CRC", actions: [.corruptBody(at: 0), noChecksum]),
        HostileResponse(name: "no length", actions: [noLength]),
        HostileResponse(name: "no CRC", actions: [noChecksum]),
        HostileResponse(name: "no ETag", actions: [.header("ETag", nil)]),
        HostileResponse(name: "no request ID", actions: [.header("x-oss-request-id", nil)]),
        HostileResponse(
            name: "extra bytes",
            actions: [.extraBytes(Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil".utf8))]),
        HostileResponse(
            name: "the response to another upload",
            actions: [.response(status: 200, headers: headers(of: foreignContent))]
        ),
        HostileResponse(
            name: "the response to another listing",
            actions: [
                .response(
                    status: 200,
                    body: Array(
                        """
                        <ListBucketResult><Name>photos</Name><Prefix>elsewhere/</Prefix><Marker></Marker>\
                        <MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>
                        """.utf8))
            ]),
        HostileResponse(
            name: "the response to another initiation",
            actions: [
                .response(
                    status: 200,
                    body: Array(
                        """
                        <InitiateMultipartUploadResult><Bucket>photos</Bucket><Key>elsewhere</Key>\
                        <UploadId>0004B9894A22E5B1888A1E29F8236E2D</UploadId></InitiateMultipartUploadResult>
                        """.utf8))
            ]),
    ]
}
