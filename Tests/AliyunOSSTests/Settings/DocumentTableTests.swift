import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of the tables of all documents against the published documents.
@Suite("Documents: tables")
struct DocumentTableTests {
    /// A document type and the operations whose requests or responses contain it.
    struct Use: Sendable, CustomTestStringConvertible {
        var type: any XMLDocument.Type
        var requests: [String]
        var responses: [String]

        var testDescription: String { "\(type)" }

        init(_ type: any XMLDocument.Type, requests: [String] = [], responses: [String] = []) {
            (self.type, self.requests, self.responses) = (type, requests, responses)
        }

        /// A document that is stored and returned.
        init(_ type: any XMLDocument.Type, _ name: String) {
            self.init(type, requests: ["Put" + name], responses: ["Get" + name])
        }
    }

    static let uses: [Use] = [
        Use(AccessControlPolicy.self, responses: ["GetBucketAcl", "GetObjectAcl"]),
        Use(VersioningConfiguration.self, "BucketVersioning"),
        Use(RequestPaymentConfiguration.self, "BucketRequestPayment"),
        Use(AccessMonitorConfiguration.self, "BucketAccessMonitor"),
        Use(ArchiveDirectReadConfiguration.self, "BucketArchiveDirectRead"),
        Use(DomainBinding.self, requests: ["PutCname", "DeleteCname", "CreateCnameToken"]),
        Use(DomainList.self, responses: ["ListCname"]),
        Use(DomainToken.self, responses: ["GetCnameToken", "CreateCnameToken"]),
        Use(CORSConfiguration.self, "BucketCors"), Use(ServerSideEncryptionRule.self, "BucketEncryption"),
        Use(HTTPSConfiguration.self, "BucketHttpsConfig"), Use(InventoryConfiguration.self, "BucketInventory"),
        Use(InventoryPage.self, responses: ["ListBucketInventory"]),
        Use(LifecycleConfiguration.self, "BucketLifecycle"), Use(LoggingConfiguration.self, "BucketLogging"),
        Use(UserDefinedLogFieldsConfiguration.self, "UserDefinedLogFieldsConfig"),
        Use(MetaQueryStatus.self, responses: ["GetMetaQueryStatus"]), Use(MetaQuery.self, requests: ["DoMetaQuery"]),
        Use(MetaQueryPage.self, responses: ["DoMetaQuery"]),
        Use(AccessPointCreation.self, requests: ["CreateAccessPoint"]),
        Use(CreatedAccessPoint.self, responses: ["CreateAccessPoint"]),
        Use(AccessPoint.self, responses: ["GetAccessPoint"]),
        Use(AccessPointPage.self, responses: ["ListAccessPoints"]),
        Use(ObjectProcessAccessPointCreation.self, requests: ["CreateAccessPointForObjectProcess"]),
        Use(CreatedObjectProcessAccessPoint.self, responses: ["CreateAccessPointForObjectProcess"]),
        Use(ObjectProcessAccessPoint.self, responses: ["GetAccessPointForObjectProcess"]),
        Use(ObjectProcessAccessPointPage.self, responses: ["ListAccessPointsForObjectProcess"]),
        Use(ObjectProcessAccessPointConfiguration.self, "AccessPointConfigForObjectProcess"),
        Use(ObjectWormConfiguration.self, "BucketObjectWormConfiguration"),
        Use(OverwriteConfiguration.self, "BucketOverwriteConfig"),
        Use(PolicyStatus.self, responses: ["GetBucketPolicyStatus"]),
        Use(PublicAccessBlockConfiguration.self, "BucketPublicAccessBlock"),
        Use(PublicAccessBlockConfiguration.self, "AccessPointPublicAccessBlock"),
        Use(PublicAccessBlockConfiguration.self, "PublicAccessBlock"),
        Use(
            RedundancyTransitionPage.self,
            responses: ["ListBucketDataRedundancyTransition", "ListUserDataRedundancyTransition"]),
        Use(
            RedundancyTransition.self,
            responses: ["GetBucketDataRedundancyTransition", "CreateBucketDataRedundancyTransition"]),
        Use(RefererConfiguration.self, "BucketReferer"),
        Use(ReplicationTimeControl.self, requests: ["PutBucketRtc"]),
        Use(ReplicationConfiguration.self, "BucketReplication"),
        Use(ReplicationLocations.self, responses: ["GetBucketReplicationLocation"]),
        Use(ReplicationProgress.self, responses: ["GetBucketReplicationProgress"]),
        Use(ReplicationRuleIDs.self, requests: ["DeleteBucketReplication"]),
        Use(BucketResourceGroupConfiguration.self, "BucketResourceGroup"),
        Use(StyleContent.self, requests: ["PutStyle"]), Use(ImageStyle.self, responses: ["GetStyle"]),
        Use(StyleList.self, responses: ["ListStyle"]),
        Use(
            Tagging.self, requests: ["PutBucketTags", "PutObjectTagging"],
            responses: ["GetBucketTags", "GetObjectTagging"]),
        Use(TransferAccelerationConfiguration.self, "BucketTransferAcceleration"),
        Use(WebsiteConfiguration.self, "BucketWebsite"),
        Use(RetentionPeriod.self, requests: ["InitiateBucketWorm", "ExtendBucketWorm"]),
        Use(WormConfiguration.self, responses: ["GetBucketWorm"]),
        Use(CloudBoxPage.self, responses: ["ListCloudBoxes"]),
        Use(MetadataConfiguration.self, requests: ["CreateBucketMetadataConfiguration"]),
        Use(MetadataTables.self, responses: ["GetBucketMetadataConfiguration"]),
        Use(
            MetadataConfiguration.InventoryTable.self, requests: ["UpdateBucketMetadataInventoryTableConfiguration"]),
        Use(MetadataConfiguration.JournalTable.self, requests: ["UpdateBucketMetadataJournalTableConfiguration"]),
        Use(QuotaConfiguration.self, "BucketStorageQuota"),
    ]

    @Test(
        "A table has the names, the nesting, the repetition and, for requests, the order of its document",
        arguments: uses)
    func tables(_ use: Use) throws {
        for name in use.requests {
            let tree = try #require(OperationFacts.named[name]?.request?.tree, "\(name)")
            #expect(
                OperationFacts.Element.notation(use.type.outline) == OperationFacts.Element.notation(tree), "\(name)")
        }
        for name in use.responses {
            let tree = try #require(OperationFacts.named[name]?.response?.tree, "\(name)")
            #expect(
                OperationFacts.Element.notation(use.type.outline, sorted: true)
                    == OperationFacts.Element.notation(tree, sorted: true), "\(name)")
        }
    }

    @Test("Every document of a setting has a table")
    func coverage() {
        let requests = Set(Self.uses.flatMap(\.requests)), responses = Set(Self.uses.flatMap(\.responses))
        for facts in OperationFacts.ofSettings {
            #expect(facts.request?.format != "xml" || requests.contains(facts.name), "\(facts.name)")
            #expect(facts.response?.format != "xml" || responses.contains(facts.name), "\(facts.name)")
        }
    }

    @Test("Published responses are read, and written without changes", arguments: try Sample.all())
    func samples(_ sample: Sample) throws {
        let types = Self.uses.filter { $0.responses.contains(sample.operation) }.map(\.type)
        let tree = try XMLReader.read(Data(sample.body.utf8))
        for type in types {
            let document = try type.init(xml: tree)
            #expect(document.unrecognized.trees.isEmpty)
            // The state of a bucket without versions cannot be stored.
            if document.problem != nil, sample.id == "bucket-versioning-never" { continue }
            #expect(try document.tree(tree.name, at: "").normalized == tree.normalized)
        }
        #expect(types.count == 1)
    }

    @Test("A document with all elements, and new elements at every depth, is written as it was read", arguments: uses)
    func newElements(_ use: Use) throws {
        let new = XMLTree(
            name: "New", children: [XMLTree(name: "Inner", children: [XMLTree(name: "Text", text: " a&b ")])])
        let requests = use.requests.compactMap { OperationFacts.named[$0]?.request }
        let responses = use.responses.compactMap { OperationFacts.named[$0]?.response }
        for body in requests + responses {
            for omitted in Self.exclusive {
                var count = 0
                let tree = XMLTree(
                    name: try #require(body.root),
                    children: OperationFacts.Element.sample(
                        try #require(body.tree), texts: Self.texts, omitting: omitted, extra: new, &count))
                let document = try use.type.init(xml: tree)
                #expect(document.unrecognized.trees.map(\.name).contains("New"))
                let written = try document.tree(tree.name, at: tree.name)
                #expect(written.normalized == tree.normalized)
                #expect("\(document)".contains("a&b") == false)
            }
        }
    }

    /// Sets of elements to omit, because a document must not contain all of them. Every element occurs without some of
    /// the others.
    private static let exclusive: [Set<String>] = [
        ["CreatedBeforeDate", "ExpiredObjectDeleteMarker", "Date", "Years", "SSE-OSS", "AllowSmallFile"],
        ["Days", "ExpiredObjectDeleteMarker", "Date", "SSE-KMS", "Filter"],
        ["Days", "CreatedBeforeDate", "Date", "SSE-KMS", "Filter"],
        ["Days", "CreatedBeforeDate", "ExpiredObjectDeleteMarker", "SSE-KMS", "Filter"],
    ]

    /// Texts of elements that permit only some values.
    private static let texts = [
        "SSEAlgorithm": "KMS", "AllowedMethod": "GET", "ObjectSizeLessThan": "8", "HttpStatus": "404",
        "HttpRedirectCode": "302", "Protocol": "https", "ObjectWormEnabled": "Enabled", "Order": "asc", "Type": "1",
    ]

    /// A published response of an operation on settings.
    struct Sample: Decodable, Sendable, CustomTestStringConvertible {
        var id: String
        var operation: String
        var root: String?
        var body: String

        var testDescription: String { id }

        static func all() throws -> [Sample] {
            let names = Set(uses.flatMap(\.responses))
            let samples = VectorFile<Sample>.load("xml_samples", keys: .useDefaultKeys).filter {
                names.contains($0.operation) && $0.root != nil && $0.root != "Error"
            }
            guard samples.count > 12 else { throw OSSError(.notFound, "only \(samples.count) samples") }
            return samples
        }
    }
}
