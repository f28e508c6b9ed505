import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of settings against the mock server.
@Suite("Settings: stored and read")
struct SettingTests {
    /// A setting, and a document in the form in which the service returns it.
    struct Case: Sendable, CustomTestStringConvertible {
        var operation: String
        var xml: String
        /// Reads the setting, and stores it as it was read.
        var getThenPut: @Sendable (Bucket) async throws -> Void
        /// Stores the document with additional elements, reads and stores it again, and returns it as it is stored.
        var storeTwice: @Sendable (Bucket, XMLTree) async throws -> Data
        /// Reads the setting of a bucket that has none, or after its deletion, and returns whether it is `nil`.
        var isAbsent: @Sendable (Bucket) async throws -> Bool
        var remove: (@Sendable (Bucket) async throws -> Void)?

        var testDescription: String { operation }
    }

    @Test(
        "A setting with new elements at three depths is stored, read and stored again without changes", arguments: cases
    )
    func roundTrip(_ setting: Case) async throws {
        let service = try TestService()
        var tree = try XMLReader.read(Data(setting.xml.utf8))
        let new = XMLTree(name: "New", children: [XMLTree(name: "Inner", text: "<&>")])
        tree.append(new, downTo: 3)
        let stored = try await setting.storeTwice(service.bucket, tree)
        #expect(try XMLReader.read(stored) == tree)
        let puts = service.server.requests.filter { $0.operation == "Put" + setting.operation }
        #expect(puts.count == 2 && puts.allSatisfy { $0.status == 200 })
    }

    @Test(
        "A setting of any kind with new elements at three depths is stored as it was read", arguments: cases + moreCases
    )
    func getThenPut(_ setting: Case) async throws {
        var tree = try XMLReader.read(Data(setting.xml.utf8))
        tree.append(XMLTree(name: "New", children: [XMLTree(name: "Inner", text: "<&>")]), downTo: 3)
        let body = HTTPResponse.ok(String(decoding: tree.data, as: UTF8.self))
        let transport = ScriptedTransport({ _ in body }, { _ in .ok() })
        try await setting.getThenPut(Bucket.scripted(transport))
        #expect(transport.requests.map(\.method) == [.get, .put])
        guard case .data(let stored)? = transport.requests.last?.body else {
            Issue.record("the request has no document")
            return
        }
        // The root element of some requests has another name than that of the response.
        let written = try XMLReader.read(stored).normalized
        #expect(written.children == tree.normalized.children)
    }

    @Test("Every setting that is read and replaced as a document is stored as it was read")
    func coverage() {
        let others: Set = [
            // JSON, which is a text.
            "BucketPolicy", "AccessPointPolicy", "AccessPointPolicyForObjectProcess",
            // A header, and rules that are added and not replaced.
            "BucketAcl", "BucketReplication",
        ]
        let names = Set(OperationFacts.ofSettings.map(\.name))
        let replaced = names.filter { $0.hasPrefix("Put") && names.contains("Get" + $0.dropFirst(3)) }
            .map { String($0.dropFirst(3)) }
        let tested = Set((Self.cases + Self.moreCases).map(\.operation))
        #expect(Set(replaced).subtracting(others) == tested)
    }

    @Test("A deleted setting is absent, and deleting it again succeeds", arguments: cases.filter { $0.remove != nil })
    func removal(_ setting: Case) async throws {
        let service = try TestService()
        let wasAbsent = try await setting.isAbsent(service.bucket)
        _ = try await setting.storeTwice(service.bucket, try XMLReader.read(Data(setting.xml.utf8)))
        #expect(try await !setting.isAbsent(service.bucket))
        let remove = try #require(setting.remove)
        try await remove(service.bucket)
        try await remove(service.bucket)
        #expect(try await setting.isAbsent(service.bucket) == wasAbsent)
        #expect(service.count("Delete" + setting.operation) == 2)
    }

    @Test("A setting of a bucket that does not exist is an error")
    func missingBucket() async throws {
        let service = try TestService()
        let bucket = try Bucket(
            "nowhere", endpoint: service.server.endpoint, region: service.server.region,
            credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret))
        for call in [
            { _ = try await bucket.setting(.lifecycle) }, { try await bucket.remove(.lifecycle) },
            { try await bucket.updateSetting(.lifecycle) { $0.rules = [.init(id: "r")] } },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: OSSError.self) { try await call() }
            #expect(error?.serviceError?.code == "NoSuchBucket")
            #expect(error?.code == .notFound)
        }
    }

    @Test("An update changes the stored document, starts with an empty one, and sends nothing if nothing changes")
    func update() async throws {
        let service = try TestService()
        try await service.bucket.updateSetting(.cors) { configuration in
            #expect(configuration == CORSConfiguration())
            configuration.rules.append(.init(allowedOrigins: ["*"], allowedMethods: ["GET"]))
        }
        let changed = try await service.bucket.updateSetting(.cors) { $0.rules[0].maximumAgeSeconds = 5 }
        #expect(changed.rules.first?.maximumAgeSeconds == 5)
        let stored = try await service.bucket.setting(.cors)
        #expect(stored?.rules.first?.allowedOrigins == ["*"])
        #expect(stored?.rules.first?.maximumAgeSeconds == 5)
        try await service.bucket.updateSetting(.cors) { _ in }
        #expect(service.count("PutBucketCors") == 2)
        try await service.bucket.updateSetting(.website) { _ in }
        #expect(service.count("PutBucketWebsite") == 0)
    }

    @Test("The policy is stored as text, and its status is read")
    func policy() async throws {
        let service = try TestService()
        let policy = #"{"Version":"1","Statement":[{"Effect":"Allow","Principal":["*"],"Action":["oss:GetObject"]}]}"#
        #expect(try await service.bucket.setting(.policy) == nil)
        try await service.bucket.set(.policy, to: policy)
        #expect(try await service.bucket.setting(.policy) == policy)
        #expect(try await service.bucket.setting(.policyStatus)?.isPublic == true)
        try await service.bucket.remove(.policy)
        #expect(try await service.bucket.setting(.policy) == nil)
        #expect(try await service.bucket.setting(.policyStatus)?.isPublic == false)
    }

    @Test("The access control list is stored and read")
    func accessControl() async throws {
        let service = try TestService()
        try await service.bucket.set(.accessControl, to: AccessControlPolicy(.publicRead))
        let policy = try await service.bucket.setting(.accessControl)
        #expect(policy?.grant == .publicRead)
        #expect(policy?.owner?.id?.isEmpty == false)
        try await service.bucket.updateSetting(.accessControl) { $0.grant = .private }
        #expect(try await service.bucket.setting(.accessControl)?.grant == .private)
    }

    @Test("Some tags are deleted, and the others remain")
    func tags() async throws {
        let service = try TestService()
        try await service.bucket.set(.tags, to: ["a": "1", "b": "2", "c": ""])
        try await service.bucket.removeTags(["a", "c"])
        #expect(try await service.bucket.setting(.tags)?.tags.map(\.key) == ["b"])
        for keys in [[], [""], ["a,b"]] as [[String]] {
            let error = await #expect(throws: OSSError.self) { try await service.bucket.removeTags(keys) }
            #expect(error?.code == .invalidArgument)
        }
        #expect(service.count("DeleteBucketTags") == 1)
    }

    @Test("Inventories are listed over several pages, and an empty list is empty")
    func inventories() async throws {
        let service = try TestService()
        var ids: [String] = []
        for try await inventory in service.bucket.listInventories() { ids.append(inventory.id) }
        #expect(ids.isEmpty)
        let destination = InventoryConfiguration.Destination(bucket: "archive", accountID: "1", roleARN: "r")
        let names = (0..<101).map { "report-\($0)" }.sorted()
        for name in names {
            try await service.bucket.set(.inventory(name), to: .init(id: name, destination: destination))
        }
        for try await inventory in service.bucket.listInventories() { ids.append(inventory.id) }
        #expect(ids == names)
        #expect(service.count("ListBucketInventory") == 3)
    }

    @Test("A retention policy is created, locked and extended, and another one is aborted")
    func worm() async throws {
        let service = try TestService()
        let bucket = service.bucket
        #expect(try await bucket.setting(.worm) == nil)
        let id = try await bucket.initiateWorm(days: 3)
        let initiated = try await bucket.setting(.worm)
        #expect(initiated?.id == id && initiated?.state == .inProgress && initiated?.retentionDays == 3)
        try await bucket.completeWorm(id)
        try await bucket.extendWorm(id, days: 5)
        let locked = try await bucket.setting(.worm)
        #expect(locked?.state == .locked && locked?.retentionDays == 5)
        let other = try Bucket(
            "archive", endpoint: service.server.endpoint, region: service.server.region,
            credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret))
        _ = try await other.initiateWorm(days: 1)
        try await other.abortWorm()
        #expect(try await other.setting(.worm) == nil)
    }

    @Test("Replication rules are added, changed and deleted")
    func replication() async throws {
        let service = try TestService()
        let bucket = service.bucket
        #expect(try await bucket.setting(.replication) == nil)
        var configuration = ReplicationConfiguration()
        configuration.rules = [.init(to: .init(bucket: "archive", location: "oss-cn-beijing"))]
        configuration.rules[0].prefixes = ["a/", "b/"]
        let id = try await bucket.addReplicationRules(configuration)
        let rule = try await bucket.setting(.replication)?.rules.first
        #expect(rule?.id == id && rule?.prefixes == ["a/", "b/"] && rule?.destination.bucket == "archive")
        try await bucket.setReplicationTimeControl(.enabled, ofRule: id)
        #expect(try await bucket.setting(.replication)?.rules.first?.timeControl == .enabled)
        #expect(try await bucket.setting(.replicationProgress(id))?.rules.first?.id == id)
        #expect(try await bucket.setting(.replicationLocations)?.locations.isEmpty == false)
        try await bucket.deleteReplicationRules([id])
        #expect(try await bucket.setting(.replication)?.rules.first?.state == .closing)
    }

    @Test("Domains are bound and removed with a token")
    func domains() async throws {
        let service = try TestService(server: { $0.cnames = ["a.example.com": "photos"] })
        let bucket = service.bucket
        let token = try await bucket.createDomainToken("a.example.com")
        #expect(token.domain == "a.example.com" && token.expiration != nil)
        #expect(try await bucket.domainToken("a.example.com").token == token.token)
        try await bucket.bindDomain(DomainBinding("a.example.com"))
        #expect(try await bucket.domains().map(\.name) == ["a.example.com"])
        try await bucket.unbindDomain("a.example.com")
        #expect(try await bucket.domains().isEmpty)
    }

    @Test("Styles are stored, listed and deleted")
    func styles() async throws {
        let service = try TestService()
        try await service.bucket.set(.style("small"), to: ImageStyle("image/resize,p_50"))
        try await service.bucket.updateSetting(.style("small")) { $0.content = "image/resize,p_25" }
        let style = try await service.bucket.setting(.style("small"))
        #expect(style?.content == "image/resize,p_25" && style?.name == "small" && style?.creationDate != nil)
        #expect(try await service.bucket.styles().map(\.name) == ["small"])
        try await service.bucket.remove(.style("small"))
        #expect(try await service.bucket.setting(.style("small")) == nil)
    }

    @Test("Access points are created, configured, listed and deleted")
    func accessPoints() async throws {
        let service = try TestService()
        let bucket = service.bucket
        #expect(try await bucket.setting(.accessPoint("point")) == nil)
        let address = try await bucket.createAccessPoint("point", vpcID: "vpc-1")
        let point = try await bucket.setting(.accessPoint("point"))
        #expect(point?.alias == address.alias && point?.vpcID == "vpc-1" && point?.networkOrigin == .vpc)
        #expect(point?.creationDate != nil)
        #expect(try await bucket.setting(.accessPointPolicy("point")) == nil)
        let policy = #"{"Version":"1","Statement":[{"Effect":"Deny","Principal":["*"]}]}"#
        try await bucket.set(.accessPointPolicy("point"), to: policy)
        #expect(try await bucket.setting(.accessPointPolicy("point")) == policy)
        try await bucket.set(.accessPointPublicAccessBlock("point"), to: .init(isBlocked: true))
        #expect(try await bucket.setting(.accessPointPublicAccessBlock("point"))?.isBlocked == true)
        var names: [String] = []
        for try await summary in bucket.listAccessPoints() { names.append(summary.name) }
        #expect(names == ["point"])
        try await bucket.remove(.accessPoint("point"))
        #expect(try await bucket.setting(.accessPoint("point")) == nil)
        let error = await #expect(throws: OSSError.self) { try await bucket.setting(.accessPointPolicy("point")) }
        #expect(error?.serviceError?.code == "NoSuchAccessPoint")
    }

    @Test("The configuration of an access point for object processing is read, changed and stored with new elements")
    func objectProcess() async throws {
        let service = try TestService()
        let new = "<New><Inner>1</Inner></New>"
        let content =
            "<ObjectProcessConfiguration><TransformationConfigurations><TransformationConfiguration><Actions>"
            + "<Action>GetObject</Action>\(new)</Actions>\(new)</TransformationConfiguration>\(new)"
            + "</TransformationConfigurations></ObjectProcessConfiguration>\(new)"
        let stored = Recorder<String>()
        service.server.process { request in
            switch request.operation {
            case "GetAccessPointConfigForObjectProcess":
                let root = "GetAccessPointConfigForObjectProcessResult"
                return .init(body: Data("<\(root)>\(content)</\(root)>".utf8))
            case "PutAccessPointConfigForObjectProcess":
                stored.append(String(decoding: request.body, as: UTF8.self))
                return .init(body: Data())
            default: return nil
            }
        }
        try await service.bucket.updateSetting(.objectProcessAccessPointConfiguration("point")) {
            $0.process.allowedFeatures = ["GetObject-Range"]
        }
        let root = "PutAccessPointConfigForObjectProcessConfiguration"
        let changed = content.replacing(
            "</ObjectProcessConfiguration>",
            with: "<AllowedFeatures><AllowedFeature>GetObject-Range</AllowedFeature></AllowedFeatures>"
                + "</ObjectProcessConfiguration>")
        #expect(stored.values.map { $0.hasSuffix("<\(root)>\(changed)</\(root)>") } == [true])
    }

    @Test("The metadata index is opened, queried and closed")
    func metaQuery() async throws {
        let service = try TestService()
        let bucket = service.bucket
        #expect(try await bucket.setting(.metaQueryStatus) == nil)
        try await bucket.openMetaQuery(mode: .semantic)
        #expect(try await bucket.setting(.metaQueryStatus)?.mode == .semantic)
        var query = MetaQuery(#"{"Field":"Size","Value":"1","Operation":"gt"}"#)
        query.aggregations = [.init("sum", of: "Size")]
        var values: [Double?] = []
        for try await page in bucket.queryObjects(query).pages { values += page.aggregations.map(\.value) }
        #expect(values == [0])
        try await bucket.closeMetaQuery()
        #expect(try await bucket.setting(.metaQueryStatus) == nil)
    }

    @Test("Tasks that change the redundancy are created, listed and deleted")
    func redundancy() async throws {
        let service = try TestService()
        let id = try await service.bucket.createRedundancyTransition()
        let task = try await service.bucket.redundancyTransition(id)
        #expect(task.status == .queueing && task.creationDate != nil)
        var ids: [String] = []
        for try await task in service.bucket.listRedundancyTransitions() { ids.append(task.id) }
        #expect(ids == [id])
        try await service.bucket.deleteRedundancyTransition(id)
        let error = await #expect(throws: OSSError.self) { try await service.bucket.redundancyTransition(id) }
        #expect(error?.code == .notFound)
    }

    @Test("Public access to all buckets of the account is blocked and permitted")
    func account() async throws {
        let mock = try TestService()
        let service = try OSSService(
            endpoint: mock.server.endpoint, region: mock.server.region,
            credentials: .static(accessKeyID: TestService.keyID, accessKeySecret: TestService.secret))
        try await service.setPublicAccessBlock(.init(isBlocked: true))
        #expect(try await service.publicAccessBlock()?.isBlocked == true)
        try await service.removePublicAccessBlock()
        #expect(try await service.publicAccessBlock()?.isBlocked == false)
        for try await box in service.listCloudBoxes() { Issue.record("\(box)") }
        for try await point in service.listAccessPoints() { Issue.record("\(point)") }
        #expect(mock.count("ListCloudBoxes") == 1)
        #expect(mock.count("ListAccessPoints") == 1)
    }
}

extension XMLTree {
    /// Appends an element to this element and to the last child with children, down to a depth.
    fileprivate mutating func append(_ new: XMLTree, downTo depth: Int) {
        guard depth > 0 else { return }
        if let index = children.lastIndex(where: { !$0.children.isEmpty }) {
            children[index].append(new, downTo: depth - 1)
        }
        children.append(new)
    }
}
