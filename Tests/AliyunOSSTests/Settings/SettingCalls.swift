import Testing

@testable import AliyunOSS

extension SettingRequestTests {
    /// Calls that read, replace and delete a setting.
    private static func calls<Document>(
        _ name: String, _ setting: BucketSetting<Document, RemovableSetting>, _ document: Document
    ) -> [Call] {
        [
            Call("Put" + name) { bucket, _ in try await bucket.set(setting, to: document) },
            get(name, setting),
            Call("Delete" + name) { bucket, _ in try await bucket.remove(setting) },
        ]
    }

    /// Calls that read and replace a setting.
    private static func calls<Document>(
        _ name: String, _ setting: BucketSetting<Document, PermanentSetting>, _ document: Document
    ) -> [Call] {
        [Call("Put" + name) { bucket, _ in try await bucket.set(setting, to: document) }, get(name, setting)]
    }

    /// Calls that read and delete a setting.
    private static func calls<Document>(
        _ name: String, _ setting: BucketSetting<Document, CreatedSetting>
    ) -> [Call] {
        [get(name, setting), Call("Delete" + name) { bucket, _ in try await bucket.remove(setting) }]
    }

    private static func get<Document, Access>(
        _ name: String, _ setting: BucketSetting<Document, Access>
    ) -> Call {
        Call("Get" + name) { bucket, _ in
            let document = try await bucket.setting(setting)
            #expect(document != nil)
        }
    }

    static let calls: [Call] = settings.flatMap { $0 } + actions + accountActions

    private static var settings: [[Call]] {
        let rule = LifecycleConfiguration.Rule(id: "r", prefix: "p")
        let cors = CORSConfiguration.Rule(allowedOrigins: ["*"], allowedMethods: ["GET"])
        let destination = InventoryConfiguration.Destination(bucket: "b", accountID: "1", roleARN: "r")
        var worm = ObjectWormConfiguration()
        worm.defaultRetention = .init(.compliance, days: 1)
        let first: [[Call]] = [
            calls("BucketLifecycle", .lifecycle, LifecycleConfiguration(rules: [rule])),
            calls("BucketCors", .cors, CORSConfiguration(rules: [cors])),
            calls("BucketAcl", .accessControl, AccessControlPolicy(.private)),
            calls("BucketVersioning", .versioning, VersioningConfiguration(.enabled)),
            calls("BucketEncryption", .encryption, ServerSideEncryptionRule(.kms, masterKeyID: "k")),
            calls("BucketTags", .tags, ["a": "b"]),
            calls("BucketRequestPayment", .requestPayment, RequestPaymentConfiguration(.requester)),
            calls("BucketTransferAcceleration", .transferAcceleration, .init(isEnabled: true)),
            calls("BucketAccessMonitor", .accessMonitor, AccessMonitorConfiguration(.enabled)),
            calls("BucketArchiveDirectRead", .archiveDirectRead, .init(isEnabled: true)),
            calls("BucketResourceGroup", .resourceGroup, BucketResourceGroupConfiguration("rg-1")),
            calls("BucketStorageQuota", .storageQuota, QuotaConfiguration(storageQuota: 1, mode: .strict)),
            calls("BucketReferer", .referer, RefererConfiguration()),
            calls("BucketHttpsConfig", .https, HTTPSConfiguration(versions: ["TLSv1.2"])),
        ]
        let second: [[Call]] = [
            calls("BucketPublicAccessBlock", .publicAccessBlock, PublicAccessBlockConfiguration()),
            calls("BucketPolicy", .policy, #"{"Version":"1","Statement":[]}"#),
            calls("BucketLogging", .logging, LoggingConfiguration(bucket: "logs", prefix: "p")),
            calls("UserDefinedLogFieldsConfig", .userDefinedLogFields, .init(headers: ["h"])),
            calls("BucketWebsite", .website, WebsiteConfiguration(index: "i", error: "e")),
            calls("BucketInventory", .inventory("report"), .init(id: "report", destination: destination)),
            calls("BucketObjectWormConfiguration", .objectWorm, worm),
            calls("BucketOverwriteConfig", .overwrite, OverwriteConfiguration(rules: [.init()])),
            calls("Style", .style("small"), ImageStyle("image/resize,p_50")),
            calls("AccessPoint", .accessPoint("point")),
            calls("AccessPointPolicy", .accessPointPolicy("point"), "{}"),
            calls("AccessPointPublicAccessBlock", .accessPointPublicAccessBlock("point"), .init()),
            calls("AccessPointForObjectProcess", .objectProcessAccessPoint("point")),
            calls("AccessPointConfigForObjectProcess", .objectProcessAccessPointConfiguration("point"), .init()),
            calls("AccessPointPolicyForObjectProcess", .objectProcessAccessPointPolicy("point"), "{}"),
            calls("BucketMetadataConfiguration", .metadataTables),
        ]
        return first + second + [
            [
                get("BucketPolicyStatus", .policyStatus), get("BucketWorm", .worm),
                get("BucketReplication", .replication),
                get("BucketReplicationLocation", .replicationLocations),
                get("BucketReplicationProgress", .replicationProgress("rule")),
                get("MetaQueryStatus", .metaQueryStatus),
            ]
        ]
    }

    private static var actions: [Call] {
        let rule = ReplicationConfiguration.Rule(to: .init(bucket: "copies", location: "oss-cn-beijing"))
        var rules = ReplicationConfiguration()
        rules.rules = [rule]
        let replication = rules
        let process = ObjectProcessConfiguration()
        return [
            Call("InitiateBucketWorm") { bucket, _ in
                let id = try await bucket.initiateWorm(days: 1)
                #expect(id == "worm")
            },
            Call("CompleteBucketWorm") { bucket, _ in try await bucket.completeWorm("worm") },
            Call("ExtendBucketWorm") { bucket, _ in try await bucket.extendWorm("worm", days: 2) },
            Call("AbortBucketWorm") { bucket, _ in try await bucket.abortWorm() },
            Call("PutBucketReplication") { bucket, _ in
                let id = try await bucket.addReplicationRules(replication)
                #expect(id == "rule")
            },
            Call("DeleteBucketReplication") { bucket, _ in try await bucket.deleteReplicationRules(["rule"]) },
            Call("PutBucketRtc") { bucket, _ in
                try await bucket.setReplicationTimeControl(.enabled, ofRule: "rule")
            },
            Call("PutCname") { bucket, _ in try await bucket.bindDomain(DomainBinding("a.example.com")) },
            Call("DeleteCname") { bucket, _ in try await bucket.unbindDomain("a.example.com") },
            Call("ListCname") { bucket, _ in
                let domains = try await bucket.domains()
                #expect(domains.count == 2)
            },
            Call("CreateCnameToken") { bucket, _ in _ = try await bucket.createDomainToken("a.example.com") },
            Call("GetCnameToken") { bucket, _ in _ = try await bucket.domainToken("a.example.com") },
            Call("ListStyle") { bucket, _ in
                let styles = try await bucket.styles()
                #expect(styles.count == 2)
            },
            Call("ListBucketInventory") { bucket, _ in try await expectTwo(bucket.listInventories()) },
            Call("CreateBucketDataRedundancyTransition") { bucket, _ in
                let id = try await bucket.createRedundancyTransition()
                #expect(id == "task")
            },
            Call("GetBucketDataRedundancyTransition") { bucket, _ in
                _ = try await bucket.redundancyTransition("task")
            },
            Call("DeleteBucketDataRedundancyTransition") { bucket, _ in
                try await bucket.deleteRedundancyTransition("task")
            },
            Call("ListBucketDataRedundancyTransition") { bucket, _ in
                try await expectTwo(bucket.listRedundancyTransitions())
            },
            Call("CreateAccessPoint") { bucket, _ in _ = try await bucket.createAccessPoint("point", vpcID: "vpc-1") },
            Call("ListAccessPoints") { bucket, _ in try await expectTwo(bucket.listAccessPoints()) },
            Call("CreateAccessPointForObjectProcess") { bucket, _ in
                _ = try await bucket.createObjectProcessAccessPoint("process", of: "point", process: process)
            },
            Call("CreateBucketMetadataConfiguration") { bucket, _ in try await bucket.createMetadataTables(.init()) },
            Call("UpdateBucketMetadataInventoryTableConfiguration") { bucket, _ in
                try await bucket.updateMetadataInventoryTable(.init())
            },
            Call("UpdateBucketMetadataJournalTableConfiguration") { bucket, _ in
                try await bucket.updateMetadataJournalTable(.init())
            },
            Call("OpenMetaQuery") { bucket, _ in try await bucket.openMetaQuery(mode: .basic) },
            Call("CloseMetaQuery") { bucket, _ in try await bucket.closeMetaQuery() },
            Call("DoMetaQuery") { bucket, _ in
                try await expectTwo(bucket.queryObjects(MetaQuery("{}"), mode: .basic))
            },
            Call("DoMetaQueryAction") { bucket, _ in
                _ = try await bucket.performMetaQueryAction("createDataset", body: [1])
            },
        ]
    }

    private static var accountActions: [Call] {
        [
            Call("GetPublicAccessBlock") { _, service in
                let configuration = try await service.publicAccessBlock()
                #expect(configuration?.isBlocked == true)
            },
            Call("PutPublicAccessBlock") { _, service in try await service.setPublicAccessBlock(.init()) },
            Call("DeletePublicAccessBlock") { _, service in try await service.removePublicAccessBlock() },
            Call("WriteGetObjectResponse") { _, service in
                let route = ObjectProcessRoute(
                    host: "point-1.oss-cn-hangzhou.oss-object-process.aliyuncs.com", token: "token")
                try await service.writeGetObjectResponse(
                    "content", to: route, headers: ["ETag": "\"1\"", "Content-Type": "text/plain"])
            },
            Call("ListCloudBoxes") { _, service in try await expectTwo(service.listCloudBoxes()) },
            Call("ListUserDataRedundancyTransition") { _, service in
                try await expectTwo(service.listRedundancyTransitions())
            },
            Call("ListAccessPointsForObjectProcess") { _, service in
                try await expectTwo(service.listObjectProcessAccessPoints())
            },
            Call("DoDataPipeLineAction") { _, service in
                _ = try await service.performDataPipelineAction("getDataPipelineConfiguration", body: [1])
            },
        ]
    }

    private static func expectTwo<Element, Page>(_ listing: PagedSequence<Element, Page>) async throws {
        var count = 0
        for try await _ in listing { count += 1 }
        #expect(count == 2)
    }
}
