import AliyunOSSTesting
import Foundation
import TestKit

@testable import AliyunOSS

/// A kind of signature that a presigned URL can have.
struct PresignedKind: Sendable, CustomStringConvertible {
    var version: SignatureVersion
    var token: String?

    static let all = [
        PresignedKind(version: .v4), PresignedKind(version: .v4, token: "to+ken/=%&"),
        PresignedKind(version: .v1), PresignedKind(version: .v1, token: "to+ken/=%&"),
    ]

    var description: String { "\(version)\(token == nil ? "" : " with a token")" }
}

/// A server and a bucket whose clocks stand still, so that expiration does not depend on the speed of a test.
struct PresignedScene: Sendable {
    static let now = Date(timeIntervalSince1970: 1_795_000_000.4)

    let service: TestService
    var server: MockOSSServer { service.server }
    var bucket: Bucket { service.bucket }

    init(_ kind: PresignedKind, _ configure: (inout BucketConfiguration) -> Void = { _ in }) throws {
        service = try TestService(
            {
                $0.signature = kind.version
                $0.clock = { Self.now }
                configure(&$0)
            },
            server: {
                $0.clock = { Self.now }
                $0.accessKeys = [.init(id: TestService.keyID, secret: TestService.secret, securityToken: kind.token)]
            },
            credentials: .static(
                accessKeyID: TestService.keyID, accessKeySecret: TestService.secret, securityToken: kind.token))
    }

    /// Returns a client without credentials, and without long delays before retries.
    func presignedClient() throws -> PresignedClient {
        try PresignedClient(configuration: bucket.client.configuration)
    }
}

extension MockOSSServer {
    /// Sends a presigned request as plain text on a new connection.
    func send(
        _ request: PresignedRequest, method: String? = nil, body: [UInt8] = [], without omitted: String? = nil
    ) throws -> RawResponse {
        let address = request.url.absoluteString.dropFirst("http://".count)
        let authority = address.prefix { $0 != "/" }
        let method = method ?? request.method.rawValue
        var text = "\(method) \(address.dropFirst(authority.count)) HTTP/1.1\r\nHost: \(authority)\r\n"
        for (name, value) in request.headers where name != omitted { text += "\(name): \(value)\r\n" }
        let client = try RawClient(self)
        client.send(Array("\(text)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
        guard let response = client.response(isHead: method == "HEAD") else { throw RawClient.Failure() }
        return response
    }
}
