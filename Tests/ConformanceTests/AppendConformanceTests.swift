import AliyunOSS
import Foundation
import Testing

@Suite("Conformance: appending")
struct AppendConformanceTests {
    @Test(
        "Appends are added at the end, and the checksum covers the entire object", arguments: Service.available,
        [SignatureVersion.v4, .v1])
    func append(service: Service, signature: SignatureVersion) async throws {
        try await service.withScratch {
            $0.signature = signature
        } _: { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("a b/ü+%.log"))
            let options = AppendObjectOptions(contentType: "text/plain", metadata: ["n": "1"])
            let appender = try await bucket.makeAppender(for: key, options: options)
            #expect(try await appender.append("").nextPosition == 0)
            #expect(try await appender.append("hello ").nextPosition == 6)
            let result = try await appender.append("world")
            #expect(result.nextPosition == 11)
            #expect(result.isVerified)
            let metadata = try await bucket.headObject(key)
            #expect(metadata.type == "Appendable")
            #expect(metadata.size == 11)
            #expect(metadata.crc64 == result.crc64)
            #expect(metadata.contentType == "text/plain")
            #expect(metadata.metadata == ["n": "1"])
            let next = try await bucket.makeAppender(for: key)
            #expect(await next.position == 11)
            #expect(await next.crc64 == result.crc64)
            #expect(try await next.append("!").isVerified)
            #expect(try await bucket.getObject(key).body.text() == "hello world!")
        }
    }

    @Test("An append at a position other than the end returns the end", arguments: Service.available)
    func wrongPosition(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("log"))
            #expect(try await bucket.appendObject(key, "abc", at: 0).nextPosition == 3)
            for position: Int64 in [0, 2, 4] {
                let error = await expectError(.positionMismatch) {
                    try await bucket.appendObject(key, "x", at: position)
                }
                #expect(error?.serviceError?.code == "PositionNotEqualToLength")
                #expect(error?.serviceError?.nextAppendPosition == 3)
            }
            #expect(try await !bucket.appendObject(key, "def", at: 3).isVerified)
            #expect(try await scratch.text("log") == "abcdef")
        }
    }

    @Test("An object created by PutObject cannot be appended to", arguments: Service.available)
    func notAppendable(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("whole"))
            try await scratch.put("whole", "abc")
            let error = await expectError(.refused) { try await bucket.appendObject(key, "d", at: 3) }
            #expect(error?.serviceError?.code == "ObjectNotAppendable")
            await expectError(.refused) { _ = try await bucket.makeAppender(for: key) }
            #expect(try await scratch.text("whole") == "abc")
        }
    }

    @Test("A sealed object does not change", arguments: Service.available)
    func seal(service: Service) async throws {
        try await service.withScratch { scratch in
            let (bucket, key) = (scratch.bucket, try scratch.key("log"))
            try await bucket.appendObject(key, "abc", at: 0)
            await expectError(.positionMismatch) { try await bucket.sealObject(key, at: 2) }
            let time = try await bucket.sealObject(key, at: 3)
            #expect(try await bucket.sealObject(key, at: 3) == time)
            #expect(try await bucket.headObject(key).sealedTime == time)
            await expectError(.refused) { try await bucket.appendObject(key, "d", at: 3) }
            #expect(try await scratch.text("log") == "abc")
        }
    }
}
