import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock control endpoints of the page")
struct ControlPageTests {
    struct Changes: Decodable {
        struct Request: Decodable {
            struct Signature: Decodable, Equatable {
                var outcome: String
                var scheme: String?
                var accessKeyID: String?
                var errorCode: String?
            }

            var position: Int
            var number: Int
            var key: String?
            var status: Int
            var isFinished: Bool
            var signature: Signature
            var faults: [String]
        }

        struct Bucket: Decodable {
            var name: String
            var objects: Int
        }

        var run: String
        var next: Int
        var oldest: Int
        var requests: [Request]
        var buckets: [Bucket]
        var isReadOnly: Bool
        var verifiesSignatures: Bool
    }

    struct Faults: Decodable {
        struct Line: Decodable {
            var id: Int
            var action: String
            var summary: String
            var happened: Int
            var isEnabled: Bool
        }

        var unused: Int
        var faults: [Line]
    }

    struct Listing: Decodable {
        struct Object: Decodable {
            var key: String
            var size: Int
        }

        var folders: [String]
        var objects: [Object]
        var next: String?
    }

    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(
            .init(buckets: ["photos"], accessKeys: [.init(id: "id", secret: "secret", securityToken: nil)]))
    }

    private func get<Value: Decodable>(_ path: String, from server: MockOSSServer? = nil) throws -> Value {
        let response = try (server ?? self.server).request("GET", "/-/\(path)")
        guard response.status == 200 else { throw RawClient.Failure() }
        return try JSONDecoder().decode(Value.self, from: Data(response.body))
    }

    /// Returns the target of a signed request.
    private func presign(_ json: String) throws -> String {
        let response = try server.request("POST", "/-/presign", body: json)
        try #require(response.status == 200, "\(response.text)")
        return try #require(try JSONDecoder().decode([String: String].self, from: Data(response.body))["target"])
    }

    // MARK: Requests

    @Test("A cursor returns only the requests that have changed, and a reset starts a new count")
    func cursor() async throws {
        let target = try presign(#"{"method": "PUT", "bucket": "photos", "key": "a"}"#)
        #expect(try server.request("PUT", target, body: "x").status == 200)
        // A request is finished shortly after its response has arrived, which is another change.
        await server.waitForRequests(1) { $0.key == "a" && $0.isFinished }
        let first: Changes = try get("changes")
        #expect(first.requests.map(\.key) == ["a"] && first.requests.map(\.number) == [1])
        #expect(first.buckets.map(\.objects) == [1] && first.verifiesSignatures && !first.isReadOnly)
        let none: Changes = try get("changes?after=\(first.next)")
        #expect(none.requests.isEmpty && none.next == first.next && none.run == first.run)
        #expect(try server.request("GET", "/photos/b").status == 403)
        await server.waitForRequests(1) { $0.key == "b" && $0.isFinished }
        let second: Changes = try get("changes?after=\(first.next)")
        #expect(second.requests.map(\.key) == ["b"] && second.requests.map(\.status) == [403])

        #expect(try server.request("POST", "/-/reset", body: "").status == 200)
        #expect(try server.request("GET", "/photos/c").status == 403)
        let third: Changes = try get("changes?after=\(second.next)")
        #expect(third.requests.map(\.key) == ["c"] && third.requests.map(\.number) == [1])
        #expect(third.oldest == second.requests[0].position + 1 && third.requests[0].position == third.oldest)
        #expect(try server.request("GET", "/-/changes?after=-1").status == 400)
    }

    @Test("A request in progress is returned again when it has finished")
    func progress() async throws {
        server.add(.delay(.seconds(600)))
        let client = try RawClient(server)
        client.send("GET /photos/slow HTTP/1.1\r\nHost: x\r\n\r\n")
        await server.waitForRequests(1)
        let first: Changes = try get("changes")
        #expect(first.requests.map(\.isFinished) == [false] && first.requests.map(\.faults) == [["delay"]])
        #expect(first.requests.map(\.status) == [0])
        server.add(.neverRespond)
        let other = try RawClient(server)
        other.send("GET /photos/silent HTTP/1.1\r\nHost: x\r\n\r\n")
        other.finish()
        await server.waitForRequests(1) { $0.isFinished }
        let second: Changes = try get("changes?after=\(first.next)")
        #expect(second.requests.map(\.key) == ["silent"] && second.requests.map(\.isFinished) == [true])
        #expect(second.requests.map(\.status) == [0] && second.requests.map(\.faults) == [["neverRespond"]])
    }

    @Test("The log contains at most 500 changed requests, the latest ones")
    func limit() throws {
        let client = try RawClient(server)
        for index in 1...505 { _ = try client.request("GET", "/photos/\(index)") }
        let changes: Changes = try get("changes")
        #expect(changes.requests.count == 500 && changes.requests.first?.key == "6")
        #expect(changes.requests.last?.key == "505")
    }

    @Test("Each request has a verdict on its signature, in Swift and in JSON")
    func verdicts() throws {
        let valid = try presign(#"{"method": "GET", "bucket": "photos", "key": "valid"}"#)
        let forged = valid.replacingOccurrences(of: "x-oss-signature=", with: "x-oss-signature=0")
        let unknown = "/photos/v1?OSSAccessKeyId=other&Expires=9999999999&Signature=x"
        for target in [valid, forged, "/photos/unsigned", unknown] { _ = try server.request("GET", target) }
        _ = try server.request("GET", "/photos/header", headers: ["Authorization": "OSS id:x", "Date": "yesterday"])
        _ = try server.request("GET", "/photos/unknown", headers: ["Authorization": "Basic x"])
        server.add(.respond(status: 500, code: "X"), when: .init(key: "valid"))
        server.add(.closeBeforeReading(), when: .init(key: "valid"))
        #expect(try server.request("GET", valid).status == 500)
        #expect(throws: RawClient.Failure.self) { try server.request("GET", valid) }

        let changes: Changes = try get("changes")
        typealias Signature = Changes.Request.Signature
        #expect(
            changes.requests.map(\.signature) == [
                Signature(outcome: "valid", scheme: "V4 URL", accessKeyID: "id"),
                Signature(outcome: "invalid", scheme: "V4 URL", errorCode: "SignatureDoesNotMatch"),
                Signature(outcome: "unsigned"),
                Signature(outcome: "invalid", scheme: "V1 URL", errorCode: "InvalidAccessKeyId"),
                Signature(outcome: "invalid", scheme: "V1 header", errorCode: "AccessDenied"),
                Signature(outcome: "invalid", errorCode: "InvalidArgument"),
                Signature(outcome: "valid", scheme: "V4 URL", accessKeyID: "id"),
                Signature(outcome: "unchecked", scheme: "V4 URL"),
            ])
        #expect(server.requests.map(\.signature.outcome.rawValue) == changes.requests.map(\.signature.outcome))
        #expect(server.requests.map(\.faults) == [[], [], [], [], [], [], ["respond"], ["closeBeforeReading"]])
        #expect(server.requests.map(\.number) == Array(1...8))
    }

    @Test("A form has a verdict, and a server without keys checks no signature")
    func formVerdicts() async throws {
        let open = try MockOSSServer(.init(buckets: ["photos"]))
        for (server, outcome) in [(server, SignatureVerdict.Outcome.valid), (open, .unchecked)] {
            let bucket = try Bucket(
                "photos", endpoint: server.endpoint, region: server.region,
                credentials: .static(accessKeyID: "id", accessKeySecret: "secret"))
            let form = try await bucket.postForm([.equals("key", "k")], expiresIn: .minutes(5))
            let parts = form.fields.map { "--b\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n\($1)\r\n" }
            let file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n"
            let response = try server.request(
                "POST", "/photos", headers: ["Content-Type": "multipart/form-data; boundary=b"],
                body: parts.joined() + file)
            #expect(response.status == 204, "\(response.text)")
            #expect(server.requests.last?.signature.outcome == outcome)
            #expect(server.requests.last?.signature.scheme == "V4 form")
        }
        _ = try open.request("GET", "/photos/k?OSSAccessKeyId=a&Expires=1&Signature=x")
        #expect(open.requests.last?.signature.outcome == .unchecked)
        #expect(open.requests.last?.signature.scheme == "V1 URL")
    }

    // MARK: Faults

    @Test("A fault can be switched off, on and removed, and keeps its count")
    func switches() throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        server.add(.respond(status: 503, code: "ServerBusy"), when: .operation("GetObject"), times: .max)
        server.add(.challenge, when: .operation("PutObject"), times: 2)
        func statuses() throws -> [Int] {
            try [server.request("GET", "/photos/k").status, server.request("PUT", "/photos/k", body: "").status]
        }
        #expect(try statuses() == [503, 401])
        let lines = (try get("faults", from: server) as Faults).faults
        let summaries = ["respond with 503 ServerBusy", "respond with 401 and request Basic authentication"]
        #expect(lines.map(\.summary) == summaries)
        #expect(lines.map(\.happened) == [1, 1] && lines.map(\.isEnabled) == [true, true])
        let paths = lines.map { "/-/faults/\($0.id)" }
        #expect(try server.request("PATCH", paths[0], body: #"{"isEnabled": false}"#).status == 200)
        #expect(try server.request("DELETE", paths[1]).status == 200)
        #expect(try statuses() == [404, 200])
        #expect(try server.request("PATCH", paths[0], body: #"{"isEnabled": true}"#).status == 200)
        #expect(try server.request("GET", "/photos/k").status == 503)
        let left = (try get("faults", from: server) as Faults).faults
        #expect(left.map(\.happened) == [2] && left.map(\.id) == [lines[0].id])

        // A number is not used again, so that a page never switches another fault than the one that it shows.
        server.add(.challenge)
        #expect((try get("faults", from: server) as Faults).faults.last?.id == 3)
        for (method, path, body, status) in [
            ("PATCH", paths[1], #"{"isEnabled": true}"#, 404), ("DELETE", "/-/faults/99", "", 404),
            ("PATCH", "/-/faults/x", "{}", 404), ("PATCH", paths[0], #"{"enabled": true}"#, 400),
            ("PATCH", paths[0], #"{"isEnabled": true, "x": 1}"#, 400), ("POST", paths[0], "{}", 405),
        ] {
            #expect(try server.request(method, path, body: body).status == status, "\(method) \(path)")
        }
    }

    // MARK: Objects

    @Test("Folders, objects and content are read without signatures, faults or log entries")
    func objects() throws {
        for key in ["a/1", "a/b/2", "a/中 %", "top", "z"] { try server.put(key, Data(key.utf8), in: "photos") }
        server.add(.respond(status: 503, code: "ServerBusy"), times: .max)
        server.add(.listing(.duplicated), times: .max)
        let top: Listing = try get("objects?bucket=photos")
        #expect(top.folders == ["a/"] && top.objects.map(\.key) == ["top", "z"] && top.next == nil)
        let folder: Listing = try get("objects?bucket=photos&prefix=a/")
        #expect(folder.folders == ["a/b/"] && folder.objects.map(\.key) == ["a/1", "a/中 %"])
        #expect(folder.objects.map(\.size) == [3, 7])
        let content = try server.request("GET", "/-/content?bucket=photos&key=a/%E4%B8%AD%20%25&limit=5")
        #expect(content.text == "a/中" && content.headers["content-type"] == "application/octet-stream")
        #expect(content.headers["content-disposition"] == "attachment")
        #expect(content.headers["content-security-policy"]?.hasPrefix("sandbox;") == true)
        for path in ["objects?bucket=none", "object?bucket=photos&key=none", "content?bucket=photos&key=none"] {
            #expect(try server.request("GET", "/-/\(path)").status == 404)
        }
        #expect(server.requests.isEmpty && server.statistics.requests == 0 && server.unusedFaults.count == 2)
    }

    @Test("A listing of more than 200 objects has pages")
    func pages() throws {
        for index in 100..<305 { try server.put("\(index)", Data(), in: "photos") }
        let first: Listing = try get("objects?bucket=photos")
        #expect(first.objects.count == 200 && first.next == "299")
        let second: Listing = try get("objects?bucket=photos&after=299")
        #expect(second.objects.map(\.key) == ["300", "301", "302", "303", "304"] && second.next == nil)
    }

    @Test("The properties of an object include its headers, and a delete marker is no object")
    func properties() throws {
        let server = try MockOSSServer.versioned("Enabled")
        try server.put("k", Data("x".utf8), in: "photos", headers: ["Content-Type": "text/x", "x-oss-meta-a": "<b>"])
        let text = try server.request("GET", "/-/object?bucket=photos&key=k").text
        #expect(text.contains(#""contentType":"text/x""#) && text.contains(#""x-oss-meta-a":"<b>""#))
        #expect(text.contains(#""size":1"#) && text.contains("versionID"))
        server.delete("k", in: "photos")
        #expect(try server.request("GET", "/-/object?bucket=photos&key=k").status == 404)
        #expect(try server.request("GET", "/-/content?bucket=photos&key=k").status == 404)
    }

    // MARK: Presigning

    @Test("A presigned target is accepted by the server, with its headers, its query and any key")
    func presigning() throws {
        for key in ["a b/中+%", "a/../b", "./x", "quote\\\"'"] {
            let document = try JSONEncoder().encode(["method": "PUT", "bucket": "photos", "key": key])
            let target = try presign(String(decoding: document, as: UTF8.self))
            #expect(try server.request("PUT", target, body: key).status == 200, "\(target)")
            #expect(server.data(of: key, in: "photos") == Data(key.utf8))
            #expect(!target.contains("/../") && !target.contains("/./"))
        }
        let typed = try presign(
            #"{"method":"PUT","bucket":"photos","key":"k","headers":{"Content-Type":"text/x"},"expires":60}"#)
        #expect(try server.request("PUT", typed, body: "x").status == 403)
        #expect(try server.request("PUT", typed, headers: ["Content-Type": "text/x"], body: "x").status == 200)
        let query = try presign(#"{"method":"GET","bucket":"photos","query":{"list-type":"2","prefix":"k","acl":""}}"#)
        #expect(query.hasPrefix("/photos/?acl&list-type=2&prefix=k&"))
        #expect(try server.request("GET", query).status == 200)
        #expect(try server.request("GET", try presign(#"{"method":"GET"}"#)).text.contains("<Name>photos</Name>"))
    }

    @Test("A presigned target contains the token of a temporary key, and no signature without keys")
    func presigningKeys() throws {
        let key = MockOSSServer.AccessKey(id: "sts", secret: "s", securityToken: "to+ken/=")
        let server = try MockOSSServer(.init(buckets: ["photos"], accessKeys: [key]))
        let open = try MockOSSServer(.init(buckets: ["photos"]))
        let document = #"{"method":"PUT","bucket":"photos","key":"k"}"#
        let response = try server.request("POST", "/-/presign", body: document)
        let target = try #require(try JSONDecoder().decode([String: String].self, from: Data(response.body))["target"])
        #expect(try server.request("PUT", target, body: "x").status == 200)
        #expect(try open.request("POST", "/-/presign", body: document).text == #"{"target":"/photos/k"}"#)
    }

    @Test(
        "An invalid request to presign is explained",
        arguments: [
            ("{}", "requires 'method'"), (#"{"method":"GET","key":"k"}"#, "'key' requires 'bucket'"),
            (#"{"method":"GET","expires":0}"#, "'expires'"), (#"{"method":"GET","bukcet":"a"}"#, "bukcet"),
        ])
    func invalidPresigning(document: String, problem: String) throws {
        let response = try server.request("POST", "/-/presign", body: document)
        #expect(response.status == 400 && response.text.contains(problem), "\(response.text)")
    }
}
