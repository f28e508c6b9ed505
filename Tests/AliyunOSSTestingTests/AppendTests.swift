import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock append")
struct AppendTests {
    let server: MockOSSServer

    init() throws {
        server = try MockOSSServer(.init(buckets: ["photos"]))
    }

    @Test("AppendObject requires the current length as position")
    func append() throws {
        let first = try server.request(
            "POST", "/photos/log?append&position=0", headers: ["x-oss-meta-a": "1"], body: "abc")
        #expect(first.status == 200)
        #expect(first.headers["x-oss-next-append-position"] == "3")
        let second = try server.request("POST", "/photos/log?append&position=3", body: "def")
        let wrong = try server.request("POST", "/photos/log?append&position=3", body: "def")
        #expect(wrong.status == 409)
        #expect(wrong.element("Code") == "PositionNotEqualToLength")
        #expect(wrong.headers["x-oss-next-append-position"] == "6")
        let got = try server.request("GET", "/photos/log")
        #expect(got.text == "abcdef")
        #expect(got.headers["x-oss-object-type"] == "Appendable")
        #expect(got.headers["x-oss-next-append-position"] == "6")
        #expect(got.headers["x-oss-meta-a"] == "1")
        let whole = try server.request("PUT", "/photos/whole", body: "abcdef")
        #expect(whole.headers["x-oss-hash-crc64ecma"] == second.headers["x-oss-hash-crc64ecma"])
        #expect(
            try server.request("POST", "/photos/whole?append&position=6", body: "x").element("Code")
                == "ObjectNotAppendable")
    }

    @Test("An empty append creates an empty object, and an append at the wrong position returns the right one")
    func empty() throws {
        let wrong = try server.request("POST", "/photos/log?append&position=1", body: "x")
        #expect(wrong.element("Code") == "PositionNotEqualToLength")
        #expect(wrong.headers["x-oss-next-append-position"] == "0")
        #expect(server.keys(in: "photos").isEmpty)
        let created = try server.request("POST", "/photos/log?append&position=0", body: "")
        #expect(created.headers["x-oss-next-append-position"] == "0")
        #expect(created.headers["x-oss-hash-crc64ecma"] == "0")
        #expect(try server.request("HEAD", "/photos/log").headers["content-length"] == "0")
        #expect(try server.request("POST", "/photos/log?append&position=0", body: "x").status == 200)
        #expect(try server.request("POST", "/photos/log?append&position=-1", body: "x").status == 400)
        #expect(try server.request("POST", "/photos/log?append", body: "x").element("Code") == "InvalidArgument")
    }

    @Test("x-oss-forbid-overwrite applies only to the first append, and an append with a wrong MD5 stores nothing")
    func refusals() throws {
        let forbid: KeyValuePairs<String, String> = ["x-oss-forbid-overwrite": "true"]
        #expect(
            try server.request("POST", "/photos/log?append&position=0", headers: forbid, body: "ab").status == 200)
        #expect(
            try server.request("POST", "/photos/log?append&position=0", headers: forbid, body: "ab").element("Code")
                == "FileAlreadyExists")
        #expect(
            try server.request("POST", "/photos/log?append&position=2", headers: forbid, body: "c").status == 200)
        let digest = try server.request(
            "POST", "/photos/log?append&position=3", headers: ["Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="], body: "d")
        #expect(digest.element("Code") == "InvalidDigest")
        #expect(server.data(of: "log", in: "photos") == Data("abc".utf8))
    }

    @Test("A reader sees the content that it opened while thousands of appends follow")
    func manyPieces() throws {
        let client = try RawClient(server)
        var whole = ""
        for number in 0..<3000 {
            let piece = "\(number) " + String(repeating: "x", count: number % 100)
            let response = try client.request(
                "POST", "/photos/log?append&position=\(whole.utf8.count)", body: piece)
            whole += piece
            guard response.status == 200 else {
                Issue.record("the append of piece \(number) failed: \(response.text)")
                return
            }
        }
        #expect(server.data(of: "log", in: "photos") == Data(whole.utf8))
        let put = try server.request("PUT", "/photos/whole", body: whole)
        let head = try server.request("HEAD", "/photos/log")
        #expect(put.headers["x-oss-hash-crc64ecma"] == head.headers["x-oss-hash-crc64ecma"])
        let middle = try server.request("GET", "/photos/log", headers: ["Range": "bytes=65000-66999"])
        #expect(middle.text == String(decoding: Array(whole.utf8)[65000...66999], as: UTF8.self))
    }

    @Test("A sealed object rejects appends and returns the time of its seal")
    func seal() throws {
        #expect(try server.request("POST", "/photos/log?seal&position=0").status == 404)
        #expect(try server.request("POST", "/photos/log?append&position=0", body: "abc").status == 200)
        let wrong = try server.request("POST", "/photos/log?seal&position=2")
        #expect(wrong.element("Code") == "PositionNotEqualToLength")
        #expect(wrong.headers["x-oss-next-append-position"] == "3")
        let sealed = try server.request("POST", "/photos/log?seal&position=3")
        let date = try #require(sealed.headers["x-oss-sealed-time"])
        #expect(sealed.status == 200)
        server.clockOffset = .seconds(100)
        #expect(try server.request("POST", "/photos/log?seal&position=3").headers["x-oss-sealed-time"] == date)
        #expect(try server.request("HEAD", "/photos/log").headers["x-oss-sealed-time"] == date)
        for position in [0, 3, 4] {
            let append = try server.request("POST", "/photos/log?append&position=\(position)", body: "d")
            #expect(append.status == 400)
            #expect(append.element("Code") == "AppendSealedObjectNotAllowed")
        }
        #expect(server.data(of: "log", in: "photos") == Data("abc".utf8))
        #expect(try server.request("GET", "/photos").element("SealedTime")?.hasSuffix(".000Z") == true)
        try server.put("normal", Data(), in: "photos")
        #expect(
            try server.request("POST", "/photos/normal?seal&position=0").element("Code") == "ObjectNotAppendable")
    }
}
