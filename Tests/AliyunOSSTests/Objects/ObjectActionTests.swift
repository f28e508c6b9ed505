import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Restoring, processing and callbacks of objects", .timeLimit(.minutes(5)))
struct ObjectActionTests {
    private let clock = ManualClock()
    private let service: TestService
    private var bucket: Bucket { service.bucket }

    init() throws {
        let clock = clock
        service = try TestService {
            $0.clock = { clock.now }
        } server: {
            $0.clock = { clock.now }
        }
        try service.store("k", count: 5)
    }

    private func archive(_ key: String, _ storageClass: StorageClass) throws {
        try service.server.put(key, Data("x".utf8), in: "photos", headers: ["x-oss-storage-class": "\(storageClass)"])
    }

    // MARK: Restoring

    @Test("An archived object is restored, extended and archived again")
    func restore() async throws {
        try archive("cold", .coldArchive)
        let started = try await bucket.restoreObject("cold", days: 2, tier: .expedited)
        #expect(!started.isRestored && started.tier == .expedited && started.requestID != nil)
        #expect(try await bucket.headObject("cold").restore == RestoreStatus(isOngoing: true))
        #expect(
            await failure { try await bucket.restoreObject("cold") }?.serviceError?.code == "RestoreAlreadyInProgress")
        #expect(
            await failure { try await bucket.cleanRestoredObject("cold") }?.serviceError?.code
                == "ArchiveRestoreNotFinished")
        clock.advance(by: .seconds(3601))
        #expect(try await bucket.restoreObject("cold", days: 5).isRestored)
        let status = try #require(try await bucket.headObject("cold").restore)
        #expect(!status.isOngoing && status.expiration != nil)
        #expect(try await bucket.getObject("cold").body.text() == "x")
        try await bucket.cleanRestoredObject("cold")
        #expect(try await bucket.headObject("cold").restore == nil)
        #expect(
            await failure { try await bucket.cleanRestoredObject("cold") }?.serviceError?.code
                == "ArchiveRestoreFileStale")
        try archive("archive", .archive)
        #expect(try await !bucket.restoreObject("archive").isRestored)
        #expect(await failure { try await bucket.restoreObject("k") }?.serviceError?.code == "OperationNotSupported")
    }

    @Test("A restore whose response was lost is not an error")
    func lostRestore() async throws {
        try archive("cold", .coldArchive)
        // Each fault needs a new connection: on a used one, the network stack itself sends the request again.
        service.server.add(.closeAfterApplying(), when: .operation("RestoreObject"))
        #expect(try await !bucket.restoreObject("cold", days: 1).isRestored)
        clock.advance(by: .seconds(6 * 3600))
        bucket.client.transport.discardConnections()
        service.server.add(.closeAfterApplying(), when: .operation("CleanRestoredObject"))
        try await bucket.cleanRestoredObject("cold")
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.count("RestoreObject") == 2 && service.count("CleanRestoredObject") == 2)
    }

    @Test("Days out of range and a tier without days are refused before anything is sent")
    func invalidRestore() async throws {
        for days in [0, -1, 366] {
            let error = await failure { try await bucket.restoreObject("k", days: days) }
            #expect(error?.code == .invalidArgument && error?.message.contains("\(days)") == true)
        }
        #expect(await failure { try await bucket.restoreObject("k", tier: .bulk) }?.code == .invalidArgument)
        #expect(service.server.requests.isEmpty)
    }

    // MARK: Preflight

    @Test("A preflight request is unsigned and returns the permissions of the first rule that matches")
    func preflight() async throws {
        var rule = CORSConfiguration.Rule()
        (rule.allowedOrigins, rule.allowedMethods) = (["https://example.com"], ["PUT"])
        (rule.allowedHeaders, rule.exposedHeaders, rule.maximumAgeSeconds) = (["*"], ["ETag"], 100)
        try await bucket.set(.cors, to: CORSConfiguration(rules: [rule]))
        let result = try await bucket.preflight(
            "any/key ü", origin: "https://example.com", method: .put, headers: ["x-a", "x-b"])
        #expect(
            result
                == PreflightResult(
                    allowedOrigin: "https://example.com", allowedMethods: ["PUT"], allowedHeaders: ["x-a", "x-b"],
                    exposedHeaders: ["ETag"], maximumAge: .seconds(100)))
        let sent = try #require(service.server.requests.last)
        #expect(sent.method == "OPTIONS" && sent.headers["Authorization"] == nil && sent.key == "any/key ü")
        let error = await failure { try await bucket.preflight("k", origin: "https://other.com", method: .put) }
        #expect(error?.code == .accessDenied && error?.serviceError?.code == "AccessForbidden")
        #expect(
            await failure { try await bucket.preflight("k", origin: "", method: .get) }?.code == .invalidArgument)
        service.server.add(.response(status: 200), when: .operation("OptionObject"), times: 5)
        #expect(
            await failure { try await bucket.preflight("k", origin: "https://example.com", method: .put) }?.code
                == .invalidResponse)
    }

    // MARK: Processing

    @Test("An object is processed into memory, into another object and in the background")
    func process() async throws {
        service.server.process { request in
            switch (request.method, request.process) {
            case ("GET", "image/info"): .init(headers: ["Content-Type": "application/json"], body: Data("{}".utf8))
            case ("POST", "image/resize,w_1|sys/saveas,o_YSDDvC8_,b_YXJjaGl2ZQ=="):
                .init(body: Data(#"{"bucket":"archive","fileSize":3267,"object":"a ü/?","status":"OK"}"#.utf8))
            case ("POST", "video/convert"):
                .init(body: Data(#"{"EventId":"e","RequestId":"r","TaskId":"t"}"#.utf8))
            default: nil
            }
        }
        let info = try await bucket.processedObject("k", "image/info")
        #expect(info.data == Data("{}".utf8) && info.contentType == "application/json" && info.requestID != nil)
        let stored = try await bucket.processObject("k", "image/resize,w_1", savingTo: "a ü/?", in: "archive")
        #expect(stored == ProcessedObject(key: "a ü/?", bucket: "archive", size: 3267))
        let task = try await bucket.startProcessingObject("k", "video/convert")
        #expect(task.taskID == "t" && task.eventID == "e" && task.requestID == "r")
        #expect(await failure { try await bucket.processedObject("missing", "image/info") }?.code == .notFound)
        #expect(await failure { try await bucket.processedObject("k", "image/other") }?.code == .refused)
        #expect(
            await failure { try await bucket.processedObject("k", "image/info", upTo: 1) }?.code == .bodyTooLarge)
    }

    @Test(
        "A response that does not describe the processed object is rejected",
        arguments: [
            ("", OSSError.Code.invalidResponse), ("<html>", .invalidResponse), ("{}", .invalidResponse),
            (#"{"object":"other","status":"OK"}"#, .invalidResponse), (#"{"object":"d","status":"Failed"}"#, .refused),
            ("<Error><Code>InvalidArgument</Code></Error>", .refused),
        ])
    func foreignProcess(_ body: String, _ code: OSSError.Code) async throws {
        service.server.process { _ in .init(body: Data(body.utf8)) }
        let error = await failure { try await bucket.processObject("k", "image/info", savingTo: "d") }
        #expect(error?.serviceError?.code == "InvalidArgument" || error?.code == code, "\(error as Any)")
        if code == .invalidResponse {
            #expect(await failure { try await bucket.startProcessingObject("k", "p") }?.code == code)
        }
    }

    @Test("An invalid instruction is refused before anything is sent")
    func invalidProcess() async throws {
        for process in ["", "a&x-oss-process=b"] {
            #expect(await failure { try await bucket.processedObject("k", process) }?.code == .invalidArgument)
            #expect(
                await failure { try await bucket.processObject("k", process, savingTo: "d") }?.code == .invalidArgument)
            #expect(
                await failure { try await bucket.startProcessingObject("k", process) }?.code == .invalidArgument)
        }
        #expect(await failure { try await bucket.processObject("k", "p", savingTo: "") }?.code == .invalidArgument)
        #expect(
            await failure { try await bucket.processObject("k", "p", savingTo: "d", in: "A") }?.code == .invalidArgument
        )
        #expect(service.server.requests.isEmpty)
    }

    @Test("Processing in the background is not repeated after a lost response")
    func lostTask() async throws {
        service.server.add(.closeBeforeReading(), when: .operation("AsyncProcessObject"), times: 2)
        await #expect(throws: OSSError.self) { try await bucket.startProcessingObject("k", "video/convert") }
        #expect(service.count("AsyncProcessObject") == 1)
    }

    // MARK: Callbacks

    @Test("The response of the callback is returned by writes in one request and in parts")
    func callback() async throws {
        let inbox = try MockOSSServer(.init(buckets: ["inbox"], blocksPublicAccess: false))
        inbox.add(.response(status: 200, body: Array(#"{"Status":"OK"}"#.utf8)), times: 3)
        var callback = UploadCallback("\(inbox.endpoint)/inbox/call", body: "key=${object}&size=${size}&user=${x:user}")
        callback.variables = ["x:user": "Ann"]
        var put = PutObjectOptions()
        put.callback = callback
        let result = try await bucket.putObject("a b", "hello", options: put)
        #expect(result.callbackResponse == Data(#"{"Status":"OK"}"#.utf8) && result.crc64 != nil)
        #expect(service.stored("a b") == Data("hello".utf8))
        let upload = try await bucket.initiateMultipartUpload("m")
        let part = try await bucket.uploadPart(number: 1, of: upload, body: "x")
        let completed = try await bucket.completeMultipartUpload(upload, parts: [part], options: put)
        #expect(completed.callbackResponse == Data(#"{"Status":"OK"}"#.utf8) && completed.eTag.hasSuffix("-1"))
        let folder = try ScratchDirectory()
        try folder.write("file", Data.pattern(300_000))
        var options = UploadOptions()
        (options.callback, options.multipartThreshold, options.partSize) = (callback, 100 << 10, 100 << 10)
        try await bucket.uploadObject("large", from: folder["file"], options: options)
        #expect(service.stored("large")?.count == 300_000)
        #expect(inbox.requests.count == 3 && inbox.unusedFaults.isEmpty)
        #expect(inbox.requests.allSatisfy { $0.headers["Content-Type"] == "application/x-www-form-urlencoded" })
        let withCallback = service.server.requests.filter { $0.headers["x-oss-callback"] != nil }.map(\.operation)
        #expect(withCallback == ["PutObject", "CompleteMultipartUpload", "CompleteMultipartUpload"])
    }

    @Test("A failed callback is an error, although the object is stored")
    func failedCallback() async throws {
        let inbox = try MockOSSServer(.init(buckets: ["inbox"], blocksPublicAccess: false))
        inbox.add(.response(status: 500), times: 2)
        var put = PutObjectOptions()
        put.callback = UploadCallback("\(inbox.endpoint)/inbox/call", body: "x")
        let options = put
        let error = await failure { try await bucket.putObject("p", "x", options: options) }
        #expect(error?.serviceError?.code == "CallbackFailed" && error?.serviceError?.status == 203)
        #expect(service.stored("p") == Data("x".utf8) && service.count("PutObject") == 1)
        let upload = try await bucket.initiateMultipartUpload("m")
        let part = try await bucket.uploadPart(number: 1, of: upload, body: "x")
        let other = await failure { try await bucket.completeMultipartUpload(upload, parts: [part], options: options) }
        #expect(other?.serviceError?.code == "CallbackFailed")
        #expect(inbox.unusedFaults.isEmpty)
    }

    @Test("An invalid callback is refused before anything is sent")
    func invalidCallback() async throws {
        func callback(_ change: (inout UploadCallback) -> Void) -> UploadCallback {
            var callback = UploadCallback("https://example.com", body: "x")
            change(&callback)
            return callback
        }
        let callbacks = [
            callback { $0.urls = [] }, callback { $0.urls = Array(repeating: "https://example.com", count: 6) },
            callback { $0.urls = ["https://a;https://b"] }, callback { $0.body = "" },
            callback { $0.variables = ["user": "1"] }, callback { $0.variables = ["x:User": "1"] },
            callback { $0.body = String(repeating: "b", count: 5000) },
        ]
        for callback in callbacks {
            var put = PutObjectOptions()
            put.callback = callback
            let options = put
            let error = await failure { try await bucket.putObject("p", "x", options: options) }
            #expect(error?.code == .invalidArgument && error?.message.contains("callback") == true)
        }
        #expect(service.server.requests.isEmpty)
    }

    // MARK: Foreign responses

    @Test("The document of another operation and a response without a request ID are rejected")
    func foreignResponses() async throws {
        let calls: [@Sendable (Bucket) async throws -> Void] = [
            { _ = try await $0.objectAccessControl("k") }, { _ = try await $0.objectTags("k") },
            { _ = try await $0.objectRetention("k") }, { _ = try await $0.objectLegalHold("k") },
            { for try await _ in $0.listObjectVersions() {} }, { try await $0.createSelectMeta("k", of: .csv()) },
            { try await $0.processObject("k", "p", savingTo: "d") },
        ]
        for call in calls {
            let transport = ScriptedTransport { _ in .ok("<Other></Other>") }
            let bucket = try Bucket.scripted(transport) { $0.retry.maximumAttempts = 1 }
            #expect(await failure { try await call(bucket) }?.code == .invalidResponse)
        }
        let writes: [@Sendable (Bucket) async throws -> Void] = [
            { try await $0.setObjectAccessControl("k", to: .private) }, { try await $0.setObjectTags("k", to: [:]) },
            { try await $0.removeObjectTags("k") }, { try await $0.setObjectLegalHold("k", to: true) },
            { try await $0.putSymlink("k", to: "t") }, { try await $0.restoreObject("k") },
            { try await $0.cleanRestoredObject("k") }, { _ = try await $0.objectMeta("k") },
        ]
        for call in calls + writes {
            let service = try TestService { $0.retry.maximumAttempts = 1 }
            service.server.add(.response(status: 200))
            service.server.add(.header("x-oss-request-id", nil))
            let error = await failure { try await call(service.bucket) }
            #expect(error?.code == .invalidResponse, "\(error as Any)")
            #expect(service.server.unusedFaults.isEmpty)
        }
    }
}
