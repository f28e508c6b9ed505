import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import AliyunOSS

@Suite("The service and its buckets", .timeLimit(.minutes(5)))
struct OSSServiceTests {
    /// Returns a mock server and a client for it.
    private func start(
        _ buckets: [String] = ["photos", "archive"], _ configure: (inout BucketConfiguration) -> Void = { _ in }
    ) throws -> (MockOSSServer, OSSService) {
        var server = MockOSSServer.Configuration(buckets: buckets)
        server.accessKeys = [.init(id: TestService.keyID, secret: TestService.secret)]
        server.blocksPublicAccess = false
        let running = try MockOSSServer(server)
        return (running, try service(at: running, configure))
    }

    private func service(
        at server: MockOSSServer, _ configure: (inout BucketConfiguration) -> Void = { _ in }
    ) throws -> OSSService {
        var configuration = BucketConfiguration()
        configuration.retry.baseDelay = .milliseconds(1)
        configuration.stateDirectory = .none
        configure(&configuration)
        return try OSSService(
            endpoint: server.endpoint, region: server.region,
            credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret),
            configuration: configuration)
    }

    @Test("Two buckets share a connection and the corrected clock")
    func shares() async throws {
        let (server, service) = try start()
        server.clockOffset = .seconds(3600)
        let (photos, archive) = (try service.bucket("photos"), try service.bucket("archive"))
        try await photos.putObject("k", "1")
        #expect(server.requests.map(\.status) == [403, 200])
        let connections = server.statistics.connections
        try await archive.putObject("k", "2")
        _ = try await service.listRegions()
        #expect(server.requests.map(\.status) == [403, 200, 200, 200])
        #expect(server.statistics.connections == connections)
        #expect(server.data(of: "k", in: "photos") == Data("1".utf8))
        #expect(server.data(of: "k", in: "archive") == Data("2".utf8))
    }

    @Test("Two buckets share the limit of concurrent requests")
    func sharedLimit() async throws {
        let (server, service) = try start { $0.maximumConnections = 1 }
        server.add(.delay(.milliseconds(20)), times: 8)
        let buckets = [try service.bucket("photos"), try service.bucket("archive")]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<8 {
                group.addTask { try await buckets[index % 2].putObject("\(index)", "content") }
            }
            try await group.waitForAll()
        }
        #expect(server.unusedFaults.isEmpty)
        #expect(server.statistics.peakConcurrency == 1)
    }

    @Test("Shutting down a bucket leaves the others, and shutting down the service ends all")
    func shutDown() async throws {
        let (server, service) = try start()
        let (photos, archive) = (try service.bucket("photos"), try service.bucket("archive"))
        photos.shutDown()
        let error = await #expect(throws: OSSError.self) { try await photos.deleteObject("k") }
        #expect(error?.code == .shutDown)
        try await archive.deleteObject("k")
        try await service.bucket("photos").deleteObject("k")
        service.shutDown()
        for bucket in [archive, try service.bucket("photos")] {
            let error = await #expect(throws: OSSError.self) { try await bucket.deleteObject("k") }
            #expect(error?.code == .shutDown)
        }
        let last = await #expect(throws: OSSError.self) { try await service.listRegions() }
        #expect(last?.message.contains("OSSService") == true)
        #expect(server.requests.count == 2)
    }

    @Test("Buckets are listed in pages, with a prefix and a start", arguments: SignatureVersion.allCases)
    func lists(_ version: SignatureVersion) async throws {
        let (server, service) = try start(["a-1", "a-2", "a-3", "a-4", "a-5", "b-1"]) { $0.signature = version }
        func names(_ list: PagedSequence<BucketSummary, [BucketSummary]>) async throws -> [String] {
            var names: [String] = []
            for try await bucket in list { names.append(bucket.name) }
            return names
        }
        #expect(try await names(service.listBuckets()) == server.buckets)
        #expect(server.requests.count == 1)
        #expect(try await names(service.listBuckets(prefix: "a", pageSize: 2)) == ["a-1", "a-2", "a-3", "a-4", "a-5"])
        #expect(server.requests.count == 4)
        #expect(try await names(service.listBuckets(prefix: "a", startAfter: "a-3")) == ["a-4", "a-5"])
        #expect(try await names(service.listBuckets(tag: ("team", "x"))) == [])
        var pages: [Int] = []
        for try await page in service.listBuckets(pageSize: 4).pages { pages.append(page.count) }
        #expect(pages == [4, 2])
        for try await bucket in service.listBuckets(prefix: "b") {
            #expect(bucket.region == "cn-hangzhou")
            #expect(bucket.storageClass == .standard)
            #expect(!bucket.publicEndpoint.isEmpty && !bucket.internalEndpoint.isEmpty)
        }
        await #expect(throws: OSSError.self) { try await names(service.listBuckets(pageSize: 0)) }
    }

    @Test("A bucket is created, described and deleted", arguments: SignatureVersion.allCases)
    func lifecycle(_ version: SignatureVersion) async throws {
        let (server, service) = try start([]) { $0.signature = version }
        #expect(try await service.bucket("photos").exists() == false)
        let bucket = try await service.createBucket(
            "photos",
            options: CreateBucketOptions(
                storageClass: .infrequentAccess, redundancy: .zoneRedundant, accessControl: .publicRead,
                resourceGroupID: "rg-1"))
        #expect(server.buckets == ["photos"])
        try await service.createBucket("photos")
        #expect(try await bucket.exists())
        let info = try await bucket.info()
        #expect(info.name == "photos")
        #expect(info.summary.region == "cn-hangzhou")
        #expect(info.summary.storageClass == .infrequentAccess)
        #expect(info.summary.resourceGroupID == "rg-1")
        #expect(info.redundancy == .zoneRedundant)
        #expect(info.accessControl == .publicRead)
        #expect(info.encryption == nil && info.versioning == nil && !info.isAccelerated && !info.isReplicated)
        #expect(try await bucket.location() == "oss-cn-hangzhou")
        try await bucket.putObject("k", "content")
        let statistics = try await bucket.statistics()
        #expect(statistics.bytes == 7)
        #expect(statistics.objectCount == 1)
        #expect(statistics.usage.values.map(\.objectCount).reduce(0, +) == 1)
        #expect(statistics.multipartUploadCount == 0)
        let error = await #expect(throws: OSSError.self) { try await bucket.deleteBucket() }
        #expect(error?.serviceError?.code == "BucketNotEmpty")
        try await bucket.deleteObject("k")
        try await bucket.deleteBucket()
        #expect(server.buckets == [])
        let missing = await #expect(throws: OSSError.self) { try await bucket.deleteBucket() }
        #expect(missing?.code == .notFound)
        for name in ["A", "ab", "-abc", "a_b"] {
            let error = await #expect(throws: OSSError.self) { try await service.createBucket(name) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("The regions have IDs and endpoints")
    func regions() async throws {
        let (server, service) = try start()
        let regions = try await service.listRegions()
        #expect(server.operations() == ["DescribeRegions": 1])
        #expect(regions.map(\.region).contains("cn-hangzhou"))
        let hangzhou = try #require(regions.first { $0.region == "cn-hangzhou" })
        #expect(hangzhou.publicEndpoint == "oss-cn-hangzhou.aliyuncs.com")
        #expect(hangzhou.internalEndpoint == "oss-cn-hangzhou-internal.aliyuncs.com")
        #expect(hangzhou.accelerateEndpoint == "oss-accelerate.aliyuncs.com")
    }

    @Test("Requests are invoked for the service and for a bucket")
    func invokes() async throws {
        let (server, service) = try start()
        let list = try await service.invoke(OSSRequest("ListBuckets", .get))
        #expect(String(decoding: list.body, as: UTF8.self).contains("<Name>archive</Name>"))
        try await service.invoke(OSSRequest("PutObject", .put, bucket: "archive", key: "k"), body: "content")
        #expect(server.data(of: "k", in: "archive") == Data("content".utf8))
        let folder = try ScratchDirectory()
        try await service.invoke(OSSRequest("GetObject", .get, bucket: "archive", key: "k"), savingTo: folder["k"])
        #expect(try folder.read("k") == Data("content".utf8))
    }

    private func scripted(_ answers: ScriptedTransport.Answer...) throws -> OSSService {
        var configuration = BucketConfiguration()
        let transport = ScriptedTransport { [index = Recorder<Int>()] request in
            try answers[min(index.append(0), answers.count) - 1](request)
        }
        configuration.transport = transport
        configuration.retry.baseDelay = .zero
        return try OSSService(
            region: "cn-hangzhou", credentials: .static(accessKeyID: "id", accessKeySecret: "secret"),
            configuration: configuration)
    }

    @Test(
        "A document that is not the requested listing is an error, and not an empty listing",
        arguments: [
            "", "<html></html>", "<ListAllMyBucketsResult></ListAllMyBucketsResult>",
            "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name></Bucket></Buckets></ListAllMyBucketsResult>",
            "<ListAllMyBucketsResult><Buckets/><IsTruncated>true</IsTruncated></ListAllMyBucketsResult>",
            "<ListAllMyBucketsResult><Prefix>other</Prefix><Buckets/></ListAllMyBucketsResult>",
            "<RegionInfoList></RegionInfoList>",
            "<RegionInfoList><RegionInfo><Region>r</Region></RegionInfo></RegionInfoList>",
        ])
    func foreignDocuments(_ document: String) async throws {
        let service = try scripted { _ in .ok(document) }
        let error = await #expect(throws: OSSError.self) {
            for try await _ in service.listBuckets(prefix: "photos") {}
        }
        #expect(error?.code == .invalidResponse)
        await #expect(throws: OSSError.self) { try await service.listRegions() }
        let bucket = try service.bucket("photos")
        await #expect(throws: OSSError.self) { try await bucket.info() }
        await #expect(throws: OSSError.self) { try await bucket.statistics() }
        await #expect(throws: OSSError.self) { try await bucket.location() }
        await #expect(throws: OSSError.self) { try await bucket.exists() }
    }

    @Test("The description of another bucket is an error")
    func otherBucket() async throws {
        let service = try scripted { _ in
            .ok(
                "<BucketInfo><Bucket><Name>other</Name><Location>oss-cn-hangzhou</Location>"
                    + "<CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></BucketInfo>")
        }
        let error = await #expect(throws: OSSError.self) { try await service.bucket("photos").info() }
        #expect(error?.code == .invalidResponse)
        #expect(try await service.bucket("other").info().summary.region == "cn-hangzhou")
    }

    @Test("A deletion whose first response was lost succeeds")
    func lostDeletion() async throws {
        let service = try scripted(
            { _ in throw HTTPTransportError(.connectionLost, "reset") }, { _ in .refusal(404, "NoSuchBucket") })
        try await service.bucket("photos").deleteBucket()
        let error = await #expect(throws: OSSError.self) { try await service.bucket("photos").deleteBucket() }
        #expect(error?.code == .notFound)
    }

    @Test("The custom domain of a bucket and an invalid configuration are refused")
    func refused() throws {
        for make in [
            { try OSSService(at: Endpoint("https://cdn.example.com", style: .cname), region: "cn-hangzhou") },
            { try OSSService(region: "") }, { try OSSService(endpoint: "http://example.com", region: "cn-hangzhou") },
        ] {
            let error = #expect(throws: OSSError.self) { try make() }
            #expect(error?.code == .invalidArgument)
        }
    }
}
