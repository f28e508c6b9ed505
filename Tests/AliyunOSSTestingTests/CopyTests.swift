import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock copies of special objects")
struct CopyTests {
    private func copy(_ source: String, to key: String, _ server: MockOSSServer) throws -> RawResponse {
        try server.request("PUT", "/photos/\(key)", headers: ["x-oss-copy-source": "/photos/\(source)"], body: "")
    }

    @Test("The copy of a sealed object is a normal object without a seal")
    func sealed() throws {
        let server = try MockOSSServer.versioned(nil)
        #expect(try server.request("POST", "/photos/a?append&position=0", body: "hello").status == 200)
        #expect(try server.request("POST", "/photos/a?seal&position=5", body: "").status == 200)
        #expect(try copy("a", to: "b", server).status == 200)
        let head = try server.request("HEAD", "/photos/b")
        #expect(head.headers["x-oss-object-type"] == "Normal")
        #expect(head.headers["x-oss-sealed-time"] == nil)
        #expect(head.headers["x-oss-next-append-position"] == nil)
        #expect(head.headers["etag"] == "\"5D41402ABC4B2A76B9719D911017C592\"")
        #expect(try server.request("HEAD", "/photos/a").headers["x-oss-sealed-time"] != nil)
    }

    @Test("The copy of a multipart object is a normal object with an MD5", arguments: [false, true])
    func upload(isSequential: Bool) throws {
        let server = try MockOSSServer.versioned(nil)
        let begun = try server.request("POST", "/photos/big?uploads" + (isSequential ? "&sequential" : ""))
        let id = try #require(begun.element("UploadId"))
        #expect(try server.completeUpload([(1, try server.uploadPart(1, "hello", id))], id).status == 200)
        let answer = try copy("big", to: "b", server)
        #expect(answer.headers["etag"] == "\"5D41402ABC4B2A76B9719D911017C592\"")
        let head = try server.request("HEAD", "/photos/b")
        #expect(head.headers["etag"] == answer.headers["etag"])
        #expect(head.headers["x-oss-object-type"] == "Normal")
        #expect(head.headers["content-md5"] == "XUFAKrxLKna5cZ2REBfFkg==")
    }

    @Test("Copying an object onto itself changes attributes and keeps its type")
    func ontoItself() throws {
        let server = try MockOSSServer.versioned(nil)
        #expect(try server.request("POST", "/photos/a?append&position=0", body: "hello").status == 200)
        let id = try server.initiateUpload()
        #expect(try server.completeUpload([(1, try server.uploadPart(1, "hello", id))], id).status == 200)
        try server.put("n", Data("hello".utf8), in: "photos")
        for key in ["a", "big", "n"] {
            let before = try server.request("HEAD", "/photos/\(key)")
            let headers: KeyValuePairs = [
                "x-oss-copy-source": "/photos/\(key)", "x-oss-metadata-directive": "REPLACE", "x-oss-meta-a": "1",
                "x-oss-storage-class": "IA",
            ]
            let answer = try server.request("PUT", "/photos/\(key)", headers: headers, body: "")
            #expect(answer.status == 200)
            #expect(answer.headers["etag"] == before.headers["etag"])
            let after = try server.request("GET", "/photos/\(key)")
            #expect(after.text == "hello")
            #expect(after.headers["x-oss-meta-a"] == "1")
            #expect(after.headers["x-oss-storage-class"] == "IA")
            for name in ["etag", "x-oss-object-type", "content-md5", "x-oss-next-append-position"] {
                #expect(after.headers[name] == before.headers[name], "\(key) \(name)")
            }
        }
        #expect(try server.request("POST", "/photos/a?append&position=5", body: "!").status == 200)
        #expect(server.data(of: "a", in: "photos") == Data("hello!".utf8))
    }

    @Test("An appendable object in a versioned bucket cannot be copied", arguments: ["Enabled", "Suspended"])
    func appendable(status: String) throws {
        let server = try MockOSSServer.versioned(status)
        #expect(try server.request("POST", "/photos/a?append&position=0", body: "hello").status == 200)
        let refused = try copy("a", to: "b", server)
        #expect(refused.status == 400)
        #expect(refused.element("Code") == "OperationNotSupported")
        #expect(server.keys(in: "photos") == ["a"])
        try server.write("n", "x")
        #expect(try copy("n", to: "b", server).status == 200)
    }
}
