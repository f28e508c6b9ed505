import Foundation
import OSSPrimitives

extension Service {
    func listBuckets(_ request: ServiceRequest) -> ServiceResponse {
        let prefix = request.query["prefix"] ?? ""
        let marker = request.query["marker"] ?? ""
        let limit = request.query["max-keys"].flatMap(Int.init).map { min(max($0, 1), 1000) } ?? 100
        let matching = store.all.filter { $0.name.hasPrefix(prefix) && $0.name > marker }
        let page = matching.prefix(limit)
        let isTruncated = page.count < matching.count

        var xml = XMLWriter(root: "ListAllMyBucketsResult")
        if isTruncated || !prefix.isEmpty || !marker.isEmpty || request.query.contains("max-keys") {
            xml.element("Prefix", prefix)
            xml.element("Marker", marker)
            xml.element("MaxKeys", String(limit))
            xml.element("IsTruncated", String(isTruncated))
            if isTruncated { xml.element("NextMarker", page.last?.name ?? "") }
        }
        xml.element("Owner", Self.writeOwner)
        xml.element("Buckets") { xml in
            for bucket in page {
                let properties = bucket.properties
                xml.element("Bucket") { xml in
                    xml.element("Name", bucket.name)
                    xml.element("Location", "oss-\(region)")
                    xml.element("Region", region)
                    xml.element("CreationDate", ISO8601.extended(properties.creationDate))
                    xml.element("ExtranetEndpoint", endpoint)
                    xml.element("IntranetEndpoint", endpoint)
                    xml.element("StorageClass", properties.storageClass)
                }
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    func putBucket(_ request: ServiceRequest) throws -> ServiceResponse {
        let name = request.bucket ?? ""
        guard Address.isValidBucketName(name) else {
            throw ServiceError(
                status: 400, code: "InvalidBucketName", message: "The specified bucket is not valid.",
                ec: "0015-00000001", details: [("BucketName", name)])
        }
        var properties = MockBucket.Properties(creationDate: Self.wholeSeconds(request.now))
        if let acl = request.header("x-oss-acl") { properties.acl = try Self.validBucketACL(acl) }
        if request.body.bytes.count > 0 {
            guard let document = try? XMLReader.read(request.body.bytes.data),
                document.name == "CreateBucketConfiguration"
            else { throw ServiceError.malformedXML }
            if let storageClass = document.text("StorageClass"), !storageClass.isEmpty {
                properties.storageClass = try Self.validStorageClass(storageClass)
            }
        }
        try store.createBucket(name, properties)
        return ServiceResponse(headers: [("Location", "/\(name)")])
    }

    func deleteBucket(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        guard uploads.uploads(in: bucket.name).isEmpty, store.deleteBucket(bucket) else {
            throw ServiceError(
                status: 409, code: "BucketNotEmpty", message: "The bucket you tried to delete is not empty.",
                ec: "0015-00000301", details: [("BucketName", bucket.name)])
        }
        return ServiceResponse(status: 204)
    }

    func bucketInfo(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let properties = bucket.properties
        var xml = XMLWriter(root: "BucketInfo")
        xml.element("Bucket") { xml in
            xml.element("AccessMonitor", "Disabled")
            xml.element("BlockPublicAccess", "false")
            xml.element("Comment", "")
            xml.element("CreationDate", ISO8601.extended(properties.creationDate))
            xml.element("CrossRegionReplication", "Disabled")
            xml.element("DataRedundancyType", "LRS")
            xml.element("ExtranetEndpoint", endpoint)
            xml.element("IntranetEndpoint", endpoint)
            xml.element("Location", "oss-\(region)")
            xml.element("Name", bucket.name)
            xml.element("Owner", Self.writeOwner)
            xml.element("ResourceGroupId", "rg-default")
            xml.element("AccessControlList") { $0.element("Grant", properties.acl) }
            xml.element("ServerSideEncryptionRule") { $0.element("SSEAlgorithm", "None") }
            xml.element("StorageClass", properties.storageClass)
            xml.element("TransferAcceleration", "Disabled")
            xml.element("BucketPolicy") { xml in
                xml.element("LogBucket", "")
                xml.element("LogPrefix", "")
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    func bucketLocation(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        return ServiceResponse(
            xml: Data(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <LocationConstraint>oss-\(region)</LocationConstraint>
                """.utf8))
    }

    func bucketACL(_ request: ServiceRequest) throws -> ServiceResponse {
        accessControlPolicy(try bucket(request).properties.acl)
    }

    func putBucketACL(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let acl = try Self.validBucketACL(request.header("x-oss-acl") ?? "")
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
            throw .invalidArgument("no such bucket access control exists", name: "x-oss-acl", value: acl)
        }
        return acl
    }

    static func validStorageClass(_ name: String) throws(ServiceError) -> String {
        guard ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"].contains(name) else {
            throw .invalidArgument("No such bucket storage class exists.", name: "x-oss-storage-class", value: name)
        }
        return name
    }

    private var endpoint: String { "127.0.0.1:\(port)" }
}
