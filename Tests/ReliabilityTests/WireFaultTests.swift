import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of wire faults. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Wire faults", .timeLimit(.minutes(10)))
struct WireFaultTests {
    private let folder: ScratchDirectory

    init() throws {
        folder = try ScratchDirectory()
        try folder.write("old", Data("old".utf8))
    }

    /// Downloads `k` with a fault that occurs once, and again with a lasting fault.
    ///
    /// - Parameters:
    ///   - lasting: The lasting fault, if it differs.
    ///   - check: A closure that checks the requests of both downloads, in order.
    private func expectRepair(
        of action: MockFault.Action, forGood lasting: MockFault.Action? = nil, orElse codes: [OSSError.Code],
        sourceLocation: SourceLocation = #_sourceLocation,
        check: (_ requests: [MockRequest], _ eTag: String) throws -> Void = { _, _ in }
    ) async throws {
        let service = try TestService { $0.retry.maximumAttempts = 3 }
        let content = try service.store("k")
        service.server.add(action, when: .operation("GetObject"))
        try await service.bucket.downloadObject("k", to: folder["new"])
        #expect(try folder.read("new") == content, sourceLocation: sourceLocation)
        #expect(service.server.unusedFaults.isEmpty, sourceLocation: sourceLocation)

        service.server.add(lasting ?? action, when: .operation("GetObject"), times: .max)
        let error = await failure { try await service.bucket.downloadObject("k", to: folder["old"]) }
        #expect(codes.contains(error?.code ?? .shutDown), "\(error as Any)", sourceLocation: sourceLocation)
        #expect(error?.attempts == 3, sourceLocation: sourceLocation)
        #expect(try folder.contents() == ["new": content, "old": Data("old".utf8)], sourceLocation: sourceLocation)
        #expect(service.server.unusedFaults.isEmpty, sourceLocation: sourceLocation)
        try check(service.server.requests, service.eTag("k"))
    }

    @Test("A1: a body that ends before its length is resumed from its last valid byte and never becomes the file")
    func a1() async throws {
        try await expectRepair(of: .truncateBody(after: 1000), orElse: [.truncatedBody]) { requests, eTag in
            #expect(requests[1].headers["Range"] == "bytes=1000-299999")
            #expect(requests[1].headers["If-Match"] == eTag)
            // Each attempt of the failing download received its thousand bytes.
            let ranges = requests.dropFirst(2).map { $0.headers["Range"] }
            #expect(ranges.dropFirst() == ["bytes=1000-299999", "bytes=2000-299999"])
        }
    }

    @Test("A2: a chunked body without its end is downloaded again and never becomes the file")
    func a2() async throws {
        try await expectRepair(of: .chunkBody(ends: false), orElse: [.truncatedBody, .connectionLost])
    }

    @Test(
        "A3: a reset at any byte is repaired from the bytes before it, and the result is identical",
        arguments: [0, 1, 150_000, 299_999])
    func a3(offset: Int) async throws {
        try await expectRepair(
            of: .truncateBody(after: offset, .reset), forGood: .truncateBody(after: min(offset, 1000), .reset),
            orElse: [.truncatedBody, .connectionLost]
        ) { requests, eTag in
            let range = try #require(requests[1].headers["Range"])
            guard range != requests[0].headers["Range"] else { return }
            // Bytes in flight during the reset may be lost, in which case they are downloaded again.
            let start = range.firstMatch(of: /^bytes=(\d+)-299999$/).flatMap { Int($0.output.1) }
            #expect((1...offset).contains(try #require(start)))
            #expect(requests[1].headers["If-Match"] == eTag)
        }
    }

    @Test(
        "A4: a request whose response is lost is retried; a guarded write is settled by the stored object",
        arguments: [false, true])
    func a4(isGuarded: Bool) async throws {
        let service = try TestService()
        var options = PutObjectOptions()
        options.forbidsOverwrite = isGuarded
        service.server.add(.closeAfterApplying(), when: .operation("PutObject"))
        let result = try await service.bucket.putObject("k", "mine", options: options)
        #expect(result.crc64 != nil)
        #expect(service.stored("k") == Data("mine".utf8))
        #expect(service.count("PutObject") == 2)
        #expect(service.count("HeadObject") == (isGuarded ? 1 : 0))
        #expect(service.server.unusedFaults.isEmpty)

        // Another client's object is not mistaken for the result, even if it has the same size.
        for other in ["theirs", "ours"] {
            service.server.delete("k", in: "photos")
            service.server.add(.closeAfterApplying(), when: .operation("PutObject"))
            service.server.add(
                .afterwards(.putObject(key: nil, bytes: Array(other.utf8))), when: .operation("PutObject"))
            if isGuarded {
                let error = await failure { try await service.bucket.putObject("k", "mine", options: options) }
                #expect(error?.code == .alreadyExists)
                #expect(service.stored("k") == Data(other.utf8))
            } else {
                try await service.bucket.putObject("k", "mine", options: options)
                #expect(service.stored("k") == Data("mine".utf8))
            }
            #expect(service.server.unusedFaults.isEmpty)
        }
    }

    @Test("A5: a response that never starts ends at the idle limit, and the request is retried")
    func a5() async throws {
        let service = try TestService {
            $0.setPatience(.milliseconds(600))
            $0.retry.maximumAttempts = 3
        }
        service.server.add(.neverRespond, when: .operation("PutObject"))
        try await service.bucket.putObject("k", "x")
        #expect(service.stored("k") == Data("x".utf8))
        #expect(service.server.unusedFaults.isEmpty)
        service.server.add(.neverRespond, when: .operation("GetObject"), times: .max)
        let error = await failure { try await service.bucket.getObject("k") }
        #expect(error?.code == .timedOut)
        #expect(error?.attempts == 3)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A6: a body that stalls ends at the idle limit and continues where it stalled")
    func a6() async throws {
        // Long enough for the bytes before the stall to arrive on a busy machine.
        let service = try TestService { $0.setPatience(.seconds(5)) }
        let content = try service.store("k")
        service.server.add(.stallBody(after: 150_000, for: .seconds(600)), when: .operation("GetObject"))
        try await service.bucket.downloadObject("k", to: folder["new"])
        #expect(try folder.read("new") == content)
        #expect(service.server.unusedFaults.isEmpty)
        let last = try #require(service.server.requests.last)
        #expect(last.headers["Range"] == "bytes=150000-299999")
        #expect(last.headers["If-Match"] == service.eTag("k"))
    }

    @Test("A7: a slow response that keeps moving does not time out")
    func a7() async throws {
        let service = try TestService { $0.setPatience(.seconds(2)) }
        let content = try service.store("k", count: 60)
        // One byte every 50 ms: three seconds in total.
        service.server.add(.throttleBody(bytesPerSecond: 20), when: .operation("GetObject"))
        let start = ContinuousClock.now
        #expect(try await service.bucket.getObject("k").body.collect() == content)
        #expect(ContinuousClock.now - start > .seconds(2))
        #expect(service.count() == 1)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A10: an object with Content-Encoding gzip is returned as stored or fails with an error")
    func a10() async throws {
        let service = try TestService()
        // "hello" as gzip.
        let stored = Data(
            [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 1, 5, 0, 0xFA, 0xFF] + Array("hello".utf8)
                + [0x86, 0xA6, 0x10, 0x36, 5, 0, 0, 0])
        try service.server.put("k", stored, in: "photos", headers: ["Content-Encoding": "gzip"])
        try await service.bucket.downloadObject("k", to: folder["new"])
        #expect(try folder.read("new") == stored)
        #expect(try await service.bucket.getObject("k", range: 10..<20).body.collect() == stored[10..<20])

        // A gateway that compresses nevertheless.
        service.server.add(.gzip, when: .operation("GetObject"), times: .max)
        let error = await failure { try await service.bucket.downloadObject("k", to: folder["old"]) }
        #expect(error?.code == .invalidResponse, "\(error as Any)")
        #expect(error?.message.contains("gzip") == true, "\(error as Any)")
        #expect(try folder.read("old") == Data("old".utf8))
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A11: a gateway's error page is retried; the error has its status and a short excerpt",
        arguments: [
            "<html><body>" + String(repeating: "<h1>Bad gateway</h1>", count: 1000) + "</body></html>", "",
            "\u{0}\u{1}\u{2}\u{7F}",
        ])
    func a11(page: String) async throws {
        let service = try TestService { $0.retry.maximumAttempts = 3 }
        try service.store("k")
        let headers = ["Content-Type": "text/html"]
        service.server.add(.response(status: 502, headers: headers, body: Array(page.utf8)))
        service.server.add(.response(status: 504, headers: headers, body: Array(page.utf8)))
        #expect(try await service.bucket.headObject("k").size == 300_000)
        service.server.add(.response(status: 502, headers: headers, body: Array(page.utf8)), times: .max)
        let error = await failure { try await service.bucket.getObject("k") }
        #expect(error?.code == .serviceUnavailable)
        #expect(error?.serviceError?.status == 502)
        #expect(error?.attempts == 3)
        #expect(error?.description.utf8.count ?? 0 < 1024)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A12: an early rejection of a large upload is reported and not retried", arguments: [403, 400])
    func a12(status: Int) async throws {
        let service = try TestService()
        service.server.add(.respondEarly(status: status, code: "Refused"), when: .operation("PutObject"))
        let body = ObjectBody.data(Data.pattern(8 << 20))
        let error = await failure { try await service.bucket.putObject("k", body) }
        #expect(error?.serviceError?.status == status)
        #expect(error?.serviceError?.code == "Refused")
        #expect(service.count() == 1)
        #expect(service.stored("k") == nil)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A13: bytes after the body, or a second response, do not reach the next request",
        arguments: ["garbage", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"])
    func a13(extra: String) async throws {
        let service = try TestService()
        let content = try service.store("k", count: 100)
        service.server.add(.extraBytes(Array(extra.utf8)), when: .operation("GetObject"))
        #expect(try await service.bucket.getObject("k").body.collect() == content)
        for _ in 0..<3 { #expect(try await service.bucket.getObject("k").body.collect() == content) }
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A14: a response that is not HTTP is invalidResponse after all attempts",
        arguments: ["\u{0}\u{1}\u{2}garbage", "hello\r\nthere\r\n", "SSH-2.0-OpenSSH_9.2\r\n"])
    func a14(reply: String) async throws {
        let service = try TestService { $0.retry.maximumAttempts = 3 }
        service.server.add(.raw(Array(reply.utf8)), times: 3)
        let error = await failure { try await service.bucket.getObject("k") }
        #expect(error?.code == .invalidResponse, "\(error as Any)")
        #expect(service.count() == 3)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A15: an endless error page and a header of one megabyte are not read to their end")
    func a15() async throws {
        let service = try TestService { $0.retry.maximumAttempts = 2 }
        try service.store("k")
        service.server.add(.respond(status: 500, code: "InternalError"))
        service.server.add(.endlessBody)
        let error = await failure { try await service.bucket.downloadObject("k", to: folder["new"]) }
        #expect(error?.code == .bodyTooLarge)
        service.server.add(.header("x-large", String(repeating: "a", count: 1 << 20)), times: 2)
        #expect(await failure { try await service.bucket.headObject("k") } != nil)
        #expect(try folder.files() == ["old"])
        #expect(try await service.bucket.headObject("k").size == 300_000)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A18: an idle connection that closes between two requests causes no error",
        arguments: [
            MockFault.Closing.finish, .reset,
        ])
    func a18(closing: MockFault.Closing) async throws {
        let service = try TestService(server: { $0.idleTimeout = .seconds(600) })
        try await service.bucket.putObject("a", "1")
        service.server.add(.closeBeforeReading(closing), when: .reusedConnection)
        try await service.bucket.putObject("b", "2")
        #expect(service.server.keys(in: "photos") == ["a", "b"])
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A19: refused connections are retried until they succeed")
    func a19() async throws {
        let service = try TestService {
            $0.retry.maximumAttempts = 100
            $0.retry.baseDelay = .milliseconds(20)
        }
        service.server.add(.refuseConnections(for: .milliseconds(100)), when: .operation("PutObject"))
        try await service.bucket.putObject("k", "x")
        #expect(service.stored("k") == Data("x".utf8))
        #expect(service.server.unusedFaults.isEmpty)

        var configuration = BucketConfiguration()
        configuration.retry = RetryPolicy(maximumAttempts: 3, baseDelay: .milliseconds(1))
        let bucket = try Bucket(
            // A port that was just free is not used, because another test's server may have taken it.
            "photos", endpoint: "http://127.0.0.1:1", region: "cn-hangzhou", credentials: .anonymous,
            configuration: configuration)
        let error = await failure { try await bucket.getObject("k") }
        #expect(error?.code == .connectionFailed)
        #expect(error?.attempts == 3)
    }

    @Test("A20: a connection that is closed after every response works, and none is left open")
    func a20() async throws {
        let service = try TestService()
        service.server.add(.header("Connection", "close"), times: .max)
        for index in 0..<20 { try await service.bucket.putObject(ObjectKey("k\(index)"), "x") }
        #expect(service.server.requests.allSatisfy { $0.indexOnConnection == 0 })
        #expect(service.server.keys(in: "photos").count == 20)
        #expect(try await eventually { service.server.statistics.openConnections == 0 })
        #expect(service.server.unusedFaults.isEmpty)
    }
}
