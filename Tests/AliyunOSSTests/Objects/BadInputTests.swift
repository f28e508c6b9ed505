import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of calls whose arguments the service would refuse. The suite of settings has those with invalid documents.
@Suite("Bad input of calls on objects and buckets", .timeLimit(.minutes(5)))
struct BadInputTests {
    /// A call, and texts in its error.
    struct Case: Sendable, CustomTestStringConvertible {
        var texts: [String]
        var perform: @Sendable (Bucket, OSSService) async throws -> Void

        var testDescription: String { texts.joined(separator: ", ") }

        init(_ texts: String..., call: @escaping @Sendable (Bucket, OSSService) async throws -> Void) {
            (self.texts, perform) = (texts, call)
        }

        /// An upload of an object with changed attributes.
        static func put(
            _ texts: String..., change: @escaping @Sendable (inout ObjectAttributes) -> Void
        ) -> Self {
            var refused = Self { bucket, _ in
                var options = PutObjectOptions()
                change(&options.attributes)
                try await bucket.putObject("k", "x", options: options)
            }
            refused.texts = texts
            return refused
        }

        /// An upload of an object of any size with changed options.
        static func upload(
            _ texts: String..., change: @escaping @Sendable (inout UploadOptions) -> Void
        ) -> Self {
            var refused = Self { bucket, _ in
                var options = UploadOptions()
                change(&options)
                try await bucket.uploadObject("k", from: "/dev/null", options: options)
            }
            refused.texts = texts
            return refused
        }

        /// A listing of objects, of versions and of buckets.
        static func lists(_ texts: String..., prefix: String = "", startAfter: String? = nil, pageSize: Int = 1000)
            -> [Self]
        {
            var cases = [
                Self { bucket, _ in
                    for try await _ in bucket.listObjects(prefix: prefix, startAfter: startAfter, pageSize: pageSize) {}
                },
                Self { bucket, _ in
                    for try await _ in bucket.listObjectVersions(
                        prefix: prefix, startAfter: startAfter, pageSize: pageSize)
                    {}
                },
                Self { _, service in
                    for try await _ in service.listBuckets(prefix: prefix, startAfter: startAfter, pageSize: pageSize) {
                    }
                },
            ]
            for index in cases.indices { cases[index].texts = texts }
            return cases
        }
    }

    @Test(
        "An argument that the service would refuse is an error before anything is sent",
        arguments: attributes + transfers + listings + actions + signatures + buckets)
    func refused(_ refused: Case) async throws {
        let mock = try TestService()
        let service = try OSSService(
            endpoint: mock.server.endpoint, region: mock.server.region,
            credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret))
        let error = await failure { try await refused.perform(mock.bucket, service) }
        #expect(error?.code == .invalidArgument)
        for text in refused.texts { #expect(error?.message.contains(text) == true, "\(error as Any)") }
        #expect(mock.server.requests.isEmpty)
    }

    static let attributes: [Case] = [
        .put("10 tags", "11") { $0.tags = Dictionary(uniqueKeysWithValues: (0..<11).map { ("\($0)", "") }) },
        .put("key of a tag", "got 0") { $0.tags = ["": "v"] },
        .put("key of a tag", "got 129") { $0.tags = [String(repeating: "k", count: 129): "v"] },
        .put("its value at most 256", "257") { $0.tags = ["k": String(repeating: "v", count: 257)] },
        .put("metadata name 'a b'") { $0.metadata = ["a b": ""] },
        .put("metadata must not exceed 8192 bytes", "got 8193") {
            $0.metadata = ["n": String(repeating: "v", count: 8192)]
        },
        .put("space or tab") { $0.cacheControl = "no-cache " },
        .put("AES256", "masterKeyID") { $0.encryption = .init(.aes256, masterKeyID: "k") },
        Case("10 tags") { bucket, _ in
            let tags = Dictionary(uniqueKeysWithValues: (0..<11).map { ("\($0)", "") })
            try await bucket.setObjectTags("k", to: tags)
        },
        Case("callback", "URLs", "got 0") { bucket, _ in
            var options = PutObjectOptions()
            options.callback = UploadCallback("https://example.com", body: "b")
            options.callback?.urls = []
            try await bucket.putObject("k", "x", options: options)
        },
        Case("extras.maximumBandwidth", "got 1024") { bucket, _ in
            var options = PutObjectOptions()
            options.extras.maximumBandwidth = 1024
            try await bucket.putObject("k", "x", options: options)
        },
    ]

    static let transfers: [Case] = [
        .upload("partSize", "100 KiB") { $0.partSize = 1 },
        .upload("partSize", "5 GiB") { $0.partSize = 5 << 30 | 1 },
        .upload("multipartThreshold", "got -1 bytes") { $0.multipartThreshold = -1 },
        .upload("concurrency", "got 0") { $0.concurrency = 0 },
        .upload("concurrency", "got 1001") { $0.concurrency = 1001 },
        Case("concurrency", "got 0") { bucket, _ in
            var options = DownloadOptions()
            options.concurrency = 0
            try await bucket.downloadObject("k", to: "/dev/null/file", options: options)
        },
        Case("concurrency", "got 0") { bucket, _ in
            var options = CopyOptions()
            options.concurrency = 0
            try await bucket.copyObject("k", to: "l", options: options)
        },
        Case("part number", "10000", "got 0") { bucket, _ in
            _ = try await bucket.uploadPart(number: 0, of: MultipartUpload(key: "k", uploadID: "i"), body: "x")
        },
        Case("part number", "10000", "got 10001") { bucket, _ in
            _ = try await bucket.uploadPart(number: 10_001, of: MultipartUpload(key: "k", uploadID: "i"), body: "x")
        },
        Case("range") { bucket, _ in
            _ = try await bucket.copyPart(
                number: 1, of: MultipartUpload(key: "k", uploadID: "i"), from: "l", range: -1..<5)
        },
        Case("position", "got -1") { bucket, _ in try await bucket.appendObject("k", "x", at: -1) },
        Case("start with '/'") { bucket, _ in try await bucket.putObject("/k", "x") },
        Case("1023 bytes") { bucket, _ in
            try await bucket.putObject(ObjectKey(stringLiteral: String(repeating: "k", count: 1024)), "x")
        },
    ]

    static let listings: [Case] =
        Case.lists("pageSize", "got 0", pageSize: 0) + Case.lists("pageSize", "got 1001", pageSize: 1001)
        + Case.lists("prefix", "1023", "got 1024", prefix: String(repeating: "p", count: 1024))
        + Case.lists("startAfter", "1023", startAfter: String(repeating: "é", count: 512))
        + [
            Case("delimiter", "1023") { bucket, _ in
                for try await _ in bucket.listObjects(delimiter: String(repeating: "d", count: 1024)) {}
            },
            Case("prefix", "1023") { bucket, _ in
                for try await _ in bucket.listMultipartUploads(prefix: String(repeating: "p", count: 1024)) {}
            },
        ]

    static let actions: [Case] = [
        Case("Days", "365", "got 0") { bucket, _ in try await bucket.restoreObject("k", days: 0) },
        Case("Days", "365", "got 366") { bucket, _ in try await bucket.restoreObject("k", days: 366) },
        Case("Days", "tier") { bucket, _ in try await bucket.restoreObject("k", tier: .bulk) },
        Case("in the future") { bucket, _ in
            let end = Date(timeIntervalSince1970: 0)
            try await bucket.setObjectRetention("k", to: .init(.governance, until: end))
        },
        Case("process must not be empty") { bucket, _ in _ = try await bucket.startProcessingObject("k", "") },
        Case("origin must not be empty") { bucket, _ in
            _ = try await bucket.preflight("k", origin: "", method: .get)
        },
        Case("SelectRequest/Expression") { bucket, _ in
            _ = try await bucket.selectObject("k", SelectQuery("", from: .csv()))
        },
        Case("keys must not be empty") { bucket, _ in try await bucket.removeTags([]) },
    ]

    static let signatures: [Case] = [
        Case("seven days") { bucket, _ in
            _ = try await bucket.presignedURL(for: .get("k"), expiresIn: .seconds(604_801))
        },
        Case("one second") { bucket, _ in _ = try await bucket.presignedURL(for: .get("k"), expiresIn: .zero) },
        Case("seven days") { bucket, _ in
            _ = try await bucket.presignedURL(for: .get("k"), expiresAt: .distantFuture)
        },
        Case("seven days") { _, service in
            _ = try await service.presignedURL(for: OSSRequest("ListBuckets", .get), expiresIn: .seconds(604_801))
        },
        Case("one second") { bucket, _ in _ = try await bucket.postForm([], expiresIn: .zero) },
        Case("seven days") { bucket, _ in _ = try await bucket.postForm([], expiresAt: .distantFuture) },
        Case("the field 'key'", "list of values must not be empty") { bucket, _ in
            _ = try await bucket.postForm([.isOneOf("key", [])], expiresIn: .seconds(60))
        },
    ]

    static let buckets: [Case] =
        ["ab", "A", "-abc", "abc-", "a_b", String(repeating: "a", count: 64)].map { name in
            Case("'\(name)' is not a valid bucket name") { _, service in try await service.createBucket(name) }
        } + [
            Case("accessControl must not be default") { _, service in
                try await service.createBucket("new-bucket", options: .init(accessControl: .default))
            }
        ]
}
