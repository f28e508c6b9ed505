import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock buckets")
struct BucketTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(region: "cn-shanghai", buckets: ["photos"]))
    }

    @Test("PutBucket sets the storage class and the redundancy, and repeating it succeeds only if nothing changes")
    func putBucket() throws {
        func body(_ storageClass: String, _ redundancy: String) -> String {
            "<CreateBucketConfiguration><StorageClass>\(storageClass)</StorageClass><DataRedundancyType>\(redundancy)"
                + "</DataRedundancyType></CreateBucketConfiguration>"
        }
        let made = try server.request(
            "PUT", "/new", headers: ["x-oss-resource-group-id": "rg-7"], body: body("IA", "ZRS"))
        #expect(made.status == 200)
        #expect(try server.request("PUT", "/new", body: body("IA", "ZRS")).status == 200)
        #expect(try server.request("PUT", "/new").status == 200)
        let taken = try server.request("PUT", "/new", body: body("Standard", "ZRS"))
        #expect(taken.status == 409)
        #expect(taken.element("Code") == "BucketAlreadyExists")
        #expect(taken.element("EC") == "0015-00000104")
        let info = try server.request("GET", "/new?bucketInfo")
        #expect(info.element("StorageClass") == "IA")
        #expect(info.element("DataRedundancyType") == "ZRS")
        #expect(info.element("ResourceGroupId") == "rg-7")
        let gold = try server.request("PUT", "/bad", body: body("Gold", "LRS"))
        #expect(gold.element("Code") == "InvalidArgument" && gold.element("EC") == "0013-00000101")
        let acl = try server.request("PUT", "/photos?acl", headers: ["x-oss-acl": "everybody"])
        #expect(acl.element("Message") == "no such bucket access control exists")
        #expect(acl.element("EC") == "0015-00000204")
        #expect(try server.request("PUT", "/bad", body: body("IA", "XRS")).element("Code") == "MalformedXML")
        #expect(try server.request("PUT", "/bad", body: "<x/>").element("Code") == "MalformedXML")
        #expect(server.buckets == ["new", "photos"])
    }

    @Test("PutBucket beyond the maximum number of buckets fails")
    func tooMany() throws {
        var configuration = MockOSSServer.Configuration(buckets: ["one"])
        configuration.maximumBuckets = 2
        let server = try MockOSSServer(configuration)
        #expect(try server.request("PUT", "/two").status == 200)
        #expect(try server.request("PUT", "/three").element("Code") == "TooManyBuckets")
        #expect(try server.request("PUT", "/two").status == 200)
    }

    @Test("GetBucketInfo returns the configuration of the bucket")
    func info() throws {
        let before = try server.request("GET", "/photos?bucketInfo")
        #expect(before.element("SSEAlgorithm") == "None")
        #expect(before.element("TransferAcceleration") == "Disabled")
        #expect(before.element("LogBucket") == "")
        for (query, body) in [
            (
                "encryption",
                "<ServerSideEncryptionRule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>SM4</SSEAlgorithm>"
                    + "</ApplyServerSideEncryptionByDefault></ServerSideEncryptionRule>"
            ),
            (
                "transferAcceleration",
                "<TransferAccelerationConfiguration><Enabled>true</Enabled></TransferAccelerationConfiguration>"
            ),
            ("accessmonitor", "<AccessMonitorConfiguration><Status>Enabled</Status></AccessMonitorConfiguration>"),
            (
                "logging",
                "<BucketLoggingStatus><LoggingEnabled><TargetBucket>photos</TargetBucket><TargetPrefix>log/"
                    + "</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"
            ),
        ] {
            #expect(try server.request("PUT", "/photos?\(query)", body: body).status == 200)
        }
        let after = try server.request("GET", "/photos?bucketInfo")
        #expect(after.element("SSEAlgorithm") == "SM4")
        #expect(after.element("TransferAcceleration") == "Enabled")
        #expect(after.element("AccessMonitor") == "Enabled")
        #expect(after.element("LogBucket") == "photos")
        #expect(after.element("LogPrefix") == "log/")
        #expect(after.element("Location") == "oss-cn-shanghai")
        #expect(
            try server.request("GET", "/photos?location").text.hasSuffix(
                "<LocationConstraint>oss-cn-shanghai</LocationConstraint>"))
    }

    @Test("GetBucketStat returns counts of objects, versions and parts")
    func stat() throws {
        #expect(try server.request("GET", "/photos?stat").element("LastModifiedTime") == "0")
        try server.put("a", Data(count: 10), in: "photos")
        try server.put("b", Data(count: 5), in: "photos", headers: ["x-oss-storage-class": "IA"])
        let upload = try server.request("POST", "/photos/u?uploads")
        let id = try #require(upload.element("UploadId"))
        #expect(try server.request("PUT", "/photos/u?partNumber=1&uploadId=\(id)", body: "xyz").status == 200)
        let stat = try server.request("GET", "/photos?stat")
        for (name, value) in [
            ("Storage", "18"), ("ObjectCount", "2"), ("MultipartUploadCount", "1"), ("MultipartPartCount", "1"),
            ("StandardStorage", "10"), ("StandardObjectCount", "1"), ("InfrequentAccessStorage", "5"),
            ("InfrequentAccessObjectCount", "1"), ("ArchiveStorage", "0"), ("DeleteMarkerCount", "0"),
        ] {
            #expect(stat.element(name) == value, "\(name)")
        }
        #expect(stat.element("LastModifiedTime") != "0")
    }

    @Test("ListBuckets supports pages, prefixes and tags")
    func listing() throws {
        for name in ["a-1", "a-2", "a-3", "b-1"] { try server.createBucket(name) }
        let first = try server.request("GET", "/?prefix=a-&max-keys=2")
        #expect(first.elements("Name") == ["a-1", "a-2"])
        #expect(first.element("IsTruncated") == "true")
        #expect(first.element("NextMarker") == "a-2")
        #expect(first.element("MaxKeys") == "2")
        let second = try server.request("GET", "/?prefix=a-&max-keys=2&marker=a-2")
        #expect(second.elements("Name") == ["a-3"])
        // The last page has only the buckets.
        for name in ["Prefix", "Marker", "MaxKeys", "IsTruncated", "NextMarker"] {
            #expect(first.element(name) != nil && second.element(name) == nil, "\(name)")
        }
        let all = try server.request("GET", "/")
        #expect(all.element("IsTruncated") == nil)
        #expect(all.element("Region") == "cn-shanghai")
        // Responses always have the elements that oss2 requests with this parameter.
        #expect(try server.request("GET", "/?regionList").elements("Name") == all.elements("Name"))
        #expect(try server.request("GET", "/?max-keys=0").element("Code") == "InvalidArgument")

        let tags = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
        #expect(try server.request("PUT", "/a-2?tagging", body: tags).status == 200)
        for (query, names) in [
            ("tag-key=k&tag-value=v", ["a-2"]), ("tag-key=k", ["a-2"]), ("tag-key=k&tag-value=w", []),
            ("tagging=%22k%22:%22v%22", ["a-2"]), ("tagging=k:w", []),
        ] {
            #expect(try server.request("GET", "/?\(query)").elements("Name") == names, "\(query)")
        }
    }

    @Test("DescribeRegions returns all regions or one")
    func regions() throws {
        let all = try server.request("GET", "/?regions")
        #expect(all.elements("Region").contains("oss-cn-hangzhou"))
        let one = try server.request("GET", "/?regions=oss-cn-shanghai")
        #expect(one.elements("Region") == ["oss-cn-shanghai"])
        #expect(one.element("InternalEndpoint") == "oss-cn-shanghai-internal.aliyuncs.com")
        let none = try server.request("GET", "/?regions=oss-moon")
        #expect(none.status == 404)
        #expect(none.element("Code") == "NoSuchRegion" && none.element("Message") == "oss-moon")
    }
}
