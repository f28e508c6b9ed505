import Foundation

@testable import AliyunOSS

extension SettingRefusalTests.Case {
    /// A lifecycle configuration with a changed rule.
    static func rule(
        _ path: String, _ change: @escaping @Sendable (inout LifecycleConfiguration.Rule) -> Void
    ) -> Self {
        Self("LifecycleConfiguration/Rule[2]" + path) { bucket in
            var rule = LifecycleConfiguration.Rule(id: "b", prefix: "b/")
            change(&rule)
            try await bucket.set(.lifecycle, to: .init(rules: [.init(id: "a", prefix: "a/"), rule]))
        }
    }

    /// A CORS configuration with a changed rule.
    static func cors(
        _ element: String, _ change: @escaping @Sendable (inout CORSConfiguration.Rule) -> Void
    ) -> Self {
        Self("CORSConfiguration/CORSRule[1]/" + element) { bucket in
            var rule = CORSConfiguration.Rule(allowedOrigins: ["*"], allowedMethods: ["GET"])
            change(&rule)
            try await bucket.set(.cors, to: .init(rules: [rule]))
        }
    }

    /// A changed website.
    static func website(
        _ path: String, _ change: @escaping @Sendable (inout WebsiteConfiguration) -> Void
    ) -> Self {
        Self("WebsiteConfiguration/" + path) { bucket in
            var website = WebsiteConfiguration(index: "i", error: "e")
            website.routingRules = [.init()]
            website.routingRules[0].condition = .init()
            website.routingRules[0].redirect = .init()
            change(&website)
            try await bucket.set(.website, to: website)
        }
    }

    /// A changed inventory.
    static func inventory(
        _ path: String, _ change: @escaping @Sendable (inout InventoryConfiguration) -> Void
    ) -> Self {
        Self("InventoryConfiguration/" + path) { bucket in
            var inventory = InventoryConfiguration(
                id: "a", destination: .init(bucket: "b", accountID: "1", roleARN: "r"))
            inventory.filter = .init()
            change(&inventory)
            try await bucket.set(.inventory("a"), to: inventory)
        }
    }

    /// A changed retention of single objects.
    static func worm(
        _ path: String, _ change: @escaping @Sendable (inout ObjectWormConfiguration) -> Void
    ) -> Self {
        Self("ObjectWormConfiguration/" + path) { bucket in
            var configuration = ObjectWormConfiguration()
            change(&configuration)
            try await bucket.set(.objectWorm, to: configuration)
        }
    }

    /// A list of tags.
    static func tags(_ path: String, _ tags: [ResourceTag]) -> Self {
        Self(path) { try await $0.set(.tags, to: Tagging(tags)) }
    }
}

extension SettingRefusalTests {
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
        .rule("/NoncurrentVersionTransition[1]/NoncurrentDays") {
            $0.noncurrentVersionTransitions = [.init(days: 0, to: .archive)]
        },
        .rule("/NoncurrentVersionTransition[1]/ReturnToStdWhenVisit") {
            $0.noncurrentVersionTransitions = [.init(days: 1, to: .infrequentAccess)]
            $0.noncurrentVersionTransitions[0].returnsToStandardWhenVisited = true
        },
        .rule("/Transition[1]") { $0.transitions = [.init()] },
        .rule("/Transition[1]/ReturnToStdWhenVisit") {
            $0.transitions = [.init(days: 1, to: .infrequentAccess)]
            $0.transitions[0].returnsToStandardWhenVisited = true
        },
        .rule("/Filter/ObjectSizeGreaterThan") { $0.filter = .init(sizes: -1) },
        .rule("/Filter/ObjectSizeLessThan") { $0.filter = .init(sizes: 5, 5) },
        .rule("/Filter/ObjectSizeLessThan") { $0.filter = .init(sizes: nil, 0) },
        .rule("/Filter") {
            $0.filter = .init(sizes: 5)
            $0.transitions = [.init(days: 1, to: .infrequentAccess)]
            $0.transitions[0].allowsSmallFiles = true
        },
        .rule("/ID") { $0.id = String(repeating: "i", count: 256) },
        Case("LifecycleConfiguration/Rule") {
            try await $0.set(.lifecycle, to: .init(rules: (0..<1001).map { .init(id: "\($0)") }))
        },
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
        Case("CORSConfiguration/CORSRule") {
            let rule = CORSConfiguration.Rule(allowedOrigins: ["*"], allowedMethods: ["GET"])
            try await $0.set(.cors, to: .init(rules: Array(repeating: rule, count: 21)))
        },
        .cors("AllowedMethod") { $0.allowedMethods = ["get"] },
        .cors("AllowedOrigin") { $0.allowedOrigins = [] },
        .cors("AllowedHeader") { $0.allowedHeaders = ["*-*"] },
        .cors("ExposeHeader") { $0.exposedHeaders = ["*"] },
        .cors("MaxAgeSeconds") { $0.maximumAgeSeconds = -1 },
        .cors("MaxAgeSeconds") { $0.maximumAgeSeconds = 1_000_000_000 },
        Case("AccessControlPolicy/AccessControlList/Grant") {
            try await $0.set(.accessControl, to: AccessControlPolicy(.default))
        },
        Case("ServerSideEncryptionRule/ApplyServerSideEncryptionByDefault/KMSDataEncryption") {
            var rule = ServerSideEncryptionRule(.aes256)
            rule.dataEncryption = .sm4
            try await $0.set(.encryption, to: rule)
        },
        Case("UserDefinedLogFieldsConfiguration/HeaderSet/header") {
            try await $0.set(.userDefinedLogFields, to: .init(headers: ["a", ""]))
        },
        Case("UserDefinedLogFieldsConfiguration/ParamSet/parameter") {
            try await $0.set(.userDefinedLogFields, to: .init(headers: [], parameters: [""]))
        },
        Case("BucketLoggingStatus/LoggingEnabled/TargetBucket") {
            try await $0.set(.logging, to: .init(bucket: "No Bucket", prefix: ""))
        },
        Case("UserDefinedLogFieldsConfiguration") { try await $0.set(.userDefinedLogFields, to: .init()) },
        Case("HttpsConfiguration/TLS/TLSVersion") { try await $0.set(.https, to: .init(versions: [])) },
        Case("WebsiteConfiguration") { try await $0.set(.website, to: .init()) },
        .website("IndexDocument/Suffix") { $0.index = .init() },
        .website("IndexDocument/Type") { $0.index?.type = 3 },
        .website("ErrorDocument/Key") { $0.error = .init() },
        .website("ErrorDocument/HttpStatus") { $0.error?.status = 302 },
        .website("RoutingRules/RoutingRule") { $0.routingRules = Array(repeating: .init(), count: 21) },
        .website("RoutingRules/RoutingRule[1]/RuleNumber") { $0.routingRules[0].number = 0 },
        .website("RoutingRules/RoutingRule[1]/Condition/IncludeHeader[1]/Key") {
            $0.routingRules[0].condition?.headers = [.init()]
        },
        .website("RoutingRules/RoutingRule[1]/Redirect/HttpRedirectCode") {
            $0.routingRules[0].redirect?.status = 400
        },
        .website("RoutingRules/RoutingRule[1]/Redirect/Protocol") { $0.routingRules[0].redirect?.scheme = "ftp" },
        Case("InventoryConfiguration/Id") { bucket in
            let destination = InventoryConfiguration.Destination(bucket: "b", accountID: "1", roleARN: "r")
            try await bucket.set(.inventory("a"), to: .init(id: "b", destination: destination))
        },
        Case("InventoryConfiguration/Destination/OSSBucketDestination/Bucket") {
            try await $0.set(.inventory("a"), to: .init(id: "a", destination: .init()))
        },
        .inventory("Destination/OSSBucketDestination/Encryption") {
            ($0.destination.ossEncryption, $0.destination.kmsKeyID) = (.init(), "k")
        },
        .inventory("Schedule/DayOfMonth") { $0.schedule.dayOfMonth = 32 },
        .inventory("Filter/LowerSizeBound") { $0.filter?.minimumSize = -1 },
        .inventory("Filter/UpperSizeBound") {
            $0.filter?.minimumSize = 6
            $0.filter?.maximumSize = 5
        },
        .inventory("Filter/LastModifyEndTimeStamp") {
            $0.filter?.modifiedAfter = Date(timeIntervalSince1970: 1_700_000_000)
            $0.filter?.modifiedBefore = Date(timeIntervalSince1970: 1_600_000_000)
        },
        .inventory("IncrementalInventory/Schedule/Frequency") {
            $0.incremental = .init()
            $0.incremental?.interval = 0
        },
        Case("ReplicationConfiguration/Rule") { try await $0.addReplicationRules(.init()) },
        Case("ReplicationConfiguration/Rule[1]/PrefixSet/Prefix") { bucket in
            var configuration = ReplicationConfiguration()
            configuration.rules = [.init(to: .init(bucket: "copies", location: "oss-cn-beijing"))]
            configuration.rules[0].prefixes = (0..<11).map { "\($0)/" }
            try await bucket.addReplicationRules(configuration)
        },
        Case("ReplicationConfiguration/Rule[1]/Destination/Location") { bucket in
            var configuration = ReplicationConfiguration()
            configuration.rules = [.init(to: .init(bucket: "copies", location: ""))]
            try await bucket.addReplicationRules(configuration)
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
        .worm("ObjectWormEnabled") { $0.status = .disabled },
        .worm("Rule/DefaultRetention/Days") { $0.defaultRetention = .init(.compliance, days: 36_501) },
        .worm("Rule/DefaultRetention/Years") {
            $0.defaultRetention = .init()
            $0.defaultRetention?.years = 101
        },
        Case("ExtendWormConfiguration/RetentionPeriodInDays") { try await $0.extendWorm("id", days: 25_551) },
        Case("InitiateWormConfiguration/RetentionPeriodInDays") { _ = try await $0.initiateWorm(days: 0) },
        Case("QuotaConfiguration/StorageQuota") {
            try await $0.set(.storageQuota, to: .init(storageQuota: -1, mode: .strict))
        },
        Case("QuotaConfiguration/StorageQuota") { try await $0.set(.storageQuota, to: .init()) },
        Case("OverwriteConfiguration/Rule") { try await $0.set(.overwrite, to: .init()) },
        Case("Style/Content") { try await $0.set(.style("s"), to: ImageStyle("")) },
        Case("Style/Name") { try await $0.set(.style("a/b"), to: ImageStyle("image/resize,p_50")) },
        Case("Style/Name") { bucket in
            let name = String(repeating: "n", count: 64)
            try await bucket.set(.style(name), to: ImageStyle("image/resize,p_50"))
        },
        Case("BucketPolicy") { try await $0.set(.policy, to: "<html>") },
        Case("BucketPolicy") { bucket in
            let text = String(repeating: "a", count: 16 << 10)
            try await bucket.set(.policy, to: #"{"Version":"\#(text)"}"#)
        },
        Case("CreateAccessPointConfiguration/AccessPointName") { _ = try await $0.createAccessPoint("ab") },
        Case("CreateAccessPointConfiguration/AccessPointName") { _ = try await $0.createAccessPoint("Point") },
        Case("AccessPointNameForObjectProcess") {
            _ = try await $0.createObjectProcessAccessPoint("a_b", of: "point", process: .init())
        },
        Case("MetaQuery/MaxResults") { bucket in
            var query = MetaQuery("{}")
            query.pageSize = 101
            for try await _ in bucket.queryObjects(query) {}
        },
        Case("MetaQuery/Order") { bucket in
            var query = MetaQuery("{}")
            query.order = "up"
            for try await _ in bucket.queryObjects(query) {}
        },
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
}

extension LifecycleConfiguration.Filter {
    /// Creates a filter by size.
    fileprivate init(sizes minimum: Int64?, _ maximum: Int64? = nil) {
        self.init()
        (sizeGreaterThan, sizeLessThan) = (minimum, maximum)
    }
}
