import AliyunOSS
import Foundation
import TestKit
import Testing

@testable import AliyunOSSTesting

@Suite("Mock process handlers")
struct ProcessTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
        try server.put("k", Data("content".utf8), in: "photos")
    }

    /// A request for an unimplemented operation, and the name of the operation.
    struct Case: CustomTestStringConvertible {
        var method: String
        var target: String
        var operation: String
        var process: String?
        var body = ""

        var testDescription: String { "\(method) \(target)" }
    }

    private static let cases = [
        Case(
            method: "GET", target: "/photos/k?x-oss-process=image/resize,w_100", operation: "ProcessObject",
            process: "image/resize,w_100"),
        Case(
            method: "POST", target: "/photos/k?x-oss-process", operation: "ProcessObject",
            process: "image/info|sys/saveas,o_eA", body: "x-oss-process=image/info|sys/saveas,o_eA"),
        Case(
            method: "POST", target: "/photos/k?x-oss-async-process", operation: "AsyncProcessObject",
            process: "video/convert", body: "x-oss-async-process=video/convert"),
        Case(
            method: "POST", target: "/photos/k?x-oss-process=csv/select", operation: "SelectObject",
            process: "csv/select", body: "<SelectRequest></SelectRequest>"),
        Case(
            method: "POST", target: "/photos/k?x-oss-process=json%2Fmeta", operation: "CreateSelectObjectMeta",
            process: "json/meta"),
        Case(method: "PUT", target: "/photos/c?live", operation: "PutLiveChannel"),
        Case(method: "PUT", target: "/photos/c?live&status=enabled", operation: "PutLiveChannelStatus"),
        Case(method: "GET", target: "/photos/c?live", operation: "GetLiveChannelInfo"),
        Case(method: "GET", target: "/photos/c?comp=stat&live", operation: "GetLiveChannelStat"),
        Case(method: "GET", target: "/photos/c?live&comp=history", operation: "GetLiveChannelHistory"),
        Case(method: "DELETE", target: "/photos/c?live", operation: "DeleteLiveChannel"),
        Case(method: "POST", target: "/photos/c/p.m3u8?vod&endTime=2&startTime=1", operation: "PostVodPlaylist"),
        Case(method: "POST", target: "/photos?asyncFetch", operation: "PutAsyncFetchTask"),
        Case(method: "GET", target: "/photos?asyncFetch", operation: "GetAsyncFetchTask"),
        Case(
            method: "POST", target: "/?dataPipeline&action=putDataPipelineConfiguration",
            operation: "PutDataPipelineConfiguration"),
        Case(method: "POST", target: "/photos/d?x-oss-rename", operation: "Rename"),
        Case(
            method: "PUT", target: "/photos?metadataInventoryTable",
            operation: "UpdateBucketMetadataInventoryTableConfiguration"),
        Case(method: "PUT", target: "/photos?agenticBucket", operation: "PUT ?agenticBucket"),
    ]

    @Test(
        "An unimplemented operation returns NotImplemented with its name, or the response of a handler",
        arguments: cases)
    func handler(_ item: Case) throws {
        func send() throws -> RawResponse {
            let hasBody = ["POST", "PUT"].contains(item.method)
            return try server.request(item.method, item.target, body: hasBody ? item.body : nil)
        }
        let refused = try send()
        #expect(refused.status == 400 && refused.element("Code") == "NotImplemented")
        #expect(refused.element("Message")?.contains("does not implement \(item.operation):") == true)
        #expect(server.requests.last?.operation == item.operation)

        server.process { request in
            guard request.operation == item.operation else { return nil }
            let content = request.object.map { String(decoding: $0, as: UTF8.self) } ?? "none"
            let text = "\(request.process ?? "none") \(content) \(String(decoding: request.body, as: UTF8.self))"
            return .init(
                status: 206, headers: ["Content-Type": "a/b", "x-extra": request.method], body: Data(text.utf8))
        }
        let answer = try send()
        #expect(answer.status == 206)
        #expect(answer.headers["content-type"] == "a/b" && answer.headers["x-extra"] == item.method)
        #expect(answer.headers["x-oss-request-id"]?.count == 24)
        #expect(answer.text == "\(item.process ?? "none") \(item.process == nil ? "none" : "content") \(item.body)")
    }

    @Test("The latest handler is called first and can pass the request to earlier ones")
    func order() throws {
        server.process { _ in .init(body: Data("first".utf8)) }
        server.process { request in request.process == "image/info" ? .init(body: Data("second".utf8)) : nil }
        #expect(try server.request("GET", "/photos/k?x-oss-process=image/info").text == "second")
        #expect(try server.request("GET", "/photos/k?x-oss-process=image/other").text == "first")
        try server.reset()
        try server.put("k", Data(), in: "photos")
        #expect(try server.request("GET", "/photos/k?x-oss-process=image/info").element("Code") == "NotImplemented")
    }

    @Test("Handlers are not called for missing or unreadable objects")
    func refusals() throws {
        server.process { _ in .init() }
        let cases = [
            ("GET", "/photos/none?x-oss-process=image/info", "NoSuchKey"),
            ("GET", "/none/k?x-oss-process=image/info", "NoSuchBucket"),
            ("POST", "/none?asyncFetch", "NoSuchBucket"), ("GET", "/none/k?live", "NoSuchBucket"),
            ("GET", "/photos/k?versionId=x&x-oss-process=image/info", "InvalidArgument"),
        ]
        for (method, target, code) in cases {
            #expect(
                try server.request(method, target, body: method == "POST" ? "" : nil).element("Code") == code,
                "\(target)")
        }
        let guarded = try MockOSSServer(.init(buckets: ["photos"], accessKeys: [.init(id: "id", secret: "s")]))
        guarded.process { _ in .init() }
        #expect(try guarded.request("POST", "/photos?asyncFetch", body: "").status == 403)
    }

    @Test("A handler can respond to data processing actions")
    func dataProcessing() throws {
        server.process { request in .init(body: Data(request.operation.utf8)) }
        #expect(
            try server.request("POST", "/photos?metaQuery&action=listDatasets", body: "").text == "ListDatasets")
        #expect(try server.request("POST", "/photos?metaQuery&comp=add", body: "").text.isEmpty)
        #expect(try server.request("GET", "/photos/k").text == "content")
    }

    @Test("The control endpoint adds a canned response for matching requests")
    func canned() throws {
        let reply =
            #"{"operation":"ProcessObject","process":"image/info","key":"k","status":201,"text":"{}","headers":{"#
            + #""Content-Type":"application/json"}}"#
        #expect(try server.request("POST", "/-/process", body: reply).text == #"{"added":1}"#)
        let answer = try server.request("GET", "/photos/k?x-oss-process=image/info")
        #expect(answer.status == 201 && answer.text == "{}")
        #expect(answer.headers["content-type"] == "application/json")
        try server.put("other", Data(), in: "photos")
        for target in ["/photos/other?x-oss-process=image/info", "/photos/k?x-oss-process=image/blur"] {
            #expect(try server.request("GET", target).element("Code") == "NotImplemented")
        }
        let binary = #"{"operation":"SelectObject","base64":"AAEC"}"#
        #expect(try server.request("POST", "/-/process", body: binary).status == 200)
        #expect(try server.request("POST", "/photos/k?x-oss-process=csv/select", body: "").body == [0, 1, 2])
        #expect(try server.request("DELETE", "/-/process").status == 200)
        #expect(try server.request("GET", "/photos/k?x-oss-process=image/info").element("Code") == "NotImplemented")
    }

    @Test(
        "An invalid canned response is rejected with its problem",
        arguments: [
            (#"{"process":"image/info"}"#, "operation"), (#"{"operation":"X","body":"x"}"#, "'body'"),
            (#"{"operation":"X","base64":"!"}"#, "Base64"), (#"{"operation":"X","status":99}"#, "status"),
            ("[]", ""),
        ])
    func wrongReplies(json: String, problem: String) throws {
        let refused = try server.request("POST", "/-/process", body: json)
        #expect(refused.status == 400)
        #expect(refused.text.contains(problem) || problem.isEmpty, "\(refused.text)")
        #expect(try server.request("GET", "/-/process").status == 405)
    }

    @Test("ListCloudBoxes returns an empty list")
    func cloudBoxes() throws {
        let list = try server.request("GET", "/?cloudboxes&max-keys=10")
        #expect(list.status == 200)
        #expect(list.element("MaxKeys") == "10" && list.element("IsTruncated") == "false")
        #expect(list.element("CloudBoxes") == "" && list.elements("ID").count == 1)
        #expect(server.requests.map(\.operation) == ["ListCloudBoxes"])
    }
}
