import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock QoS limits")
struct QoSTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    private func limits(_ content: String) -> String { "<QoSConfiguration>\(content)</QoSConfiguration>" }

    @Test("Limits missing from a bucket's QoS configuration are unlimited")
    func defaults() throws {
        #expect(try server.request("GET", "/photos?qosInfo").element("Code") == "NoSuchBucketQosInfo")
        let given = "<ExtranetUploadBandwidth>2</ExtranetUploadBandwidth><TotalUploadBandwidth>5</TotalUploadBandwidth>"
        #expect(try server.request("PUT", "/photos?qosInfo", body: limits(given)).status == 200)
        let got = try server.request("GET", "/photos?qosInfo")
        #expect(
            got.text.hasSuffix(
                limits(
                    "<TotalUploadBandwidth>5</TotalUploadBandwidth><IntranetUploadBandwidth>-1</IntranetUploadBandwidth>"
                        + "<ExtranetUploadBandwidth>2</ExtranetUploadBandwidth><TotalDownloadBandwidth>-1"
                        + "</TotalDownloadBandwidth><IntranetDownloadBandwidth>-1</IntranetDownloadBandwidth>"
                        + "<ExtranetDownloadBandwidth>-1</ExtranetDownloadBandwidth><TotalQps>-1</TotalQps>"
                        + "<IntranetQps>-1</IntranetQps><ExtranetQps>-1</ExtranetQps>")))
        #expect(try server.request("DELETE", "/photos?qosInfo").status == 204)
        #expect(try server.request("GET", "/photos?qosInfo").status == 404)
    }

    @Test("A bucket's limit cannot exceed the account's, nor a network's limit the bucket's")
    func refused() throws {
        let account = try server.request("GET", "/?qosInfo")
        #expect(account.element("Region") == "cn-hangzhou")
        let highest = try #require(account.element("TotalUploadBandwidth").flatMap(Int.init))
        #expect(account.element("ExtranetQps") == "-1")
        let cases: [(values: [(name: String, value: Int)], status: Int)] = [
            ([("TotalUploadBandwidth", highest)], 200),
            ([("TotalUploadBandwidth", highest + 1)], 400),
            ([("IntranetUploadBandwidth", highest + 1)], 400),
            ([("TotalDownloadBandwidth", 3), ("ExtranetDownloadBandwidth", 4)], 400),
            ([("TotalDownloadBandwidth", 3), ("ExtranetDownloadBandwidth", -1)], 200),
            ([("TotalQps", 20_000), ("IntranetQps", 20_001)], 400),
            ([("TotalQps", 20_000), ("IntranetQps", 0)], 200),
            ([("TotalQps", -2)], 400),
        ]
        for (values, status) in cases {
            let body = limits(values.map { "<\($0.name)>\($0.value)</\($0.name)>" }.joined())
            let response = try server.request("PUT", "/photos?qosInfo", body: body)
            #expect(response.status == status, "\(body)")
            #expect(status == 200 || response.element("Code") == "InvalidArgument", "\(body)")
        }
    }

    @Test("Requester limits can be put, read, listed in pages and deleted")
    func requesters() throws {
        let query = "/photos?requesterQosInfo"
        #expect(try server.request("GET", "\(query)&qosRequester=1").element("Code") == "NoSuchBucketRequesterQosInfo")
        for requester in 1...3 {
            let body = limits("<TotalQps>\(requester)00</TotalQps>")
            #expect(try server.request("PUT", "\(query)&qosRequester=\(requester)", body: body).status == 200)
        }
        let got = try server.request("GET", "\(query)&qosRequester=2")
        #expect(
            got.text.contains("<RequesterQoSInfo><Requester>2</Requester><QoSConfiguration><TotalUploadBandwidth>-1"))
        #expect(got.element("TotalQps") == "200")
        let first = try server.request("GET", "\(query)&max-keys=2&continuation-token=")
        #expect(first.elements("Requester") == ["1", "2"])
        #expect(first.element("IsTruncated") == "true" && first.element("NextContinuationToken") == "2")
        let rest = try server.request("GET", "\(query)&continuation-token=2")
        #expect(rest.elements("TotalQps") == ["300"])
        #expect(rest.element("IsTruncated") == "false" && rest.element("Bucket") == "photos")
        #expect(try server.request("DELETE", "\(query)&qosRequester=2").status == 204)
        #expect(try server.request("GET", query).elements("Requester") == ["1", "3"])
    }

    @Test("The account has no resource pools")
    func pools() throws {
        let all = try server.request("GET", "/?resourcePool&max-keys=100&continuation-token=")
        #expect(all.element("Region") == "cn-hangzhou" && all.element("Owner") == Service.ownerID)
        #expect(all.element("IsTruncated") == "false" && all.elements("ResourcePool").isEmpty)
        for (method, query) in [
            ("GET", "resourcePoolInfo&resourcePool=p"), ("GET", "resourcePool=p&resourcePoolBuckets"),
            ("PUT", "requesterQosInfo&qosRequester=1&resourcePool=p"),
            ("GET", "requesterQosInfo&qosRequester=1&resourcePool=p"),
            ("DELETE", "requesterQosInfo&qosRequester=1&resourcePool=p"),
        ] {
            let response = try server.request(method, "/?\(query)")
            #expect(response.status == 404 && response.element("Code") == "NoSuchResourcePool", "\(method) \(query)")
        }
    }
}
