import AliyunOSS
import AliyunOSSTesting
import Foundation
import Testing

@Suite("A server that keeps its objects in a folder")
struct FolderStorageTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-mock-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func makeServer(_ folder: String) throws -> MockOSSServer {
        try MockOSSServer(.init(buckets: ["photos"], storage: .folder(folder)))
    }

    @Test("Objects of any name survive a restart with all that was said about them")
    func restart() throws {
        try withFolder { folder in
            let keys = [
                "a", "dir/", "a//b", "../../etc/passwd", "..", "nul\u{0}l", "line\nbreak", "\u{E9}", "e\u{301}",
                String(repeating: "k", count: 1023), "😀",
            ]
            var modified: String?
            do {
                let server = try makeServer(folder)
                for (index, key) in keys.enumerated() {
                    try server.put(key, Data("\(index)".utf8), in: "photos", headers: ["x-oss-meta-n": "\(index)"])
                }
                try server.put("a", Data("replaced".utf8), in: "photos", headers: ["Content-Type": "t/x"])
                try server.put("gone", Data("x".utf8), in: "photos")
                #expect(try server.request("DELETE", "/photos/gone").status == 204)
                try server.createBucket("second")
                modified = try server.request("HEAD", "/photos/a").headers["last-modified"]
                server.shutDown()
            }
            let server = try makeServer(folder)
            #expect(server.buckets == ["photos", "second"])
            #expect(Set(server.keys(in: "photos").map { Array($0.utf8) }) == Set(keys.map { Array($0.utf8) }))
            for (index, key) in keys.enumerated().dropFirst() {
                #expect(server.data(of: key, in: "photos") == Data("\(index)".utf8))
            }
            let response = try server.request("GET", "/photos/a")
            #expect(response.text == "replaced")
            #expect(response.headers["content-type"] == "t/x")
            #expect(response.headers["last-modified"] == modified)
            #expect(try server.request("GET", "/photos/a//b").headers["x-oss-meta-n"] == "2")
            #expect(try server.request("GET", "/photos/a//b", headers: ["Range": "bytes=0-0"]).status == 206)
            let entries = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(entries.sorted() == ["photos", "second"])
        }
    }

    @Test("Nothing is left behind by replacing, copying and deleting")
    func leftovers() throws {
        try withFolder { folder in
            let server = try makeServer(folder)
            for _ in 0..<3 { try server.put("a", Data("x".utf8), in: "photos") }
            #expect(try server.request("PUT", "/photos/b", headers: ["x-oss-copy-source": "/photos/a"]).status == 200)
            #expect(try server.request("PUT", "/photos/a?acl", headers: ["x-oss-object-acl": "private"]).status == 200)
            let data = folder + "/photos/data"
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).count == 2)
            for key in ["a", "b"] { #expect(try server.request("DELETE", "/photos/\(key)").status == 204) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).isEmpty)
            #expect(try server.request("DELETE", "/photos").status == 204)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test("Bytes that no object names, as a crash leaves them, are removed at the start")
    func crash() throws {
        try withFolder { folder in
            do {
                let server = try makeServer(folder)
                try server.put("a", Data("x".utf8), in: "photos")
                server.shutDown()
            }
            try Data("half".utf8).write(to: URL(fileURLWithPath: folder + "/photos/data/orphan"))
            let server = try makeServer(folder)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/photos/data").count == 1)
            #expect(server.data(of: "a", in: "photos") == Data("x".utf8))
        }
    }
}
