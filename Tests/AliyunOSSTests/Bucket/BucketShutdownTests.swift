import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Shutting a bucket down", .timeLimit(.minutes(2)))
struct BucketShutdownTests {
    @Test("Calls after a shutdown fail with shutDown, without a request")
    func laterCalls() async throws {
        let service = try TestService()
        try await service.bucket.putObject("a", "content")
        service.bucket.shutDown()
        service.bucket.shutDown()
        let sent = service.server.requests.count
        let error = await #expect(throws: OSSError.self) { try await service.bucket.headObject("a") }
        #expect(error?.code == .shutDown)
        #expect(error?.operation == "HeadObject")
        #expect(error?.attempts == 0)
        #expect(service.server.requests.count == sent)
    }

    @Test("A shutdown does not affect other buckets that use the caller's transport")
    func customTransport() async throws {
        let transport = ScriptedTransport { _ in .ok() }
        let (first, second) = (try Bucket.scripted(transport), try Bucket.scripted(transport))
        first.shutDown()
        let error = await #expect(throws: OSSError.self) { try await first.deleteObject("a") }
        #expect(error?.code == .shutDown)
        try await second.deleteObject("a")
        #expect(transport.requests.count == 1)
    }

    @Test("The keys of an asynchronous sequence are deleted, up to 1000 per request")
    func deletesSequence() async throws {
        let service = try TestService()
        for index in 0..<1200 { try service.server.put("\(index)", Data(), in: "photos") }
        let (keys, continuation) = AsyncStream.makeStream(of: ObjectKey.self)
        for index in 0..<1200 { continuation.yield("\(index)") }
        continuation.yield("")
        continuation.finish()
        let result = try await service.bucket.deleteObjects(keys)
        #expect(result.deleted.count == 1200)
        #expect(result.failures.map(\.key) == [""])
        #expect(service.server.requests.map(\.operation) == ["DeleteMultipleObjects", "DeleteMultipleObjects"])
        #expect(service.server.keys(in: "photos").isEmpty)
    }
}
