import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Other executables")
struct ExecutableTests {
    @Test("quickstart prints its steps and exits with status 0")
    func quickstart() async throws {
        let outcome = try await Program("quickstart").run([])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.text.contains("Both folders contain the same files") && outcome.diagnostics.isEmpty)
    }

    @Test("presigning prints URLs by which it uploads and downloads a file", arguments: ["v1", "v4"])
    func presigning(version: String) async throws {
        let server = try MockOSSServer(
            .init(buckets: ["photos"], accessKeys: [.init(id: "test-id", secret: "test-secret")]))
        let environment = [
            "OSS_ACCESS_KEY_ID": "test-id", "OSS_ACCESS_KEY_SECRET": "test-secret", "OSS_ENDPOINT": server.endpoint,
            "OSS_REGION": server.region, "OSS_SIGNATURE": version,
        ]
        let folder = try ScratchDirectory()
        try folder.write("source", "content")
        let put = try await Program("presigning", environment: environment).run(["put", "photos", "a b/中"])
        let upload = try await Program("presigning").run(["upload", folder["source"]] + put.lines)
        #expect(upload.status == 0, "\(put) \(upload)")
        let get = try await Program("presigning", environment: environment).run(["get", "photos", "a b/中"])
        let download = try await Program("presigning").run(["download"] + get.lines + [folder["copy"]])
        #expect(download.status == 0, "\(get) \(download)")
        #expect(try folder.read("copy") == Data("content".utf8))
        #expect(server.data(of: "a b/中", in: "photos") == Data("content".utf8))
    }

    @Test("presigning prints the URL and the fields of a form", arguments: ["v1", "v4"])
    func form(version: String) async throws {
        let environment = [
            "OSS_ACCESS_KEY_ID": "test-id", "OSS_ACCESS_KEY_SECRET": "test-secret",
            "OSS_ENDPOINT": "http://127.0.0.1:9000", "OSS_REGION": "cn-hangzhou", "OSS_SIGNATURE": version,
        ]
        let program = try Program("presigning", environment: environment)
        let form = try await program.run(["form", "photos", "a=b", "success_action_status=201", "x:empty="])
        #expect(form.status == 0, "\(form)")
        #expect(
            form.lines.prefix(4) == [
                "http://127.0.0.1:9000/photos/", "key=a=b", "success_action_status=201", "x:empty=",
            ])
        #expect(form.lines.contains { $0.hasPrefix(version == "v1" ? "Signature=" : "x-oss-signature=") })
        let refused = try await program.run(["form", "photos", "k", "policy=x"])
        #expect(refused.status != 0 && refused.output.isEmpty)
    }

    @Test("lifecycle adds, replaces, shows and removes rules, and reports an invalid one")
    func lifecycle() async throws {
        let server = try MockOSSServer(
            .init(buckets: ["photos"], accessKeys: [.init(id: "test-id", secret: "test-secret")]))
        let environment = [
            "OSS_ACCESS_KEY_ID": "test-id", "OSS_ACCESS_KEY_SECRET": "test-secret", "OSS_ENDPOINT": server.endpoint,
            "OSS_REGION": server.region,
        ]
        let program = try Program("lifecycle", environment: environment)
        for days in ["7", "9"] {
            let outcome = try await program.run(["expire", "photos", "logs/", days])
            #expect(outcome.status == 0, "\(outcome)")
        }
        #expect(try await program.run(["show", "photos"]).lines == ["expire-logs/ Enabled logs/ 9 days"])
        let refused = try await program.run(["expire", "photos", "logs/", "0"])
        #expect(refused.status == 1)
        #expect(refused.diagnostics.contains("LifecycleConfiguration/Rule[1]/Expiration/Days must be at least 1"))
        #expect(try await program.run(["remove", "photos"]).status == 0)
        #expect(try await program.run(["show", "photos"]).lines == [])
    }

    @Test("versions lists versions and delete markers, restores a version and removes a delete marker")
    func versions() async throws {
        let server = try MockOSSServer(
            .init(buckets: ["photos"], accessKeys: [.init(id: "test-id", secret: "test-secret")]))
        let environment = [
            "OSS_ACCESS_KEY_ID": "test-id", "OSS_ACCESS_KEY_SECRET": "test-secret", "OSS_ENDPOINT": server.endpoint,
            "OSS_REGION": server.region,
        ]
        let bucket = try Bucket(
            "photos", endpoint: server.endpoint, region: server.region,
            credentials: .static(accessKeyID: "test-id", accessKeySecret: "test-secret"))
        try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
        let first = try #require(try await bucket.putObject("a/b", "first").versionID)
        try await bucket.putObject("a/b", "the second")
        let program = try Program("versions", environment: environment)
        let listed = try await program.run(["list", "photos", "a/"])
        #expect(listed.lines.count == 2, "\(listed)")
        #expect(listed.lines.first?.hasSuffix(" 10 bytes current") == true)
        #expect(listed.lines.last?.hasPrefix("a/b \(first) 5 bytes") == true)

        #expect(try await program.run(["restore", "photos", "a/b", first]).status == 0)
        #expect(server.data(of: "a/b", in: "photos") == Data("first".utf8))

        try await bucket.deleteObject("a/b")
        #expect(try await !bucket.objectExists("a/b"))
        #expect(try await program.run(["undelete", "photos", "a/b"]).status == 0)
        #expect(server.data(of: "a/b", in: "photos") == Data("first".utf8))
        let refused = try await program.run(["undelete", "photos", "a/b"])
        #expect(refused.status == 1 && refused.diagnostics.contains("'a/b' is not deleted"), "\(refused)")
    }

    @Test(
        "ossmirror prints its version and its help",
        arguments: [["--version"], ["--help"], ["up", "--help"], ["ls", "-h"]])
    func help(_ arguments: [String]) async throws {
        let outcome = try await Program("ossmirror").run(arguments)
        #expect(outcome.status == 0 && outcome.diagnostics.isEmpty)
        #expect(outcome.text.contains("ossmirror"))
    }
}
