import AliyunOSS
import Foundation
import Testing

@Suite("Conformance: rejections")
struct RefusalConformanceTests {
    @Test(
        "A wrong secret is reported as such", arguments: Service.available, [SignatureVersion.v4, .v1])
    func wrongSecret(service: Service, signature: SignatureVersion) async throws {
        let bucket = try service.bucket(secret: "no-such-secret") { $0.signature = signature }
        let error = await expectError(.accessDenied) { _ = try await bucket.getObject("oss-conformance") }
        #expect(error?.serviceError?.code == "SignatureDoesNotMatch")
        #expect(error?.serviceError?.status == 403)
        #expect(error?.serviceError?.requestID?.isEmpty == false)
        // The response to HEAD has no body with the reason.
        await expectError(.accessDenied) { _ = try await bucket.headObject("oss-conformance") }
        await expectError(.accessDenied) { try await bucket.putObject("oss-conformance/refused", "x") }
    }

    @Test("A missing bucket is distinguished from a missing object", arguments: Service.available)
    func missingBucket(service: Service) async throws {
        let bucket = try service.bucket("no-such-\(UUID().uuidString.lowercased())")
        let error = await expectError(.notFound) { _ = try await bucket.getObject("a") }
        #expect(error?.serviceError?.code == "NoSuchBucket")
        await expectError(.notFound) { _ = try await bucket.objectExists("a") }
        await expectError(.notFound) { try await bucket.putObject("a", "x") }
        await expectError(.notFound) { for try await _ in bucket.listObjects() {} }
    }

    @Test(
        "A request with a wrong clock is rejected, and the response contains the service's time",
        arguments: Service.available,
        [SignatureVersion.v4, .v1])
    func wrongClock(service: Service, signature: SignatureVersion) async throws {
        for error in [TimeInterval(3600), -3600] {
            let transport = RecordingTransport()
            try await service.withScratch {
                $0.signature = signature
                $0.transport = transport
                $0.clock = { Date() + error }
            } _: { scratch in
                try await scratch.put("a", "hello")
                #expect(transport.statuses == [403, 200])
                #expect(try await scratch.text("a") == "hello")
                #expect(transport.statuses.count == 3)
            }
        }
    }

    @Test("A rejected object is not stored", arguments: Service.available)
    func wrongStorageClass(service: Service) async throws {
        try await service.withScratch { scratch in
            var options = PutObjectOptions()
            options.attributes.storageClass = "NoSuchClass"
            let error = await expectError(.refused) {
                try await scratch.bucket.putObject(try scratch.key("a"), "x", options: options)
            }
            #expect(error?.serviceError?.status == 400)
            #expect(error?.serviceError?.code == "InvalidArgument")
            let names = try await scratch.names()
            #expect(names.isEmpty)
        }
    }
}
