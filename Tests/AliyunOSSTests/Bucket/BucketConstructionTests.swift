import Foundation
import Testing

@testable import AliyunOSS

@Suite("Creating a bucket")
struct BucketConstructionTests {
    @Test(
        "An invalid configuration is rejected immediately, with the remedy",
        arguments: [
            ("A", "cn-hangzhou"), ("ab", "cn-hangzhou"), ("-abc", "cn-hangzhou"), ("photos", ""),
            ("photos", "CN Hangzhou"),
        ])
    func refused(name: String, region: String) {
        let error = #expect(throws: OSSError.self) {
            try Bucket(name, region: region, credentials: .anonymous)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("An endpoint that does not name its region needs one for V4 and none for V1")
    func region() throws {
        #expect(throws: OSSError.self) {
            try Bucket("photos", endpoint: "https://cdn.example.com", credentials: .anonymous)
        }
        var configuration = BucketConfiguration()
        configuration.signature = .v1
        _ = try Bucket(
            "photos", endpoint: "https://cdn.example.com", credentials: .anonymous, configuration: configuration)
        _ = try Bucket("photos", endpoint: "oss-cn-hangzhou-internal.aliyuncs.com", credentials: .anonymous)
    }

    @Test("The addressing style of the configuration applies, however the bucket is created")
    func addressing() async throws {
        let endpoint = try Endpoint("https://oss.example.com")
        func url(_ make: (BucketConfiguration) throws -> Bucket, _ style: AddressingStyle?) async throws -> String? {
            let transport = ScriptedTransport { _ in .ok() }
            var configuration = BucketConfiguration()
            (configuration.transport, configuration.addressing) = (transport, style)
            try await make(configuration).deleteObject("k")
            return transport.requests.first?.url
        }
        let byRegion = { try Bucket("photos", region: "cn-hangzhou", credentials: .anonymous, configuration: $0) }
        let byEndpoint = {
            try Bucket(
                "photos", at: endpoint, region: "cn-hangzhou", credentials: .anonymous, configuration: $0)
        }
        #expect(try await url(byRegion, nil) == "https://photos.oss-cn-hangzhou.aliyuncs.com/k")
        #expect(try await url(byRegion, .path) == "https://oss-cn-hangzhou.aliyuncs.com/photos/k")
        #expect(try await url(byEndpoint, nil) == "https://photos.oss.example.com/k")
        #expect(try await url(byEndpoint, .path) == "https://oss.example.com/photos/k")
        #expect(try await url(byEndpoint, .cname) == "https://oss.example.com/k")
        await #expect(throws: OSSError.self) { try await url(byRegion, .cname) }
    }

    @Test(
        "The signing region of an acceleration endpoint is the specified region", arguments: Endpoint.Network.allCases)
    func acceleration(network: Endpoint.Network) async throws {
        for style in [nil, AddressingStyle.path] {
            let transport = ScriptedTransport { _ in .ok() }
            var configuration = BucketConfiguration()
            (configuration.transport, configuration.addressing) = (transport, style)
            let endpoint = try Endpoint.region("cn-shanghai", network: network)
            let bucket = try Bucket(
                "photos", at: endpoint, credentials: .static(accessKeyID: "id", accessKeySecret: "secret"),
                configuration: configuration)
            try await bucket.deleteObject("k")
            let request = try #require(transport.requests.first)
            #expect(request.headers["Authorization"]?.contains("/cn-shanghai/oss/") == true)
            #expect(request.url.contains(network.host(in: "cn-shanghai")))
        }
        #expect(throws: OSSError.self) {
            try Bucket("photos", at: Endpoint("oss-accelerate.aliyuncs.com"), credentials: .anonymous)
        }
    }

    @Test(
        "Invalid settings are rejected",
        arguments: [
            { $0.maximumConnections = 0 }, { $0.readRangeSize = 1 }, { $0.retry.maximumAttempts = 0 },
            { $0.timeouts.idle = .zero }, { $0.deadline = .zero }, { $0.retry.budget = -1 },
            { $0.maximumBandwidth = 1023 }, { $0.maximumBandwidth = -1 },
        ] as [@Sendable (inout BucketConfiguration) -> Void])
    func settings(change: @Sendable (inout BucketConfiguration) -> Void) {
        var configuration = BucketConfiguration()
        change(&configuration)
        let error = #expect(throws: OSSError.self) {
            try Bucket("photos", region: "cn-hangzhou", credentials: .anonymous, configuration: configuration)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("An invalid key is reported where it is used, before any request", arguments: ["", "/a", "\\a", ".", ".."])
    func keys(key: String) async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let bucket = try Bucket.scripted(transport)
        let key = ObjectKey(stringLiteral: key)
        await #expect(throws: OSSError.self) { try await bucket.putObject(key, "x") }
        await #expect(throws: OSSError.self) { try await bucket.getObject(key) }
        await #expect(throws: OSSError.self) { try await bucket.headObject(key) }
        await #expect(throws: OSSError.self) { try await bucket.deleteObject(key) }
        await #expect(throws: OSSError.self) { try await bucket.copyObjectInOneRequest(from: key, to: "a") }
        await #expect(throws: OSSError.self) { try await bucket.copyObjectInOneRequest(from: "a", to: key) }
        #expect(transport.requests.isEmpty)
    }

    @Test("A key can have 1023 bytes, not characters")
    func keyLength() throws {
        _ = try ObjectKey(String(repeating: "a", count: 1023))
        #expect(throws: OSSError.self) { try ObjectKey(String(repeating: "a", count: 1024)) }
        _ = try ObjectKey(String(repeating: "é", count: 511))
        #expect(throws: OSSError.self) { try ObjectKey(String(repeating: "é", count: 512)) }
    }

    @Test("Keys are bytes: two spellings of a letter are two keys, sorted in byte order")
    func keyBytes() {
        let composed: ObjectKey = "\u{E9}"
        let decomposed: ObjectKey = "e\u{301}"
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect("Z" < ("a" as ObjectKey))
    }
}
