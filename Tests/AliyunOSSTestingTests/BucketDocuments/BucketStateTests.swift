import AliyunOSS
import Foundation
import OSSPrimitives
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock bucket configuration with state")
struct BucketStateTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"], blocksPublicAccess: false))
    }

    private func days(_ root: String, _ days: Int) -> String {
        "<\(root)><RetentionPeriodInDays>\(days)</RetentionPeriodInDays></\(root)>"
    }

    @Test("A retention policy can be initiated, aborted, locked and extended, but not shortened")
    func worm() throws {
        let initiate = days("InitiateWormConfiguration", 30)
        #expect(try server.request("GET", "/photos?worm").element("Code") == "NoSuchWORMConfiguration")
        #expect(try server.request("POST", "/photos?worm", body: initiate).headers["x-oss-worm-id"] != nil)
        #expect(
            try server.request("POST", "/photos?worm", body: initiate).element("Code")
                == "WORMConfigurationAlreadyExists")
        #expect(try server.request("DELETE", "/photos?worm").status == 204)

        let id = try #require(try server.request("POST", "/photos?worm", body: initiate).headers["x-oss-worm-id"])
        let begun = try server.request("GET", "/photos?worm")
        #expect(begun.element("State") == "InProgress")
        // Expiration of an unlocked policy.
        let dates = try ["CreationDate", "ExpirationDate"].map {
            try #require(ISO8601.date(from: begun.element($0) ?? ""))
        }
        #expect(dates[1] == dates[0].addingTimeInterval(86_400))
        #expect(try server.request("POST", "/photos?wormId=wrong").element("Code") == "NoSuchWORMConfiguration")
        let longer = days("ExtendWormConfiguration", 60)
        #expect(try server.request("POST", "/photos?wormExtend&wormId=\(id)", body: longer).status == 400)
        #expect(try server.request("POST", "/none?wormExtend&wormId=\(id)").element("Code") == "NoSuchBucket")
        #expect(try server.request("POST", "/photos?wormId=\(id)").status == 200)
        let locked = try server.request("GET", "/photos?worm")
        #expect(locked.element("State") == "Locked")
        #expect(locked.element("WormId") == id)
        let abort = try server.request("DELETE", "/photos?worm")
        #expect(abort.status == 403)
        #expect(abort.element("Code") == "WORMConfigurationLocked")
        #expect(try server.request("POST", "/photos?wormId=\(id)&wormExtend", body: longer).status == 200)
        #expect(try server.request("GET", "/photos?worm").element("RetentionPeriodInDays") == "60")
        let shorter = days("ExtendWormConfiguration", 10)
        #expect(
            try server.request("POST", "/photos?wormExtend&wormId=\(id)", body: shorter).element("Code")
                == "InvalidWORMConfiguration")
        #expect(
            try server.request("POST", "/photos?worm", body: days("InitiateWormConfiguration", 0)).element("Code")
                == "InvalidWORMConfiguration")
    }

    @Test("A retention policy that is not locked within one day lapses")
    func wormExpires() throws {
        let initiate = days("InitiateWormConfiguration", 30)
        #expect(try server.request("POST", "/photos?worm", body: initiate).status == 200)
        server.clockOffset = .seconds(86_000)
        #expect(try server.request("GET", "/photos?worm").status == 200)
        server.clockOffset = .seconds(86_500)
        #expect(try server.request("GET", "/photos?worm").status == 404)
        #expect(try server.request("POST", "/photos?worm", body: initiate).status == 200)
    }

    @Test("Replication rules can be added, read and deleted by ID")
    func replication() throws {
        let rule =
            "<ReplicationConfiguration><Rule><Destination><Bucket>b</Bucket><Location>oss-cn-beijing</Location>"
            + "</Destination><EncryptionConfiguration><ReplicaKmsKeyID>k</ReplicaKmsKeyID></EncryptionConfiguration>"
            + "</Rule></ReplicationConfiguration>"
        #expect(try server.request("GET", "/photos?replication").element("Code") == "NoSuchReplicationConfiguration")
        let added = try server.request("POST", "/photos?replication&comp=add", body: rule)
        #expect(added.status == 200)
        let id = try #require(added.headers["x-oss-replication-rule-id"])
        let got = try server.request("GET", "/photos?replication")
        #expect(got.element("ID") == id)
        #expect(got.element("Status") == "starting")
        #expect(got.element("ReplicaKmsKeyID") == nil)
        let again = try server.request("POST", "/photos?replication&comp=add", body: rule)
        #expect(again.status == 400 && again.element("Code") == "BucketReplicationAlreadyExist")
        let role = rule.replacingOccurrences(of: "<Bucket>b", with: "<Bucket>c")
            .replacingOccurrences(of: "</Rule>", with: "<SyncRole>r</SyncRole></Rule>")
        let other = try #require(
            try server.request("POST", "/photos?replication&comp=add", body: role).headers["x-oss-replication-rule-id"])
        #expect(try server.request("GET", "/photos?replication").element("ReplicaKmsKeyID") == "k")
        let removal = "<ReplicationRules><ID>\(other)</ID></ReplicationRules>"
        #expect(try server.request("POST", "/photos?comp=delete&replication", body: removal).status == 200)
        #expect(try server.request("GET", "/photos?bucketInfo").element("CrossRegionReplication") == "Enabled")
        #expect(
            try server.request("GET", "/photos?replicationProgress&rule-id=x").element("Code")
                == "NoSuchReplicationRule")
        let control = "<ReplicationRule><RTC><Status>enabled</Status></RTC><ID>\(id)</ID></ReplicationRule>"
        #expect(try server.request("PUT", "/photos?rtc", body: control).status == 200)
        #expect(try server.request("GET", "/photos?replication").text.contains("<RTC><Status>enabled</Status></RTC>"))
        #expect(
            try server.request("GET", "/photos?replicationLocation").elements("Location").contains("oss-cn-beijing"))
        for (id, status) in [("x", 404), (id, 200)] {
            let body = "<ReplicationRules><ID>\(id)</ID></ReplicationRules>"
            #expect(try server.request("POST", "/photos?comp=delete&replication", body: body).status == status)
        }
        #expect(try server.request("GET", "/photos?replication").elements("Status").first == "closing")
    }

    @Test("A replication rule is starting, doing and closing in turn, and its progress reports each state")
    func replicationProgress() throws {
        func add(_ history: String, to target: String) throws {
            let body =
                "<ReplicationConfiguration><Rule><ID>\(history)</ID><Destination><Bucket>\(target)</Bucket>"
                + "<Location>oss-cn-beijing</Location></Destination><HistoricalObjectReplication>\(history)"
                + "</HistoricalObjectReplication></Rule></ReplicationConfiguration>"
            #expect(try server.request("POST", "/photos?replication&comp=add", body: body).status == 200)
        }
        func progress(_ id: String) throws -> RawResponse {
            try server.request("GET", "/photos?replicationProgress&rule-id=\(id)")
        }
        try add("enabled", to: "b")
        try add("disabled", to: "c")
        for id in ["enabled", "disabled"] {
            let starting = try progress(id)
            #expect(starting.element("Status") == "starting")
            #expect(starting.element("HistoricalObject") == "0.00" && starting.element("NewObject") == nil)
        }
        server.clockOffset = .seconds(61)
        #expect(try server.request("GET", "/photos?replication").elements("Status") == ["doing", "doing"])
        #expect(try progress("enabled").element("HistoricalObject") == "1.00")
        #expect(try progress("disabled").element("HistoricalObject") == nil)
        #expect(try progress("disabled").element("NewObject")?.hasSuffix("Z") == true)

        let removal = "<ReplicationRules><ID>enabled</ID></ReplicationRules>"
        #expect(try server.request("POST", "/photos?replication&comp=delete", body: removal).status == 200)
        let got = try server.request("GET", "/photos?replication")
        #expect(got.elements("Status") == ["closing", "doing"])
        #expect(!got.text.contains("StatusSince"))
        #expect(try progress("enabled").element("Status") == "closing")
        #expect(try progress("enabled").element("NewObject") == nil)
        server.clockOffset = .seconds(100)
        #expect(try server.request("POST", "/photos?replication&comp=delete", body: removal).status == 200)
        server.clockOffset = .seconds(125)
        #expect(try progress("enabled").element("Code") == "NoSuchReplicationRule")
        #expect(try server.request("GET", "/photos?replication").elements("ID") == ["disabled"])
        let last = removal.replacingOccurrences(of: "enabled", with: "disabled")
        #expect(try server.request("POST", "/photos?replication&comp=delete", body: last).status == 200)
        #expect(try server.request("GET", "/photos?bucketInfo").element("CrossRegionReplication") == "Enabled")
        server.clockOffset = .seconds(190)
        #expect(try server.request("GET", "/photos?replication").element("Code") == "NoSuchReplicationConfiguration")
        #expect(try server.request("GET", "/photos?bucketInfo").element("CrossRegionReplication") == "Disabled")
    }

    @Test("A replication rule keeps its KMS key only with encrypted objects and a role")
    func replicationKey() throws {
        for (bucket, status, role, key) in [
            ("used", "Enabled", "r", "k"), ("unused", "Disabled", "r", nil), ("nobody", "Enabled", "", nil),
        ] {
            let body =
                "<ReplicationConfiguration><Rule><Destination><Bucket>b</Bucket><Location>oss-cn-beijing</Location>"
                + "</Destination><SyncRole>\(role)</SyncRole><SourceSelectionCriteria><SseKmsEncryptedObjects>"
                + "<Status>\(status)</Status></SseKmsEncryptedObjects></SourceSelectionCriteria>"
                + "<EncryptionConfiguration><ReplicaKmsKeyID>k</ReplicaKmsKeyID></EncryptionConfiguration></Rule>"
                + "</ReplicationConfiguration>"
            try server.createBucket(bucket)
            #expect(try server.request("POST", "/\(bucket)?replication&comp=add", body: body).status == 200)
            let got = try server.request("GET", "/\(bucket)?replication")
            #expect(got.element("ReplicaKmsKeyID") == key)
            #expect(got.text.contains("<SseKmsEncryptedObjects><Status>\(status)") == !role.isEmpty)
        }
    }

    @Test("Redundancy transitions are queued, read, listed in pages and deleted")
    func redundancyTransition() throws {
        let create = "?redundancyTransition&x-oss-target-redundancy-type"
        #expect(try server.request("POST", "/photos\(create)=LRS").element("Code") == "InvalidArgument")
        #expect(try server.request("POST", "/none\(create)=ZRS").element("Code") == "NoSuchBucket")
        #expect(try server.request("PUT", "/attic").status == 200)
        var ids: [String] = []
        for bucket in ["attic", "photos"] {
            let created = try server.request("POST", "/\(bucket)\(create)=ZRS")
            #expect(created.status == 200)
            ids.append(try #require(created.element("TaskId")))
        }
        let task = "/photos?redundancyTransition&x-oss-redundancy-transition-taskid=\(ids[1])"
        let got = try server.request("GET", task)
        #expect(got.element("Bucket") == "photos" && got.element("TaskId") == ids[1])
        #expect(got.element("Status") == "Queueing" && got.element("CreateTime")?.hasSuffix(".000Z") == true)
        #expect(try server.request("GET", "/photos?redundancyTransition").elements("TaskId") == [ids[1]])
        let first = try server.request("GET", "/?redundancyTransition&max-keys=1")
        #expect(first.elements("TaskId") == [ids[0]] && first.element("IsTruncated") == "true")
        let token = try #require(first.element("NextContinuationToken"))
        let second = try server.request("GET", "/?redundancyTransition&max-keys=1&continuation-token=\(token)")
        #expect(second.elements("TaskId") == [ids[1]] && second.element("IsTruncated") == "false")
        #expect(try server.request("DELETE", task).status == 204)
        for method in ["GET", "DELETE"] { #expect(try server.request(method, task).status == 404) }
    }

    @Test("A domain can be bound with a token if it belongs to the bucket")
    func cname() throws {
        var configuration = MockOSSServer.Configuration(buckets: ["photos"])
        configuration.cnames = ["img.example.com": "photos"]
        let server = try MockOSSServer(configuration)
        let body =
            "<BucketCnameConfiguration><Cname><Domain>Img.example.com</Domain></Cname></BucketCnameConfiguration>"
        #expect(try server.request("GET", "/photos?comp=token&cname=img.example.com").status == 404)
        let token = try server.request("POST", "/photos?cname&comp=token", body: body)
        #expect(token.element("Cname") == "img.example.com")
        #expect(
            try server.request("GET", "/photos?comp=token&cname=img.example.com").element("Token")
                == token.element("Token"))
        #expect(try server.request("POST", "/photos?cname&comp=add", body: body).status == 200)
        let foreign = body.replacingOccurrences(of: "Img.", with: "www.")
        let refused = try server.request("POST", "/photos?cname&comp=add", body: foreign)
        #expect(refused.status == 403)
        #expect(refused.element("Code") == "NeedVerifyDomainOwnership")
        let list = try server.request("GET", "/photos?cname")
        #expect(list.elements("Domain") == ["img.example.com"])
        #expect(list.element("Status") == "Enabled")
        #expect(try server.request("POST", "/photos?cname&comp=delete", body: body).status == 200)
        #expect(try server.request("GET", "/photos?cname").elements("Domain").isEmpty)
    }

    @Test("A metadata index is opened, becomes ready, runs, returns no files and is closed")
    func metaQuery() throws {
        #expect(try server.request("GET", "/photos?metaQuery").element("Code") == "MetaQueryNotExist")
        #expect(try server.request("POST", "/photos?metaQuery&comp=add").status == 200)
        #expect(try server.request("POST", "/photos?metaQuery&comp=add").element("Code") == "MetaQueryAlreadyExist")
        for state in ["Ready", "Running", "Running"] {
            let status = try server.request("GET", "/photos?metaQuery")
            #expect(status.element("State") == state)
            #expect(status.element("MetaQueryMode") == "basic" && status.element("Phase") == "FullScanning")
        }
        let query = "<MetaQuery><NextToken></NextToken><Query>{}</Query></MetaQuery>"
        let found = try server.request("POST", "/photos?metaQuery&comp=query", body: query)
        #expect(found.status == 200)
        #expect(found.text.hasSuffix("<MetaQuery><NextToken></NextToken><Files></Files></MetaQuery>"))
        let aggregations = ["sum", "group"].map {
            "<Aggregation><Field>Size</Field><Operation>\($0)</Operation></Aggregation>"
        }
        let sums = try server.request(
            "POST", "/photos?metaQuery&comp=query",
            body: "<MetaQuery><Aggregations>\(aggregations.joined())</Aggregations></MetaQuery>")
        #expect(sums.elements("Field") == ["Size", "Size"] && sums.elements("Operation") == ["sum", "group"])
        #expect(sums.elements("Value") == ["0"] && sums.element("Groups") == "")
        #expect(
            try server.request("POST", "/photos?metaQuery&comp=query", body: "<MetaQuery>").element("Code")
                == "MalformedXML")
        #expect(try server.request("POST", "/photos?metaQuery&comp=delete").status == 200)
        #expect(try server.request("GET", "/photos?metaQuery").element("Code") == "MetaQueryNotExist")
        #expect(
            try server.request("POST", "/photos?metaQuery&comp=query", body: query).element("Code")
                == "MetaQueryNotExist")
    }

    @Test(
        "A data processing action is rejected for a bucket without it, in any case of the parameter",
        arguments: ["metaQuery", "MetaQuery", "METAQUERY"])
    func dataProcessing(resource: String) throws {
        for value in ["", "="] {
            let refused = try server.request("POST", "/photos?\(resource)\(value)&action=createDataset", body: "")
            #expect(refused.status == 400)
            #expect(refused.element("Code") == "OperationNotSupported")
            #expect(refused.element("Message") == "The operation is not supported for this resource")
            #expect(refused.element("EC") == "0037-00000001")
            let missing = try server.request("POST", "/none?action=listDatasets&\(resource)\(value)", body: "")
            #expect(missing.status == 404 && missing.element("Code") == "NoSuchBucket")
        }
        #expect(Set(server.requests.map(\.operation)) == ["CreateDataset", "ListDatasets"])
        #expect(try server.request("POST", "/photos?\(resource)&comp=add").status == 200)
    }

    @Test("Access points have policies and public access blocks")
    func accessPoints() throws {
        let body =
            "<CreateAccessPointConfiguration><AccessPointName>ap-01</AccessPointName><NetworkOrigin>internet"
            + "</NetworkOrigin></CreateAccessPointConfiguration>"
        let created = try server.request("PUT", "/photos?accessPoint", body: body)
        #expect(created.status == 200)
        let alias = try #require(created.element("Alias"))
        #expect(alias.hasSuffix("-ossalias"))
        #expect(try server.request("PUT", "/photos?accessPoint", body: body).status == 409)
        let name: KeyValuePairs = ["x-oss-access-point-name": "ap-01"]
        let got = try server.request("GET", "/photos?accessPoint", headers: name)
        #expect(got.element("Alias") == alias)
        #expect(got.element("BlockPublicAccess") == "false")
        for target in ["/?accessPoint", "/photos?accessPoint"] {
            #expect(try server.request("GET", target).elements("AccessPointName") == ["ap-01"])
        }
        let policy = "{\"Version\":\"1\",\"Statement\":[{\"Effect\":\"Deny\"}]}"
        #expect(try server.request("GET", "/photos?accessPointPolicy", headers: name).status == 404)
        #expect(try server.request("PUT", "/photos?accessPointPolicy", headers: name, body: policy).status == 200)
        #expect(try server.request("GET", "/photos?accessPointPolicy", headers: name).text == policy)
        #expect(try server.request("DELETE", "/photos?accessPointPolicy", headers: name).status == 204)
        let block =
            "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>"
        let blockTarget = "/photos?publicAccessBlock&x-oss-access-point-name=ap-01"
        #expect(try server.request("PUT", blockTarget, body: block).status == 200)
        #expect(try server.request("GET", blockTarget).element("BlockPublicAccess") == "true")
        #expect(try server.request("GET", "/photos?publicAccessBlock").element("BlockPublicAccess") == "false")
        #expect(try server.request("DELETE", "/photos?accessPoint", headers: name).status == 204)
        #expect(try server.request("GET", "/photos?accessPoint", headers: name).element("Code") == "NoSuchAccessPoint")
    }

    @Test("A website returns its index page for a folder without an object")
    func indexPage() throws {
        func website(_ subfolders: Bool) -> String {
            "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix><SupportSubDir>\(subfolders)</SupportSubDir>"
                + "</IndexDocument></WebsiteConfiguration>"
        }
        for (key, text) in [("index.html", "top"), ("a/index.html", "a"), ("marked/", "marker")] {
            try server.put(key, Data(text.utf8), in: "photos")
        }
        #expect(try server.request("GET", "/photos/a/").status == 404)
        #expect(try server.request("PUT", "/photos?website", body: website(false)).status == 200)
        #expect(try server.request("GET", "/photos/a/").text == "top")
        #expect(try server.request("HEAD", "/photos/none/").headers["content-length"] == "3")
        #expect(try server.request("GET", "/photos/marked/").text == "marker")
        #expect(try server.request("GET", "/photos/a").status == 404)
        #expect(try server.request("GET", "/photos/a/?versionId=null").status == 404)
        #expect(try server.request("PUT", "/photos?website", body: website(true)).status == 200)
        #expect(try server.request("GET", "/photos/a/").text == "a")
        #expect(try server.request("GET", "/photos/none/").status == 404)
    }

    @Test("With access monitoring, GetObjectMeta returns the last access time of an object")
    func lastAccess() throws {
        try server.put("k", Data("x".utf8), in: "photos")
        let before = try server.request("HEAD", "/photos/k?objectMeta")
        #expect(before.headers["x-oss-last-access-time"] == nil)
        let body = "<AccessMonitorConfiguration><Status>Enabled</Status></AccessMonitorConfiguration>"
        #expect(try server.request("PUT", "/photos?accessmonitor", body: body).status == 200)
        let after = try server.request("HEAD", "/photos/k?objectMeta")
        #expect(after.headers["x-oss-last-access-time"] == after.headers["last-modified"])
        #expect(after.headers["last-modified"] != nil)
    }
}
