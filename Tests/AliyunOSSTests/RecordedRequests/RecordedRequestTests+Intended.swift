/// The differences from the Python clients that are intended.
extension RecordedRequestTests {
    static let intendedDifferences = headersAndParameters + lifecycleDates + selectOptions

    private static let headersAndParameters: [IntendedDifference] = [
        .init("header content-md5", "There is no body whose MD5 could be compared.") {
            !$0.hasBody && $0.sent == nil
        },
        .init("header content-type", "There is no body that has a type. The clients send different ones.") {
            !$0.hasBody && $0.sent == nil && ["application/xml", "application/octet-stream"].contains($0.recorded)
        },
        .init(
            "header content-type", "Every XML document has its type. The clients omit it for these operations.",
            of: ["CompleteMultipartUpload", "PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging"]
        ) { $0.sent == "application/xml" && $0.recorded == nil },
        .init(
            "header content-type", "A policy is JSON. The clients name a type that the body does not have.",
            of: ["PutAccessPointPolicy", "PutBucketPolicy"]
        ) { $0.sent == "application/json" && $0.recorded == "application/xml" },
        .init(
            "header content-type", "The instruction has the form of a query.",
            of: ["AsyncProcessObject", "ProcessObject"]
        ) { $0.sent == "application/x-www-form-urlencoded" && $0.recorded == nil },
        .init("header content-type", "A body has a type.", of: ["WriteGetObjectResponse"]) {
            $0.sent == "application/octet-stream" && $0.recorded == nil
        },
        .init(
            "header content-md5",
            "The service verifies every document. The clients omit the MD5 for these operations.",
            of: [
                "PutAccessPointPolicy", "PutBucketPolicy", "PutObjectLegalHold", "PutObjectRetention",
                "RestoreObject",
            ]
        ) { $0.sent == "{MD5 of the body}" && $0.recorded == nil },
        .init(
            "parameter response-content-encoding", "Foundation must not decompress the stored bytes.",
            of: ["GetObject"]
        ) { $0.sent == "identity" && $0.recorded == nil },
        .init(
            "header range", "The content is read in ranges, so that a range that fails is requested again.",
            of: ["GetObject"]
        ) { $0.sent == "bytes=0-4194303" && $0.recorded == nil },
        .init(
            "header x-oss-range-behavior", "A range outside the object is an error instead of the entire object.",
            of: ["GetObject"]
        ) { $0.sent == "standard" && $0.recorded == nil },
        .init(
            "body Delete/Quiet", "The response must name the deleted objects, which is also the default.",
            of: ["DeleteMultipleObjects"]
        ) { $0.sent == "false" && $0.recorded == nil },
        .init(
            "parameter MetaQuery", "The service and the other published clients use the name metaQuery.",
            of: ["DoMetaQueryAction"]
        ) { $0.sent == nil && $0.recorded == "" },
        .init(
            "parameter metaQuery", "The service and the other published clients use this name.",
            of: ["DoMetaQueryAction"]
        ) { $0.sent == "" && $0.recorded == nil },
        .init(
            "header x-oss-copy-source-if-match",
            "The copied version is the one whose size and attributes were read.",
            of: ["CopyObject"]
        ) { $0.sent?.isEmpty == false && $0.recorded == nil },
    ]

    /// Dates of the second rule. The client sends them in the documented form only in a transition.
    private static let lifecycleDates = ["AbortMultipartUpload", "Expiration"].map { name in
        IntendedDifference(
            "body LifecycleConfiguration/Rule[1]/\(name)/CreatedBeforeDate", "Dates have the documented form.",
            of: ["PutBucketLifecycle"]
        ) { $0.sent == "2030-01-01T00:00:00.000Z" && $0.recorded == "2030-01-01T00:00:00Z" }
    }

    /// The element `Options` of a query. The client names it after its class, `SelectRequestOptions`, unlike the
    /// documentation and the other published clients.
    private static let selectOptions = [("SkipPartialDataRecord", "true"), ("MaxSkippedRecordsAllowed", "3")].flatMap {
        name, value in
        let reason = "The documentation names the element Options."
        return [
            IntendedDifference("body SelectRequest/Options/\(name)", reason, of: ["SelectObject"]) {
                $0.sent == value && $0.recorded == nil
            },
            IntendedDifference("body SelectRequest/SelectRequestOptions/\(name)", reason, of: ["SelectObject"]) {
                $0.sent == nil && $0.recorded == value
            },
        ]
    }
}
