import AliyunOSSTesting
import Foundation
import Testing

@testable import AliyunOSS

/// Who asks for credentials, and who gets them. The ids and outcomes are those of `Docs/Scenarios.md`.
@Suite("Connection security")
struct ConnectionSecurityTests {
    @Test("A8: a challenge for a password ends in accessDenied, after one request")
    func a8() async throws {
        let service = try FaultyService { $0.deadline = .seconds(300) }
        service.server.add(.challenge, times: 2)
        for error in [
            await failure { try await service.bucket.putObject("k", "x") },
            await failure { try await service.bucket.getObject("k") },
        ] {
            #expect(error?.code == .accessDenied, "\(error.map { "\($0)" } ?? "no error")")
        }
        #expect(service.count() == 2)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A9: a redirect is not followed, its target is named, and no credentials go there",
        arguments: [301, 302, 307, 308], [false, true])
    func a9(status: Int, isSameHost: Bool) async throws {
        let service = try FaultyService()
        let other = try MockOSSServer(.init(buckets: ["photos"]))
        let target = (isSameHost ? service.server : other).endpoint + "/photos/elsewhere"
        service.server.add(.redirect(status: status, to: target), times: 2)
        for error in [
            await failure { try await service.bucket.getObject("k") },
            await failure { try await service.bucket.putObject("k", "x") },
        ] {
            #expect(error?.code == .invalidResponse)
            #expect(error?.message.contains(target) == true)
        }
        #expect(service.count() == 2)
        #expect(other.requests.isEmpty)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A17: plain http with credentials is refused, except on this machine or with permission")
    func a17() throws {
        func make(_ endpoint: String, _ credentials: any CredentialsProvider, allowed: Bool = false) throws {
            var configuration = BucketConfiguration()
            configuration.allowsPlainHTTP = allowed
            _ = try Bucket(
                "photos", endpoint: endpoint, region: "cn-hangzhou", credentials: credentials,
                configuration: configuration)
        }
        let key = StaticCredentialsProvider.static(accessKeyID: "id", accessKeySecret: "secret")
        let remote = [
            "http://oss-cn-hangzhou.aliyuncs.com", "http://10.0.0.1", "http://127.example.com",
        ]
        for endpoint in remote {
            #expect { try make(endpoint, key) } throws: {
                ($0 as? OSSError)?.code == .invalidArgument
                    && ($0 as? OSSError)?.message.contains("allowsPlainHTTP") == true
            }
            try make(endpoint, key, allowed: true)
            try make(endpoint, .anonymous)
        }
        for endpoint in [
            "http://127.0.0.1:1", "http://127.1.2.3", "http://localhost", "https://x.example",
        ] {
            try make(endpoint, key)
        }
    }
}
