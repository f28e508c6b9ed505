import Foundation
import OSSPrimitives
import Synchronization
import Testing

@testable import AliyunOSS

@Suite("Client", .timeLimit(.minutes(5)))
struct ClientTests {
    @Test("A temporary failure is retried, and each attempt is signed again")
    func retries() async throws {
        let seconds = Mutex(0.0)
        let transport = ScriptedTransport(
            { _ in .refusal(503, "ServiceUnavailable") }, { _ in throw HTTPTransportError(.connectionLost, "reset") },
            { _ in .ok() })
        let bucket = try Bucket.scripted(transport) {
            $0.clock = {
                Date(
                    timeIntervalSince1970: 1_702_743_657
                        + seconds.withLock {
                            $0 += 1
                            return $0
                        })
            }
        }
        try await bucket.deleteObject("a")
        let signatures = Set(transport.requests.compactMap { $0.headers["Authorization"] })
        #expect(transport.requests.count == 3)
        #expect(signatures.count == 3)
    }

    @Test("The User-Agent has the name and version of this library unless another is specified")
    func userAgent() async throws {
        let transport = ScriptedTransport({ _ in .ok() })
        try await Bucket.scripted(transport).deleteObject("a")
        try await Bucket.scripted(transport) { $0.userAgent = "backup/1" }.deleteObject("a")
        let agents = transport.requests.map { $0.headers["User-Agent"] ?? "" }
        #expect(agents.first?.hasPrefix("aliyun-oss-swift/") == true)
        #expect(agents.last == "backup/1")
    }

    @Test("A rejection is final", arguments: [400, 403, 404, 405, 409, 411, 412, 416])
    func finalRefusals(status: Int) async throws {
        let transport = ScriptedTransport({ _ in .refusal(status, "Whatever") })
        let bucket = try Bucket.scripted(transport)
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        #expect(transport.requests.count == 1)
        #expect(error?.attempts == 1)
    }

    @Test("An error states the operation, the resource, the cause, the request ID and the EC")
    func errorIsComplete() async throws {
        let transport = ScriptedTransport({ _ in .refusal(404, "NoSuchKey", "The specified key does not exist.") })
        let bucket = try Bucket.scripted(transport)
        let error = await #expect(throws: OSSError.self) { try await bucket.getObject("a/b") }
        #expect(error?.code == .notFound)
        #expect(error?.serviceError?.code == "NoSuchKey")
        #expect(
            error?.description == "GetObject oss://photos/a/b: The specified key does not exist. "
                + "(notFound, status 404, NoSuchKey, request ID 5C3D9175B6FC201293AD0001, EC 0026-00000001)")
    }

    @Test("The error of a HEAD request is read from a header")
    func headError() async throws {
        let document = "<Error><Code>NoSuchBucket</Code><Message>No bucket.</Message><EC>0015-00000101</EC></Error>"
        let headers: HTTPHeaders = ["x-oss-err": Data(document.utf8).base64EncodedString()]
        let transport = ScriptedTransport({ _ in HTTPResponse(status: 404, headers: headers) })
        let bucket = try Bucket.scripted(transport)
        let error = await #expect(throws: OSSError.self) { try await bucket.objectExists("a") }
        #expect(error?.serviceError?.code == "NoSuchBucket")
        #expect(error?.serviceError?.diagnosticCode == "0015-00000101")
    }

    @Test("After the last attempt, the error states the number of attempts and the last cause")
    func attemptsUsedUp() async throws {
        let transport = ScriptedTransport({ _ in .refusal(500, "InternalError") })
        let bucket = try Bucket.scripted(transport) { $0.retry.maximumAttempts = 3 }
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        #expect(transport.requests.count == 3)
        #expect(error?.attempts == 3)
        #expect(error?.code == .serviceUnavailable)
        #expect(error?.description.contains("3 attempts") == true)
    }

    @Test("If every request fails, all calls together send no more requests than calls and retry budget")
    func budgetHolds() async throws {
        let transport = ScriptedTransport({ _ in .refusal(500, "InternalError") })
        let bucket = try Bucket.scripted(transport) {
            $0.retry.budget = 10
            $0.retry.budgetRefillPerSecond = 0
        }
        await withTaskGroup { group in
            for _ in 0..<64 { group.addTask { try? await bucket.deleteObject("a") } }
        }
        #expect(transport.requests.count == 64 + 10)
    }

    @Test("A clock difference is measured once and then remembered")
    func clockSkew() async throws {
        let service = Date(timeIntervalSince1970: 1_800_000_000)
        let transport = ScriptedTransport(
            { _ in
                .refusal(
                    403, "RequestTimeTooSkewed", more: "<ServerTime>\(ISO8601.extended(service))</ServerTime>")
            }, { _ in .ok() })
        let bucket = try Bucket.scripted(transport) { $0.clock = { service - 7200 } }
        for _ in 0..<3 { try await bucket.deleteObject("a") }
        let dates = transport.requests.map { $0.headers["x-oss-date"] ?? "" }
        let right = ISO8601.basic(service)
        #expect(dates == [ISO8601.basic(service - 7200), right, right, right])
    }

    @Test("A clock that is still wrong after its correction is an error that states it")
    func clockStaysWrong() async throws {
        let transport = ScriptedTransport(
            { _ in .refusal(403, "RequestTimeTooSkewed", headers: ["Date": "Wed, 28 Dec 2022 10:27:41 GMT"]) })
        let bucket = try Bucket.scripted(transport)
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        #expect(error?.code == .clockSkewed)
        #expect(transport.requests.count == 2)
    }

    @Test("Rejected credentials are reported to the provider, and its new credentials are used")
    func renewedCredentials() async throws {
        let transport = ScriptedTransport({ _ in .refusal(403, "SecurityTokenExpired") }, { _ in .ok() })
        let provider = RenewableProvider()
        let bucket = try Bucket.scripted(transport, credentials: provider)
        try await bucket.deleteObject("a")
        #expect(transport.requests.map { $0.headers["x-oss-security-token"] } == ["token 1", "token 2"])
    }

    @Test("No error contains a secret")
    func noSecrets() async throws {
        let transport = ScriptedTransport({ _ in .refusal(403, "SignatureDoesNotMatch") })
        let provider = StaticCredentialsProvider(
            Credentials(accessKeyID: "id", accessKeySecret: "hush-hush", securityToken: "tell-nobody"))
        let bucket = try Bucket.scripted(transport, credentials: provider)
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        var text = "\(String(describing: error)) \(String(reflecting: error)) \(bucket)"
        dump(error, to: &text)
        #expect(!text.contains("hush-hush"))
        #expect(!text.contains("tell-nobody"))
    }

    @Test("An upload that was stored with different bytes is sent again and then fails")
    func uploadChecksum() async throws {
        let transport = ScriptedTransport({ request in
            HTTPResponse(
                status: 200, headers: ["x-oss-hash-crc64ecma": "42"], sentLength: request.body.length, sentChecksum: 41)
        })
        let bucket = try Bucket.scripted(transport) { $0.retry.maximumAttempts = 2 }
        let error = await #expect(throws: OSSError.self) { try await bucket.putObject("a", "hello") }
        #expect(error?.code == .checksumMismatch)
        #expect(transport.requests.count == 2)
    }

    @Test("A success that arrives before the entire body was sent is an error")
    func shortUpload() async throws {
        let transport = ScriptedTransport({ _ in HTTPResponse(status: 200, headers: [:], sentLength: 3) })
        let bucket = try Bucket.scripted(transport) { $0.retry.maximumAttempts = 1 }
        let error = await #expect(throws: OSSError.self) { try await bucket.putObject("a", "hello") }
        #expect(error?.code == .connectionLost)
    }

    @Test("A file that changed between two attempts is not sent again, and the error states the reason")
    func changedSource() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/changing-\(UUID().uuidString)"
        defer { unlink(path) }
        try Data("first".utf8).write(to: URL(fileURLWithPath: path))
        let transport = ScriptedTransport(
            { _ in
                try Data("second content".utf8).write(to: URL(fileURLWithPath: path))
                throw HTTPTransportError(.connectionLost, "the connection was reset")
            })
        // Written in place, because an atomic write would not change the open file.
        let bucket = try Bucket.scripted(transport)
        let error = await #expect(throws: OSSError.self) { try await bucket.putObject("a", .file(path)) }
        #expect(error?.code == .sourceChanged)
        #expect(error?.message.contains("not retried after: the connection was reset") == true)
        #expect(transport.requests.count == 1)
    }

    @Test("A failed callback (203) is an error")
    func callbackFailed() async throws {
        let transport = ScriptedTransport({ _ in .refusal(203, "CallbackFailed", "Error status : 301.") })
        let bucket = try Bucket.scripted(transport)
        let error = await #expect(throws: OSSError.self) { try await bucket.putObject("a", "b") }
        #expect(error?.serviceError?.code == "CallbackFailed")
    }

    @Test("An invalid header is rejected before any request")
    func invalidHeader() async throws {
        let transport = ScriptedTransport({ _ in .ok() })
        let bucket = try Bucket.scripted(transport)
        let options = PutObjectOptions(contentType: "text/plain\r\nx-oss-object-acl: public-read")
        let error = await #expect(throws: OSSError.self) { try await bucket.putObject("a", "b", options: options) }
        #expect(error?.code == .invalidArgument)
        #expect(transport.requests.isEmpty)
    }

    @Test("A deadline that leaves no time for a delay ends the call")
    func deadline() async throws {
        let transport = ScriptedTransport({ _ in .refusal(503, "ServiceUnavailable", headers: ["Retry-After": "20"]) })
        let bucket = try Bucket.scripted(transport) { $0.deadline = .seconds(10) }
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        #expect(error?.message.contains("deadline") == true)
        #expect(transport.requests.count == 1)
        #expect(try #require(transport.requests.first?.timeouts.total) <= .seconds(10))
    }

    @Test("A cancellation is reported as such and not as a failure of the service")
    func cancellation() async throws {
        let transport = ScriptedTransport({ _ in throw CancellationError() })
        let bucket = try Bucket.scripted(transport)
        await #expect(throws: CancellationError.self) { try await bucket.deleteObject("a") }
    }

    @Test("An anonymous request has neither a signature nor headers that require one")
    func anonymous() async throws {
        let transport = ScriptedTransport({ _ in .ok("hello", headers: ["ETag": "\"E\""]) })
        let bucket = try Bucket.scripted(transport, credentials: .anonymous)
        _ = try await bucket.getObject("a")
        let request = try #require(transport.requests.first)
        #expect(request.headers["Authorization"] == nil)
        #expect(!request.url.contains("response-content-encoding"))
    }
}

/// A provider that returns a new token each time the previous one is reported as rejected.
private actor RenewableProvider: CredentialsProvider {
    private var number = 1

    func credentials() -> Credentials? {
        Credentials(accessKeyID: "id", accessKeySecret: "secret", securityToken: "token \(number)")
    }

    func invalidate(_ credentials: Credentials) { number += 1 }
}
