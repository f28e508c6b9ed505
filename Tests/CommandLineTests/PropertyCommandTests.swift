import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("ossmirror presign, meta, tag, acl and symlink")
struct PropertyCommandTests {
    private func presigned(_ method: HTTPMethod, _ url: String?, _ headers: [String: String] = [:]) throws
        -> PresignedRequest
    {
        let text = try #require(url)
        return PresignedRequest(method, url: try #require(URL(string: text)), headers: headers)
    }

    private func client() throws -> PresignedClient {
        var configuration = BucketConfiguration()
        configuration.allowsPlainHTTP = true
        return try PresignedClient(configuration: configuration)
    }

    @Test("presign prints a URL that reads the object until it expires", arguments: ["v1", "v4"])
    func presign(_ version: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a b/中": Data("content".utf8)])
            let outcome = try await fixture.run(
                "presign", "oss://demo/a b/中", "--signature", version, "--expires", "1h")
            #expect(outcome.status == 0 && outcome.lines.count == 1 && outcome.diagnostics.isEmpty, "\(outcome)")
            #expect(fixture.asked == 0)
            let request = try presigned(.get, outcome.lines.first)
            #expect(try await client().read(request) == Data("content".utf8))
            fixture.server.clockOffset = .seconds(3700)
            await #expect(throws: OSSError.self) { try await client().read(request) }
        }
    }

    @Test("presign --method PUT prints the headers that the upload must send, which the service enforces")
    func presignUpload() async throws {
        try await OSSMirrorFixture.with { fixture in
            let words = [
                "presign", "oss://demo/new", "--method", "PUT", "--header", "Content-Type: image/png", "--header",
                "x-oss-meta-color:blue",
            ]
            let text = try await fixture.run(words)
            #expect(text.status == 0 && text.lines.count == 1, "\(text)")
            #expect(text.diagnostics.contains("x-oss-meta-color: blue"), "\(text)")
            let report = try await fixture.run(words + ["--json"]).json()
            let headers = try #require(report["headers"] as? [String: String])
            let url = report["url"] as? String
            await #expect(throws: OSSError.self) {
                try await client().upload("x", with: presigned(.put, url, ["Content-Type": "image/png"]))
            }
            try await client().upload("x", with: presigned(.put, url, headers))
            let stat = try await fixture.run("stat", "oss://demo/new", "--json").json()
            #expect(stat["contentType"] as? String == "image/png")
            #expect(stat["metadata"] as? [String: String] == ["color": "blue"])
        }
    }

    @Test("meta changes what is named and preserves everything else")
    func meta() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bucket = try fixture.server.bucket("demo")
            try await bucket.remove(.publicAccessBlock)
            try fixture.server.put(
                "a", Data("content".utf8), in: "demo",
                headers: [
                    "Content-Type": "text/plain", "Cache-Control": "no-cache", "Content-Language": "de",
                    "x-oss-meta-color": "blue", "x-oss-meta-size": "big", "x-oss-tagging": "team=web",
                    "x-oss-storage-class": "IA", "x-oss-object-acl": "public-read",
                    "x-oss-server-side-encryption": "AES256", "Expires": "0",
                ])
            let outcome = try await fixture.run(
                "meta", "oss://demo/a", "--metadata", "Color=red", "--remove", "SIZE", "--content-disposition", "inline"
            )
            #expect(outcome.status == 0 && outcome.text == "changed 1, failed 0\n", "\(outcome)")
            let object = try await bucket.headObject("a")
            #expect(object.metadata == ["color": "red"] && object.contentDisposition == "inline")
            #expect(object.contentType == "text/plain" && object.cacheControl == "no-cache" && object.expires == "0")
            #expect(object.storageClass == .infrequentAccess && object.encryption == "AES256")
            #expect(try await bucket.objectTags("a") == ["team": "web"])
            #expect(try await bucket.objectAccessControl("a").grant == .publicRead)
            #expect(fixture.server.data(of: "a", in: "demo") == Data("content".utf8))
            #expect(fixture.operations()["PutObject"] == nil)

            let before = fixture.asked
            let same = try await fixture.run("meta", "oss://demo/a", "--metadata", "color=red")
            #expect(same.text == "unchanged 1, failed 0\n", "\(same)")
            #expect(fixture.operations(after: before)["CopyObject"] == nil)
        }
    }

    @Test("meta sets and removes the Expires header, whatever its text, and keeps it otherwise")
    func metaExpires() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.server.put("a", Data(), in: "demo", headers: ["Expires": "0"])
            let bucket = try fixture.server.bucket("demo")
            let date = "Thu, 31 Dec 2026 15:59:59 GMT"
            let set = ["meta", "oss://demo/a", "--expires-header", "2026-12-31T23:59:59+08:00"]
            #expect(try await fixture.run(set).text == "changed 1, failed 0\n")
            #expect(try await bucket.headObject("a").expires == date)
            #expect(try await fixture.run(set).text == "unchanged 1, failed 0\n")
            let other = try await fixture.run("meta", "oss://demo/a", "--cache-control", "no-cache")
            #expect(other.text == "changed 1, failed 0\n", "\(other)")
            #expect(try await bucket.headObject("a").expires == date)
            let remove = ["meta", "oss://demo/a", "--remove", "Expires"]
            #expect(try await fixture.run(remove).text == "changed 1, failed 0\n")
            #expect(try await bucket.headObject("a").expires == nil)
            #expect(try await fixture.run(remove).text == "unchanged 1, failed 0\n")
        }
    }

    @Test("meta -r changes the objects under a prefix, reports the failed ones, and does not overwrite a new object")
    func metaRecursive() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["p/a": Data("1".utf8), "p/b": Data("2".utf8), "pq": Data()])
            let dry = try await fixture.run("meta", "-r", "-n", "oss://demo/p", "--cache-control", "no-cache")
            #expect(dry.lines == ["meta p/a", "meta p/b", "would have changed 2, failed 0"], "\(dry)")
            #expect(fixture.operations()["CopyObject"] == nil)

            // The object is replaced between the requests that read and change it.
            fixture.server.add(
                .respond(status: 412, code: "PreconditionFailed"), when: .operation("CopyObject"))
            let run = try await fixture.run(
                "meta", "-r", "-j", "1", "oss://demo/p", "--cache-control", "no-cache", "--json")
            let report = try run.json()
            #expect(run.status == 1 && report["counts"] as? [String: Int] == ["changed": 1], "\(run)")
            #expect((report["failures"] as? [[String: Any]])?.compactMap { $0["key"] as? String } == ["p/a"])
            let bucket = try fixture.server.bucket("demo")
            #expect(try await bucket.headObject("p/b").cacheControl == "no-cache")
            #expect(try await bucket.headObject("pq").cacheControl == nil)
            let none = try await fixture.run("meta", "-r", "oss://demo/nothing", "--cache-control", "no-cache")
            #expect(none.status == 1 && none.diagnostics.contains("no objects under this prefix"), "\(none)")
            #expect(try await fixture.run("meta", "oss://demo/p/a").status == 2)
        }
    }

    @Test("tag sets, adds, prints and removes tags")
    func tag() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a/1": Data(), "a/2": Data()])
            let set = try await fixture.run("tag", "set", "oss://demo/a/1", "team=web", "state=a=b")
            #expect(set.text == "tagged 1, failed 0\n", "\(set)")
            #expect(try await fixture.run("tag", "get", "oss://demo/a/1").lines == ["state=a=b", "team=web"])
            let add = try await fixture.run("tag", "add", "-r", "oss://demo/a", "team=ops", "--quiet")
            #expect(add.status == 0 && add.output.isEmpty, "\(add)")
            let report = try await fixture.run("tag", "get", "oss://demo/a/1", "--json").json()
            #expect(report["tags"] as? [String: String] == ["state": "a=b", "team": "ops"])
            #expect(try await fixture.run("tag", "rm", "oss://demo/a/1", "state").text == "tagged 1, failed 0\n")
            #expect(try await fixture.run("tag", "get", "oss://demo/a/1").lines == ["team=ops"])
            #expect(try await fixture.run("tag", "rm", "-r", "oss://demo/a").text == "untagged 2, failed 0\n")
            #expect(try await fixture.run("tag", "get", "oss://demo/a/2").output.isEmpty)
            let missing = try await fixture.run("tag", "set", "oss://demo/none", "a=b")
            #expect(missing.status == 1 && missing.diagnostics.contains("none"), "\(missing)")
        }
    }

    @Test("acl prints and sets the access control lists of objects and of the bucket")
    func acl() async throws {
        try await OSSMirrorFixture.with { fixture in
            try await fixture.server.bucket("demo").remove(.publicAccessBlock)
            try fixture.put(["a/1": Data(), "a/2": Data()])
            #expect(try await fixture.run("acl", "get", "oss://demo/a/1").text == "default\n")
            #expect(try await fixture.run("acl", "set", "oss://demo/a/1", "public-read").text == "set 1, failed 0\n")
            let report = try await fixture.run("acl", "get", "oss://demo/a/1", "--json").json()
            #expect(report["acl"] as? String == "public-read" && report["key"] as? String == "a/1")
            #expect(try await fixture.run("acl", "set", "-r", "oss://demo/a", "private").status == 0)
            #expect(try await fixture.run("acl", "get", "oss://demo/a/2").text == "private\n")
            #expect(
                try await fixture.run("acl", "set", "oss://demo", "public-read").text
                    == "set public-read for oss://demo\n")
            #expect(try await fixture.run("acl", "get", "oss://demo").text == "public-read\n")
            #expect(try await fixture.run("acl", "set", "oss://demo", "default").status == 2)
        }
    }

    @Test("symlink creates a link and prints its target")
    func symlink() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["a b/中": Data("content".utf8)])
            let create = try await fixture.run("symlink", "create", "oss://demo/link", "oss://demo/a b/中")
            #expect(create.text == "created oss://demo/link -> oss://demo/a b/中\n", "\(create)")
            #expect(try await fixture.run("symlink", "show", "oss://demo/link").text == "oss://demo/a b/中\n")
            #expect(try await fixture.run("cat", "oss://demo/link").text == "content")
            let again = try await fixture.run(
                "symlink", "create", "oss://demo/link", "oss://demo/other", "--no-overwrite", "--json")
            #expect(again.status == 1, "\(again)")
            #expect((try again.json()["error"] as? [String: Any])?["code"] as? String == "alreadyExists")
            let plain = try await fixture.run("symlink", "show", "oss://demo/a b/中")
            #expect(plain.status == 1 && plain.diagnostics.contains("NotSymlink"), "\(plain)")
            #expect(try await fixture.run("symlink", "create", "oss://demo/l", "oss://other/x").status == 2)
        }
    }

    @Test(
        "An action that does not exist or lacks an argument is rejected with a remedy",
        arguments: [
            (["tag", "gte", "oss://demo/a"], "expected get, set, add, rm, not 'gte'; did you mean 'get'?"),
            (["tag", "set", "oss://demo/a"], "missing tags; use 'tag set oss://BUCKET/KEY KEY=VALUE…'"),
            (["tag", "set", "oss://demo/a", "b"], "a tag must be KEY=VALUE (got 'b')"),
            (["acl", "set", "oss://demo/a", "open"], "(got 'open')"),
            (["symlink", "create", "oss://demo/a"], "missing target"),
            (["presign", "oss://demo/a", "--header", "x"], "--header must be NAME:VALUE (got 'x')"),
        ])
    func refusals(_ words: [String], _ message: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            let run = try await fixture.run(words)
            #expect(run.status == 2 && run.diagnostics.contains(message), "\(run)")
            #expect(fixture.asked == 0)
        }
    }
}
