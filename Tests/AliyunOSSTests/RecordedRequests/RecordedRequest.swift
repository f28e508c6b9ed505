import Foundation
import OSSPrimitives
import TestKit

@testable import AliyunOSS

/// A request as `Tests/Interop/recorder.py` records it.
struct RecordedRequest: Decodable, Sendable {
    var operation: String
    var method: String
    /// Decoded path.
    var path: String
    /// Decoded parameters. A parameter without a value has an empty one.
    var query: [String: String]
    /// Header fields with lowercase names, without those in ``fieldsLeftOut``.
    var headers: [String: String]
    var body: String

    /// Header fields that are not compared: those of the connection and the transport, which encode a body and not its
    /// meaning; those of the signature, which the signature vectors cover; and the name of the client.
    static let fieldsLeftOut: Set = [
        "accept", "accept-encoding", "authorization", "connection", "content-length", "date", "expect", "host",
        "transfer-encoding", "user-agent", "x-oss-content-sha256", "x-oss-date",
    ]

    /// Creates a description of a request of this library.
    init(_ request: HTTPRequest, operation: String) {
        self.operation = operation
        method = request.method.rawValue
        let url = URLComponents(string: request.url)
        path = url?.path ?? ""
        query = [:]
        for item in url?.queryItems ?? [] { query[item.name] = (query[item.name] ?? "") + (item.value ?? "") }
        headers = [:]
        for field in request.headers where !Self.fieldsLeftOut.contains(field.name.lowercased()) {
            headers[field.name.lowercased(), default: ""] += field.value
        }
        var content = Data()
        if case .data(let data) = request.body { content = data }
        body = String(decoding: content, as: UTF8.self)
        if headers["content-md5"] == Data(MD5.hash(content)).base64EncodedString() {
            headers["content-md5"] = "{MD5 of the body}"
        }
    }

    /// Replaces a value that the server chose by a name in braces.
    mutating func replace(_ value: String, by name: String) {
        func replaced(_ text: String) -> String { text.replacingOccurrences(of: value, with: "{\(name)}") }
        path = replaced(path)
        query = query.mapValues(replaced)
        headers = headers.mapValues(replaced)
        body = replaced(body)
    }
}

/// The recorded requests of a scene of `Tests/Interop`.
struct RecordedScene: Decodable, Sendable {
    var scene: String
    var requests: [RecordedRequest]

    static let all = VectorFile<RecordedScene>.load("client_requests", keys: .useDefaultKeys)
    static let named = Dictionary(uniqueKeysWithValues: all.map { ($0.scene, $0.requests) })
}
