import Foundation
import OSSPrimitives
import Synchronization

@testable import AliyunOSS

/// A transport that returns responses from a list, in order, and records the requests. The last response repeats. It
/// adds the headers that the service includes in every response if they are missing.
final class ScriptedTransport: HTTPTransport {
    typealias Answer = @Sendable (HTTPRequest) throws -> HTTPResponse

    private let answers: [Answer]
    private let sent = Mutex<[HTTPRequest]>([])

    init(_ answers: Answer...) { self.answers = answers }

    var requests: [HTTPRequest] { sent.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let index = sent.withLock { sent in
            sent.append(request)
            return sent.count - 1
        }
        var response = try answers[min(index, answers.count - 1)](request)
        if response.sentLength == 0 { response.sentLength = request.body.length }
        if response.headers["x-oss-request-id"] == nil {
            response.headers["x-oss-request-id"] = "5C3D9175B6FC201293AD0002"
        }
        if request.method == .delete, response.status == 200 { response.status = 204 }
        if (200...299).contains(response.status), response.headers["ETag"] == nil {
            let digest = if case .data(let data) = request.body { MD5.hash(data) } else { MD5.hash(Data()) }
            response.headers["ETag"] = "\"\(Hexadecimal.uppercase(digest))\""
        }
        return response
    }
}

extension HTTPResponse {
    /// Returns a successful response with a body.
    static func ok(_ body: String = "", headers: HTTPHeaders = [:]) -> HTTPResponse {
        let data = Data(body.utf8)
        return HTTPResponse(status: 200, headers: headers, body: data, bodyLength: Int64(data.count))
    }

    /// Returns an error response in the service's format.
    static func refusal(
        _ status: Int, _ code: String, _ message: String = "No.", headers: HTTPHeaders = [:], more: String = ""
    ) -> HTTPResponse {
        var headers = headers
        headers["x-oss-request-id"] = "5C3D9175B6FC201293AD0001"
        headers["x-oss-ec"] = "0026-00000001"
        let body = "<Error><Code>\(code)</Code><Message>\(message)</Message>\(more)</Error>"
        return HTTPResponse(status: status, headers: headers, body: Data(body.utf8), bodyLength: Int64(body.utf8.count))
    }
}

extension Bucket {
    /// Returns a bucket that uses a scripted transport and has no delays between attempts.
    static func scripted(
        _ transport: ScriptedTransport,
        credentials: some CredentialsProvider = .static(accessKeyID: "id", accessKeySecret: "secret"),
        configure: (inout BucketConfiguration) -> Void = { _ in }
    ) throws -> Bucket {
        var configuration = BucketConfiguration()
        configuration.transport = transport
        configuration.retry.baseDelay = .zero
        configure(&configuration)
        return try Bucket("photos", region: "cn-hangzhou", credentials: credentials, configuration: configuration)
    }
}
