import AliyunOSS
import Foundation
import OSSPrimitives

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A process that sends the same signed requests with URLSession alone: one request for each file, without retries,
/// checksums, records or syncs. It is a bound for the URLSession transport.
enum BareClient {
    static let childName = "bare"

    static func command(_ task: TransferTask, _ scene: Scene) -> MeasuredCommand? {
        guard task == .upload || task == .download else { return nil }
        return MeasuredCommand(
            Child.program, [Child.argument, childName, task.rawValue, "\(scene.files.count)"] + scene.arguments)
    }

    static func runChild(_ arguments: [String]) async throws {
        guard arguments.count == 8, let count = Int(arguments[1]), let concurrency = Int(arguments[7]) else {
            throw BenchmarkFailure(description: "invalid arguments for a client")
        }
        let isUpload = arguments[0] == TransferTask.upload.rawValue
        let (endpoint, folder) = (arguments[2], isUpload ? arguments[4] : arguments[5])
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = concurrency
        let session = URLSession(configuration: configuration)
        let signer = Signer(region: TransferServer.region)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                if number >= concurrency { try await group.next() }
                group.addTask {
                    let name = FileSet.name(number)
                    let file = URL(fileURLWithPath: "\(folder)/\(name)")
                    let request = try request(isUpload ? .put : .get, name, endpoint, signer)
                    let (data, response) =
                        isUpload
                        ? try await session.upload(for: request, fromFile: file)
                        : try await session.data(for: request)
                    guard (response as? HTTPURLResponse)?.statusCode == 200 else {
                        throw BenchmarkFailure(description: "unexpected response for \(name): \(response)")
                    }
                    guard !isUpload else { return }
                    try FileManager.default.createDirectory(
                        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try data.write(to: file)
                }
            }
            try await group.waitForAll()
        }
        print(String(decoding: try JSONEncoder().encode(ClientResult(files: count)), as: UTF8.self))
    }

    private static func request(
        _ method: HTTPMethod, _ key: String, _ endpoint: String, _ signer: Signer
    ) throws -> URLRequest {
        guard let url = URL(string: "\(endpoint)/\(TransferServer.bucket)/\(key)") else {
            throw BenchmarkFailure(description: "\(endpoint) is not a URL")
        }
        var headers = HTTPHeaders()
        if method == .put { headers["Content-Type"] = "application/octet-stream" }
        var signable = SignableRequest(method: method, bucket: TransferServer.bucket, key: key, headers: headers)
        signer.sign(&signable, credentials: TransferServer.credentials, at: Date())
        var request = URLRequest(url: url)
        request.httpMethod = method.rawValue
        for field in signable.headers { request.setValue(field.value, forHTTPHeaderField: field.name) }
        return request
    }
}

/// Presigned URLs for clients that cannot sign requests.
enum PresignedURL {
    static func make(_ method: HTTPMethod, _ key: String, _ endpoint: String, _ signer: Signer) throws -> String {
        var request = SignableRequest(method: method, bucket: TransferServer.bucket, key: key)
        try signer.presign(&request, credentials: TransferServer.credentials, at: Date(), validFor: .seconds(86_400))
        let query = request.query.map { name, value in
            PercentEncoding.encode(name) + (value.map { "=" + PercentEncoding.encode($0) } ?? "")
        }
        return "\(endpoint)/\(TransferServer.bucket)/\(PercentEncoding.encodePath(key))?" + query.joined(separator: "&")
    }
}
