import AliyunOSS
import Synchronization

/// A transport that records the status of every response.
final class RecordingTransport: HTTPTransport {
    private let transport = URLSessionTransport()
    private let seen = Mutex<[Int]>([])

    var statuses: [Int] { seen.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let response = try await transport.send(request)
        seen.withLock { $0.append(response.status) }
        return response
    }
}
