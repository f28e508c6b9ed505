import AliyunOSSTesting
import Foundation
import TestKit

@testable import AliyunOSS

/// A mock server and clients that record their requests.
struct RecordingStage: Sendable {
    let server: MockOSSServer
    let account: OSSService
    let bucket: Bucket
    /// The clock of the server and the clients.
    let clock = ManualClock()
    private let transport = RecordingTransport()
    private let names = Recorder<(value: String, name: String)>()

    init() throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos", "archive"])
        configuration.accessKeys = [.init(id: TestService.keyID, secret: TestService.secret)]
        configuration.blocksPublicAccess = false
        configuration.clock = { [clock] in clock.now }
        configuration.cnames = ["a.example.com": "photos"]
        server = try MockOSSServer(configuration)
        var client = BucketConfiguration()
        client.transport = transport
        client.clock = { [clock] in clock.now }
        client.addressing = .path
        client.retry.maximumAttempts = 1
        account = try OSSService(
            endpoint: server.endpoint, region: server.region,
            credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret),
            configuration: client)
        bucket = try account.bucket("photos")
    }

    /// The requests so far, with the names that the server's log has for their operations.
    var requests: [RecordedRequest] {
        zip(transport.requests, server.requests).map { sent, logged in
            var request = RecordedRequest(sent, operation: logged.operation)
            for (value, name) in names.values { request.replace(value, by: name) }
            return request
        }
    }

    /// Gives a name to a value that the server chose.
    func name(_ value: String?, _ name: String) {
        names.append((value ?? "", name))
    }

    /// Sets the response to an operation that the server does not implement.
    func answer(_ operation: String, _ body: Data = Data(), status: Int = 200, headers: [String: String] = [:]) {
        server.process { request in
            request.operation == operation ? .init(status: status, headers: headers, body: body) : nil
        }
    }
}

/// A transport that records requests.
private final class RecordingTransport: HTTPTransport {
    private let transport = TestTransport()
    private let sent = Recorder<HTTPRequest>()

    var requests: [HTTPRequest] { sent.values }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        sent.append(request)
        return try await transport.send(request)
    }
}
