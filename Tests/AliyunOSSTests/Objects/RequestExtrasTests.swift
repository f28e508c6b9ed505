import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Additions to requests", .timeLimit(.minutes(5)))
struct RequestExtrasTests {
    /// A service whose bucket `photos` is paid for by requesters, and a client with the key of another account.
    private func requesterPays() async throws -> TestService {
        let stranger = MockOSSServer.AccessKey(id: "stranger", secret: "s", accountID: "1234")
        let service = try TestService(
            server: { $0.accessKeys.append(stranger) },
            credentials: .static(accessKeyID: stranger.id, accessKeySecret: stranger.secret))
        let owner = try service.server.bucket("photos")
        try await owner.set(.requestPayment, to: RequestPaymentConfiguration(.requester))
        return service
    }

    @Test("Every call of a bucket with additions pays for the request")
    func everyCall() async throws {
        let service = try await requesterPays()
        try service.store("k", count: 10)
        let refused = await #expect(throws: OSSError.self) { try await service.bucket.headObject("k") }
        #expect(refused?.code == .accessDenied)
        let bucket = service.bucket.adding(RequestExtras(chargesRequester: true))
        let count = service.count()
        _ = try await bucket.getObject("k").body.collect()
        _ = try await bucket.headObject("k")
        #expect(try await bucket.objectExists("k"))
        try await bucket.putObject("p", "x")
        try await bucket.copyObject("k", to: "c")
        try await bucket.appendObject("a", "x", at: 0)
        _ = try await bucket.objectTags("k")
        _ = try await bucket.objectAccessControl("k")
        for try await _ in bucket.listObjects() {}
        for try await _ in bucket.listObjectVersions() {}
        for try await _ in bucket.listMultipartUploads() {}
        let upload = try await bucket.initiateMultipartUpload("m")
        let part = try await bucket.uploadPart(number: 1, of: upload, body: "x")
        for try await _ in bucket.listParts(of: upload) {}
        try await bucket.completeMultipartUpload(upload, parts: [part])
        try await bucket.deleteObject("p")
        #expect(try await bucket.deleteObjects(["c", "a"]).failures.isEmpty)
        let requests = service.server.requests.dropFirst(count)
        #expect(requests.allSatisfy { $0.headers["x-oss-request-payer"] == "requester" && $0.status < 300 })
        #expect(Set(requests.map(\.operation)).count >= 16)
    }

    @Test("The additions of options apply to all requests of the call")
    func options() async throws {
        let service = try await requesterPays()
        let folder = try ScratchDirectory()
        let data = Data.pattern(1 << 20)
        try folder.write("file", data)
        let extras = RequestExtras(chargesRequester: true, headers: ["x-test": "1"])
        var upload = UploadOptions()
        (upload.extras, upload.multipartThreshold, upload.partSize) = (extras, 100 << 10, 256 << 10)
        try await service.bucket.uploadObject("k", from: folder["file"], options: upload)
        try await service.bucket.uploadObject("s", from: AsyncStream([data]), options: upload)
        var download = DownloadOptions()
        (download.source.extras, download.multipartThreshold, download.partSize) = (extras, 100 << 10, 256 << 10)
        try await service.bucket.downloadObject("k", to: folder["copy"], options: download)
        #expect(try folder.read("copy") == data)
        var copy = CopyOptions()
        (copy.source.extras, copy.multipartThreshold, copy.partSize) = (extras, 100 << 10, 256 << 10)
        try await service.bucket.copyObject("k", to: "c", options: copy)
        #expect(service.stored("c") == data)
        var get = GetObjectOptions()
        get.extras = extras
        #expect(try await service.bucket.getObject("k", options: get).body.collect() == data)
        _ = try await service.bucket.headObject("k", options: get)
        var put = PutObjectOptions()
        put.extras = extras
        try await service.bucket.putObject("p", "x", options: put)
        var append = AppendObjectOptions()
        append.extras = extras
        try await service.bucket.appendObject("a", "x", at: 0, options: append)
        let appender = try await service.bucket.makeAppender(for: "a", options: append)
        try await appender.append("y")
        #expect(service.stored("a") == Data("xy".utf8))
        let requests = service.server.requests.dropFirst()
        #expect(requests.allSatisfy { $0.headers["x-oss-request-payer"] == "requester" && $0.headers["x-test"] == "1" })
        #expect(requests.allSatisfy { $0.status < 300 })
    }

    @Test("A download resumes with the additions of its options")
    func resumedDownload() async throws {
        let service = try await requesterPays()
        let folder = try ScratchDirectory()
        let data = try service.store("k", count: 1 << 20)
        var options = DownloadOptions()
        options.source.extras = RequestExtras(chargesRequester: true)
        (options.multipartThreshold, options.partSize, options.concurrency) = (100 << 10, 256 << 10, 1)
        let state = Recorder<ResumableTransfer>()
        options.onInterruption = { state.append($0) }
        service.server.add(
            .respond(status: 503, code: "ServiceUnavailable"), when: .operation("GetObject", skip: 2), times: 5)
        let first = options
        await #expect(throws: OSSError.self) {
            try await service.bucket.downloadObject("k", to: folder["file"], options: first)
        }
        #expect(service.server.unusedFaults.isEmpty)
        if case .download(let resumable)? = state.values.first { options.resuming = resumable }
        let result = try await service.bucket.downloadObject("k", to: folder["file"], options: options)
        #expect(result.resumedBytes > 0)
        #expect(try folder.read("file") == data)
    }

    @Test("The bandwidth limit applies to requests with content only, and replaces that of the bucket")
    func bandwidth() async throws {
        let service = try TestService { $0.maximumBandwidth = 100 << 20 }
        var extras = RequestExtras()
        extras.maximumBandwidth = 200_000
        let bucket = service.bucket.adding(extras)
        try await bucket.putObject("k", "x")
        _ = try await bucket.getObject("k").body.collect()
        _ = try await bucket.headObject("k")
        let limits = service.server.requests.map { $0.headers["x-oss-traffic-limit"] }
        #expect(limits == ["1600000", "1600000", nil])
        for value: Int64 in [0, 102_399, 104_857_601] {
            extras.maximumBandwidth = value
            let bucket = service.bucket.adding(extras)
            #expect(await failure { try await bucket.headObject("k") }?.code == .invalidArgument)
        }
        #expect(service.count() == 3)
    }

    @Test("Headers and parameters of the caller are sent and signed", arguments: [SignatureVersion.v4, .v1])
    func furtherFields(_ version: SignatureVersion) async throws {
        let service = try TestService { $0.signature = version }
        var extras = RequestExtras(headers: ["x-oss-persistent-headers": "x-color:Ymx1ZQ=="])
        try await service.bucket.adding(extras).putObject("k", "x")
        extras.headers = [:]
        extras.query = [("response-content-language", "de"), ("x-oss-new-parameter", "a b"), ("new", nil)]
        let object = try await service.bucket.adding(extras).getObject("k")
        #expect(try await object.body.text() == "x")
        let last = try #require(service.server.requests.last)
        #expect(last.query.contains { $0.name == "x-oss-new-parameter" && $0.value == "a b" })
        #expect(last.query.contains { $0.name == "new" && $0.value == nil } && last.status == 206)
    }

    @Test(
        "An addition that the call itself sends, or that changes the operation, is refused before anything is sent",
        arguments: [
            ("Authorization", nil), ("RANGE", nil), ("Host", nil), ("Content-Length", nil), ("x-oss-date", nil),
            ("Accept-Encoding", nil), ("x-oss-callback", nil), ("x-oss-copy-source", nil), ("x-oss-traffic-limit", nil),
            ("x-oss-range-behavior", nil), (nil, "acl"), (nil, "uploadId"), (nil, "append"), (nil, "versionId"),
            (nil, "x-oss-process"), (nil, "x-oss-signature"), (nil, "Signature"), (nil, "security-token"),
            (nil, "response-content-encoding"), (nil, "callback"), ("x\r\ny", nil),
        ] as [(String?, String?)])
    func reserved(_ header: String?, _ parameter: String?) async throws {
        let service = try TestService()
        var options = GetObjectOptions()
        if let header { options.extras.headers = [header: "1"] }
        if let parameter { options.extras.query = [(parameter, "1")] }
        let read = options
        let error = await #expect(throws: OSSError.self) { try await service.bucket.getObject("k", options: read) }
        #expect(error?.code == .invalidArgument && error?.operation == "GetObject", "\(error as Any)")
        #expect(service.server.requests.isEmpty)
    }

    @Test("A header of the call's options cannot be added a second time")
    func conflict() async throws {
        let service = try TestService()
        var options = PutObjectOptions(contentType: "text/plain")
        options.extras.headers = ["content-type": "a/b"]
        let put = options
        let error = await #expect(throws: OSSError.self) { try await service.bucket.putObject("k", "x", options: put) }
        #expect(error?.code == .invalidArgument && error?.message.contains("content-type") == true)
        #expect(service.server.requests.isEmpty)
    }

    @Test("Additions accumulate, and a bucket with additions is shut down with the original one")
    func sharing() async throws {
        let service = try TestService()
        let bucket = service.bucket.adding(RequestExtras(headers: ["x-a": "1"]))
            .adding(RequestExtras(headers: ["x-b": "2"]))
        try await bucket.putObject("k", "x")
        let request = try #require(service.server.requests.first)
        #expect(request.headers["x-a"] == "1" && request.headers["x-b"] == "2")
        #expect(service.bucket.adding(RequestExtras()) === service.bucket)
        bucket.shutDown()
        try await service.bucket.putObject("k", "y")
        service.bucket.shutDown()
        let other = service.bucket.adding(RequestExtras(headers: ["x-c": "3"]))
        #expect(await failure { try await other.headObject("k") }?.code == .shutDown)
        #expect(service.count() == 2)
    }

    @Test("A presigned request contains the additions of its bucket")
    func presigned() async throws {
        let service = try TestService()
        let bucket = service.bucket.adding(RequestExtras(chargesRequester: true))
        let request = try await bucket.presignedURL(for: .get("k"), expiresIn: .seconds(60))
        #expect(request.headers == ["x-oss-request-payer": "requester"])
    }

    @Test("The response contains the requested header fields instead of those of the object")
    func responseHeaders() async throws {
        let service = try TestService()
        try await service.bucket.putObject("k", "x", options: PutObjectOptions(contentType: "text/plain"))
        var options = GetObjectOptions()
        options.responseHeaders.contentType = "application/x-test"
        options.responseHeaders.cacheControl = "no-store"
        options.responseHeaders.contentDisposition = "attachment; filename=\"a b.txt\""
        options.responseHeaders.contentLanguage = "de"
        options.responseHeaders.expires = "0"
        let object = try await service.bucket.getObject("k", options: options)
        #expect(object.metadata.contentType == "application/x-test" && object.metadata.cacheControl == "no-store")
        #expect(object.metadata.contentDisposition == "attachment; filename=\"a b.txt\"")
        #expect(object.metadata.expires == "0")
        #expect(try await object.body.text() == "x")
        #expect(try await service.bucket.headObject("k").contentType == "text/plain")
    }
}
