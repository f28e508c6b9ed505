import Foundation
import OSSPrimitives

/// A bucket in a listing.
public struct BucketSummary: Sendable, Hashable {
    /// Name of the bucket.
    public var name: String
    /// ID of the region, such as `cn-hangzhou`.
    public var region: String
    /// Time at which the bucket was created, to the second.
    public var creationDate: Date
    /// Host of the public endpoint.
    public var publicEndpoint: String
    /// Host of the endpoint for machines in the same region.
    public var internalEndpoint: String
    /// Storage class of the bucket.
    public var storageClass: StorageClass
    /// ID of the resource group; `nil` if the response did not include it.
    public var resourceGroupID: String?

    /// Creates a summary from an element of a response, or returns `nil` if a required element is missing or invalid.
    init?(_ node: XMLTree) {
        guard let name = node.text("Name"), !name.isEmpty, let location = node.text("Location"), !location.isEmpty,
            let creationDate = node.text("CreationDate").flatMap(ISO8601.date(from:))
        else { return nil }
        self.name = name
        region = node.text("Region") ?? String(location.hasPrefix("oss-") ? location.dropFirst(4) : location[...])
        self.creationDate = creationDate
        publicEndpoint = node.text("ExtranetEndpoint") ?? ""
        internalEndpoint = node.text("IntranetEndpoint") ?? ""
        storageClass = node.text("StorageClass").map(StorageClass.init(rawValue:)) ?? .standard
        resourceGroupID = node.text("ResourceGroupId")
    }
}

/// The properties of a bucket.
public struct BucketInfo: Sendable, Hashable {
    /// The properties that listings of buckets also contain.
    public var summary: BucketSummary
    /// Redundancy of the stored data; `nil` if the response did not include it.
    public var redundancy: DataRedundancy?
    /// Access control list; `nil` if the response did not include it.
    public var accessControl: AccessControl?
    /// ID of the account that owns the bucket; `nil` if the response did not include it.
    public var ownerID: String?
    /// State of versioning, `Enabled` or `Suspended`; `nil` if versioning was never enabled.
    public var versioning: String?
    /// Default method of server-side encryption (`AES256`, `KMS` or `SM4`); `nil` if there is none.
    public var encryption: String?
    /// Whether public access is blocked; `nil` if the response did not include it.
    public var blocksPublicAccess: Bool?
    /// Whether transfer acceleration is enabled.
    public var isAccelerated: Bool
    /// Whether the bucket is replicated to another region.
    public var isReplicated: Bool

    /// Name of the bucket.
    public var name: String { summary.name }

    init?(_ node: XMLTree) {
        guard let summary = BucketSummary(node) else { return nil }
        self.summary = summary
        redundancy = node.text("DataRedundancyType").map(DataRedundancy.init(rawValue:))
        accessControl = node.text("AccessControlList", "Grant").map(AccessControl.init(rawValue:))
        ownerID = node.text("Owner", "ID")
        versioning = node.text("Versioning").flatMap { $0.isEmpty ? nil : $0 }
        let algorithm = node.text("ServerSideEncryptionRule", "SSEAlgorithm") ?? "None"
        encryption = algorithm.isEmpty || algorithm == "None" ? nil : algorithm
        blocksPublicAccess = node.text("BlockPublicAccess").map { $0 == "true" }
        isAccelerated = node.text("TransferAcceleration") == "Enabled"
        isReplicated = node.text("CrossRegionReplication") == "Enabled"
    }
}

/// The redundancy of the data in a bucket.
public struct DataRedundancy: ExtensibleName {
    /// The name that the service uses.
    public var rawValue: String

    /// Creates a value from the name that the service uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Copies in a single zone (LRS).
    public static let locallyRedundant: DataRedundancy = "LRS"
    /// Copies in several zones of the region (ZRS).
    public static let zoneRedundant: DataRedundancy = "ZRS"
}

/// The number and the size of the objects in a bucket, as of ``lastModified``.
public struct BucketStatistics: Sendable, Hashable {
    /// Size and number of the objects of one storage class.
    public struct Usage: Sendable, Hashable {
        /// Size in bytes.
        public var bytes: Int64
        /// Number of objects.
        public var objectCount: Int64
    }

    /// Size of all objects and parts in bytes.
    public var bytes: Int64
    /// Number of objects.
    public var objectCount: Int64
    /// Number of incomplete multipart uploads.
    public var multipartUploadCount: Int64
    /// Number of delete markers; `nil` if the response did not include it.
    public var deleteMarkerCount: Int64?
    /// Time at which the service counted; `nil` if it has not counted yet.
    public var lastModified: Date?
    /// Size and number of the objects by storage class.
    public var usage: [StorageClass: Usage]

    init?(_ node: XMLTree) {
        func number(_ name: String) -> Int64? { node.text(name).flatMap { Int64($0) } }
        guard let bytes = number("Storage"), let objectCount = number("ObjectCount") else { return nil }
        self.bytes = bytes
        self.objectCount = objectCount
        multipartUploadCount = number("MultipartUploadCount") ?? 0
        deleteMarkerCount = number("DeleteMarkerCount")
        let time = number("LastModifiedTime") ?? 0
        lastModified = time > 0 ? Date(timeIntervalSince1970: TimeInterval(time)) : nil
        usage = [:]
        for (name, storageClass) in Self.elements {
            guard let bytes = number(name + "Storage"), let count = number(name + "ObjectCount") else { continue }
            usage[storageClass] = Usage(bytes: bytes, objectCount: count)
        }
    }

    private static let elements: [(String, StorageClass)] = [
        ("Standard", .standard), ("InfrequentAccess", .infrequentAccess), ("Archive", .archive),
        ("ColdArchive", .coldArchive), ("DeepColdArchive", .deepColdArchive),
    ]
}

/// A region of the service, with the hosts of its endpoints.
public struct RegionSummary: Sendable, Hashable {
    /// ID of the region, such as `cn-hangzhou`.
    public var region: String
    /// Host of the public endpoint.
    public var publicEndpoint: String
    /// Host of the endpoint for machines in the same region.
    public var internalEndpoint: String
    /// Host of the endpoint for transfer acceleration; `nil` if the response did not include it.
    public var accelerateEndpoint: String?

    init?(_ node: XMLTree) {
        guard let location = node.text("Region"), !location.isEmpty, let host = node.text("InternetEndpoint") else {
            return nil
        }
        region = String(location.hasPrefix("oss-") ? location.dropFirst(4) : location[...])
        publicEndpoint = host
        internalEndpoint = node.text("InternalEndpoint") ?? ""
        accelerateEndpoint = node.text("AccelerateEndpoint")
    }
}

extension ListingDocument {
    /// Returns the buckets on the page, and the start of the next page, which is `nil` on the last page.
    func buckets(prefix: String) throws(OSSError) -> ([BucketSummary], next: PageMarker?) {
        guard let list = root["Buckets"] else { throw Self.problem("contains no list of buckets") }
        var buckets: [BucketSummary] = []
        for node in list.all("Bucket") {
            guard let bucket = BucketSummary(node), bucket.name.utf8.starts(with: prefix.utf8) else {
                throw Self.problem("contains a bucket that is incomplete or was not requested")
            }
            buckets.append(bucket)
        }
        // The service omits both elements unless there are more buckets.
        let next = root.text("NextMarker") ?? ""
        guard root.text("IsTruncated").map({ $0 == "true" }) ?? !next.isEmpty else { return (buckets, nil) }
        guard let start = next.isEmpty ? buckets.last?.name : next else {
            throw Self.problem("does not indicate where the next page starts")
        }
        return (buckets, PageMarker(key: ObjectKey(unchecked: start)))
    }

    /// Returns the regions in the document.
    func regions() throws(OSSError) -> [RegionSummary] {
        var regions: [RegionSummary] = []
        for node in root.all("RegionInfo") {
            guard let region = RegionSummary(node) else { throw Self.problem("contains an incomplete region") }
            regions.append(region)
        }
        return regions
    }
}
