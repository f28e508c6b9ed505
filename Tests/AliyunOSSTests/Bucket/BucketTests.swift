import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

@Suite("Bucket, against the mock service", .timeLimit(.minutes(5)))
struct BucketTests {
    @Test("Every kind of body is stored byte for byte", arguments: [SignatureVersion.v4, .v1])
    func bodies(signature: SignatureVersion) async throws {
        let service = try TestService { $0.signature = signature }
        let folder = try ScratchDirectory()
        let bytes = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try folder.write("file", bytes)
        try folder.write("nothing")
        let path = folder["file"]
        let chunks = stride(from: 0, to: bytes.count, by: 999).map { Data(bytes[$0..<min($0 + 999, bytes.count)]) }
        let bodies: [(ObjectKey, ObjectBody, [UInt8])] = [
            ("string", .string("Hello, OSS"), Array("Hello, OSS".utf8)), ("bytes", .bytes(bytes), bytes),
            ("data", .data(Data(bytes)), bytes), ("file", .file(path), bytes),
            ("slice", try .file(path, offset: 1000, length: 70_000), Array(bytes[1000..<71_000])),
            ("sequence", .sequence(AsyncStream(chunks)), bytes), ("empty", .bytes([]), []),
            ("empty file", .file(folder["nothing"]), []),
        ]
        for (key, body, expected) in bodies {
            let result = try await service.bucket.putObject(key, body)
            #expect(service.server.data(of: key.rawValue, in: "photos") == Data(expected))
            #expect(result.eTag == Hexadecimal.uppercase(MD5.hash(expected)))
            #expect(result.crc64 == CRC64.checksum(expected))
            #expect(try await service.bucket.getObject(key).body.collect() == Data(expected))
        }
    }

    @Test("A sequence that exceeds the memory limit is stored through a temporary file that is removed")
    func longSequence() async throws {
        let service = try TestService()
        let chunk = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
        let before = try spoolFiles()
        try await service.bucket.putObject("long", .sequence(AsyncStream(Array(repeating: chunk, count: 50))))
        let stored = try #require(service.server.data(of: "long", in: "photos"))
        #expect(stored == Data(repeatElement(chunk, count: 50).joined()))
        #expect(try spoolFiles().subtracting(before).isEmpty)
    }

    @Test("A sequence that fails stores nothing")
    func failingSequence() async throws {
        struct Broken: Error {}
        let service = try TestService()
        let chunks = AsyncThrowingStream<Data, any Error> { continuation in
            continuation.yield(Data("half".utf8))
            continuation.finish(throwing: Broken())
        }
        await #expect(throws: Broken.self) { try await service.bucket.putObject("a", .sequence(chunks)) }
        #expect(service.server.requests.isEmpty)
    }

    @Test("The attributes of an object are returned as they were stored")
    func attributes() async throws {
        let service = try TestService()
        var options = PutObjectOptions(contentType: "text/html; charset=utf-8", metadata: ["Author": "é 🍎", "n": "1"])
        options.attributes.cacheControl = "max-age=60"
        options.attributes.contentDisposition = "attachment; filename=\"a.html\""
        options.attributes.contentEncoding = "gzip"
        options.attributes.expires = Date(timeIntervalSince1970: 1_900_000_000)
        options.attributes.storageClass = .infrequentAccess
        try await service.bucket.putObject("page", "x", options: options)
        let metadata = try await service.bucket.headObject("page")
        #expect(metadata.contentType == "text/html; charset=utf-8")
        #expect(metadata.cacheControl == "max-age=60")
        #expect(metadata.contentDisposition == "attachment; filename=\"a.html\"")
        #expect(metadata.contentEncoding == "gzip")
        #expect(metadata.expires == HTTPDate.string(from: Date(timeIntervalSince1970: 1_900_000_000)))
        #expect(metadata.metadata == ["author": "é 🍎", "n": "1"])
        #expect(metadata.storageClass == .infrequentAccess)
        #expect(metadata.size == 1)
        #expect(metadata.crc64 == CRC64.checksum(Data("x".utf8)))
        #expect(metadata.type == "Normal")
        #expect(metadata.lastModified != nil)
    }

    @Test("Metadata names that cannot be stored are rejected", arguments: ["", "a b", "a_b", "é", "a:b"])
    func metadataNames(name: String) async throws {
        let service = try TestService()
        let options = PutObjectOptions(contentType: "text/plain", metadata: [name: "1"])
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.putObject("a", "x", options: options)
        }
        #expect(error?.code == .invalidArgument)
        #expect(service.server.requests.isEmpty)
    }

    @Test("A missing object is false, and a missing bucket is an error")
    func existence() async throws {
        let service = try TestService()
        try await service.bucket.putObject("there", "x")
        #expect(try await service.bucket.objectExists("there"))
        #expect(try await !service.bucket.objectExists("elsewhere"))
        let missing = try Bucket(
            "no-such-bucket", endpoint: service.server.endpoint, region: service.server.region,
            credentials: .static(accessKeyID: "test-id", accessKeySecret: "test-secret"))
        let error = await #expect(throws: OSSError.self) { try await missing.objectExists("there") }
        #expect(error?.code == .notFound)
        #expect(error?.serviceError?.code == "NoSuchBucket")
    }

    @Test("Overwriting can be forbidden")
    func forbidsOverwrite() async throws {
        let service = try TestService()
        var options = PutObjectOptions()
        options.forbidsOverwrite = true
        try await service.bucket.putObject("a", "first", options: options)
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.putObject("a", "second", options: options)
        }
        #expect(error?.code == .alreadyExists)
        #expect(service.server.data(of: "a", in: "photos") == Data("first".utf8))
    }

    @Test("A copy has the same bytes and metadata, within a bucket and between two buckets")
    func copies() async throws {
        let service = try TestService()
        let options = PutObjectOptions(contentType: "text/plain", metadata: ["n": "1"])
        try await service.bucket.putObject("a b/ü+%.txt", "hello", options: options)
        let result = try await service.bucket.copyObjectInOneRequest(from: "a b/ü+%.txt", to: "copy")
        #expect(result.eTag == Hexadecimal.uppercase(MD5.hash(Array("hello".utf8))))
        #expect(try await service.bucket.headObject("copy").metadata == ["n": "1"])
        try service.server.put("other", Data("from the archive".utf8), in: "archive")
        try await service.bucket.copyObjectInOneRequest(from: "other", in: "archive", to: "copy")
        #expect(service.server.data(of: "copy", in: "photos") == Data("from the archive".utf8))
        var replaced = ObjectAttributes()
        replaced.metadata = ["m": "2"]
        try await service.bucket.copyObjectInOneRequest(from: "a b/ü+%.txt", to: "copy", attributes: replaced)
        #expect(try await service.bucket.headObject("copy").metadata == ["m": "2"])
        let error = await #expect(throws: OSSError.self) {
            try await service.bucket.copyObjectInOneRequest(from: "missing", to: "copy")
        }
        #expect(error?.code == .notFound)
    }

    @Test("A condition that is not met is an error of its own")
    func conditions() async throws {
        let service = try TestService()
        let eTag = try await service.bucket.putObject("a", "hello").eTag
        var options = GetObjectOptions()
        options.conditions.ifMatch = eTag
        #expect(try await service.bucket.getObject("a", options: options).body.text() == "hello")
        options.conditions.ifMatch = "OTHER"
        let failed = await #expect(throws: OSSError.self) { try await service.bucket.getObject("a", options: options) }
        #expect(failed?.code == .preconditionFailed)
        options.conditions = ReadConditions()
        options.conditions.ifNoneMatch = eTag
        let same = await #expect(throws: OSSError.self) { try await service.bucket.headObject("a", options: options) }
        #expect(same?.code == .notModified)
    }

    @Test("Deleting an object removes it, and deleting a missing object is not an error")
    func deletion() async throws {
        let service = try TestService()
        try await service.bucket.putObject("a", "x")
        try await service.bucket.deleteObject("a")
        try await service.bucket.deleteObject("a")
        #expect(service.server.keys(in: "photos").isEmpty)
    }

    @Test("Any number of keys can be deleted, in batches of one thousand")
    func deletesMany() async throws {
        let service = try TestService()
        for index in 0..<2500 { try service.server.put("k\(index) &<\u{1}é", Data(), in: "photos") }
        try service.server.put("kept", Data(), in: "photos")
        let keys = (0..<2500).map { ObjectKey(stringLiteral: "k\($0) &<\u{1}é") }
        let result = try await service.bucket.deleteObjects(keys)
        #expect(result.deleted == keys)
        #expect(result.failures.isEmpty)
        #expect(service.server.keys(in: "photos") == ["kept"])
        #expect(service.server.requests.map(\.operation) == Array(repeating: "DeleteMultipleObjects", count: 3))
    }

    @Test("A batch that fails reports each of its keys, and the others are deleted")
    func deletesSome() async throws {
        let service = try TestService()
        for index in 0..<1500 { try service.server.put("\(index)", Data(), in: "photos") }
        service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .init(operation: "DeleteMultipleObjects")))
        let keys = (0..<1500).map { ObjectKey(stringLiteral: "\($0)") }
        let result = try await service.bucket.deleteObjects(keys + [""])
        #expect(service.server.unusedFaults.isEmpty)
        #expect(result.deleted == Array(keys[1000...]))
        #expect(Set(result.failures.map(\.key)) == Set(keys[..<1000] + [""]))
        #expect(result.failures.filter { $0.error.code == .accessDenied }.count == 1000)
        #expect(service.server.keys(in: "photos").count == 1000)
    }

    @Test(
        "A listing contains every key once, in byte order, on any number of pages",
        arguments: [ListPaging.marker, .continuationToken])
    func listing(paging: ListPaging) async throws {
        let service = try TestService()
        let names = (0..<57).map { "p/\($0) +%&é🍎\u{1}" } + ["p/e\u{301}", "p/é", "p//", "q", "p", "p/"]
        for name in names { try service.server.put(name, Data("12".utf8), in: "photos") }
        var listed: [ObjectKey] = []
        for try await object in service.bucket.listObjects(prefix: "p/", pageSize: 7, paging: paging) {
            listed.append(object.key)
            #expect(object.size == 2)
        }
        let expected = names.filter { $0.utf8.starts(with: "p/".utf8) }.map { ObjectKey(unchecked: $0) }.sorted()
        #expect(listed == expected)
        #expect(service.server.requests.count == (listed.count + 6) / 7)
    }

    @Test(
        "With a delimiter, pages contain common prefixes, and a listing can start after a key",
        arguments: [ListPaging.marker, .continuationToken])
    func delimiter(paging: ListPaging) async throws {
        let service = try TestService()
        for name in ["a/1", "a/2", "b", "c/1", "d"] { try service.server.put(name, Data(), in: "photos") }
        var prefixes: [String] = []
        var keys: [String] = []
        for try await page in service.bucket.listObjects(delimiter: "/", pageSize: 2, paging: paging).pages {
            prefixes += page.commonPrefixes
            keys += page.objects.map(\.key.rawValue)
        }
        #expect(prefixes == ["a/", "c/"])
        #expect(keys == ["b", "d"])
        var rest: [String] = []
        for try await object in service.bucket.listObjects(startAfter: "b", paging: paging) {
            rest.append(object.key.rawValue)
        }
        #expect(rest == ["c/1", "d"])
    }

    @Test("An empty listing is empty")
    func emptyListing() async throws {
        let service = try TestService()
        for try await object in service.bucket.listObjects() { Issue.record("unexpected \(object.key)") }
        #expect(service.server.requests.count == 1)
    }

    @Test("A page that fails ends the loop with an error and never with an incomplete listing")
    func failingPage() async throws {
        let service = try TestService()
        for index in 0..<30 { try service.server.put("\(index)", Data(), in: "photos") }
        service.server.add(
            MockFault(.respond(status: 403, code: "AccessDenied"), when: .init(operation: "ListObjects", skip: 2)))
        var pages = service.bucket.listObjects(pageSize: 10).pages.makeAsyncIterator()
        #expect(try await pages.next()?.objects.count == 10)
        #expect(try await pages.next()?.objects.count == 10)
        await #expect(throws: OSSError.self) { try await pages.next() }
        #expect(try await pages.next() == nil)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("Concurrent calls on a bucket overlap: all are sent before the first response", .timeLimit(.minutes(5)))
    func overlap() async throws {
        let meeting = MeetingTransport(expected: 10)
        var configuration = BucketConfiguration()
        configuration.transport = meeting
        let bucket = try Bucket(
            "photos", region: "cn-hangzhou", credentials: .anonymous, configuration: configuration)
        try await withThrowingTaskGroup { group in
            for index in 0..<10 { group.addTask { try await bucket.deleteObject("\(index)") } }
            try await group.waitForAll()
        }
        #expect(await meeting.arrived == 10)
    }

    private func spoolFiles() throws -> Set<String> {
        let names = try FileManager.default.contentsOfDirectory(atPath: FileManager.default.temporaryDirectory.path)
        return Set(names.filter { $0.hasPrefix("oss-spool") })
    }
}

extension AsyncStream {
    init(_ elements: [Element]) where Element: Sendable {
        self.init { continuation in
            for element in elements { continuation.yield(element) }
            continuation.finish()
        }
    }
}

/// A transport that responds when the expected number of requests are waiting at the same time.
private actor MeetingTransport: HTTPTransport {
    private let expected: Int
    private(set) var arrived = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(expected: Int) { self.expected = expected }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        arrived += 1
        if arrived == expected {
            for continuation in waiting { continuation.resume() }
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        return HTTPResponse(status: 204, headers: ["x-oss-request-id": "5C3D9175B6FC201293AD0002"])
    }
}
