import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@Suite("Mock storage folder")
struct FolderStorageTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-mock-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func makeServer(_ folder: String) throws -> MockOSSServer {
        try MockOSSServer(.init(buckets: ["photos"], storage: .folder(folder)))
    }

    @Test("Objects with any key survive a restart with all attributes")
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

    @Test("Replacing, copying and deleting objects leaves no files behind")
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

    @Test("Versions, delete markers, symlinks and restores survive a restart in order")
    func versions() throws {
        try withFolder { folder in
            var versions: [String] = []
            var first = ""
            do {
                let server = try makeServer(folder)
                try server.write("k", "0")
                try server.write("plain", "p")
                try server.setVersioning("Enabled")
                first = try #require(try server.write("k", "1"))
                try server.write("k", "2")
                #expect(try server.request("DELETE", "/photos/k").status == 204)
                try server.setVersioning("Suspended")
                try server.write("k", "3")
                #expect(
                    try server.request("PUT", "/photos/l?symlink", headers: ["x-oss-symlink-target": "k"]).status
                        == 200)
                try server.write("cold", "c", headers: ["x-oss-storage-class": "Archive"])
                #expect(try server.request("POST", "/photos/cold?restore").status == 202)
                versions = try server.versions()
                #expect(versions.count == 7)
                server.shutDown()
            }
            let server = try makeServer(folder)
            #expect(try server.versions() == versions)
            #expect(server.keys(in: "photos") == ["cold", "k", "l", "plain"])
            #expect(try server.request("GET", "/photos?versioning").element("Status") == "Suspended")
            #expect(try server.request("GET", "/photos/k").text == "3")
            #expect(try server.request("GET", "/photos/l").text == "3")
            #expect(try server.request("GET", "/photos/k?versionId=\(first)").text == "1")
            #expect(
                try server.request("HEAD", "/photos/cold").headers["x-oss-restore"] == "ongoing-request=\"true\"")
            try server.setVersioning("Enabled")
            try server.write("k", "4")
            #expect(try server.versions("prefix=k").count == 5)
            #expect(try server.request("GET", "/photos/k").text == "4")
        }
    }

    @Test("Removing the last version of an object leaves no files behind")
    func versionLeftovers() throws {
        try withFolder { folder in
            let server = try makeServer(folder)
            try server.setVersioning("Enabled")
            for _ in 0..<3 { try server.write("k", "x") }
            try server.setVersioning("Suspended")
            for _ in 0..<3 { try server.write("k", "x") }
            #expect(try server.request("DELETE", "/photos/k").status == 204)
            let data = folder + "/photos/data"
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).count == 3)
            let ids = try server.request("GET", "/photos?versions").elements("VersionId")
            #expect(ids.count == 4)
            for id in ids { #expect(try server.request("DELETE", "/photos/k?versionId=\(id)").status == 204) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/photos/objects").isEmpty)
        }
    }

    @Test("Unreferenced content files of a crash are removed at startup")
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

    @Test("An incomplete upload survives a restart and can be completed from its part files")
    func uploads() throws {
        try withFolder { folder in
            let piece = String(repeating: "p", count: 100 * 1024)
            var id = ""
            var eTags: [String] = []
            func upload(_ number: Int, _ body: String, _ server: MockOSSServer) throws {
                let part = try server.request("PUT", "/photos/big?partNumber=\(number)&uploadId=\(id)", body: body)
                eTags.append(try #require(part.headers["etag"]))
            }
            do {
                let server = try makeServer(folder)
                let begun = try server.request(
                    "POST", "/photos/big?uploads", headers: ["x-oss-meta-a": "1", "Content-Type": "t/x"])
                id = try #require(begun.element("UploadId"))
                _ = try server.request("PUT", "/photos/big?partNumber=1&uploadId=\(id)", body: "replaced")
                try upload(1, piece, server)
                _ = try server.request("PUT", "/photos/big?partNumber=9&uploadId=\(id)", body: "not used")
                let aborted = try #require(try server.request("POST", "/photos/b?uploads").element("UploadId"))
                _ = try server.request("PUT", "/photos/b?partNumber=1&uploadId=\(aborted)", body: "x")
                #expect(try server.request("DELETE", "/photos/b?uploadId=\(aborted)").status == 204)
                server.shutDown()
            }
            do {
                let server = try makeServer(folder)
                #expect(server.statistics.openUploads == 1)
                #expect(try server.request("DELETE", "/photos").element("Code") == "BucketNotEmpty")
                try upload(2, "tail", server)
                let listed = try server.request("GET", "/photos/big?uploadId=\(id)")
                #expect(listed.elements("PartNumber") == ["1", "2", "9"])
                let list = eTags.enumerated()
                    .map { "<Part><PartNumber>\($0 + 1)</PartNumber><ETag>\($1)</ETag></Part>" }.joined()
                let done = try server.request(
                    "POST", "/photos/big?uploadId=\(id)",
                    body: "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>")
                #expect(done.status == 200)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/photos/data").count == 2)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/photos/uploads").isEmpty)
                server.shutDown()
            }
            let server = try makeServer(folder)
            let got = try server.request("GET", "/photos/big")
            #expect(got.text == piece + "tail")
            #expect(got.headers["x-oss-meta-a"] == "1")
            #expect(got.headers["x-oss-object-type"] == "Multipart")
            let range = try server.request("GET", "/photos/big", headers: ["Range": "bytes=102399-102401"])
            #expect(range.text == "pta")
            #expect(try server.request("DELETE", "/photos/big").status == 204)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/photos/data").isEmpty)
        }
    }

    @Test("An upload whose object was stored when the server ended is no longer listed")
    func cutOffCompletion() throws {
        try withFolder { folder in
            let saved = folder + "-saved"
            defer { try? FileManager.default.removeItem(atPath: saved) }
            do {
                let server = try makeServer(folder)
                let id = try #require(try server.request("POST", "/photos/k?uploads").element("UploadId"))
                _ = try server.request("PUT", "/photos/k?partNumber=1&uploadId=\(id)", body: "x")
                try FileManager.default.copyItem(atPath: folder + "/photos/uploads/\(id)", toPath: saved)
                let done = try server.request(
                    "POST", "/photos/k?uploadId=\(id)", headers: ["x-oss-complete-all": "yes"], body: "")
                #expect(done.status == 200)
                server.shutDown()
                try FileManager.default.copyItem(atPath: saved, toPath: folder + "/photos/uploads/\(id)")
            }
            let server = try makeServer(folder)
            #expect(server.statistics.openUploads == 0)
            #expect(server.data(of: "k", in: "photos") == Data("x".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/photos/uploads").isEmpty)
        }
    }

    @Test("Appends survive a restart, with small appends in one file")
    func appends() throws {
        try withFolder { folder in
            var whole = ""
            func append(_ text: String, _ server: MockOSSServer) throws {
                let target = "/photos/log?append&position=\(whole.utf8.count)"
                #expect(try server.request("POST", target, body: text).status == 200)
                whole += text
            }
            let data = folder + "/photos/data"
            do {
                let server = try makeServer(folder)
                for number in 0..<20 { try append("line \(number)\n", server) }
                #expect(try FileManager.default.contentsOfDirectory(atPath: data).count == 1)
                #expect(
                    try server.request("PUT", "/photos/log?acl", headers: ["x-oss-object-acl": "private"]).status == 200
                )
                server.shutDown()
                // The remains of an append that a crash interrupted.
                let file = try #require(try FileManager.default.contentsOfDirectory(atPath: data).first)
                let handle = try #require(FileHandle(forWritingAtPath: data + "/" + file))
                try handle.seekToEnd()
                try handle.write(contentsOf: Data("cut off".utf8))
                try handle.close()
            }
            let server = try makeServer(folder)
            #expect(server.data(of: "log", in: "photos") == Data(whole.utf8))
            try append("next\n", server)
            try append(String(repeating: "large", count: 300_000), server)
            #expect(server.data(of: "log", in: "photos") == Data(whole.utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).count == 2)
            #expect(try server.request("DELETE", "/photos/log").status == 204)
            #expect(try FileManager.default.contentsOfDirectory(atPath: data).isEmpty)
        }
    }
}
