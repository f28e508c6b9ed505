import Foundation
import OSSPrimitives

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
