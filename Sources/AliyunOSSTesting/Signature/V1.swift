import Foundation

/// The string that version 1 signs, from a request as it was received.
enum V1 {
    static func stringToSign(_ request: ServiceRequest, date: String) -> String {
        var headers: [String: String] = [:]
        for field in request.fields {
            let name = field.name.lowercased()
            guard name.hasPrefix("x-oss-") else { continue }
            headers[name] = headers[name].map { $0 + "," + field.value } ?? field.value
        }
        let lines = headers.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)\n" }.joined()
        let digest = request.header("Content-MD5") ?? ""
        let type = request.header("Content-Type") ?? ""
        return "\(request.method)\n\(digest)\n\(type)\n\(date)\n\(lines)\(resource(request))"
    }

    private static func resource(_ request: ServiceRequest) -> String {
        var resource = "/"
        if let bucket = request.bucket { resource += bucket + "/" }
        if let key = request.key { resource += key }
        var seen: Set<String> = []
        // Of a parameter that stands twice, the first value counts.
        let signed = request.query.items
            .filter { ($0.name.hasPrefix("x-oss-") || subResources.contains($0.name)) && seen.insert($0.name).inserted }
            .sorted { $0.name < $1.name }
            .map { item in item.value.map { $0.isEmpty ? item.name : "\(item.name)=\($0)" } ?? item.name }
        return signed.isEmpty ? resource : resource + "?" + signed.joined(separator: "&")
    }

    // The fixed set, and the sub-resources of the single operations; none of them is the name of an unsigned parameter.
    private static let subResources: Set<String> = [
        "acl", "append", "bucketInfo", "callback", "callback-var", "cloudboxes", "continuation-token", "delete",
        "location", "objectMeta", "partNumber", "position", "regionList", "response-cache-control",
        "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "restore", "security-token", "sequential", "stat", "symlink",
        "tagging", "uploadId", "uploads", "versionId", "versioning", "versions",

        "accessPoint", "accessPointConfigForObjectProcess", "accessPointForObjectProcess", "accessPointPolicy",
        "accessPointPolicyForObjectProcess", "asyncFetch", "bucketArchiveDirectRead", "cleanRestoredObject", "cname",
        "comp", "cors", "encryption", "endTime", "httpsConfig", "img", "inventory", "inventoryId", "legalHold",
        "lifecycle", "live", "logging", "metaQuery", "objectWorm", "overwriteConfig", "policy", "policyStatus",
        "publicAccessBlock", "qos", "qosInfo", "qosRequester", "redundancyTransition", "referer", "replication",
        "replicationLocation", "replicationProgress", "requestPayment", "requesterQosInfo", "resourceGroup",
        "resourcePool", "resourcePoolBuckets", "resourcePoolInfo", "retention", "rtc", "seal", "startTime", "status",
        "style", "styleName", "transferAcceleration", "udf", "udfApplication", "udfApplicationLog", "udfImage",
        "udfImageDesc", "udfName", "userDefinedLogFieldsConfig", "vod", "website", "worm", "wormExtend", "wormId",
    ]
}
