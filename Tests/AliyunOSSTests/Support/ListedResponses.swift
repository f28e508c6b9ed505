import Foundation
import OSSPrimitives
import Synchronization

@testable import AliyunOSS

/// A transport that sends nothing and returns responses from a list. The last response repeats.
///
/// A response with the header ``cut`` ends after as many bytes of its body.
final class ListedResponses: HTTPTransport {
    static let cut = "x-test-cut"

    private struct State {
        var requests: [HTTPRequest] = []
        var discards = 0
    }

    private let state = Mutex(State())
    private let responses: [HTTPResponse]
    /// A closure that is called before a response is returned, with the index of the request.
    private let onResponse: @Sendable (Int) throws -> Void

    /// The requests so far.
    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    /// Number of calls to ``discardConnections()``.
    var discards: Int { state.withLock { $0.discards } }

    init(_ responses: [HTTPResponse], onResponse: @escaping @Sendable (Int) throws -> Void = { _ in }) {
        self.responses = responses
        self.onResponse = onResponse
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let index = state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        try onResponse(index)
        var response = responses[min(index, responses.count - 1)]
        response.sentLength = request.body.length
        if case .data(let data) = request.body { response.sentChecksum = CRC64.checksum(data) }
        response.headers["x-oss-request-id"] = "5C3D9175B6FC201293AD0002"
        let cut = response.headers[Self.cut].flatMap { Int($0) }
        if let cut { response.body = response.body.prefix(cut) }
        response.bodyChecksum = CRC64.checksum(response.body)
        if request.method == .head { (response.body, response.bodyLength, response.bodyChecksum) = (Data(), 0, 0) }
        if case .file(let file, let offset, response.status) = request.destination {
            try response.body.withUnsafeBytes { try file.write($0, at: offset) }
            if let cut {
                var error = HTTPTransportError(.truncatedBody, "\(cut) of \(response.bodyLength) bytes arrived")
                error.partial = HTTPPartialResponse(
                    status: response.status, headers: response.headers, bodyLength: Int64(cut),
                    bodyChecksum: response.bodyChecksum)
                throw error
            }
            response.body = Data()
        }
        return response
    }

    func discardConnections() { state.withLock { $0.discards += 1 } }
}

extension Bucket {
    /// Creates a bucket whose transport returns responses from a list, without retries unless `attempts` is larger than 1,
    /// and with ranges of 64 KiB.
    static func listed(
        _ responses: [HTTPResponse], attempts: Int = 1,
        onResponse: @escaping @Sendable (Int) throws -> Void = { _ in }
    ) throws -> (Bucket, ListedResponses) {
        let transport = ListedResponses(responses, onResponse: onResponse)
        var configuration = BucketConfiguration()
        configuration.transport = transport
        configuration.retry.maximumAttempts = attempts
        configuration.retry.baseDelay = .zero
        configuration.readRangeSize = 64 << 10
        configuration.stateDirectory = .none
        let bucket = try Bucket(
            "photos", region: "cn-hangzhou", credentials: .static(accessKeyID: "id", accessKeySecret: "secret"),
            configuration: configuration)
        return (bucket, transport)
    }
}
