import Testing

/// A bucket configuration document and its normalized form.
struct BucketDocumentCase: Sendable, CustomTestStringConvertible {
    var query: String
    var name: String
    var put: String
    /// Body returned by GET; `nil` if it equals the body put.
    var got: String?
    /// Error code, or body, of a GET before the document was put.
    var unset: String
    var hasDelete = true

    var testDescription: String { query }
}

extension BucketDocumentCase {
    static let all: [BucketDocumentCase] = [
        BucketDocumentCase(
            query: "lifecycle", name: "BucketLifecycle",
            put: "<LifecycleConfiguration><Rule><Status>Enabled</Status><Prefix>a/</Prefix><ID>r</ID><Expiration>"
                + "<Days> 7 </Days></Expiration></Rule></LifecycleConfiguration>",
            got: "<LifecycleConfiguration><Rule><ID>r</ID><Prefix>a/</Prefix><Status>Enabled</Status><Expiration>"
                + "<Days>7</Days></Expiration></Rule></LifecycleConfiguration>",
            unset: "NoSuchLifecycle"),
        BucketDocumentCase(
            query: "cors", name: "BucketCors",
            put: "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
                + "</CORSRule></CORSConfiguration>",
            got: "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
                + "</CORSRule><ResponseVary>false</ResponseVary></CORSConfiguration>",
            unset: "NoSuchCORSConfiguration"),
        BucketDocumentCase(
            query: "website", name: "BucketWebsite",
            put: "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument><RoutingRules>"
                + "<RoutingRule><RuleNumber>1</RuleNumber><Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition>"
                + "</RoutingRule></RoutingRules></WebsiteConfiguration>",
            unset: "NoSuchWebsiteConfiguration"),
        BucketDocumentCase(
            query: "encryption", name: "BucketEncryption",
            put: "<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm>"
                + "<KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>",
            unset: "NoSuchServerSideEncryptionRule"),
        BucketDocumentCase(
            query: "tagging", name: "BucketTags",
            put: "<Tagging><TagSet><Tag><Key>a</Key><Value>&lt;1&gt;</Value></Tag></TagSet></Tagging>",
            unset: "<Tagging><TagSet></TagSet></Tagging>"),
        BucketDocumentCase(
            query: "referer", name: "BucketReferer",
            put: "<RefererConfiguration><RefererList><Referer>http://a</Referer></RefererList>"
                + "<AllowEmptyReferer>FALSE</AllowEmptyReferer></RefererConfiguration>",
            got: "<RefererConfiguration><AllowEmptyReferer>false</AllowEmptyReferer>"
                + "<AllowTruncateQueryString>true</AllowTruncateQueryString><TruncatePath>false</TruncatePath>"
                + "<RefererList><Referer>http://a</Referer></RefererList></RefererConfiguration>",
            unset: "<RefererConfiguration><AllowEmptyReferer>true</AllowEmptyReferer>"
                + "<AllowTruncateQueryString>true</AllowTruncateQueryString><TruncatePath>false</TruncatePath>"
                + "<RefererList></RefererList></RefererConfiguration>",
            hasDelete: false),
        BucketDocumentCase(
            query: "logging", name: "BucketLogging",
            put: "<BucketLoggingStatus><LoggingEnabled><TargetBucket>photos</TargetBucket><TargetPrefix>l/"
                + "</TargetPrefix></LoggingEnabled></BucketLoggingStatus>",
            unset: "<BucketLoggingStatus></BucketLoggingStatus>"),
        BucketDocumentCase(
            query: "userDefinedLogFieldsConfig", name: "UserDefinedLogFieldsConfig",
            put: "<UserDefinedLogFieldsConfiguration><HeaderSet><header>h</header></HeaderSet>"
                + "</UserDefinedLogFieldsConfiguration>",
            unset: "NoSuchUserDefinedLogFieldsConfig"),
        BucketDocumentCase(
            query: "transferAcceleration", name: "BucketTransferAcceleration",
            put: "<TransferAccelerationConfiguration><Enabled>true</Enabled></TransferAccelerationConfiguration>",
            unset: "NoSuchTransferAccelerationConfiguration", hasDelete: false),
        BucketDocumentCase(
            query: "requestPayment", name: "BucketRequestPayment",
            put: "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
            unset: "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
            hasDelete: false),
        BucketDocumentCase(
            query: "accessmonitor", name: "BucketAccessMonitor",
            put: "<AccessMonitorConfiguration><Status>Enabled</Status></AccessMonitorConfiguration>",
            unset: "<AccessMonitorConfiguration><Status>Disabled</Status></AccessMonitorConfiguration>",
            hasDelete: false),
        BucketDocumentCase(
            query: "resourceGroup", name: "BucketResourceGroup",
            put: "<BucketResourceGroupConfiguration><ResourceGroupId>rg-1</ResourceGroupId>"
                + "</BucketResourceGroupConfiguration>",
            unset: "<BucketResourceGroupConfiguration><ResourceGroupId>rg-acfmxmockdefault</ResourceGroupId>"
                + "</BucketResourceGroupConfiguration>",
            hasDelete: false),
        BucketDocumentCase(
            query: "httpsConfig", name: "BucketHttpsConfig",
            put: "<HttpsConfiguration><TLS><Enable>true</Enable><TLSVersion>TLSv1.2</TLSVersion></TLS>"
                + "</HttpsConfiguration>",
            unset: "<HttpsConfiguration><TLS><Enable>false</Enable></TLS></HttpsConfiguration>", hasDelete: false),
        BucketDocumentCase(
            query: "bucketArchiveDirectRead", name: "BucketArchiveDirectRead",
            put: "<ArchiveDirectReadConfiguration><Enabled>true</Enabled></ArchiveDirectReadConfiguration>",
            unset: "<ArchiveDirectReadConfiguration><Enabled>false</Enabled></ArchiveDirectReadConfiguration>",
            hasDelete: false),
        BucketDocumentCase(
            query: "publicAccessBlock", name: "BucketPublicAccessBlock",
            put: "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess>"
                + "</PublicAccessBlockConfiguration>",
            unset: "<PublicAccessBlockConfiguration><BlockPublicAccess>false</BlockPublicAccess>"
                + "</PublicAccessBlockConfiguration>"),
        BucketDocumentCase(
            query: "objectWorm", name: "BucketObjectWormConfiguration",
            put: "<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled><Rule><DefaultRetention>"
                + "<Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectWormConfiguration>",
            unset: "NoSuchObjectWormConfiguration", hasDelete: false),
        BucketDocumentCase(
            query: "overwriteConfig", name: "BucketOverwriteConfig",
            put: "<OverwriteConfiguration><Rule><ID>r</ID><Action>forbid</Action></Rule></OverwriteConfiguration>",
            unset: "NoSuchBucketOverwriteConfig"),
        BucketDocumentCase(
            query: "quota", name: "BucketStorageQuota",
            put: "<QuotaConfiguration><Mode>Strict</Mode><StorageQuota>1024</StorageQuota></QuotaConfiguration>",
            got: "<QuotaConfiguration><StorageQuota>1024</StorageQuota><Mode>Strict</Mode></QuotaConfiguration>",
            unset: "NoSuchBucketQuota"),
        BucketDocumentCase(
            query: "inventory&inventoryId=i1", name: "BucketInventory", put: inventory("i1"),
            unset: "NoSuchInventory"),
        BucketDocumentCase(
            query: "policy&comp=callback", name: "BucketCallbackPolicy",
            put: "<BucketCallbackPolicy><PolicyItem><PolicyName>p</PolicyName><Callback>e30=</Callback></PolicyItem>"
                + "</BucketCallbackPolicy>",
            unset: "BucketCallbackPolicyNotExist"),
    ]

    static func inventory(_ id: String) -> String {
        "<InventoryConfiguration><Id>\(id)</Id><IsEnabled>true</IsEnabled><Destination><OSSBucketDestination><Format>CSV"
            + "</Format><Bucket>acs:oss:::b</Bucket></OSSBucketDestination></Destination><Schedule><Frequency>Daily"
            + "</Frequency></Schedule><IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>"
    }
}
