import OSSPrimitives

extension BucketDocument {
    private static let all = ["PUT", "GET", "DELETE"]

    /// All configuration documents that a bucket can have.
    static let table: [BucketDocument] = [
        BucketDocument(
            "lifecycle", "BucketLifecycle",
            "LifecycleConfiguration{Rule+{ID,Prefix,Tag*{Key!,Value},Filter{ObjectSizeGreaterThan:int,"
                + "ObjectSizeLessThan:int,Not*{Prefix,Tag{Key!,Value}}},Status!(Enabled|Disabled),"
                + "Expiration{Days:int,CreatedBeforeDate,Date,ExpiredObjectDeleteMarker:bool},"
                + "Transition*{Days:int,CreatedBeforeDate,"
                + "StorageClass!(Standard|IA|Archive|ColdArchive|DeepColdArchive),"
                + "IsAccessTime:bool,ReturnToStdWhenVisit:bool,AllowSmallFile:bool},"
                + "AbortMultipartUpload{Days:int,CreatedBeforeDate,Date},"
                + "NoncurrentVersionExpiration{NoncurrentDays!:int},"
                + "NoncurrentVersionTransition*{NoncurrentDays!:int,"
                + "StorageClass!(Standard|IA|Archive|ColdArchive|DeepColdArchive),IsAccessTime:bool,"
                + "ReturnToStdWhenVisit:bool,AllowSmallFile:bool},AtimeBase:int}}",
            verbs: all, unset: .missing(code: "NoSuchLifecycle", message: "No Row found in Lifecycle Table."),
            complete: LifecycleRules.complete),
        BucketDocument(
            "cors", "BucketCors",
            "CORSConfiguration{CORSRule+{AllowedOrigin+,AllowedMethod+(GET|PUT|POST|DELETE|HEAD),AllowedHeader*,"
                + "ExposeHeader*,MaxAgeSeconds:int},ResponseVary:bool}",
            verbs: all,
            unset: .missing(code: "NoSuchCORSConfiguration", message: "The CORS Configuration does not exist."),
            maximumLength: 16 * 1024, complete: CORSRules.complete),
        BucketDocument(
            "website", "BucketWebsite",
            "WebsiteConfiguration{IndexDocument{Suffix!,SupportSubDir:bool,Type:int},"
                + "ErrorDocument{Key!,HttpStatus:int},"
                + "RoutingRules{RoutingRule*{RuleNumber:int,Condition~,\(redirect),LuaConfig~}}}",
            verbs: all,
            unset: .missing(
                code: "NoSuchWebsiteConfiguration",
                message: "The specified bucket does not have a website configuration."),
            complete: WebsiteRules.complete),
        BucketDocument(
            "policy", "BucketPolicy", nil, verbs: all,
            unset: .missing(code: "NoSuchBucketPolicy", message: "The bucket policy does not exist."),
            maximumLength: 16 * 1024),
        BucketDocument(
            "policy", "BucketCallbackPolicy",
            "BucketCallbackPolicy{PolicyItem*{PolicyName,Callback,CallbackVar}}", variant: .comp("callback"),
            verbs: all,
            unset: .missing(
                code: "BucketCallbackPolicyNotExist", message: "The bucket callback policy does not exist.")),
        BucketDocument(
            "encryption", "BucketEncryption",
            "ServerSideEncryptionRule{ApplyServerSideEncryptionByDefault!{SSEAlgorithm!,KMSMasterKeyID,"
                + "KMSDataEncryption}}",
            verbs: all,
            unset: .missing(
                code: "NoSuchServerSideEncryptionRule",
                message: "The server side encryption configuration does not exist."),
            complete: EncryptionRule.check),
        BucketDocument(
            "tagging", "BucketTags", "Tagging{TagSet!{Tag+{Key!,Value}}}", verbs: ["PUT", "GET"],
            unset: .document("<TagSet></TagSet>"), complete: BucketTags.check),
        BucketDocument(
            "referer", "BucketReferer",
            "RefererConfiguration{AllowEmptyReferer!:bool,AllowTruncateQueryString:bool,TruncatePath:bool,"
                + "RefererList{Referer*},RefererBlacklist{Referer*}}",
            unset: .document(
                "<AllowEmptyReferer>true</AllowEmptyReferer>"
                    + "<AllowTruncateQueryString>true</AllowTruncateQueryString><TruncatePath>false</TruncatePath>"
                    + "<RefererList></RefererList>"),
            complete: { (tree, _, _) throws(ServiceError) in
                tree.set("AllowTruncateQueryString", tree.text("AllowTruncateQueryString") ?? "true", at: 1)
                tree.set("TruncatePath", tree.text("TruncatePath") ?? "false", at: 2)
                if tree["RefererList"] == nil { tree.children.insert(XMLTree(name: "RefererList"), at: 3) }
            }),
        BucketDocument(
            "logging", "BucketLogging",
            "BucketLoggingStatus{LoggingEnabled{TargetBucket!,TargetPrefix,LoggingRole}}", verbs: all,
            unset: .document(""),
            complete: { (tree, service, _) throws(ServiceError) in
                guard let target = tree.text("LoggingEnabled", "TargetBucket"), service.store.bucket(target) == nil
                else { return }
                throw ServiceError(
                    status: 400, code: "InvalidTargetBucketForLogging",
                    message: "The target bucket for logging does not exist.", ec: "0031-00000101",
                    details: [("TargetBucket", target)])
            }),
        BucketDocument(
            "userDefinedLogFieldsConfig", "UserDefinedLogFieldsConfig",
            "UserDefinedLogFieldsConfiguration{HeaderSet{header*},ParamSet{parameter*}}", verbs: all,
            unset: .missing(
                code: "NoSuchUserDefinedLogFieldsConfig",
                message: "The specified bucket does not have a user defined log fields configuration."),
            complete: { (tree, _, _) throws(ServiceError) in
                guard tree.children.allSatisfy({ $0.children.isEmpty }) else { return }
                throw .invalidArgument(
                    "At least one log field must be specified.", name: "UserDefinedLogFieldsConfiguration", value: "")
            }),
        BucketDocument(
            "inventory", "BucketInventory", inventory, variant: .item(parameter: "inventoryId"), verbs: all,
            unset: .missing(code: "NoSuchInventory", message: "The inventory configuration does not exist."),
            complete: { (tree, service, request) throws(ServiceError) in
                let id = request.query["inventoryId"] ?? ""
                guard tree.text("Id") == id, !id.isEmpty else {
                    throw .invalidArgument(
                        "The inventory ID in the URL does not match the ID in the document.", name: "inventoryId",
                        value: id)
                }
                InventoryFilter.complete(&tree)
                guard try service.bucket(request).properties.documents["inventory/\(id)"] != nil else { return }
                throw ServiceError(
                    status: 409, code: "InventoryAlreadyExist", message: "The inventory already exists.",
                    ec: "0031-00000401")
            }),
        BucketDocument(
            "transferAcceleration", "BucketTransferAcceleration",
            "TransferAccelerationConfiguration{Enabled!:bool}",
            unset: .missing(
                code: "NoSuchTransferAccelerationConfiguration",
                message: "The bucket you specified does not have transfer acceleration configuration.")),
        BucketDocument(
            "requestPayment", "BucketRequestPayment",
            "RequestPaymentConfiguration{Payer!(BucketOwner|Requester)}",
            unset: .document("<Payer>BucketOwner</Payer>")),
        BucketDocument(
            "accessmonitor", "BucketAccessMonitor", "AccessMonitorConfiguration{Status!(Enabled|Disabled)}",
            unset: .document("<Status>Disabled</Status>")),
        BucketDocument(
            "resourceGroup", "BucketResourceGroup", "BucketResourceGroupConfiguration{ResourceGroupId!}",
            unset: .document("<ResourceGroupId>\(Service.defaultResourceGroup)</ResourceGroupId>"),
            complete: { (tree, _, _) throws(ServiceError) in
                try ResourceGroup.complete(&tree)
            }),
        BucketDocument(
            "style", "Style", "Style{Content!}", variant: .item(parameter: "styleName"), verbs: all,
            unset: .missing(code: "NoSuchStyle", message: "The specified style does not exist."),
            complete: ImageStyle.complete),
        BucketDocument(
            "httpsConfig", "BucketHttpsConfig",
            "HttpsConfiguration{TLS{Enable!:bool,TLSVersion*(TLSv1.0|TLSv1.1|TLSv1.2|TLSv1.3)},"
                + "CipherSuite{Enable:bool,StrongCipherSuite:bool,CustomCipherSuite*,TLS13CustomCipherSuite*}}",
            unset: .document("<TLS><Enable>false</Enable></TLS>"),
            complete: { (tree, _, _) throws(ServiceError) in
                try TLSVersions.complete(&tree)
            }),
        BucketDocument(
            "bucketArchiveDirectRead", "BucketArchiveDirectRead", "ArchiveDirectReadConfiguration{Enabled!:bool}",
            unset: .document("<Enabled>false</Enabled>")),
        publicAccessBlock(named: "BucketPublicAccessBlock", variant: .plain),
        publicAccessBlock(
            named: "AccessPointPublicAccessBlock", variant: .item(parameter: "x-oss-access-point-name")),
        BucketDocument(
            "objectWorm", "BucketObjectWormConfiguration",
            "ObjectWormConfiguration{ObjectWormEnabled!(Enabled),Rule{DefaultRetention!{"
                + "Mode!(COMPLIANCE|GOVERNANCE),Days:int,Years:int}}}",
            unset: .missing(
                code: "NoSuchObjectWormConfiguration",
                message: "The bucket does not have an object WORM configuration."), isLikePutBucket: true),
        BucketDocument(
            "overwriteConfig", "BucketOverwriteConfig",
            "OverwriteConfiguration{Rule+{ID,Action,Prefix,Suffix,Principals{Principal*}}}", verbs: all,
            unset: .missing(
                code: "NoSuchBucketOverwriteConfig",
                message: "The bucket does not have an overwrite configuration."), isLikePutBucket: true),
        BucketDocument(
            "quota", "BucketStorageQuota", "QuotaConfiguration{StorageQuota!:int,Mode!(Strict|Warn),CurrentUsage:int}",
            verbs: all,
            unset: .missing(code: "NoSuchBucketQuota", message: "The bucket does not have a quota configuration.")),
        BucketDocument(
            "qos", "BucketStorageCapacity", "BucketUserQos{StorageCapacity!:int}",
            unset: .document("<StorageCapacity>-1</StorageCapacity>"),
            complete: { (tree, _, _) throws(ServiceError) in
                guard let capacity = tree.text("StorageCapacity").flatMap(Int.init), capacity < -1 else { return }
                throw .invalidArgument(
                    "The capacity must be -1 (no limit) or greater.", name: "StorageCapacity", value: String(capacity))
            }),
        BucketDocument(
            "qosInfo", "BucketQosInfo", QoSLimits.notation, verbs: all,
            unset: .missing(code: "NoSuchBucketQosInfo", message: "The bucket has no QoS configuration."),
            complete: { (tree, _, _) throws(ServiceError) in
                try QoSLimits.complete(&tree, below: QoSLimits.account)
            }),
        BucketDocument(
            "requesterQosInfo", "BucketRequesterQosInfo", QoSLimits.notation,
            variant: .item(parameter: "qosRequester"), verbs: ["PUT", "DELETE"], unset: .document(""),
            complete: { (tree, _, _) throws(ServiceError) in
                try QoSLimits.complete(&tree)
            }),
    ]

    /// The document that blocks public access to the entire account.
    static let accountPublicAccessBlock = publicAccessBlock(named: "PublicAccessBlock", variant: .plain)

    static func named(_ parameter: String) -> BucketDocument? {
        table.first { $0.parameter == parameter && $0.variant == .plain }
    }

    private static func publicAccessBlock(named name: String, variant: Variant) -> BucketDocument {
        BucketDocument(
            "publicAccessBlock", name, "PublicAccessBlockConfiguration{BlockPublicAccess!:bool}", variant: variant,
            verbs: all, unset: .document("<BlockPublicAccess>false</BlockPublicAccess>"))
    }

    private static let redirect =
        "Redirect{RedirectType,PassQueryString:bool,MirrorURL,MirrorURLSlave,MirrorURLProbe,MirrorPassQueryString:bool,"
        + "MirrorFollowRedirect:bool,MirrorCheckMd5:bool,MirrorHeaders{PassAll:bool,Pass*,Remove*,Set*~},"
        + "EnableReplacePrefix:bool}"

    private static let inventory =
        "InventoryConfiguration{Id!,IsEnabled!:bool,Destination!{OSSBucketDestination!{Format!(CSV|Parquet),AccountId,"
        + "RoleArn,Bucket!,Prefix,Encryption{SSE-KMS{KeyId!},SSE-OSS~}}},Schedule!{Frequency!(Daily|Weekly|Monthly)},"
        + "Filter{LastModifyBeginTimeStamp:int,LastModifyEndTimeStamp:int,LowerSizeBound:int,UpperSizeBound:int,"
        + "StorageClass,Prefix},IncludedObjectVersions!(All|Current),OptionalFields{Field*}}"
}
