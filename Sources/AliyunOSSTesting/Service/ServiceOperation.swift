/// An operation that a request asks the service to perform. The raw value is the operation's name in faults and in the
/// log.
enum ServiceOperation: String {
    case listBuckets = "ListBuckets"
    case putBucket = "PutBucket"
    case deleteBucket = "DeleteBucket"
    case getBucketInfo = "GetBucketInfo"
    case getBucketLocation = "GetBucketLocation"
    case getBucketACL = "GetBucketAcl"
    case putBucketACL = "PutBucketAcl"
    case listObjects = "ListObjects"
    case listObjectsV2 = "ListObjectsV2"
    case deleteMultipleObjects = "DeleteMultipleObjects"
    case putObject = "PutObject"
    case getObject = "GetObject"
    case headObject = "HeadObject"
    case getObjectMeta = "GetObjectMeta"
    case copyObject = "CopyObject"
    case deleteObject = "DeleteObject"
    case getObjectACL = "GetObjectAcl"
    case putObjectACL = "PutObjectAcl"
    case putBucketVersioning = "PutBucketVersioning"
    case getBucketVersioning = "GetBucketVersioning"
    case listObjectVersions = "ListObjectVersions"
    case listLiveChannels = "ListLiveChannel"
    case putObjectTagging = "PutObjectTagging"
    case getObjectTagging = "GetObjectTagging"
    case deleteObjectTagging = "DeleteObjectTagging"
    case putSymlink = "PutSymlink"
    case getSymlink = "GetSymlink"
    case restoreObject = "RestoreObject"
    case cleanRestoredObject = "CleanRestoredObject"
    case putObjectRetention = "PutObjectRetention"
    case getObjectRetention = "GetObjectRetention"
    case putObjectLegalHold = "PutObjectLegalHold"
    case getObjectLegalHold = "GetObjectLegalHold"
    case initiateMultipartUpload = "InitiateMultipartUpload"
    case uploadPart = "UploadPart"
    case uploadPartCopy = "UploadPartCopy"
    case completeMultipartUpload = "CompleteMultipartUpload"
    case abortMultipartUpload = "AbortMultipartUpload"
    case listParts = "ListParts"
    case listMultipartUploads = "ListMultipartUploads"
    case appendObject = "AppendObject"
    case sealAppendObject = "SealAppendObject"
    case postObject = "PostObject"
    case optionObject = "OptionObject"
    /// An operation in the tables of ``BucketAction``.
    case bucketAction = "BucketAction"
    case serviceAction = "ServiceAction"
    /// An operation that the server does not implement. ``UnimplementedOperation`` returns its name.
    case unsupported = "Unsupported"
    /// A method that the resource does not support.
    case notAllowed = "NotAllowed"

    /// Whether the body is the content of an object and must be hashed.
    var storesBody: Bool {
        self == .putObject || self == .uploadPart || self == .appendObject || self == .postObject
    }

    /// Whether requests for the operation are never signed.
    var isUnsigned: Bool { self == .postObject || self == .optionObject }

    /// Whether a traffic limit can apply to the operation.
    var movesBytes: Bool {
        switch self {
        case .getObject, .putObject, .copyObject, .appendObject, .postObject, .uploadPart, .uploadPartCopy: true
        default: false
        }
    }

    init(method: String, bucket: String?, key: String?, query: QueryItems, isCopy: Bool) {
        if method == "OPTIONS" {
            self = bucket == nil ? .notAllowed : .optionObject
        } else if key != nil {
            self = Self.object(method, query, isCopy: isCopy)
        } else if bucket != nil {
            self = Self.bucket(method, query)
        } else if BucketAction.findServiceAction(method, query) != nil {
            self = .serviceAction
        } else if query.items.contains(where: { Self.serviceResources.contains($0.name) }) {
            self = .unsupported
        } else {
            self = method == "GET" ? .listBuckets : .notAllowed
        }
    }

    private static func object(_ method: String, _ query: QueryItems, isCopy: Bool) -> ServiceOperation {
        switch (method, resource(query, objectResources)) {
        case ("PUT", nil): isCopy ? .copyObject : .putObject
        case ("GET", nil): .getObject
        case ("HEAD", nil): .headObject
        case ("DELETE", nil): .deleteObject
        case ("HEAD", "objectMeta"): .getObjectMeta
        case ("GET", "acl"): .getObjectACL
        case ("PUT", "acl"): .putObjectACL
        case ("PUT", "tagging"): .putObjectTagging
        case ("GET", "tagging"): .getObjectTagging
        case ("DELETE", "tagging"): .deleteObjectTagging
        // The service deletes the object. oss2 adds such a parameter by mistake, from an earlier request.
        case ("DELETE", "symlink"), ("DELETE", "acl"), ("DELETE", "objectMeta"): .deleteObject
        case ("PUT", "symlink"): .putSymlink
        case ("GET", "symlink"): .getSymlink
        case ("POST", "restore"): .restoreObject
        case ("POST", "cleanRestoredObject"): .cleanRestoredObject
        case ("PUT", "retention"): .putObjectRetention
        case ("GET", "retention"): .getObjectRetention
        case ("PUT", "legalHold"): .putObjectLegalHold
        case ("GET", "legalHold"): .getObjectLegalHold
        case ("POST", "append"): .appendObject
        case ("POST", "seal"): .sealAppendObject
        case ("POST", "uploads"): .initiateMultipartUpload
        case ("PUT", "uploadId"), ("PUT", "partNumber"): isCopy ? .uploadPartCopy : .uploadPart
        case ("POST", "uploadId"): .completeMultipartUpload
        case ("DELETE", "uploadId"): .abortMultipartUpload
        case ("GET", "uploadId"): .listParts
        case (_, nil): .notAllowed
        default: .unsupported
        }
    }

    private static func bucket(_ method: String, _ query: QueryItems) -> ServiceOperation {
        switch (method, resource(query, bucketResources)) {
        case ("PUT", nil): .putBucket
        case ("DELETE", nil): .deleteBucket
        case ("GET", nil): query["list-type"] == "2" ? .listObjectsV2 : .listObjects
        case ("GET", "bucketInfo"): .getBucketInfo
        case ("GET", "location"): .getBucketLocation
        case ("GET", "acl"): .getBucketACL
        case ("PUT", "acl"): .putBucketACL
        case ("PUT", "versioning"): .putBucketVersioning
        case ("GET", "versioning"): .getBucketVersioning
        case ("GET", "versions"): .listObjectVersions
        case ("GET", "live"): .listLiveChannels
        case ("GET", "uploads"): .listMultipartUploads
        case ("POST", "delete"): .deleteMultipleObjects
        case ("POST", nil): .postObject
        case (_, nil): .notAllowed
        default:
            BucketAction.find(method, query) != nil
                ? .bucketAction : BucketAction.isKnown(query) ? .notAllowed : .unsupported
        }
    }

    private static func resource(_ query: QueryItems, _ known: Set<String>) -> String? {
        query.resources.first { known.contains($0) }
    }

    // Query parameters that select another operation; other parameters only modify one.
    private static let objectResources: Set<String> = [
        "acl", "append", "asyncFetch", "cleanRestoredObject", "legalHold", "live", "objectMeta", "partNumber",
        "restore", "retention", "seal", "symlink", "tagging", "uploadId", "uploads", "vod", "x-oss-async-process",
        "x-oss-delete",
        "x-oss-dir", "x-oss-process", "x-oss-rename",
    ]
    private static let bucketResources: Set<String> = [
        "accessPoint", "accessPointConfigForObjectProcess", "accessPointForObjectProcess", "accessPointPolicy",
        "accessPointPolicyForObjectProcess", "accessmonitor", "acl", "agenticBucket", "asyncFetch",
        "bucketArchiveDirectRead",
        "bucketInfo", "cname", "cors", "delete", "encryption", "httpsConfig", "inventory", "lifecycle", "live",
        "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable", "qos", "quota",
        "location", "logging", "metaQuery", "objectWorm", "overwriteConfig", "policy", "policyStatus",
        "publicAccessBlock", "qosInfo", "redundancyTransition", "referer", "replication", "replicationLocation",
        "replicationProgress", "requestPayment", "requesterQosInfo", "resourceGroup", "rtc", "stat", "style", "tagging",
        "transferAcceleration", "uploads", "userDefinedLogFieldsConfig", "versioning", "versions", "website", "worm",
        "wormExtend", "wormId",
    ]
    private static let serviceResources: Set<String> = [
        "accessPoint", "accessPointForObjectProcess", "cloudboxes", "dataPipeline", "publicAccessBlock",
        "redundancyTransition", "regions", "resourcePool", "agenticBucket", "x-oss-write-get-object-response",
    ]
}
