import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror: options that select and change what is transferred")
struct TransferOptionCommandTests {
    @Test("--include, --exclude and --filter-from select files, and the last rule that matches a path decides")
    func patterns() async throws {
        try await OSSMirrorFixture.with { fixture in
            for path in ["a.txt", "b.tmp", "d/c.txt", "d/keep.tmp", "cache/e.txt"] {
                try fixture.folder.write("site/\(path)", path)
            }
            try fixture.folder.write("rules", "# temporary files\n- *.tmp\n- cache/\n+ keep.tmp\n")
            let up = try await fixture.run("up", "site", "oss://demo/x", "--filter-from", "rules")
            #expect(up.status == 0, "\(up)")
            #expect(fixture.server.keys(in: "demo") == ["x/a.txt", "x/d/c.txt", "x/d/keep.tmp"])
            let down = try await fixture.run(
                "down", "oss://demo/x", "copy", "--include", "*.txt", "--exclude", "/a.*")
            #expect(down.status == 0, "\(down)")
            #expect(try fixture.folder.contents(in: "copy") == ["d/c.txt": Data("d/c.txt".utf8)])
        }
    }

    @Test("--min-size, --max-size, --min-age and --max-age select files")
    func bounds() async throws {
        try await OSSMirrorFixture.with { fixture in
            for size in [0, 100, 3000] { try fixture.folder.write("site/\(size)", Data(count: size)) }
            try fixture.folder.write("site/old", Data(count: 100))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -3 * 86400)], ofItemAtPath: fixture.folder["site/old"])
            for (options, keys) in [
                (["--min-size", "1", "--max-size", "2K"], ["100", "old"]), (["--min-age", "2d"], ["old"]),
                (["--max-age", "2d", "--min-size", "1K"], ["3000"]),
            ] {
                let prefix = options.joined()
                let run = try await fixture.run(["up", "site", "oss://demo/\(prefix)"] + options)
                #expect(run.status == 0, "\(run)")
                let stored = fixture.server.keys(in: "demo").filter { $0.hasPrefix("\(prefix)/") }
                #expect(stored == keys.map { "\(prefix)/\($0)" })
            }
        }
    }

    @Test("--track-renames copies the object of a renamed file on the server instead of uploading the file")
    func renames() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write("site/old", "content")
            #expect(try await fixture.run("up", "site", "oss://demo/x").status == 0)
            try FileManager.default.moveItem(atPath: fixture.folder["site/old"], toPath: fixture.folder["site/new"])
            let asked = fixture.asked
            let run = try await fixture.run("sync", "site", "oss://demo/x", "--track-renames")
            #expect(run.status == 0, "\(run)")
            #expect(fixture.server.keys(in: "demo") == ["x/new"])
            #expect(fixture.operations(after: asked)["CopyObject"] == 1)
            #expect(fixture.operations(after: asked)["PutObject"] == nil)
        }
    }

    @Test("--gzip stores compressed objects, which a download expands")
    func compression() async throws {
        try await OSSMirrorFixture.with { fixture in
            let page = Data(String(repeating: "<p>text</p>\n", count: 200).utf8)
            try fixture.folder.write(["site/a.html": page, "site/b.bin": page])
            let up = try await fixture.run("up", "site", "oss://demo/x", "--gzip", "html,css")
            #expect(up.status == 0, "\(up)")
            let object = try await fixture.client().headObject("x/a.html")
            #expect(object.contentEncoding == "gzip" && (1..<page.count / 2).contains(Int(object.size)))
            #expect(fixture.server.data(of: "x/b.bin", in: "demo") == page)
            #expect(try await fixture.run("check", "site", "oss://demo/x", "--gzip", "html,css").status == 0)
            let down = try await fixture.run("down", "oss://demo/x", "copy", "--gzip", "html,css")
            #expect(down.status == 0, "\(down)")
            #expect(try fixture.folder.contents(in: "copy") == ["a.html": page, "b.bin": page])
        }
    }

    @Test("--bandwidth asks the service to limit the rate of each transfer in both directions")
    func bandwidth() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write("a", "content")
            #expect(try await fixture.run("cp", "a", "oss://demo/a", "--bandwidth", "3M/s").status == 0)
            #expect(try await fixture.run("cp", "oss://demo/a", "b", "--bandwidth", "3M/s").status == 0)
            for operation in ["PutObject", "GetObject"] {
                let request = try #require(fixture.server.requests.last { $0.operation == operation })
                // In bits per second.
                #expect(request.headers["x-oss-traffic-limit"] == "\(3 << 23)", "\(operation)")
            }
        }
    }
}
