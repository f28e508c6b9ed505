/// The query parameters that version 1 signs. Version 4 signs all of them.
///
/// The trap in the list: `continuation-token` is signed, while its neighbours in a listing (`prefix`, `marker`,
/// `start-after` …) are not.
enum SignedSubresources {
    /// Whether a parameter is signed.
    static func contains(_ name: String) -> Bool {
        names.contains(name) || prefixes.contains { name.utf8.starts(with: $0.utf8) }
    }

    private static let prefixes = ["x-oss-", "accessPoint", "resourcePool", "udf"]

    private static let names: Set<String> = [
        // In every SDK's list.
        "acl", "append", "bucketInfo", "callback", "callback-var", "cloudboxes", "continuation-token", "delete",
        "location", "objectMeta", "partNumber", "position", "regionList", "response-cache-control",
        "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "restore", "security-token", "sequential", "stat", "symlink",
        "tagging", "uploadId", "uploads", "versionId", "versioning", "versions",
        // Signed by the operations that they name.
        "asyncFetch", "bucketArchiveDirectRead", "cleanRestoredObject", "cname", "comp", "cors", "encryption",
        "endTime",
        "httpsConfig", "img", "inventory", "inventoryId", "legalHold", "lifecycle", "live", "logging", "metaQuery",
        "objectWorm", "overwriteConfig", "policy", "policyStatus", "publicAccessBlock", "qos", "qosInfo",
        "qosRequester", "redundancyTransition", "referer", "replication", "replicationLocation",
        "replicationProgress", "requestPayment", "requesterQosInfo", "resourceGroup", "retention", "rtc", "seal",
        "startTime", "status", "style", "styleName", "transferAcceleration", "userDefinedLogFieldsConfig", "vod",
        "website", "worm", "wormExtend", "wormId",
    ]
}
