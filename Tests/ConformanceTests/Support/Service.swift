import AliyunOSS
import AliyunOSSTesting
import Foundation
import Testing

/// A service that the suite runs against. This is always the mock server and, if the environment specifies a bucket,
/// also the real service.
struct Service: Sendable, CustomTestStringConvertible {
    let testDescription: String
    private let bucketName: String
    private let endpoint: String
    private let region: String?
    private let accessKeyID: String
    private let accessKeySecret: String
    private let sessionToken: String?
    /// The server, retained so that it keeps running.
    private let server: MockOSSServer?

    /// All services to run against. The tests of an unreachable service fail.
    static let available: [Service] = [mock, real].compactMap { $0 }

    /// The environment variables of the suite that are set.
    static let variables = ProcessInfo.processInfo.environment.filter {
        $0.key.hasPrefix("OSS_TEST_") && !$0.value.isEmpty
    }

    private static let mock: Service? = {
        var configuration = MockOSSServer.Configuration(buckets: ["conformance"])
        configuration.accessKeys = [.init(id: "test-id", secret: "test-secret")]
        guard let server = try? MockOSSServer(configuration) else { return nil }
        return Service(
            testDescription: "mock", bucketName: "conformance", endpoint: server.endpoint, region: server.region,
            accessKeyID: "test-id", accessKeySecret: "test-secret", sessionToken: nil, server: server)
    }()

    private static let real: Service? = {
        let region = variables["OSS_TEST_REGION"]
        guard let endpoint = variables["OSS_TEST_ENDPOINT"] ?? region.map({ "https://oss-\($0).aliyuncs.com" }),
            let bucket = variables["OSS_TEST_BUCKET"], let id = variables["OSS_TEST_ACCESS_KEY_ID"],
            let secret = variables["OSS_TEST_ACCESS_KEY_SECRET"]
        else { return nil }
        return Service(
            testDescription: endpoint, bucketName: bucket, endpoint: endpoint, region: region, accessKeyID: id,
            accessKeySecret: secret, sessionToken: variables["OSS_TEST_SESSION_TOKEN"], server: nil)
    }()

    /// Returns the bucket, or a bucket with another name, with the service's credentials or the given ones.
    func bucket(
        _ name: String? = nil, secret: String? = nil, configure: (inout BucketConfiguration) -> Void = { _ in }
    ) throws -> Bucket {
        var configuration = BucketConfiguration()
        configure(&configuration)
        return try Bucket(
            name ?? bucketName, endpoint: endpoint, region: region,
            credentials: .static(
                accessKeyID: accessKeyID, accessKeySecret: secret ?? accessKeySecret, securityToken: sessionToken),
            configuration: configuration)
    }

    /// Runs a test with its own prefix and removes its objects, even if it fails.
    func withScratch(
        configure: (inout BucketConfiguration) -> Void = { _ in }, _ body: (Scratch) async throws -> Void
    ) async throws {
        let scratch = Scratch(
            service: self, bucket: try bucket(configure: configure), prefix: "oss-conformance/\(UUID().uuidString)/")
        do {
            try await body(scratch)
        } catch {
            // The first failure is the relevant one.
            try? await scratch.remove()
            throw error
        }
        try await scratch.remove()
    }
}
