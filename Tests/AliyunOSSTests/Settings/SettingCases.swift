import Foundation
import OSSPrimitives
import Testing

@testable import AliyunOSS

extension SettingTests {
    /// Documents in the form in which the service returns them.
    static let cases: [Case] = [
        removable(
            .lifecycle, "BucketLifecycle",
            "<LifecycleConfiguration><Rule><ID>r</ID><Prefix>a/</Prefix><Filter><ObjectSizeGreaterThan>1"
                + "</ObjectSizeGreaterThan><Not><Prefix>a/b/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></Not>"
                + "</Filter><Status>Enabled</Status><Expiration><Days>7</Days></Expiration></Rule>"
                + "</LifecycleConfiguration>"),
        removable(
            .cors, "BucketCors",
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>"
                + "<ResponseVary>false</ResponseVary></CORSConfiguration>"),
        removable(
            .website, "BucketWebsite",
            "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument><RoutingRules>"
                + "<RoutingRule><RuleNumber>1</RuleNumber><Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition>"
                + "</RoutingRule></RoutingRules></WebsiteConfiguration>"),
        removable(
            .encryption, "BucketEncryption",
            "<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm>"
                + "<KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>"),
        removable(
            .tags, "BucketTags",
            "<Tagging><TagSet><Tag><Key>a</Key><Value>&lt;1&gt;</Value></Tag></TagSet></Tagging>"),
        permanent(
            .referer, "BucketReferer",
            "<RefererConfiguration><AllowEmptyReferer>false</AllowEmptyReferer><AllowTruncateQueryString>true"
                + "</AllowTruncateQueryString><TruncatePath>false</TruncatePath><RefererList><Referer>http://a"
                + "</Referer></RefererList></RefererConfiguration>"),
        removable(
            .logging, "BucketLogging",
            "<BucketLoggingStatus><LoggingEnabled><TargetBucket>photos</TargetBucket><TargetPrefix>l/</TargetPrefix>"
                + "</LoggingEnabled></BucketLoggingStatus>"),
        removable(
            .userDefinedLogFields, "UserDefinedLogFieldsConfig",
            "<UserDefinedLogFieldsConfiguration><HeaderSet><header>h</header></HeaderSet>"
                + "</UserDefinedLogFieldsConfiguration>"),
        permanent(
            .transferAcceleration, "BucketTransferAcceleration",
            "<TransferAccelerationConfiguration><Enabled>true</Enabled></TransferAccelerationConfiguration>"),
        permanent(
            .requestPayment, "BucketRequestPayment",
            "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>"),
        permanent(
            .accessMonitor, "BucketAccessMonitor",
            "<AccessMonitorConfiguration><Status>Enabled</Status></AccessMonitorConfiguration>"),
        permanent(
            .resourceGroup, "BucketResourceGroup",
            "<BucketResourceGroupConfiguration><ResourceGroupId>rg-1</ResourceGroupId>"
                + "</BucketResourceGroupConfiguration>"),
        permanent(
            .https, "BucketHttpsConfig",
            "<HttpsConfiguration><TLS><Enable>true</Enable><TLSVersion>TLSv1.2</TLSVersion></TLS>"
                + "</HttpsConfiguration>"),
        permanent(
            .archiveDirectRead, "BucketArchiveDirectRead",
            "<ArchiveDirectReadConfiguration><Enabled>true</Enabled></ArchiveDirectReadConfiguration>"),
        removable(
            .publicAccessBlock, "BucketPublicAccessBlock",
            "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess>"
                + "</PublicAccessBlockConfiguration>"),
        removable(
            .storageQuota, "BucketStorageQuota",
            "<QuotaConfiguration><StorageQuota>1024</StorageQuota><Mode>Strict</Mode></QuotaConfiguration>"),
        permanent(
            .objectWorm, "BucketObjectWormConfiguration",
            "<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled><Rule><DefaultRetention>"
                + "<Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectWormConfiguration>"),
        removable(
            .overwrite, "BucketOverwriteConfig",
            "<OverwriteConfiguration><Rule><ID>r</ID><Action>forbid</Action><Principals><Principal>1</Principal>"
                + "</Principals></Rule></OverwriteConfiguration>"),
    ]

    /// Documents of settings of which the mock server does not store unknown elements, or stores none.
    static let moreCases: [Case] = [
        permanent(
            .versioning, "BucketVersioning",
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"),
        permanent(
            .inventory("a"), "BucketInventory",
            "<InventoryConfiguration><Id>a</Id><IsEnabled>true</IsEnabled><Destination><OSSBucketDestination>"
                + "<Format>CSV</Format><Bucket>acs:oss:::b</Bucket><Encryption><SSE-KMS><KeyId>k</KeyId></SSE-KMS>"
                + "</Encryption></OSSBucketDestination></Destination><Schedule><Frequency>Daily</Frequency></Schedule>"
                + "<IncludedObjectVersions>All</IncludedObjectVersions><OptionalFields><Field>Size</Field>"
                + "</OptionalFields></InventoryConfiguration>"),
        permanent(.style("s"), "Style", "<Style><Content>image/resize,p_50</Content></Style>"),
        permanent(
            .accessPointPublicAccessBlock("point"), "AccessPointPublicAccessBlock",
            "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess>"
                + "</PublicAccessBlockConfiguration>"),
        permanent(
            .objectProcessAccessPointConfiguration("point"), "AccessPointConfigForObjectProcess",
            "<GetAccessPointConfigForObjectProcessResult><ObjectProcessConfiguration><AllowedFeatures><AllowedFeature>"
                + "GetObject-Range</AllowedFeature></AllowedFeatures></ObjectProcessConfiguration>"
                + "</GetAccessPointConfigForObjectProcessResult>"),
        account,
    ]

    /// The setting of the account.
    private static var account: Case {
        var account = permanent(
            .publicAccessBlock, "PublicAccessBlock",
            "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess>"
                + "</PublicAccessBlockConfiguration>")
        account.getThenPut = { bucket in
            let service = try OSSService(
                region: "cn-hangzhou", credentials: .static(accessKeyID: "id", accessKeySecret: "secret"),
                configuration: bucket.client.configuration)
            try await service.setPublicAccessBlock(try #require(try await service.publicAccessBlock()))
        }
        return account
    }

    private static func removable<Document: XMLDocument>(
        _ setting: BucketSetting<Document, RemovableSetting>, _ operation: String, _ xml: String
    ) -> Case {
        var result = permanent(setting, operation, xml)
        result.remove = { try await $0.remove(setting) }
        return result
    }

    private static func permanent<Document: XMLDocument, Access: WritableSetting>(
        _ setting: BucketSetting<Document, Access>, _ operation: String, _ xml: String
    ) -> Case {
        Case(
            operation: operation, xml: xml,
            getThenPut: { try await $0.set(setting, to: try #require(try await $0.setting(setting))) },
            storeTwice: { bucket, tree in
                try await bucket.set(setting, to: try Document(xml: tree))
                guard let document = try await bucket.setting(setting) else { throw OSSError(.notFound, "not stored") }
                try await bucket.set(setting, to: document)
                var request = OSSRequest("Get" + operation, .get)
                request.query = setting.query
                return try await bucket.invoke(request).body
            },
            isAbsent: { try await $0.setting(setting) == nil })
    }
}
