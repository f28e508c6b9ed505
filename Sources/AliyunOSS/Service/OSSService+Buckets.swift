import Foundation
import OSSPrimitives

extension OSSService {
    /// Lists the buckets of the account in all regions, in order of their names. (ListBuckets)
    ///
    /// - Parameters:
    ///   - prefix: Prefix of the names. Default: the empty prefix, which lists all buckets.
    ///   - startAfter: Name after which the listing starts. Default: none.
    ///   - tag: Tag that the buckets must have, and its value if the tag must have one. Default: none.
    ///   - resourceGroupID: ID of the resource group of the buckets. Default: all resource groups.
    ///   - pageSize: Number of buckets per request, 1 to 1000. Default: 1000.
    public func listBuckets(
        prefix: String = "", startAfter: String? = nil, tag: (key: String, value: String?)? = nil,
        resourceGroupID: String? = nil, pageSize: Int = 1000
    ) -> PagedSequence<BucketSummary, [BucketSummary]> {
        PagedSequence(elements: { $0 }) { [client] progress in
            try ListingProgress.check(pageSize: pageSize, prefix: prefix, startAfter: startAfter)
            let marker = progress.marker?.key.rawValue ?? startAfter
            var operation = Operation("ListBuckets", .get)
            if !prefix.isEmpty { operation.query.append(("prefix", prefix)) }
            operation.addQuery("marker", ifPresent: marker)
            operation.query.append(("max-keys", String(pageSize)))
            operation.addQuery("tag-key", ifPresent: tag?.key)
            operation.addQuery("tag-value", ifPresent: tag?.value)
            operation.headers["x-oss-resource-group-id"] = resourceGroupID
            let response = try await client.perform(operation)
            do throws(OSSError) {
                let document = try ListingDocument(
                    response.body, root: "ListAllMyBucketsResult", echoes: [("Prefix", prefix), ("Marker", marker)])
                let (buckets, next) = try document.buckets(prefix: prefix)
                try progress.advance(to: next)
                return buckets
            } catch {
                throw client.reject(error, operation)
            }
        }
    }

    /// Returns the regions of the service and their endpoints. (DescribeRegions)
    ///
    /// - Throws: ``OSSError``.
    public func listRegions() async throws -> [RegionSummary] {
        var operation = Operation("DescribeRegions", .get)
        operation.query = [("regions", nil)]
        let response = try await client.perform(operation)
        do throws(OSSError) {
            let regions = try ListingDocument(response.body, root: "RegionInfoList", echoes: []).regions()
            guard !regions.isEmpty else { throw ListingDocument.problem("contains no region") }
            return regions
        } catch {
            throw client.reject(error, operation)
        }
    }

    /// Creates a bucket in the region of the endpoint. (PutBucket)
    ///
    /// Creating a bucket again that the account owns succeeds, unless its storage class or redundancy differs.
    ///
    /// - Parameters:
    ///   - name: Name of the bucket, unique in the entire service: 3 to 63 lowercase letters, digits and `-`.
    ///   - options: Storage class, redundancy, access control and resource group of the bucket.
    /// - Returns: A client for the bucket.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/alreadyExists`` if the name is taken.
    @discardableResult
    public func createBucket(
        _ name: String, options: CreateBucketOptions = CreateBucketOptions()
    ) async throws -> Bucket {
        let bucket = try bucket(name)
        var operation = Operation("PutBucket", .put)
        operation.bucket = name
        guard options.accessControl != .default else {
            let problem = "accessControl must not be default, which only objects can have"
            throw client.describe(OSSError(.invalidArgument, problem), operation, attempts: 0)
        }
        operation.headers["x-oss-acl"] = options.accessControl?.rawValue
        operation.headers["x-oss-resource-group-id"] = options.resourceGroupID
        if options.storageClass != nil || options.redundancy != nil {
            var writer = XMLWriter(root: "CreateBucketConfiguration")
            if let storageClass = options.storageClass { writer.element("StorageClass", storageClass.rawValue) }
            if let redundancy = options.redundancy { writer.element("DataRedundancyType", redundancy.rawValue) }
            operation.setBody(writer.finish(), type: "application/xml")
        }
        _ = try await client.perform(operation)
        return bucket
    }
}

/// Options for creating a bucket.
public struct CreateBucketOptions: Sendable, Hashable {
    /// Storage class of the bucket, which objects have by default. Default: standard.
    public var storageClass: StorageClass?
    /// Redundancy of the stored data. Default: locally redundant.
    public var redundancy: DataRedundancy?
    /// Access control list of the bucket. Default: private. A public one requires that public access is not blocked.
    public var accessControl: AccessControl?
    /// ID of the resource group. Default: that of the account.
    public var resourceGroupID: String?

    /// Creates options with default values.
    public init(
        storageClass: StorageClass? = nil, redundancy: DataRedundancy? = nil, accessControl: AccessControl? = nil,
        resourceGroupID: String? = nil
    ) {
        self.storageClass = storageClass
        self.redundancy = redundancy
        self.accessControl = accessControl
        self.resourceGroupID = resourceGroupID
    }
}
