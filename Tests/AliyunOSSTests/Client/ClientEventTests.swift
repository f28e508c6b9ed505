import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Client events", .timeLimit(.minutes(5)))
struct ClientEventTests {
    private let events = Recorder<ClientEvent>()

    /// Returns a bucket that records its events.
    private func bucket(
        _ transport: ScriptedTransport,
        credentials: some CredentialsProvider = .static(accessKeyID: "id", accessKeySecret: "secret"),
        configure: (inout BucketConfiguration) -> Void = { _ in }
    ) throws -> Bucket {
        try Bucket.scripted(transport, credentials: credentials) {
            $0.onEvent = { [events] in events.append($0) }
            configure(&$0)
        }
    }

    private var ended: [(attempt: RequestAttempt, outcome: RequestOutcome)] {
        events.values.compactMap {
            if case .requestEnded(let attempt, let outcome) = $0 { (attempt, outcome) } else { nil }
        }
    }

    private var started: [RequestAttempt] {
        events.values.compactMap { if case .requestStarted(let attempt) = $0 { attempt } else { nil } }
    }

    @Test("Each attempt starts and ends once, and a failed attempt reports its error and the wait before the next one")
    func attempts() async throws {
        let transport = ScriptedTransport(
            { _ in .refusal(503, "ServiceUnavailable") }, { _ in throw HTTPTransportError(.connectionLost, "reset") },
            { _ in .ok() })
        let delays = Recorder<Duration>()
        let bucket = try bucket(transport) {
            $0.retry.baseDelay = .seconds(1)
            $0.sleep = { delays.append($0) }
        }
        try await bucket.putObject("a/b", "hello")
        #expect(started.map(\.number) == [1, 2, 3])
        #expect(ended.map(\.attempt) == started)
        let first = try #require(started.first)
        #expect(
            first
                == RequestAttempt(operation: "PutObject", method: .put, bucket: "photos", key: "a/b", number: 1))
        let outcomes = ended.map(\.outcome)
        #expect(outcomes.map(\.status) == [503, nil, 200])
        #expect(
            outcomes.map(\.requestID) == ["5C3D9175B6FC201293AD0001", nil, "5C3D9175B6FC201293AD0002"])
        #expect(outcomes.map(\.bytesSent) == [0, 0, 5])
        #expect(outcomes.map { ($0.error as? OSSError)?.code } == [.serviceUnavailable, .connectionLost, nil])
        #expect(outcomes.map(\.retryDelay) == delays.values.map { $0 } + [nil])
        #expect(delays.values.count == 2)
    }

    @Test("The last attempt of a failed call ends with its error and without a wait")
    func failure() async throws {
        let transport = ScriptedTransport({ _ in .refusal(500, "InternalError") })
        let bucket = try bucket(transport) { $0.retry.maximumAttempts = 2 }
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        #expect(ended.map { $0.outcome.retryDelay != nil } == [true, false])
        #expect((ended.last?.outcome.error as? OSSError)?.message == error?.message)
    }

    @Test("A cancelled attempt ends with a CancellationError")
    func cancellation() async throws {
        let bucket = try bucket(ScriptedTransport({ _ in throw CancellationError() }))
        await #expect(throws: CancellationError.self) { try await bucket.deleteObject("a") }
        #expect(ended.map { $0.outcome.error is CancellationError } == [true])
    }

    @Test("A call that is refused before a request is sent reports no attempt")
    func noAttempt() async throws {
        let bucket = try bucket(ScriptedTransport({ _ in .ok() }))
        bucket.shutDown()
        await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        #expect(events.values.isEmpty)
    }

    @Test("An attempt that is repeated at once with new credentials reports a wait of zero, and the change is reported")
    func credentials() async throws {
        let expiration = Date(timeIntervalSince1970: 1_900_000_000)
        let transport = ScriptedTransport({ _ in .refusal(403, "SecurityTokenExpired") }, { _ in .ok() })
        let bucket = try bucket(transport, credentials: RotatingProvider(expiration: expiration))
        try await bucket.deleteObject("a")
        #expect(ended.map(\.outcome.retryDelay) == [.zero, nil])
        let changes = events.values.filter { if case .credentialsChanged(expiration) = $0 { true } else { false } }
        #expect(changes.count == 1)
    }

    @Test("A change of the limit on concurrent requests is reported once")
    func limit() async throws {
        let transport = ScriptedTransport({ _ in .refusal(503, "TotalQpsLimitExceeded") }, { _ in .ok() })
        let bucket = try bucket(transport) { $0.maximumConnections = 8 }
        try await bucket.deleteObject("a")
        let limits = events.values.compactMap { if case .requestLimitChanged(let limit) = $0 { limit } else { nil } }
        #expect(limits == [4])
    }

    // MARK: Logs

    private static let attempt = RequestAttempt(
        operation: "GetObject", method: .get, bucket: "photos", key: "a\nb", number: 2)

    private static func ended(_ code: OSSError.Code?, retryDelay: Duration? = nil) -> ClientEvent {
        let error = code.map { OSSError($0, "what failed", serviceError: .init(status: 404, code: "No", message: "")) }
        return .requestEnded(
            attempt,
            RequestOutcome(
                status: 404, requestID: "5C3D", duration: .milliseconds(1_050), bytesSent: 1, bytesReceived: 2,
                error: error, retryDelay: retryDelay))
    }

    @Test(
        "A log message has the level and text of its event",
        arguments: [
            (ClientEvent.requestStarted(attempt), LogLevel.debug, "GetObject started"),
            (ended(nil), .debug, "GetObject succeeded"), (ended(.notFound), .info, "GetObject failed: what failed"),
            (ended(.accessDenied), .error, "GetObject failed: what failed"),
            (
                ended(.throttled, retryDelay: .milliseconds(20)), .warning,
                "GetObject failed and is repeated in 0.020 s: what failed"
            ),
            (.credentialsChanged(expiration: nil), .info, "the credentials changed"),
            (.requestLimitChanged(3), .info, "the limit on concurrent requests changed to 3"),
            (.transferStarted(.upload), .info, "the upload of a folder started"),
            (.transfer(file(.transferred)), .debug, "'a/b' transferred"),
            (.transfer(file(.failed, OSSError(.timedOut, "what failed"))), .error, "'a/b' failed: what failed"),
            (
                .transferEnded(.upload, .success(report(failures: 0))), .info,
                "the upload of a folder succeeded: 2 transferred, 0 unchanged, 0 skipped, 0 deleted, 0 failed"
            ),
            (
                .transferEnded(.upload, .success(report(failures: 1))), .warning,
                "the upload of a folder is incomplete: 2 transferred, 0 unchanged, 0 skipped, 0 deleted, 1 failed"
            ),
            (
                .transferEnded(.copy, .failure(OSSError(.accessDenied, "what failed"))), .error,
                "the copy of a folder failed: what failed"
            ),
            (
                .transferEnded(.copy, .failure(CancellationError())), .info,
                "the copy of a folder failed: the call was cancelled"
            ),
        ])
    func message(event: ClientEvent, level: LogLevel, text: String) {
        #expect(LogMessage(event).level == level)
        #expect(LogMessage(event).text == text)
    }

    @Test("The metadata of a file that failed and of the end of a folder transfer has paths, sizes and numbers")
    func transferMetadata() {
        let failed = ClientEvent.transfer(Self.file(.failed, OSSError(.timedOut, "what failed")))
        #expect(
            LogMessage(failed).metadata == [
                "action": "upload", "reason": "new", "path": "a/b", "key": "p/a/b", "bytes": "5", "code": "timedOut",
            ])
        let ended = ClientEvent.transferEnded(.upload, .success(Self.report(failures: 1)))
        #expect(
            LogMessage(ended).metadata == [
                "transfer": "upload", "duration": "1.500", "transferred": "2", "unchanged": "0", "skipped": "0",
                "deleted": "0", "failed": "1", "bytes": "10",
            ])
    }

    private static func file(_ kind: TransferEvent.Kind, _ error: OSSError? = nil) -> TransferEvent {
        TransferEvent(kind: kind, error: error, action: .upload, reason: .new, key: "p/a/b", path: "a/b", bytes: 5)
    }

    private static func report(failures: Int) -> TransferReport {
        var report = TransferReport(.upload)
        report.transferred = TransferTally(files: 2, bytes: 10)
        report.failed = TransferTally(files: failures, bytes: 0)
        report.failures = (0..<failures).map {
            TransferFailure(key: nil, path: "\($0)", error: OSSError(.timedOut, "what failed"))
        }
        report.elapsedSeconds = 1.5
        return report
    }

    @Test("A folder transfer reports its start, each file and its end, and a dry run reports none of them")
    func folderTransfer() async throws {
        let scratch = try ScratchDirectory()
        for name in ["a", "b"] { try scratch.write(name, "x") }
        let service = try TestService { $0.onEvent = { [events] in events.append($0) } }
        var options = DirectoryTransfer.Options()
        options.isDryRun = true
        _ = try await DirectoryTransfer(service.bucket, options: options).upload(from: scratch.path, to: "p/")
        #expect(transfers == [])
        options.isDryRun = false
        service.server.add(.respond(status: 400, code: "InvalidArgument"), when: .operation("PutObject", key: "p/b"))
        let files = Recorder<String>()
        options.onEvent = { files.append($0.path) }
        let report = try await DirectoryTransfer(service.bucket, options: options).upload(from: scratch.path, to: "p/")
        #expect(report.failures.count == 1)
        #expect(transfers.first == "upload started" && transfers.last == "upload ended 1 1")
        #expect(Set(transfers.dropFirst().dropLast()) == ["a started", "a transferred", "b started", "b failed"])
        #expect(files.values.count == 4)
        service.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("ListObjects"))
        await #expect(throws: OSSError.self) {
            try await DirectoryTransfer(service.bucket).download(from: "p/", to: scratch["copy"])
        }
        #expect(transfers.suffix(2) == ["download started", "download failed"])
        #expect(service.server.unusedFaults.isEmpty)
    }

    /// The events of folder transfers.
    private var transfers: [String] {
        events.values.compactMap { event in
            switch event {
            case .transferStarted(let operation): "\(operation) started"
            case .transfer(let event): "\(event.path) \(event.kind)"
            case .transferEnded(let operation, .success(let report)):
                "\(operation) ended \(report.transferred.files) \(report.failed.files)"
            case .transferEnded(let operation, .failure): "\(operation) failed"
            default: nil
            }
        }
    }

    @Test("The metadata of a failed request names the operation, the object and the response")
    func metadata() {
        #expect(
            LogMessage(Self.ended(.notFound)).metadata == [
                "operation": "GetObject", "bucket": "photos", "key": "a\nb".onOneLine, "attempt": "2", "status": "404",
                "requestID": "5C3D", "duration": "1.050", "bytesSent": "1", "bytesReceived": "2", "code": "No",
            ])
    }

    @Test("A logger receives all events without credentials, in addition to an earlier closure")
    func logger() async throws {
        let transport = ScriptedTransport({ _ in
            .refusal(
                403, "SecurityTokenExpired", "hush tell-nobody", more: "<SecurityToken>tell-nobody</SecurityToken>")
        })
        let log = RecordingLogger()
        let provider = StaticCredentialsProvider(
            Credentials(accessKeyID: "id", accessKeySecret: "hush-hush", securityToken: "tell-nobody"))
        let bucket = try bucket(transport, credentials: provider) { $0.log(to: log) }
        await #expect(throws: OSSError.self) { try await bucket.deleteObject("a") }
        #expect(log.lines.values.count == events.values.count)
        #expect(log.lines.values.contains { $0.hasPrefix("error DeleteObject failed: ") })
        for line in log.lines.values {
            #expect(!line.contains("hush-hush") && !line.contains("tell-nobody"), "\(line)")
        }
    }
}

/// A logger that records its messages with their metadata.
private struct RecordingLogger: ClientLogger {
    let lines = Recorder<String>()

    func log(_ level: LogLevel, _ message: String, metadata: [String: String]) {
        lines.append("\(level.rawValue) \(message) \(metadata)")
    }
}

/// A provider that returns other credentials after it was told that they were rejected.
private final class RotatingProvider: CredentialsProvider {
    private let invalidations = Recorder<Credentials>()
    private let expiration: Date

    init(expiration: Date) { self.expiration = expiration }

    func credentials() async throws -> Credentials? {
        Credentials(
            accessKeyID: "id \(invalidations.values.count)", accessKeySecret: "secret", securityToken: "token",
            expiration: expiration)
    }

    func invalidate(_ credentials: Credentials) async { invalidations.append(credentials) }
}
