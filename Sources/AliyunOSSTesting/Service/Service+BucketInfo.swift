import Foundation
import OSSPrimitives

extension Service {
    func bucketInfo(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        let properties = bucket.properties
        let encryption = properties.tree("encryption")?["ApplyServerSideEncryptionByDefault"]
        let logging = properties.tree("logging")?["LoggingEnabled"]
        let isAccelerated = properties.tree("transferAcceleration")?.text("Enabled") == "true"
        var xml = XMLWriter(root: "BucketInfo")
        xml.element("Bucket") { xml in
            xml.element("AccessMonitor", properties.tree("accessmonitor")?.text("Status") ?? "Disabled")
            xml.element("BlockPublicAccess", String(blocksPublicAccess(properties)))
            xml.element("Comment", "")
            xml.element("CreationDate", ISO8601.extended(properties.creationDate))
            xml.element(
                "CrossRegionReplication",
                replicationRules(of: properties, at: request.now) == nil ? "Disabled" : "Enabled")
            xml.element("DataRedundancyType", properties.dataRedundancyType)
            xml.element("ExtranetEndpoint", endpoint)
            xml.element("IntranetEndpoint", endpoint)
            xml.element("Location", "oss-\(region)")
            xml.element("Name", bucket.name)
            xml.element("Owner", Self.writeOwner)
            xml.element("ResourceGroupId", resourceGroup(of: properties))
            xml.element("AccessControlList") { $0.element("Grant", properties.acl) }
            xml.element("ServerSideEncryptionRule") { xml in
                xml.element("SSEAlgorithm", encryption?.text("SSEAlgorithm") ?? "None")
                for name in ["KMSMasterKeyID", "KMSDataEncryption"] { encryption?[name]?.write(to: &xml) }
            }
            xml.element("StorageClass", properties.storageClass)
            xml.element("TransferAcceleration", isAccelerated ? "Enabled" : "Disabled")
            if let versioning = properties.versioning { xml.element("Versioning", versioning.rawValue) }
            xml.element("BucketPolicy") { xml in
                xml.element("LogBucket", logging?.text("TargetBucket") ?? "")
                xml.element("LogPrefix", logging?.text("TargetPrefix") ?? "")
            }
        }
        return ServiceResponse(xml: xml.finish())
    }

    func bucketLocation(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        var xml = XMLWriter(root: "LocationConstraint")
        xml.text("oss-\(region)")
        return ServiceResponse(xml: xml.finish())
    }

    /// Returns the bucket's current storage and object counts. The service's counts are about one hour old.
    func bucketStat(_ request: ServiceRequest) throws -> ServiceResponse {
        let bucket = try bucket(request)
        var storage: [String: Int] = [:]
        var counts: [String: Int] = [:]
        var markers = 0
        bucket.withObjects { objects in
            objects.forEachVersion { object in
                if object.isDeleteMarker {
                    markers += 1
                } else {
                    storage[object.attributes.storageClass, default: 0] += object.attributes.size
                    counts[object.attributes.storageClass, default: 0] += 1
                }
            }
        }
        let pending = bucket.uploads.all
        let parts = pending.flatMap(\.parts)
        var xml = XMLWriter(root: "BucketStat")
        let partBytes = parts.reduce(0) { $0 + $1.part.size }
        xml.element("Storage", String(storage.values.reduce(0, +) + partBytes))
        xml.element("ObjectCount", String(counts.values.reduce(0, +)))
        xml.element("MultipartUploadCount", String(pending.count))
        xml.element("LiveChannelCount", "0")
        // The service has no statistics for a bucket that has always been empty.
        let isCounted = !(counts.isEmpty && pending.isEmpty && markers == 0)
        xml.element("LastModifiedTime", isCounted ? String(Int(request.now.timeIntervalSince1970)) : "0")
        xml.element("StandardStorage", String(storage["Standard"] ?? 0))
        xml.element("StandardObjectCount", String(counts["Standard"] ?? 0))
        for (name, storageClass) in [
            ("InfrequentAccess", "IA"), ("Archive", "Archive"), ("ColdArchive", "ColdArchive"),
            ("DeepColdArchive", "DeepColdArchive"),
        ] {
            for kind in ["Storage", "RealStorage"] {
                xml.element(name + kind, String(storage[storageClass] ?? 0))
            }
            xml.element(name + "ObjectCount", String(counts[storageClass] ?? 0))
        }
        xml.element("MultipartPartCount", String(parts.count))
        xml.element("DeleteMarkerCount", String(markers))
        return ServiceResponse(xml: xml.finish())
    }

    func resourceGroup(of properties: MockBucket.Properties) -> String {
        properties.tree("resourceGroup")?.text("ResourceGroupId") ?? Self.defaultResourceGroup
    }

    // MARK: Regions

    static let regions = [
        "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-3", "ap-southeast-5", "ap-southeast-6",
        "ap-southeast-7", "cn-beijing", "cn-chengdu", "cn-guangzhou", "cn-hangzhou", "cn-heyuan", "cn-hongkong",
        "cn-huhehaote", "cn-nanjing", "cn-qingdao", "cn-shanghai", "cn-shenzhen", "cn-wulanchabu", "cn-zhangjiakou",
        "eu-central-1", "eu-west-1", "me-east-1", "us-east-1", "us-west-1",
    ]

    func describeRegions(_ request: ServiceRequest) throws -> ServiceResponse {
        let wanted = request.query["regions"] ?? ""
        let known = Set(Self.regions + [region]).sorted()
        let found = known.filter { wanted.isEmpty || wanted == "oss-\($0)" }
        guard !found.isEmpty else {
            throw ServiceError(
                status: 404, code: "NoSuchRegion", message: wanted, ec: "0040-00000101")
        }
        var xml = XMLWriter(root: "RegionInfoList")
        for name in found {
            xml.element("RegionInfo") { xml in
                xml.element("Region", "oss-\(name)")
                xml.element("InternetEndpoint", "oss-\(name).aliyuncs.com")
                xml.element("InternalEndpoint", "oss-\(name)-internal.aliyuncs.com")
                xml.element("AccelerateEndpoint", "oss-accelerate.aliyuncs.com")
            }
        }
        return ServiceResponse(xml: xml.finish())
    }
}

extension Service {
    /// Returns an empty list of live channels, which this server does not support. Clients request the list when they
    /// clean up a bucket.
    func listLiveChannels(_ request: ServiceRequest) throws -> ServiceResponse {
        _ = try bucket(request)
        var xml = XMLWriter(root: "ListLiveChannelResult")
        xml.element("Prefix", request.query["prefix"] ?? "")
        xml.element("Marker", request.query["marker"] ?? "")
        xml.element("MaxKeys", request.query["max-keys"] ?? "100")
        xml.element("IsTruncated", "false")
        xml.element("NextMarker", "")
        return ServiceResponse(xml: xml.finish())
    }
}
