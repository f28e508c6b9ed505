import AliyunOSSTesting
import Foundation

@testable import AliyunOSS

/// A mock service with one bucket, and the bucket that talks to it. Signatures are verified.
struct TestService {
    let server: MockOSSServer
    let bucket: Bucket

    init(configure: (inout BucketConfiguration) -> Void = { _ in }) throws {
        server = try MockOSSServer(
            MockOSSServer.Configuration.with {
                $0.buckets = ["photos", "archive"]
                $0.accessKeys = [.init(id: "test-id", secret: "test-secret")]
                $0.blocksPublicAccess = false
            })
        var configuration = BucketConfiguration()
        configuration.retry.baseDelay = .milliseconds(1)
        // A machine that is busy with other tests may take its time over an abort.
        configuration.cancellationGrace = .seconds(60)
        // Tests do not write to the user's home.
        configuration.stateDirectory = .none
        configure(&configuration)
        bucket = try Bucket(
            "photos", endpoint: server.endpoint, region: server.region,
            credentials: .static(accessKeyID: "test-id", accessKeySecret: "test-secret"), configuration: configuration)
    }
}

extension MockOSSServer.Configuration {
    static func with(_ change: (inout Self) -> Void) -> Self {
        var configuration = Self()
        change(&configuration)
        return configuration
    }
}
