import Foundation
import Testing

@testable import AliyunOSS

@Suite("Making a bucket")
struct BucketConstructionTests {
    @Test(
        "What cannot work is refused at once, with what to do",
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

    @Test("An endpoint that does not name its region needs one for V4, and none for V1")
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

    @Test(
        "Settings that make no sense are refused",
        arguments: [
            { $0.maximumConnections = 0 }, { $0.readWindow = 1 }, { $0.retry.maximumAttempts = 0 },
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

    @Test("A bad key is reported where it is used, before anything is sent", arguments: ["", "/a", "\\a", ".", ".."])
    func keys(key: String) async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let bucket = try Bucket.scripted(transport)
        let key = ObjectKey(stringLiteral: key)
        await #expect(throws: OSSError.self) { try await bucket.putObject(key, "x") }
        await #expect(throws: OSSError.self) { try await bucket.getObject(key) }
        await #expect(throws: OSSError.self) { try await bucket.headObject(key) }
        await #expect(throws: OSSError.self) { try await bucket.deleteObject(key) }
        await #expect(throws: OSSError.self) { try await bucket.copyObject(from: key, to: "a") }
        await #expect(throws: OSSError.self) { try await bucket.copyObject(from: "a", to: key) }
        #expect(transport.requests.isEmpty)
    }

    @Test("Keys have up to 1023 bytes, not characters")
    func keyLength() throws {
        _ = try ObjectKey(String(repeating: "a", count: 1023))
        #expect(throws: OSSError.self) { try ObjectKey(String(repeating: "a", count: 1024)) }
        _ = try ObjectKey(String(repeating: "é", count: 511))
        #expect(throws: OSSError.self) { try ObjectKey(String(repeating: "é", count: 512)) }
    }

    @Test("Keys are their bytes: two spellings of one letter are two keys, and order is byte order")
    func keyBytes() {
        let composed: ObjectKey = "\u{E9}"
        let decomposed: ObjectKey = "e\u{301}"
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
        #expect("Z" < ("a" as ObjectKey))
    }
}
