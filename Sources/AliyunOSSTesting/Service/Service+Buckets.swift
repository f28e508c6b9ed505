import Foundation
import OSSPrimitives

extension Service {
    func listBuckets(_ request: ServiceRequest) throws -> ServiceResponse {
        let query = try BucketQuery(request)
        let matching = store.all.filter { query.matches($0, resourceGroup(of: $0.properties)) }
        let page = matching.prefix(query.limit)
        let isTruncated = page.count < matching.count

        var xml = XMLWriter(root: "ListAllMyBucketsResult")
        // The service omits these elements on the last page.
        if isTruncated {
            xml.element("Prefix", query.prefix)
            xml.element("Marker", query.marker)
            xml.element("MaxKeys", String(query.limit))
            xml.element("IsTruncated", "true")
            xml.element("NextMarker", page.last?.name ?? "")
        }
        xml.element("Owner", Self.writeOwner)
        xml.element("Buckets") { xml in
            for bucket in page {
                let properties = bucket.properties
                xml.element("Bucket") { xml in
                    xml.element("CreationDate", ISO8601.extended(properties.creationDate))
                    xml.element("ExtranetEndpoint", endpoint)
                    xml.element("IntranetEndpoint", endpoint)
                    xml.element("Location", "oss-\(region)")
                    xml.element("Name", bucket.name)
                    xml.element("Region", region)
                    xml.element("StorageClass", properties.storageClass)
                    xml.element("ResourceGroupId", resourceGroup(of: properties))
                }
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    private static let creation = DocumentShape("CreateBucketConfiguration{StorageClass,DataRedundancyType(LRS|ZRS)}")

    func putBucket(_ request: ServiceRequest) throws -> ServiceResponse {
        let name = request.bucket ?? ""
        guard Address.isValidBucketName(name) else {
            throw ServiceError(
                status: 400, code: "InvalidBucketName", message: "The specified bucket is not valid.",
                ec: "0015-00000001", details: [("BucketName", name)])
        }
        let given = request.body.bytes.count > 0 ? try Self.body(request, Self.creation) : nil
        let storageClass = try given?.text("StorageClass").flatMap { $0.isEmpty ? nil : $0 }
            .map { (name) throws(ServiceError) in try Self.validStorageClass(name, ec: "0013-00000101") }
        let redundancy = given?.text("DataRedundancyType")
        let acl = try request.header("x-oss-acl").map(Self.validBucketACL)
        let known = store.bucket(name)
        let new = properties(creationDate: request.now)
        if acl ?? "private" != "private" {
            try checkPublicAccess("bucket acl", blocksPublicAccess(known?.properties ?? new))
        }
        let encryption = try Encryption(request)

        if let bucket = known {
            // A PutBucket for an existing bucket can only change its ACL.
            let properties = bucket.properties
            guard storageClass ?? properties.storageClass == properties.storageClass,
                redundancy ?? properties.dataRedundancyType == properties.dataRedundancyType
            else { throw ServiceError.bucketAlreadyExists(name) }
            if let acl { try store.update(bucket) { $0.acl = acl } }
            return ServiceResponse(headers: [("Location", "/\(name)")])
        }
        guard store.all.count < maximumBuckets else {
            throw ServiceError(
                status: 400, code: "TooManyBuckets", message: "You have attempted to create more buckets than allowed.",
                ec: "0015-00000102")
        }
        var properties = new
        properties.acl = acl ?? "private"
        properties.storageClass = storageClass ?? "Standard"
        properties.dataRedundancyType = redundancy ?? "LRS"
        properties.documents["encryption"] = encryption?.rule.document
        if let group = request.header("x-oss-resource-group-id") {
            properties.documents["resourceGroup"] =
                XMLTree("BucketResourceGroupConfiguration", ["ResourceGroupId": group]).document
        }
        try store.createBucket(name, properties)
        return ServiceResponse(headers: [("Location", "/\(name)")])
    }

    /// Returns the properties of a new bucket.
    func properties(creationDate: Date) -> MockBucket.Properties {
        var properties = MockBucket.Properties(creationDate: Self.wholeSeconds(creationDate))
        if blocksPublicAccess {
            properties.documents["publicAccessBlock"] =
                XMLTree("PublicAccessBlockConfiguration", ["BlockPublicAccess": "true"]).document
        }
        return properties
    }

    func deleteBucket(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        guard store.deleteBucket(bucket) else {
            throw ServiceError(
                status: 409, code: "BucketNotEmpty", message: "The bucket you tried to delete is not empty.",
                ec: "0015-00000301", details: [("BucketName", bucket.name)])
        }
        return ServiceResponse(status: 204)
    }

    func bucketACL(_ request: ServiceRequest) throws -> ServiceResponse {
        accessControlPolicy(try bucket(request).properties.acl)
    }

    func putBucketACL(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let acl = try Self.validBucketACL(request.header("x-oss-acl") ?? "")
        if acl != "private" { try checkPublicAccess("bucket acl", blocksPublicAccess(bucket.properties)) }
        try store.update(bucket) { $0.acl = acl }
        return ServiceResponse()
    }

    func accessControlPolicy(_ grant: String) -> ServiceResponse {
        var xml = XMLWriter(root: "AccessControlPolicy")
        xml.element("Owner", Self.writeOwner)
        xml.element("AccessControlList") { $0.element("Grant", grant) }
        return ServiceResponse(xml: xml.finish())
    }

    static func writeOwner(_ xml: inout XMLWriter) {
        xml.element("ID", ownerID)
        xml.element("DisplayName", ownerID)
    }

    static func validBucketACL(_ acl: String) throws(ServiceError) -> String {
        guard ["private", "public-read", "public-read-write"].contains(acl) else {
            throw .invalidArgument(
                "no such bucket access control exists", name: "x-oss-acl", value: acl, ec: "0015-00000204")
        }
        return acl
    }

    static func validStorageClass(_ name: String, ec: String? = nil) throws(ServiceError) -> String {
        guard ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"].contains(name) else {
            throw .invalidArgument(
                "No such bucket storage class exists.", name: "x-oss-storage-class", value: name, ec: ec)
        }
        return name
    }

    /// Validates and returns the ACL that a request sets on an object.
    func objectACL(_ acl: String, in bucket: MockBucket) throws(ServiceError) -> String {
        guard ["default", "private", "public-read", "public-read-write"].contains(acl) else {
            throw .invalidArgument(
                "no such object access control exists", name: "x-oss-object-acl", value: acl, ec: "0017-00000104")
        }
        if acl.hasPrefix("public") {
            try checkPublicAccess("object acl", ec: "0016-00000901", blocksPublicAccess(bucket.properties))
        }
        return acl
    }

    /// Throws `AccessDenied` for a public ACL or policy if public access is blocked.
    func checkPublicAccess(_ subject: String, ec: String = "0003-00001701", _ isBlocked: Bool) throws(ServiceError) {
        if isBlocked { throw .accessDenied("Put public \(subject) is not allowed", ec: ec) }
    }

    var endpoint: String { "127.0.0.1:\(port)" }
}

/// The filters in a request to list buckets.
private struct BucketQuery {
    let prefix: String
    let marker: String
    let limit: Int
    private let tags: [(key: String, value: String?)]
    private let resourceGroup: String?

    init(_ request: ServiceRequest) throws(ServiceError) {
        prefix = request.query["prefix"] ?? ""
        marker = request.query["marker"] ?? ""
        limit = try Service.limit("max-keys", request, default: 100)
        var tags: [(key: String, value: String?)] = []
        if let key = request.query["tag-key"], !key.isEmpty { tags.append((key, request.query["tag-value"])) }
        // `"k":"v","k2":"v2"`, with or without quotation marks.
        for tag in (request.query["tagging"] ?? "").split(separator: ",") {
            let parts = tag.split(separator: ":", maxSplits: 1).map { $0.filter { $0 != "\"" } }
            tags.append((String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : nil))
        }
        self.tags = tags
        resourceGroup = request.header("x-oss-resource-group-id")
    }

    func matches(_ bucket: MockBucket, _ group: String) -> Bool {
        guard bucket.name.hasPrefix(prefix), bucket.name > marker, group == resourceGroup ?? group else { return false }
        guard !tags.isEmpty else { return true }
        let present = BucketTags.dictionary(bucket.properties.documents["tagging"])
        return tags.allSatisfy { present[$0.key] != nil && $0.value ?? present[$0.key] == present[$0.key] }
    }
}
