import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests that the type of each operation decodes its published responses. `DocumentTableTests` covers the responses
/// that are documents of settings.
@Suite("Published responses")
struct PublishedSampleTests {
    /// A published response with the texts of its elements.
    struct Sample: Decodable, Sendable, CustomTestStringConvertible {
        var id: String
        var operation: String
        var root: String?
        var status: Int?
        var body: String
        var expected: [String: Expectation]
        /// Value of the header `x-oss-err` of a response without a body.
        var header: String?

        enum CodingKeys: String, CodingKey {
            case id, operation, root, status, body, expected
            case header = "body_base64_header"
        }

        var testDescription: String { id }

        static let all = VectorFile<Sample>.load("xml_samples", keys: .useDefaultKeys)
        /// Responses that `DocumentTableTests` covers.
        static let documents: Set<String> = Set(DocumentTableTests.uses.flatMap(\.responses))
        static let errors = all.filter { $0.root == "Error" }
        static let credentials = all.filter { $0.operation == "credentials" }
        static let others = all.filter {
            $0.root != "Error" && $0.operation != "credentials" && !documents.contains($0.operation)
        }
    }

    /// The texts or the number of the elements at a path; neither if there must be no element.
    struct Expectation: Decodable, Sendable {
        var texts: [String]?
        var count: Int?

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            texts = (try? value.decode([String].self)) ?? (try? value.decode(String.self)).map { [$0] }
            count = (try? value.decode([String: Int].self))?["count"]
        }
    }

    /// Performs the call of an operation and returns the texts of the result, by the path of their element.
    typealias Decoding = @Sendable (_ sample: Sample, Bucket, OSSService) async throws -> [String: [String]]

    @Test("The type of an operation has the values of a published response", arguments: Sample.others)
    func values(_ sample: Sample) async throws {
        let decoding = try #require(Self.decodings[sample.id], "no call for \(sample.operation)")
        let (bucket, account) = try Self.scripted { _ in .ok(sample.body) }
        for (path, texts) in try await decoding(sample, bucket, account) {
            let expectation = try #require(
                sample.expected[path] ?? sample.expected[path + "|urldecode"], "nothing is known about \(path)")
            if let count = expectation.count {
                #expect(texts.count == count, "\(path)")
            } else {
                #expect(texts == expectation.texts ?? [], "\(path)")
            }
        }
    }

    @Test("Every published response is decoded in a test")
    func coverage() {
        #expect(Set(Self.decodings.keys) == Set(Sample.others.map(\.id)))
        let covered = Set(Sample.others.map(\.id)).union(Sample.errors.map(\.id)).union(Sample.credentials.map(\.id))
            .union(Sample.all.filter { Sample.documents.contains($0.operation) }.map(\.id))
        #expect(covered == Set(Sample.all.map(\.id)))
        #expect(covered.count == 70)
    }

    @Test("An error has the values of a published error response", arguments: Sample.errors)
    func errors(_ sample: Sample) async throws {
        let response = HTTPResponse(
            status: sample.status ?? 400, headers: sample.header.map { ["x-oss-err": $0] } ?? [:],
            body: sample.header == nil ? Data(sample.body.utf8) : Data(),
            bodyLength: Int64(sample.header == nil ? sample.body.utf8.count : 0))
        let (bucket, _) = try Self.scripted { _ in response }
        let error = try #require(
            await failure {
                switch sample.operation {
                case "HeadObject": _ = try await bucket.headObject("k")
                case "PutObject":
                    var options = PutObjectOptions()
                    options.callback = UploadCallback("https://example.com", body: "b")
                    _ = try await bucket.putObject("k", "", options: options)
                case "AppendObject": _ = try await bucket.appendObject("k", "c", at: 1)
                case "RestoreObject": _ = try await bucket.restoreObject("k")
                case "CleanRestoredObject": try await bucket.cleanRestoredObject("k")
                case "DeleteBucket": try await bucket.deleteBucket()
                case "CompleteMultipartUpload":
                    _ = try await bucket.completeMultipartUpload(.init(key: "k", uploadID: "u"), parts: [])
                default: _ = try await bucket.objectTags("k")
                }
            }?.serviceError)
        #expect(error.status == response.status)
        for (path, expectation) in sample.expected {
            let text =
                switch path {
                case "Code": error.code
                case "Message": error.message
                case "EC": error.diagnosticCode
                default: error.details[path]
                }
            // An error contains no signature.
            #expect(text == (path == "SignatureProvided" ? nil : expectation.texts?.first), "\(path)")
        }
    }

    @Test("Credentials in published responses are read")
    func credentials() throws {
        let now = Date(timeIntervalSince1970: 1_795_000_000)
        for sample in Sample.credentials {
            let credentials = try CredentialsDocument.credentials(
                in: Data(sample.body.utf8), from: sample.id, isTemporary: true, now: now)
            #expect(["ak", "STS.ak"].contains(credentials.accessKeyID))
            #expect(credentials.accessKeySecret == "sk")
            #expect(credentials.securityToken == "token")
            #expect(credentials.expiration.map { $0 > now } == true)
        }
    }

    private static func scripted(
        _ answer: @escaping ScriptedTransport.Answer
    ) throws -> (Bucket, OSSService) {
        var configuration = BucketConfiguration()
        configuration.transport = ScriptedTransport(answer)
        configuration.retry.maximumAttempts = 1
        let account = try OSSService(
            region: "cn-hangzhou", credentials: .static(accessKeyID: "id", accessKeySecret: "secret"),
            configuration: configuration)
        return (try account.bucket("oss-example"), account)
    }

    /// Returns the first page of a listing.
    private static func first<Element, Page>(_ listing: PagedSequence<Element, Page>) async throws -> Page {
        var pages = listing.pages.makeAsyncIterator()
        return try #require(try await pages.next())
    }
}

extension PublishedSampleTests {
    /// The calls for each sample.
    static let decodings: [String: Decoding] = buckets.merging(listings) { $1 }.merging(objects) { $1 }

    private static let buckets: [String: Decoding] = [
        "list-buckets": { _, _, account in
            let buckets = try await first(account.listBuckets())
            return [
                "Buckets/Bucket/Name": buckets.map(\.name), "Buckets/Bucket/Region": buckets.map(\.region),
                "Buckets/Bucket/StorageClass": buckets.map(\.storageClass.rawValue),
            ]
        },
        "list-buckets-truncated": { _, _, account in
            let buckets = try await first(account.listBuckets(prefix: "my", startAfter: "mybucket"))
            return ["Buckets/Bucket": buckets.map(\.name)]
        },
        "bucket-info": { _, bucket, _ in
            let info = try await bucket.info()
            return [
                "Bucket/Name": [info.name], "Bucket/Owner/ID": [info.ownerID ?? ""],
                "Bucket/AccessControlList/Grant": [info.accessControl?.rawValue ?? ""],
                "Bucket/ServerSideEncryptionRule/SSEAlgorithm": [info.encryption ?? ""],
                "Bucket/DataRedundancyType": [info.redundancy?.rawValue ?? ""],
            ]
        },
        "bucket-stat": { _, bucket, _ in
            let statistics = try await bucket.statistics()
            #expect(statistics.lastModified == Date(timeIntervalSince1970: 1_643_341_269))
            return [
                "Storage": ["\(statistics.bytes)"], "ObjectCount": ["\(statistics.objectCount)"],
                "MultipartUploadCount": ["\(statistics.multipartUploadCount)"],
                "DeleteMarkerCount": ["\(statistics.deleteMarkerCount ?? -1)"],
            ]
        },
        "bucket-location": { _, bucket, _ in [".": [try await bucket.location()]] },
        "regions": { _, _, account in
            let regions = try await account.listRegions()
            return [
                "RegionInfo/Region": regions.map { "oss-" + $0.region },
                "RegionInfo/InternalEndpoint": regions.map(\.internalEndpoint),
            ]
        },
    ]

    private static let listings: [String: Decoding] = [
        "list-objects-v1": { sample, _, _ in
            let page = try page(sample)
            return [
                "Contents/Key": page.objects.map(\.key.rawValue), "Contents/Size": page.objects.map { "\($0.size)" },
                "Contents/Type": page.objects.map(\.type.rawValue), "NextMarker": page.nextMarker.map { [$0] } ?? [],
            ]
        },
        "list-objects-v1-restore": { sample, _, _ in
            let page = try page(sample)
            #expect(page.nextMarker == "exampleobject3.txt")
            return [
                "Contents/StorageClass": page.objects.map(\.storageClass.rawValue),
                "Contents/RestoreInfo": page.objects.compactMap(\.restore).map { restore in
                    let expiry = restore.expiration.map { ", expiry-date=\"\(HTTPDate.string(from: $0))\"" } ?? ""
                    return "ongoing-request=\"\(restore.isOngoing)\"" + expiry
                },
            ]
        },
        "list-objects-v1-empty-elements": { sample, _, _ in
            let page = try page(sample)
            return [
                "Contents/Key": page.objects.map(\.key.rawValue), "CommonPrefixes/Prefix": page.commonPrefixes,
                "NextMarker": page.nextMarker.map { [$0] } ?? [],
            ]
        },
        "list-objects-v1-url-xmlns": { sample, _, _ in
            ["Contents/ETag": try page(sample).objects.map { "\"\($0.eTag)\"" }]
        },
        "list-objects-v1-utf8": { sample, _, _ in
            let page = try page(sample)
            return ["Contents/Key": page.objects.map(\.key.rawValue), "NextMarker": page.nextMarker.map { [$0] } ?? []]
        },
        "list-objects-v1-utf8-dir": { sample, _, _ in
            let page = try page(sample)
            return ["Contents/Key": page.objects.map(\.key.rawValue), "CommonPrefixes/Prefix": page.commonPrefixes]
        },
        "list-objects-v2": { _, bucket, _ in
            let page = try await first(
                bucket.listObjects(prefix: "a/", delimiter: "/", startAfter: "b", paging: .continuationToken))
            return ["Contents/Key": page.objects.map(\.key.rawValue), "CommonPrefixes/Prefix": page.commonPrefixes]
        },
        "list-objects-v2-continuation": { _, bucket, _ in
            let page = try await first(bucket.listObjects(startAfter: "b", paging: .continuationToken))
            return [
                "Contents/Key": page.objects.map(\.key.rawValue),
                "NextContinuationToken": page.nextMarker.map { [$0] } ?? [],
            ]
        },
        "list-versions-url": { _, bucket, _ in
            let versions = try await first(bucket.listObjectVersions(prefix: "demo/gp-", delimiter: "/")).versions
            return [
                "Version/Key": versions.map(\.key.rawValue), "Version/IsLatest": versions.map { "\($0.isLatest)" },
                "Version/Type": versions.compactMap(\.object?.type.rawValue),
                "Version/ETag": versions.compactMap(\.object?.eTag).map { "\"\($0)\"" },
            ]
        },
        "list-versions-no-versioning": { _, bucket, _ in
            let versions = try await first(bucket.listObjectVersions()).versions
            return [
                "Version/Key": versions.map(\.key.rawValue),
                "Version/VersionId": versions.map { $0.versionID == "null" ? "" : $0.versionID },
            ]
        },
        // A page that starts after a version, so that no call requests it first.
        "list-versions-delete-marker": { sample, _, _ in
            let document = try ListingDocument(
                Data(sample.body.utf8), root: "ListVersionsResult", echoes: [("KeyMarker", "example")])
            let all = try document.versions(prefix: "", after: PageMarker(key: "example", id: "previous")).0.versions
            let markers = all.filter(\.isDeleteMarker), versions = all.filter { !$0.isDeleteMarker }
            return [
                "DeleteMarker/Key": markers.map(\.key.rawValue),
                "DeleteMarker/IsLatest": markers.map { "\($0.isLatest)" },
                "Version/Key": versions.map(\.key.rawValue), "Version/IsLatest": versions.map { "\($0.isLatest)" },
                "Version/Size": versions.compactMap(\.object).map { "\($0.size)" },
            ]
        },
        "list-uploads": { _, bucket, _ in
            ["Upload/Key": try await first(bucket.listMultipartUploads()).map(\.upload.key.rawValue)]
        },
        "list-uploads-url": { _, bucket, _ in
            let uploads = try await first(bucket.listMultipartUploads(prefix: "pre"))
            return [
                "Upload": uploads.map(\.upload.uploadID), "Upload/Key": uploads.map(\.upload.key.rawValue),
                "Upload/StorageClass": uploads.map(\.storageClass.rawValue),
            ]
        },
        "list-parts": { _, bucket, _ in
            let upload = MultipartUpload(key: "object", uploadID: "0004B999EF5A239BB9138C6227D6****")
            let parts = try await first(bucket.listParts(of: upload))
            return ["Part/PartNumber": parts.map { "\($0.number)" }, "Part/Size": parts.map { "\($0.size)" }]
        },
        "list-parts-url-crc": { _, bucket, _ in
            let upload = MultipartUpload(
                key: "demo/gp-\u{C}\n\u{B}", uploadID: "D4E111D4EA834F3ABCE4877B2779****")
            let parts = try await first(bucket.listParts(of: upload))
            return ["Part/HashCrc64ecma": parts.compactMap(\.crc64).map { "\($0)" }]
        },
    ]

    private static let objects: [String: Decoding] = [
        "delete-multiple-markers": { _, bucket, _ in
            let result = try await bucket.deleteObjects(["key1.txt", "key2.txt"])
            return [
                "Deleted/Key": result.deleted.map(\.rawValue),
                "Deleted/DeleteMarker": result.versions.map { "\($0.isDeleteMarker)" },
            ]
        },
        "delete-multiple-control-chars": { sample, bucket, _ in
            let key = try ObjectKey(sample.expected["Deleted/Key|urldecode"]?.texts?.first ?? "")
            return ["Deleted/Key": try await bucket.deleteObjects([key]).deleted.map(\.rawValue)]
        },
        "copy-object": { _, bucket, _ in
            ["ETag": ["\"\(try await bucket.copyObjectInOneRequest(from: "s", to: "k").eTag)\""]]
        },
        "initiate": { _, bucket, _ in
            ["UploadId": [try await bucket.initiateMultipartUpload("multipart.data").uploadID]]
        },
        "initiate-url-xmlns": { _, bucket, _ in
            ["UploadId": [try await bucket.initiateMultipartUpload("multipart /data").uploadID]]
        },
        "upload-part-copy": { _, bucket, _ in
            let upload = MultipartUpload(key: "k", uploadID: "u")
            return ["ETag": ["\"\(try await bucket.copyPart(number: 1, of: upload, from: "s", range: 0..<1).eTag)\""]]
        },
        "complete-url": { _, bucket, _ in
            let upload = MultipartUpload(key: "demo/multipart.data", uploadID: "u")
            let result = try await bucket.completeMultipartUpload(upload, parts: [])
            #expect(result.eTag == "097DE458AD02B5F89F9D0530231876****")
            return [:]
        },
        "complete-url-xmlns": { _, bucket, _ in
            let upload = MultipartUpload(key: "multipart/ .data", uploadID: "u")
            return ["ETag": [try await bucket.completeMultipartUpload(upload, parts: []).eTag]]
        },
        "legal-hold": { _, bucket, _ in ["Status": [try await bucket.objectLegalHold("k") ? "ON" : "OFF"]] },
        "process-object-json": { _, bucket, _ in
            let object = try await bucket.processObject("k", "image/resize,w_1", savingTo: "dest.jpg")
            return ["object": [object.key.rawValue], "fileSize": ["\(object.size ?? -1)"]]
        },
        "async-process-json": { _, bucket, _ in
            let task = try await bucket.startProcessingObject("k", "video/convert")
            return ["TaskId": [task.taskID], "EventId": [task.eventID ?? ""]]
        },
    ]

    /// Returns the page of a sample that is a listing by marker.
    private static func page(_ sample: Sample) throws -> ObjectPage {
        try ObjectPage(decoding: Data(sample.body.utf8), paging: .marker)
    }
}
