import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of retries, throttling and clocks. The IDs and outcomes are those in `Docs/Scenarios.md`.
@Suite("Retries, throttling and clocks", .timeLimit(.minutes(10)))
struct RetryAndThrottlingTests {
    @Test(
        "B1: throttled requests are retried with growing, random delays until they succeed",
        arguments: [(503, "ServerBusy"), (429, "TooManyRequests"), (503, "MetaOperationQpsLimitExceeded")])
    func b1(status: Int, code: String) async throws {
        let service = try TestService()
        service.server.add(.respond(status: status, code: code), times: 4)
        try await withThrowingTaskGroup { group in
            for index in 0..<8 {
                group.addTask { _ = try await service.bucket.putObject(ObjectKey("k\(index)"), "x") }
            }
            try await group.waitForAll()
        }
        #expect(service.server.keys(in: "photos").count == 8)
        #expect(service.count() == 12)
        #expect(service.server.unusedFaults.isEmpty)

        let policy = RetryPolicy(baseDelay: .milliseconds(100), maximumDelay: .seconds(1))
        let ceilings = (1...6).map { policy.delay(afterFailures: $0, requested: nil, random: 1) }
        #expect(ceilings == [100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        #expect(policy.delay(afterFailures: 3, requested: nil, random: 0) == .zero)
        #expect(policy.delay(afterFailures: .max, requested: nil, random: 0.5) == .milliseconds(500))
    }

    @Test("B1: throttling reduces the number of requests in flight, and successes restore it")
    func b1Concurrency() async throws {
        let service = try TestService {
            $0.maximumConnections = 8
            $0.retry.maximumAttempts = 1
        }
        #expect(try await service.requestsInFlight(callers: 12) == 8)
        service.server.add(.respond(status: 503, code: "ServerBusy"))
        #expect(await failure { try await service.bucket.putObject("k", "x") }?.code == .throttled)
        #expect(try await service.requestsInFlight(callers: 12) == 4)

        // Enough for the limit to reach one, even if all requests in flight together count once.
        service.server.add(.respond(status: 429, code: "TooManyRequests"), times: 8)
        await withTaskGroup { group in
            for index in 0..<8 {
                group.addTask {
                    let error = await failure { try await service.bucket.putObject(ObjectKey("k\(index)"), "x") }
                    #expect(error?.code == .throttled)
                }
            }
        }
        #expect(service.server.unusedFaults.isEmpty)
        #expect(try await service.requestsInFlight(callers: 12) == 1)

        for _ in 0..<60 { try await service.bucket.putObject("k", "x") }
        #expect(try await service.requestsInFlight(callers: 12) == 8)
        #expect(service.stored("k") == Data("x".utf8))
    }

    @Test("B2: a delay that the service requests, in seconds or as a date, is honored up to the limit")
    func b2() async throws {
        func requested(_ headers: HTTPHeaders) -> Duration? {
            HTTPResponse(status: 503, headers: headers).requestedDelay
        }
        let date = "Mon, 02 Jan 2006 15:04:05 GMT"
        #expect(requested(["Retry-After": "3"]) == .seconds(3))
        #expect(requested(["Retry-After": "Mon, 02 Jan 2006 15:04:12 GMT", "Date": date]) == .seconds(7))
        #expect(requested(["Retry-After": "Mon, 02 Jan 2006 15:00:00 GMT", "Date": date]) == .zero)
        #expect(requested(["x-oss-qos-delay-time": "250"]) == .milliseconds(250))
        for absurd in ["-5", "1e400", "99999999999999999999", "nan", "soon", ""] {
            #expect(requested(["Retry-After": absurd]) ?? .zero <= .seconds(86_400), "\(absurd)")
        }

        let service = try TestService { $0.retry.maximumDelay = .milliseconds(300) }
        for value in ["86400", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            service.server.add(.respond(status: 503, code: "ServerBusy"), when: .operation("PutObject"))
            service.server.add(.header("Retry-After", value), when: .operation("PutObject"))
            let start = ContinuousClock.now
            try await service.bucket.putObject("k", "x")
            if Double(value) ?? 0 < 1e6 { #expect(ContinuousClock.now - start >= .milliseconds(290)) }
        }
        #expect(service.count() == 6)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "B3: if every request fails, the callers and the budget limit the requests; a success returns retries to the budget"
    )
    func b3() async throws {
        let service = try TestService {
            $0.retry.budget = 20
            $0.retry.budgetRefillPerSecond = 0
        }
        service.server.add(.respond(status: 500, code: "InternalError"), times: .max)
        await withTaskGroup { group in
            for index in 0..<64 {
                group.addTask {
                    let error = await failure { try await service.bucket.putObject(ObjectKey("k\(index)"), "x") }
                    #expect(error?.code == .serviceUnavailable)
                }
            }
        }
        #expect(service.count() == 84)
        let error = await failure { try await service.bucket.putObject("k", "x") }
        #expect(error?.attempts == 1)
        #expect(error?.message.contains("budget") == true)
        #expect(service.server.unusedFaults.isEmpty)

        service.server.faults.removeAll()
        try await service.bucket.putObject("k", "x")
        service.server.add(.respond(status: 500, code: "InternalError"))
        try await service.bucket.putObject("k", "y")
        #expect(service.stored("k") == Data("y".utf8))
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("B4: the error after the last attempt states the attempts, the time, the cause and the request ID")
    func b4() async throws {
        let service = try TestService { $0.retry.maximumAttempts = 3 }
        service.server.add(.closeBeforeReading())
        service.server.add(.respond(status: 500, code: "InternalError", message: "We are sorry."), times: 2)
        let error = try #require(await failure { try await service.bucket.putObject("k", "x") })
        #expect(error.attempts == 3)
        #expect(error.elapsed ?? .zero > .zero)
        #expect(error.serviceError?.requestID == service.server.requests.last?.requestID)
        for part in ["PutObject", "oss://photos/k", "We are sorry.", "InternalError", "3 attempts in ", "request ID "] {
            #expect(error.description.contains(part), "\(error)")
        }
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("B5: a rejection is final after one request", arguments: [400, 403, 404, 405, 409, 411, 412, 416])
    func b5(status: Int) async throws {
        let service = try TestService()
        service.server.add(.respond(status: status, code: "Injected"), times: 2)
        #expect(await failure { try await service.bucket.putObject("k", "x") }?.serviceError?.status == status)
        #expect(await failure { try await service.bucket.deleteObject("k") }?.serviceError?.status == status)
        #expect(service.count() == 2)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("B6: a wrong clock is corrected once, and every attempt has a new date")
    func b6() async throws {
        let clock = ManualClock(Date())
        let service = try TestService {
            $0.clock = {
                clock.advance(by: .seconds(1))
                return clock.now.addingTimeInterval(-3600)
            }
        } server: {
            $0.clock = { clock.now }
        }
        try await service.bucket.putObject("k", "x")
        #expect(service.server.requests.map(\.status) == [403, 200])
        try await service.bucket.putObject("k", "x")
        #expect(service.count() == 3)

        service.server.add(.respond(status: 500, code: "InternalError"), times: 2)
        try await service.bucket.putObject("k", "x")
        let dates = service.server.requests.compactMap { $0.headers["x-oss-date"] }
        #expect(dates.count == 6)
        #expect(Set(dates).count == 6)

        service.server.add(.respond(status: 403, code: "RequestTimeTooSkewed"), times: 2)
        let error = await failure { try await service.bucket.putObject("k", "x") }
        #expect(error?.code == .clockSkewed)
        #expect(error?.attempts == 2)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("B7: a wall clock that jumps by an hour moves no deadline")
    func b7() async throws {
        let jumps = Recorder<Void>()
        let start = Date()
        func configure(_ deadline: Duration) -> (inout BucketConfiguration) -> Void {
            {
                $0.deadline = deadline
                $0.clock = {
                    start.addingTimeInterval(jumps.append(()).isMultiple(of: 2) ? 3600 : -3600)
                }
            }
        }
        let patient = try TestService(configure(.seconds(120)), server: { $0.accessKeys = [] })
        patient.server.add(.respond(status: 500, code: "InternalError"), times: 3)
        try await patient.bucket.putObject("k", "x")
        #expect(patient.count() == 4)
        #expect(patient.server.unusedFaults.isEmpty)

        let hasty = try TestService(configure(.seconds(5)), server: { $0.accessKeys = [] })
        hasty.server.add(.neverRespond)
        #expect(await failure { try await hasty.bucket.putObject("k", "x") }?.code == .timedOut)
        #expect(hasty.server.unusedFaults.isEmpty)
    }

    @Test("B11: no secret, token or signature is in any error, description, dump or log")
    func b11() async throws {
        let token = "token-of-tests/+="
        let credentials = StaticCredentialsProvider.static(
            accessKeyID: TestService.keyID, accessKeySecret: "another-" + TestService.secret, securityToken: token)
        let lines = Recorder<String>()
        var texts: [String] = []
        func keep(_ value: Any?) {
            var text = ""
            dump(value, to: &text)
            texts += [text, "\(value ?? "")", String(reflecting: value)]
        }
        for version in [SignatureVersion.v4, .v1] {
            let service = try TestService(
                { $0.signature = version },
                server: {
                    $0.accessKeys[0].securityToken = token
                    $0.log = { lines.append($0) }
                }, credentials: credentials)
            service.server.add(.closeBeforeReading(), when: .operation("DeleteObject"), times: .max)
            service.server.add(.raw(Array("garbage".utf8)), when: .operation("HeadObject"), times: .max)
            service.server.add(.redirect(to: "http://127.0.0.1:1/?Signature=abc"), when: .operation("ListObjects"))
            let mismatch = await failure { try await service.bucket.putObject("k", "x") }
            #expect(mismatch?.serviceError?.code == "SignatureDoesNotMatch")
            keep(mismatch)
            keep(await failure { try await service.bucket.deleteObject("k") })
            keep(await failure { try await service.bucket.headObject("k") })
            keep(await failure { for try await _ in service.bucket.listObjects() {} })
            // With a request in flight that contains all secrets.
            service.server.add(.neverRespond, when: .operation("GetObject"))
            let inFlight = Task { try await service.bucket.getObject("k") }
            await service.server.waitForRequests(1) { $0.operation == "GetObject" }
            keep(service.bucket)
            inFlight.cancel()
            _ = await inFlight.result
            keep(service.bucket.client.configuration)
            keep(credentials)
            keep(try await credentials.credentials())
            keep(
                HTTPRequest(
                    method: .get, url: "http://h/k?x-oss-signature=abc&x-oss-security-token=\(token)",
                    headers: ["Authorization": "OSS abc", "x-oss-security-token": token]))
            let folder = try ScratchDirectory()
            try folder.write("f", Data("x".utf8))
            keep(await failure { try await DirectoryTransfer(service.bucket).upload(from: folder.path) })
            #expect(service.server.unusedFaults.isEmpty)
            // Every sent signature is a secret, too.
            let sent = service.server.requests.compactMap { $0.headers["Authorization"] }
            #expect(!sent.isEmpty)
            for authorization in sent {
                let signature = authorization.split { "=:".contains($0) }.last.map(String.init) ?? authorization
                #expect(!texts.contains { $0.contains(signature) })
            }
        }
        texts += lines.values
        #expect(!lines.values.isEmpty)
        for text in texts {
            #expect(!text.contains(TestService.secret) && !text.contains(token), "\(text)")
            #expect(!text.contains("Signature=abc") && !text.contains("signature=abc"), "\(text)")
        }
    }

    @Test("B12: a body that changed is not sent again, and the error states the reason")
    func b12() async throws {
        let service = try TestService()
        let folder = try ScratchDirectory()
        try folder.write("f", Data.pattern(100_000))
        let path = folder["f"]
        var options = PutObjectOptions()
        options.onProgress = {
            // Another program writes to the file after its last bytes have been read and before it is sent again.
            guard $0.bytesSent == 100_000, let handle = FileHandle(forWritingAtPath: path) else { return }
            _ = try? handle.seekToEnd()
            try? handle.write(contentsOf: Data("more".utf8))
            try? handle.close()
        }
        service.server.add(.respond(status: 500, code: "InternalError"))
        let error = await failure { [options] in
            try await service.bucket.putObject("k", .file(path), options: options)
        }
        #expect(error?.code == .sourceChanged)
        #expect(error?.message.contains("not retried after") == true, "\(error as Any)")
        #expect(service.count() == 1)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("B13: an error in a response with status 200 is a failure, and is retried if it can be temporary")
    func b13() async throws {
        let service = try TestService()
        try service.store("k", count: 10)
        service.server.add(.errorInSuccess(code: "InternalError"), when: .operation("CopyObject"), times: 2)
        try await service.bucket.copyObjectInOneRequest(from: "k", to: "copy")
        #expect(service.count("CopyObject") == 3)
        #expect(service.stored("copy") == service.stored("k"))

        service.server.add(.errorInSuccess(code: "AccessDenied"), when: .operation("CopyObject"))
        let error = await failure { try await service.bucket.copyObjectInOneRequest(from: "k", to: "other") }
        #expect(error?.serviceError?.code == "AccessDenied")
        #expect(error?.attempts == 1)
        #expect(service.stored("other") == nil)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("B14: a response with leading spaces while the service works is accepted")
    func b14() async throws {
        let service = try TestService { $0.setPatience(.seconds(2)) }
        try service.store("k", count: 10)
        // Longer than the idle limit in total.
        service.server.add(.dripSpaces(count: 25, every: .milliseconds(100)), when: .operation("CopyObject"))
        let start = ContinuousClock.now
        try await service.bucket.copyObjectInOneRequest(from: "k", to: "copy")
        #expect(ContinuousClock.now - start > .seconds(2))
        #expect(service.count() == 1)
        #expect(service.server.unusedFaults.isEmpty)
    }
}
