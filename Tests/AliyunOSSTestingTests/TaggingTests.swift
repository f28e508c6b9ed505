import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock object tags, ACL, retention and legal hold")
struct TaggingTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"], blocksPublicAccess: false))
        try server.write("k", "x")
    }

    private func document(_ tags: [(String, String)]) -> String {
        let tags = tags.map { "<Tag><Key>\($0)</Key><Value>\($1)</Value></Tag>" }.joined()
        return "<Tagging><TagSet>\(tags)</TagSet></Tagging>"
    }

    private func tags(of key: String) throws -> [String] {
        let response = try server.request("GET", "/photos/\(key)?tagging")
        return zip(response.elements("Key"), response.elements("Value")).map { "\($0)=\($1)" }
    }

    @Test("Tags can be put, read, counted and deleted")
    func roundTrip() throws {
        #expect(try server.request("GET", "/photos/k?tagging").status == 200)
        #expect(try tags(of: "k").isEmpty)
        #expect(try server.request("GET", "/photos/k").headers["x-oss-tagging-count"] == nil)
        let body = document([("a", "1"), ("+-.:", "_/ "), ("\u{4E2D}\u{6587}", "")])
        #expect(try server.request("PUT", "/photos/k?tagging", body: body).status == 200)
        #expect(try tags(of: "k") == ["a=1", "+-.:=_/ ", "\u{4E2D}\u{6587}="])
        #expect(try server.request("HEAD", "/photos/k").headers["x-oss-tagging-count"] == "3")
        #expect(try server.request("PUT", "/photos/k?tagging", body: document([("b", "2")])).status == 200)
        #expect(try tags(of: "k") == ["b=2"])
        #expect(try server.request("DELETE", "/photos/k?tagging").status == 204)
        #expect(try tags(of: "k").isEmpty)
        #expect(try server.request("GET", "/photos/k").text == "x")
    }

    @Test("An object can have ten tags, with keys of 128 bytes and values of 256 bytes")
    func limits() throws {
        let longest = (String(repeating: "k", count: 128), String(repeating: "v", count: 256))
        let ten = [longest] + (1..<10).map { ("k\($0)", "v") }
        #expect(try server.request("PUT", "/photos/k?tagging", body: document(ten)).status == 200)
        #expect(try tags(of: "k").count == 10)
        let cases: [([(String, String)], String)] = [
            (ten + [("one", "more")], "TooManyTags"), ([(String(repeating: "k", count: 129), "")], "InvalidTaggingKey"),
            ([("", "v")], "InvalidTaggingKey"), ([("%@abc", "v")], "InvalidTaggingKey"),
            ([("k", String(repeating: "v", count: 257))], "InvalidTag"), ([("k", "%abc")], "InvalidTag"),
            ([("k", "1"), ("k", "2")], "RepeatedTags"),
        ]
        for (tags, code) in cases {
            let response = try server.request("PUT", "/photos/k?tagging", body: document(tags))
            #expect(response.status == 400, "\(code)")
            #expect(response.element("Code") == code)
        }
        #expect(try tags(of: "k").count == 10)
    }

    @Test(
        "A PutObjectTagging body of another shape is malformed",
        arguments: ["", "<Tagging/>", "<Other><TagSet/></Other>", "x"])
    func malformed(body: String) throws {
        #expect(try server.request("PUT", "/photos/k?tagging", body: body).element("Code") == "MalformedXML")
    }

    @Test("A document with a wrong Content-MD5 changes nothing")
    func digest() throws {
        let response = try server.request(
            "PUT", "/photos/k?tagging", headers: ["Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="],
            body: document([("a", "1")]))
        #expect(response.element("Code") == "InvalidDigest")
        #expect(try tags(of: "k").isEmpty)
    }

    @Test("Tagging requests for a missing object or bucket return NoSuchKey or NoSuchBucket")
    func missing() throws {
        for method in ["GET", "DELETE", "PUT"] {
            let response = try server.request(
                method, "/photos/none?tagging", body: method == "PUT" ? document([]) : nil)
            #expect(response.status == 404)
            #expect(response.element("Code") == "NoSuchKey")
        }
        #expect(try server.request("GET", "/nobucket/k?tagging").element("Code") == "NoSuchBucket")
    }

    @Test("The tagging header of a write requires valid percent-encoded tags")
    func header() throws {
        try server.write("h", "x", headers: ["x-oss-tagging": "a=1&%20%2B=%E4%B8%AD&bare&e="])
        #expect(try tags(of: "h") == ["a=1", " +=\u{4E2D}", "bare=", "e="])
        #expect(try server.request("HEAD", "/photos/h").headers["x-oss-tagging-count"] == "4")
        let eleven = (0..<11).map { "k\($0)=v" }.joined(separator: "&")
        for (value, code) in [
            ("aa=bb=cc", "InvalidTag"), ("a=%zz", "InvalidTag"), (eleven, "TooManyTags"), ("a=1&a=2", "RepeatedTags"),
            ("=v", "InvalidTaggingKey"), ("a%25=v", "InvalidTaggingKey"),
        ] {
            let response = try server.request("PUT", "/photos/refused", headers: ["x-oss-tagging": value], body: "x")
            #expect(response.status == 400, "\(value)")
            #expect(response.element("Code") == code, "\(value)")
        }
        #expect(!server.keys(in: "photos").contains("refused"))
    }

    @Test("A copy inherits the tags unless it replaces them")
    func copy() throws {
        try server.write("t", "x", headers: ["x-oss-tagging": "a=1"])
        func copy(_ directive: String?, _ tagging: String?) throws -> RawResponse {
            var text = "PUT /photos/c HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n"
            text += "x-oss-copy-source: /photos/t\r\n"
            if let directive { text += "x-oss-tagging-directive: \(directive)\r\n" }
            if let tagging { text += "x-oss-tagging: \(tagging)\r\n" }
            let client = try RawClient(server)
            client.send(text + "\r\n")
            return try #require(client.response())
        }
        for (directive, tagging, expected) in [
            (nil, nil, ["a=1"]), ("Copy", "b=2", ["a=1"]), ("COPY", "a=b=c", ["a=1"]), ("Replace", "b=2", ["b=2"]),
            ("REPLACE", nil, []),
        ] as [(String?, String?, [String])] {
            #expect(try copy(directive, tagging).status == 200)
            #expect(try tags(of: "c") == expected, "\(directive ?? "") \(tagging ?? "")")
        }
        #expect(try copy("Replace", "a=b=c").element("Code") == "InvalidTag")
        #expect(try copy("Other", nil).element("Code") == "InvalidArgument")
    }

    @Test("The ACL of an object is default until it is set to one of four values")
    func acl() throws {
        #expect(try server.request("GET", "/photos/k?acl").element("Grant") == "default")
        for value in ["private", "public-read", "public-read-write", "default"] {
            #expect(
                try server.request("PUT", "/photos/k?acl", headers: ["x-oss-object-acl": value]).status == 200)
            let response = try server.request("GET", "/photos/k?acl")
            #expect(response.element("Grant") == value)
            #expect(response.element("ID") == response.element("DisplayName"))
        }
        for headers in [["x-oss-object-acl": "public"], [:]] as [KeyValuePairs<String, String>] {
            let response = try server.request("PUT", "/photos/k?acl", headers: headers)
            #expect(response.status == 400)
            #expect(response.element("Code") == "InvalidArgument")
            #expect(response.element("Message") == "no such object access control exists")
            #expect(response.element("EC") == "0017-00000104")
            #expect(response.element("ArgumentName") == "x-oss-object-acl")
        }
        #expect(
            try server.request("PUT", "/photos/none?acl", headers: ["x-oss-object-acl": "private"]).element("Code")
                == "NoSuchKey")
        #expect(try server.request("GET", "/photos/none?acl").element("Code") == "NoSuchKey")
    }

    @Test("A write can set the object's ACL, and a copy does not inherit it")
    func aclOfWrites() throws {
        try server.write("p", "x", headers: ["x-oss-object-acl": "public-read"])
        #expect(try server.request("GET", "/photos/p?acl").element("Grant") == "public-read")
        #expect(
            try server.request("PUT", "/photos/c", headers: ["x-oss-copy-source": "/photos/p"], body: "").status == 200)
        #expect(try server.request("GET", "/photos/c?acl").element("Grant") == "default")
        try server.write("p", "y")
        #expect(try server.request("GET", "/photos/p?acl").element("Grant") == "default")
    }

    @Test("Retention and legal hold are returned as they were put")
    func retention() throws {
        #expect(try server.request("GET", "/photos/k?retention").status == 404)
        let retention =
            "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2030-01-01T00:00:00.000Z</RetainUntilDate></Retention>"
        #expect(try server.request("PUT", "/photos/k?retention", body: retention).status == 200)
        let got = try server.request("GET", "/photos/k?retention")
        #expect(got.element("Mode") == "COMPLIANCE")
        #expect(got.element("RetainUntilDate") == "2030-01-01T00:00:00.000Z")
        #expect(
            try server.request("PUT", "/photos/k?retention", body: "<Retention/>").element("Code") == "MalformedXML")

        #expect(try server.request("GET", "/photos/k?legalHold").element("Status") == "OFF")
        let hold = "<LegalHold><Status>ON</Status></LegalHold>"
        #expect(try server.request("PUT", "/photos/k?legalHold", body: hold).status == 200)
        #expect(try server.request("GET", "/photos/k?legalHold").element("Status") == "ON")
        #expect(try server.request("PUT", "/photos/k?legalHold", body: "<LegalHold/>").status == 400)
    }
}
