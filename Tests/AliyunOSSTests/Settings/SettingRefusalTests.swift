import AliyunOSSTesting
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of invalid documents and of responses that do not contain the requested document.
@Suite("Settings: refusals")
struct SettingRefusalTests {
    /// A call with an invalid document, and the path in its error.
    struct Case: Sendable, CustomTestStringConvertible {
        var path: String
        var perform: @Sendable (Bucket) async throws -> Void

        var testDescription: String { path }

        init(_ path: String, _ perform: @escaping @Sendable (Bucket) async throws -> Void) {
            (self.path, self.perform) = (path, perform)
        }

        /// A lifecycle configuration with a changed rule.
        static func rule(
            _ path: String, _ change: @escaping @Sendable (inout LifecycleConfiguration.Rule) -> Void
        ) -> Case {
            Case("LifecycleConfiguration/Rule[2]" + path) { bucket in
                var rule = LifecycleConfiguration.Rule(id: "b", prefix: "b/")
                change(&rule)
                try await bucket.set(.lifecycle, to: .init(rules: [.init(id: "a", prefix: "a/"), rule]))
            }
        }

        /// A list of tags.
        static func tags(_ path: String, _ tags: [ResourceTag]) -> Case {
            Case(path) { try await $0.set(.tags, to: Tagging(tags)) }
        }
    }

    @Test("An invalid document is refused with its path before anything is sent", arguments: cases + moreCases)
    func invalid(_ refused: Case) async throws {
        let service = try TestService()
        let error = await #expect(throws: OSSError.self) { try await refused.perform(service.bucket) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix(refused.path + " ") == true, "\(error?.message ?? "")")
        #expect(error?.operation != nil)
        #expect(error?.attempts == 0)
        #expect(service.server.requests.isEmpty)
    }

    static let cases: [Case] = [
        .rule("/Status") { $0.status = "" },
        .rule("/Expiration") { $0.expiration = .init() },
        .rule("/Expiration") {
            $0.expiration = .init(days: 1)
            $0.expiration?.date = .now
        },
        .rule("/Expiration/Days") { $0.expiration = .init(days: 0) },
        .rule("/AbortMultipartUpload") { $0.abortMultipartUpload = .init() },
        .rule("/AbortMultipartUpload/Days") { $0.abortMultipartUpload = .init(days: 0) },
        .rule("/Transition[1]/Days") { $0.transitions = [.init(days: -1, to: .archive)] },
        .rule("/Transition[2]/StorageClass") {
            $0.transitions = [.init(days: 1, to: .infrequentAccess), .init(days: 2, to: "")]
        },
        .rule("/Transition[1]") {
            $0.transitions = [.init(days: 1, to: .archive)]
            $0.transitions[0].createdBefore = .now
        },
        .rule("/Tag[1]/Key") { $0.tags = [ResourceTag("", "v")] },
        .rule("/Filter/Not[1]/Tag/Key") {
            $0.filter = .init()
            $0.filter?.exclusions = [.init()]
            $0.filter?.exclusions[0].tag = ResourceTag()
        },
        .rule("/NoncurrentVersionExpiration/NoncurrentDays") { $0.noncurrentVersionExpirationDays = 0 },
        Case("LifecycleConfiguration/Rule/ID") {
            try await $0.set(.lifecycle, to: .init(rules: [.init(id: "a"), .init(id: "a")]))
        },
        Case("LifecycleConfiguration/Rule") { try await $0.set(.lifecycle, to: .init()) },
        .tags("Tagging/TagSet/Tag[2]/Key", [ResourceTag("a", ""), ResourceTag("", "b")]),
        .tags("Tagging/TagSet/Tag[1]/Key", [ResourceTag(String(repeating: "k", count: 129), "")]),
        .tags("Tagging/TagSet/Tag[1]/Value", [ResourceTag("k", String(repeating: "v", count: 257))]),
        .tags("Tagging/TagSet/Tag", (0..<21).map { ResourceTag("k\($0)", "") }),
        .tags("Tagging/TagSet/Tag/Key", [ResourceTag("a", "1"), ResourceTag("a", "2")]),
    ]

    static let moreCases: [Case] = [
        Case("VersioningConfiguration/Status") { try await $0.set(.versioning, to: .init()) },
        Case("ServerSideEncryptionRule/ApplyServerSideEncryptionByDefault/SSEAlgorithm") {
            try await $0.set(.encryption, to: .init(""))
        },
        Case("ServerSideEncryptionRule/ApplyServerSideEncryptionByDefault/KMSMasterKeyID") {
            try await $0.set(.encryption, to: .init(.aes256, masterKeyID: "k"))
        },
        Case("CORSConfiguration/CORSRule") { try await $0.set(.cors, to: .init()) },
        Case("CORSConfiguration/CORSRule[1]/AllowedMethod") {
            try await $0.set(.cors, to: .init(rules: [.init(allowedOrigins: ["*"], allowedMethods: [])]))
        },
        Case("CORSConfiguration/CORSRule[1]/AllowedOrigin") {
            try await $0.set(.cors, to: .init(rules: [.init(allowedOrigins: ["*.*"], allowedMethods: ["GET"])]))
        },
        Case("BucketLoggingStatus/LoggingEnabled/TargetBucket") {
            try await $0.set(.logging, to: .init(bucket: "No Bucket", prefix: ""))
        },
        Case("UserDefinedLogFieldsConfiguration") { try await $0.set(.userDefinedLogFields, to: .init()) },
        Case("HttpsConfiguration/TLS/TLSVersion") { try await $0.set(.https, to: .init(versions: [])) },
        Case("WebsiteConfiguration") { try await $0.set(.website, to: .init()) },
        Case("InventoryConfiguration/Id") { bucket in
            let destination = InventoryConfiguration.Destination(bucket: "b", accountID: "1", roleARN: "r")
            try await bucket.set(.inventory("a"), to: .init(id: "b", destination: destination))
        },
        Case("InventoryConfiguration/Destination/OSSBucketDestination/Bucket") {
            try await $0.set(.inventory("a"), to: .init(id: "a", destination: .init()))
        },
        Case("ReplicationConfiguration/Rule[1]/Destination/Bucket") { bucket in
            var configuration = ReplicationConfiguration()
            configuration.rules = [.init(to: .init(bucket: "-", location: "oss-cn-beijing"))]
            try await bucket.addReplicationRules(configuration)
        },
        Case("ReplicationRules/ID") { try await $0.deleteReplicationRules([]) },
        Case("ObjectWormConfiguration/Rule/DefaultRetention") { bucket in
            var configuration = ObjectWormConfiguration()
            configuration.defaultRetention = .init()
            try await bucket.set(.objectWorm, to: configuration)
        },
        Case("InitiateWormConfiguration/RetentionPeriodInDays") { _ = try await $0.initiateWorm(days: 0) },
        Case("QuotaConfiguration/StorageQuota") { try await $0.set(.storageQuota, to: .init()) },
        Case("OverwriteConfiguration/Rule") { try await $0.set(.overwrite, to: .init()) },
        Case("Style/Content") { try await $0.set(.style("s"), to: ImageStyle("")) },
        Case("BucketPolicy") { try await $0.set(.policy, to: "<html>") },
        Case("CreateAccessPointConfiguration/VpcConfiguration/VpcId") {
            _ = try await $0.createAccessPoint("point", vpcID: "")
        },
        Case("JournalTableConfiguration/RecordExpiration/Days") { bucket in
            var table = MetadataConfiguration.JournalTable()
            table.expiration = .init()
            table.expiration?.days = 6
            try await bucket.updateMetadataJournalTable(table)
        },
    ]

    @Test(
        "A response without the requested document is an error and not an absent setting",
        arguments: [
            "<html><body>Sign in</body></html>", "", "<CORSConfiguration></CORSConfiguration>",
            "<LifecycleConfiguration><Rule><ID>a</ID></Rule></LifecycleConfiguration>", "<LifecycleConfiguration>",
        ])
    func foreignDocument(_ body: String) async throws {
        let service = try TestService()
        service.server.add(
            MockFault(
                .response(
                    status: 200, headers: ["x-oss-request-id": "5C3D9175B6FC201293AD0001"], body: Array(body.utf8))))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.setting(.lifecycle) }
        #expect(error?.code == .invalidResponse)
        #expect(error?.operation == "GetBucketLifecycle")
        #expect(service.server.unusedFaults.isEmpty)
        #expect(service.count() == 1)
    }

    @Test("A 404 that did not come from the service is not an absent setting")
    func foreignRefusal() async throws {
        let service = try TestService()
        let page = "<Error><Code>NoSuchLifecycle</Code></Error>"
        service.server.add(MockFault(.response(status: 404, body: Array(page.utf8))))
        service.server.add(MockFault(.header("x-oss-request-id", nil)))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.setting(.lifecycle) }
        #expect(error?.code == .invalidResponse)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("The document of another item is an error")
    func otherItem() async throws {
        let service = try TestService()
        try await service.bucket.set(.style("small"), to: ImageStyle("image/resize,p_50"))
        let body = "<Style><Name>large</Name><Content>image/resize,p_200</Content></Style>"
        service.server.add(MockFault(.replaceBody(Array(body.utf8)), when: .operation("GetStyle")))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.setting(.style("small")) }
        #expect(error?.code == .invalidResponse)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("An error document in a successful response is the error, and a temporary one is retried")
    func errorInSuccess() async throws {
        let service = try TestService()
        try await service.bucket.set(.versioning, to: .init(.enabled))
        service.server.add(MockFault(.errorInSuccess(code: "InternalError"), when: .operation("GetBucketVersioning")))
        #expect(try await service.bucket.setting(.versioning)?.status == .enabled)
        service.server.add(MockFault(.errorInSuccess(code: "AccessDenied"), when: .operation("GetBucketVersioning")))
        let error = await #expect(throws: OSSError.self) { try await service.bucket.setting(.versioning) }
        #expect(error?.serviceError?.code == "AccessDenied")
        #expect(service.count("GetBucketVersioning") == 3)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test("A setting is stored again after a lost response")
    func lostResponse() async throws {
        let service = try TestService()
        service.server.add(MockFault(.closeAfterApplying(), when: .operation("PutBucketTags")))
        try await service.bucket.set(.tags, to: ["a": "b"])
        #expect(service.count("PutBucketTags") == 2)
        #expect(service.server.unusedFaults.isEmpty)
    }

    @Test(
        "A request that would fail the second time is not retried after a lost response",
        arguments: ["PutBucketReplication", "InitiateBucketWorm", "CreateAccessPoint"])
    func notRetried(_ operation: String) async throws {
        let service = try TestService()
        let bucket = service.bucket
        service.server.add(MockFault(.closeAfterApplying(), when: .operation(operation)))
        let error = await #expect(throws: OSSError.self) { try await Self.perform(operation, bucket) }
        #expect(error?.code == .connectionLost)
        #expect(service.operations() == [operation: 1])
        #expect(service.server.unusedFaults.isEmpty)
    }

    private static func perform(_ operation: String, _ bucket: Bucket) async throws {
        switch operation {
        case "PutBucketReplication":
            var configuration = ReplicationConfiguration()
            configuration.rules = [.init(to: .init(bucket: "archive", location: "oss-cn-beijing"))]
            try await bucket.addReplicationRules(configuration)
        case "InitiateBucketWorm": _ = try await bucket.initiateWorm(days: 1)
        default: _ = try await bucket.createAccessPoint("point")
        }
    }

    @Test("A listing whose second page is missing is an error and not a complete listing")
    func missingPage() async throws {
        let page =
            "<ListBucketDataRedundancyTransition><IsTruncated>true</IsTruncated><NextContinuationToken>t"
            + "</NextContinuationToken></ListBucketDataRedundancyTransition>"
        let (bucket, _) = try Bucket.listed([.ok(page), .refusal(404, "NoSuchTask")])
        let error = await #expect(throws: OSSError.self) {
            for try await _ in bucket.listRedundancyTransitions() {}
        }
        #expect(error?.code == .notFound)
    }

    @Test("A listing that does not indicate its next page is an error, and so is one that repeats a page")
    func endlessListing() async throws {
        for (token, code) in [("", "next page"), ("again", "already read")] {
            let page =
                "<ListBucketDataRedundancyTransition><IsTruncated>true</IsTruncated><NextContinuationToken>\(token)"
                + "</NextContinuationToken></ListBucketDataRedundancyTransition>"
            let (bucket, _) = try Bucket.listed([.ok(page)])
            let error = await #expect(throws: OSSError.self) {
                for try await _ in bucket.listRedundancyTransitions() {}
            }
            #expect(error?.code == .invalidResponse && error?.message.contains(code) == true)
            #expect(error?.operation == "ListBucketDataRedundancyTransition")
        }
    }
}
