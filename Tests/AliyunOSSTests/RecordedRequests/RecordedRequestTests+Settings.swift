import Foundation
import TestKit
import Testing

@testable import AliyunOSS

/// The calls of this library that correspond to the scenes of `Tests/Interop/recorded_settings.py`.
extension RecordedRequestTests {
    static let settingScenes: [Scene] = [
        Scene("storage") { stage in
            let bucket = stage.bucket
            try await storeReadAndRemove(.lifecycle, lifecycle, in: bucket)
            var last = LifecycleConfiguration.Rule(id: "r", prefix: "")
            last.expiration = .init(days: 1)
            try await bucket.set(.overlappingLifecycle, to: LifecycleConfiguration(rules: [last]))
            var encryption = ServerSideEncryptionRule(.kms, masterKeyID: "k")
            encryption.dataEncryption = .sm4
            try await storeReadAndRemove(.encryption, encryption, in: bucket)
            try await storeReadAndRemove(.tags, ["a": "ü", "b": "c"], in: bucket)
            try await storeAndRead(.requestPayment, RequestPaymentConfiguration(.requester), in: bucket)
            try await bucket.set(.requestPayment, to: RequestPaymentConfiguration(.bucketOwner))
            try await storeAndRead(.transferAcceleration, .init(isEnabled: true), in: bucket)
            try await storeAndRead(.accessMonitor, AccessMonitorConfiguration(.enabled), in: bucket)
            try await storeAndRead(.archiveDirectRead, .init(isEnabled: true), in: bucket)
            try await storeAndRead(.resourceGroup, BucketResourceGroupConfiguration("rg-1"), in: bucket)
            try await storeReadAndRemove(.storageQuota, .init(storageQuota: 1024, mode: .strict), in: bucket)
            var rule = OverwriteConfiguration.Rule()
            (rule.id, rule.prefix, rule.suffix, rule.principals) = ("r", "a", "z", ["1", "2"])
            try await storeReadAndRemove(.overwrite, OverwriteConfiguration(rules: [rule]), in: bucket)
        },
        Scene("access") { stage in
            let bucket = stage.bucket
            try await storeAndRead(.policy, policy, in: bucket)
            _ = try await bucket.setting(.policyStatus)
            try await bucket.remove(.policy)
            var referer = RefererConfiguration()
            (referer.allowsEmptyReferer, referer.ignoresQuery, referer.ignoresPath) = (false, true, true)
            (referer.allowed, referer.refused) = (["https://a", "https://*.b"], ["https://c"])
            try await storeAndRead(.referer, referer, in: bucket)
            var https = HTTPSConfiguration(versions: ["TLSv1.2", "TLSv1.3"])
            (https.limitsCipherSuites, https.requiresStrongCipherSuites) = (true, false)
            https.cipherSuites = ["ECDHE-ECDSA-AES128-SHA256"]
            https.cipherSuitesOfTLS13 = ["TLS_AES_128_GCM_SHA256"]
            try await storeAndRead(.https, https, in: bucket)
            try await storeReadAndRemove(.publicAccessBlock, .init(isBlocked: true), in: bucket)
            _ = try await bucket.createAccessPoint("point", vpcID: "vpc-1")
            _ = try await bucket.setting(.accessPoint("point"))
            for try await _ in bucket.listAccessPoints() {}
            try await storeReadAndRemove(.accessPointPolicy("point"), policy, in: bucket)
            try await storeReadAndRemove(.accessPointPublicAccessBlock("point"), .init(isBlocked: true), in: bucket)
            try await bucket.remove(.accessPoint("point"))
        },
        Scene("logs_and_websites") { stage in
            var logging = LoggingConfiguration(bucket: "archive", prefix: "l/")
            logging.destination?.role = "role"
            try await storeReadAndRemove(.logging, logging, in: stage.bucket)
            try await storeReadAndRemove(
                .userDefinedLogFields, .init(headers: ["h1", "h2"], parameters: ["p"]), in: stage.bucket)
            try await storeReadAndRemove(.website, website, in: stage.bucket)
        },
        Scene("inventories") { stage in
            try await storeAndRead(.inventory("report"), inventory, in: stage.bucket)
            for try await _ in stage.bucket.listInventories() {}
            try await stage.bucket.remove(.inventory("report"))
        },
        Scene("styles") { stage in
            try await storeAndRead(
                .style("small", category: "image"), ImageStyle("image/resize,p_50"), in: stage.bucket)
            _ = try await stage.bucket.styles()
            try await stage.bucket.remove(.style("small"))
        },
        Scene("domains") { stage in
            let bucket = stage.bucket
            _ = try await bucket.createDomainToken("a.example.com")
            _ = try await bucket.domainToken("a.example.com")
            var binding = DomainBinding("a.example.com")
            var certificate = DomainBinding.Certificate()
            (certificate.id, certificate.previousID) = ("493****-cn-hangzhou", "493****-cn-beijing")
            (certificate.certificate, certificate.privateKey) = ("CERTIFICATE", "KEY")
            (certificate.replacesUnconditionally, certificate.deletesCertificate) = (true, false)
            binding.certificate = certificate
            try await bucket.bindDomain(binding)
            _ = try await bucket.domains()
            try await bucket.unbindDomain("a.example.com")
        },
        Scene("replication") { stage in
            let bucket = stage.bucket
            var rule = ReplicationConfiguration.Rule(
                to: .init(bucket: "archive", location: "oss-cn-beijing", transferType: .accelerated))
            (rule.historicalObjects, rule.timeControl, rule.action) = (.disabled, .disabled, .all)
            (rule.role, rule.replicaKMSKeyID, rule.kmsEncryptedObjects) = ("role", "k", .enabled)
            rule.prefixes = ["a/", "b/"]
            var configuration = ReplicationConfiguration()
            configuration.rules = [rule]
            let id = try await bucket.addReplicationRules(configuration)
            stage.name(id, "rule")
            _ = try await bucket.setting(.replication)
            _ = try await bucket.setting(.replicationLocations)
            _ = try await bucket.setting(.replicationProgress(id))
            try await bucket.setReplicationTimeControl(.enabled, ofRule: id)
            try await bucket.deleteReplicationRules([id])
        },
        Scene("transitions") { stage in
            let task = try await stage.bucket.createRedundancyTransition(to: "ZRS")
            stage.name(task, "task")
            _ = try await stage.bucket.redundancyTransition(task)
            for try await _ in stage.bucket.listRedundancyTransitions() {}
            try await stage.bucket.deleteRedundancyTransition(task)
        },
        Scene("bucket_retention") { stage in
            let bucket = stage.bucket
            _ = try await bucket.initiateWorm(days: 3)
            _ = try await bucket.setting(.worm)
            try await bucket.abortWorm()
            let id = try await bucket.initiateWorm(days: 3)
            stage.name(id, "worm")
            try await bucket.completeWorm(id)
            try await bucket.extendWorm(id, days: 4)
        },
        Scene("metadata_tables") { stage in
            stage.answer("CreateBucketMetadataConfiguration")
            stage.answer("UpdateBucketMetadataInventoryTableConfiguration")
            stage.answer("UpdateBucketMetadataJournalTableConfiguration")
            stage.answer("DeleteBucketMetadataConfiguration", status: 204)
            stage.answer("GetBucketMetadataConfiguration", Data("<GetBucketMetadataConfigurationResult/>".utf8))
            let bucket = stage.bucket
            var encryption = MetadataConfiguration.Encryption()
            (encryption.algorithm, encryption.kmsKeyARN) = ("KMS", "k")
            var journal = MetadataConfiguration.JournalTable()
            journal.expiration = .init()
            journal.expiration?.days = 7
            journal.encryption = encryption
            var inventory = MetadataConfiguration.InventoryTable()
            inventory.encryption = encryption
            var configuration = MetadataConfiguration()
            (configuration.journal, configuration.inventory) = (journal, inventory)
            try await bucket.createMetadataTables(configuration)
            _ = try await bucket.setting(.metadataTables)
            try await bucket.updateMetadataInventoryTable(inventory)
            try await bucket.updateMetadataJournalTable(journal)
            try await bucket.remove(.metadataTables)
        },
        Scene("meta_queries") { stage in
            let bucket = stage.bucket
            try await bucket.openMetaQuery(mode: .semantic)
            _ = try await bucket.setting(.metaQueryStatus)
            var query = MetaQuery(#"{"Field":"Size"}"#)
            (query.pageSize, query.sort, query.order, query.simpleQuery) = (5, "Size", "asc", "s")
            query.aggregations = [.init("sum", of: "Size")]
            query.mediaTypes = ["image"]
            for try await _ in bucket.queryObjects(query, mode: .semantic) {}
            try await bucket.closeMetaQuery()
        },
        Scene("actions") { stage in
            stage.answer("CreateDataset", Data("<CreateDatasetResponse/>".utf8))
            _ = try await stage.bucket.performMetaQueryAction("createDataset", body: Array("<A/>".utf8))
            stage.answer("GetDataPipelineConfiguration", Data("<DataPipelineConfiguration/>".utf8))
            _ = try await stage.account.performDataPipelineAction(
                "getDataPipelineConfiguration", body: Array("<A/>".utf8))
        },
    ]

    /// Calls for operations that no Python client has.
    static let ownScenes: [Scene] = [
        Scene("object_process_access_points") { stage in
            let bucket = stage.bucket
            stage.answer(
                "CreateAccessPointForObjectProcess", Data("<CreateAccessPointForObjectProcessResult/>".utf8))
            stage.answer(
                "GetAccessPointForObjectProcess",
                Data(
                    ("<GetAccessPointForObjectProcessResult><AccessPointNameForObjectProcess>words"
                        + "</AccessPointNameForObjectProcess></GetAccessPointForObjectProcessResult>").utf8))
            stage.answer(
                "ListAccessPointsForObjectProcess", Data("<ListAccessPointsForObjectProcessResult/>".utf8))
            stage.answer(
                "GetAccessPointConfigForObjectProcess",
                Data(
                    ("<GetAccessPointConfigForObjectProcessResult><ObjectProcessConfiguration/>"
                        + "</GetAccessPointConfigForObjectProcessResult>").utf8))
            stage.answer("GetAccessPointPolicyForObjectProcess", Data(policy.utf8))
            stage.answer("PutAccessPointConfigForObjectProcess")
            stage.answer("PutAccessPointPolicyForObjectProcess")
            stage.answer("DeleteAccessPointPolicyForObjectProcess", status: 204)
            stage.answer("DeleteAccessPointForObjectProcess", status: 204)
            _ = try await bucket.createObjectProcessAccessPoint("words", of: "point", process: .init())
            _ = try await bucket.setting(.objectProcessAccessPoint("words"))
            for try await _ in stage.account.listObjectProcessAccessPoints() {}
            try await storeAndRead(.objectProcessAccessPointConfiguration("words"), .init(), in: bucket)
            try await storeReadAndRemove(.objectProcessAccessPointPolicy("words"), policy, in: bucket)
            try await bucket.remove(.objectProcessAccessPoint("words"))
        }
    ]

    private static func storeAndRead<Document, Access: WritableSetting>(
        _ setting: BucketSetting<Document, Access>, _ document: Document, in bucket: Bucket
    ) async throws {
        try await bucket.set(setting, to: document)
        let stored = try await bucket.setting(setting)
        #expect(stored != nil)
    }

    private static func storeReadAndRemove<Document>(
        _ setting: BucketSetting<Document, RemovableSetting>, _ document: Document, in bucket: Bucket
    ) async throws {
        try await storeAndRead(setting, document, in: bucket)
        try await bucket.remove(setting)
    }

    private static let policy =
        #"{"Version":"1","Statement":[{"Effect":"Allow","Action":["oss:GetObject"],"Principal":["1"],"#
        + #""Resource":["acs:oss:*:1:photos/*"]}]}"#
}
