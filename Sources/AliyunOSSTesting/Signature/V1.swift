import Foundation

/// Functions that derive the V1 string to sign from a received request.
enum V1 {
    static func stringToSign(_ request: ServiceRequest, date: String) -> [UInt8] {
        start(request, date: date) + request.canonicalHeaders { $0.hasPrefix("x-oss-") } + resource(request).utf8
    }

    /// Returns the lines that precede the header lines in the string to sign. V2 signatures start with the same lines.
    static func start(_ request: ServiceRequest, date: String) -> [UInt8] {
        let lines = [
            Array(request.method.utf8), request.receivedBytes("Content-MD5"), request.receivedBytes("Content-Type"),
            Array(date.utf8), [],
        ]
        return Array(lines.joined(separator: [0x0A]))
    }

    private static func resource(_ request: ServiceRequest) -> String {
        var resource = "/"
        if let bucket = request.bucket { resource += bucket + "/" }
        if let key = request.key { resource += key }
        var seen: Set<String> = []
        // If a parameter is repeated, its first value is used.
        let signed = request.query.items
            .filter { ($0.name.hasPrefix("x-oss-") || subResources.contains($0.name)) && seen.insert($0.name).inserted }
            .sorted { $0.name < $1.name }
            .map { item in item.value.map { $0.isEmpty ? item.name : "\(item.name)=\($0)" } ?? item.name }
        return signed.isEmpty ? resource : resource + "?" + signed.joined(separator: "&")
    }

    // The documented set and the subresources of single operations. No unsigned parameter has one of these names.
    private static let subResources: Set<String> = [
        "acl", "append", "bucketInfo", "callback", "callback-var", "cloudboxes", "continuation-token", "delete",
        "location", "objectMeta", "partNumber", "position", "regionList", "response-cache-control",
        "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "restore", "security-token", "sequential", "stat", "symlink",
        "tagging", "uploadId", "uploads", "versionId", "versioning", "versions",

        "accessPoint", "accessPointConfigForObjectProcess", "accessPointForObjectProcess", "accessPointPolicy",
        "accessPointPolicyForObjectProcess", "asyncFetch", "bucketArchiveDirectRead", "cleanRestoredObject", "cname",
        "comp", "cors", "encryption", "endTime", "httpsConfig", "img", "inventory", "inventoryId", "legalHold",
        "lifecycle", "live", "logging", "metaQuery", "metadataConfiguration", "metadataInventoryTable",
        "metadataJournalTable", "objectWorm", "overwriteConfig", "policy", "policyStatus",
        "publicAccessBlock", "qos", "qosInfo", "qosRequester", "quota", "redundancyTransition", "referer",
        "replication",
        "replicationLocation", "replicationProgress", "requestPayment", "requesterQosInfo", "resourceGroup",
        "resourcePool", "resourcePoolBuckets", "resourcePoolInfo", "retention", "rtc", "seal", "startTime", "status",
        "style", "styleName", "transferAcceleration", "udf", "udfApplication", "udfApplicationLog", "udfImage",
        "udfImageDesc", "udfName", "userDefinedLogFieldsConfig", "vod", "website", "worm", "wormExtend", "wormId",
    ]
}

extension ServiceRequest {
    /// Returns the bytes of a header value as they were received. A signature covers those bytes; if a client sends
    /// Latin-1 but signs UTF-8, its signature does not match.
    fileprivate func receivedBytes(_ field: (name: String, value: String)) -> [UInt8] {
        latin1Fields.contains(field.name.lowercased())
            ? field.value.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } : Array(field.value.utf8)
    }

    fileprivate func receivedBytes(_ name: String) -> [UInt8] {
        receivedBytes((name, header(name) ?? ""))
    }

    /// Returns one line for each signed header, sorted by name.
    func canonicalHeaders(where isSigned: (String) -> Bool) -> [UInt8] {
        var headers: [String: [UInt8]] = [:]
        for field in fields {
            let name = field.name.lowercased()
            guard isSigned(name) else { continue }
            let value = receivedBytes(field)
            headers[name] = headers[name].map { $0 + ",".utf8 + value } ?? value
        }
        return headers.sorted { $0.key < $1.key }.flatMap { Array("\($0.key):".utf8) + $0.value + [0x0A] }
    }
}
