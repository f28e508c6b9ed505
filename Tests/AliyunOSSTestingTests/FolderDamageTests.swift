import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// The contents of a storage folder after a crash or external changes.
@Suite("Mock storage folder with damage")
struct FolderDamageTests {
    private let files = FileManager.default

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = files.temporaryDirectory.appendingPathComponent("oss-mock-\(UUID().uuidString)").path
        defer { try? files.removeItem(atPath: folder) }
        try body(folder)
    }

    private func makeServer(_ folder: String, _ buckets: [String] = ["photos"]) throws -> MockOSSServer {
        try MockOSSServer(.init(buckets: buckets, storage: .folder(folder)))
    }

    /// Creates the objects `a` and `b` and an upload, and shuts the server down.
    private func fill(_ folder: String) throws {
        let server = try makeServer(folder)
        try server.put("a", Data("aaaa".utf8), in: "photos")
        try server.put("b", Data("b".utf8), in: "photos")
        _ = try server.uploadPart(1, "part", try server.initiateUpload())
        server.shutDown()
    }

    private func path(of key: String, in folder: String) throws -> String {
        let objects = folder + "/photos/objects/"
        return try #require(
            try files.contentsOfDirectory(atPath: objects).map { objects + $0 }.first {
                try String(contentsOfFile: $0, encoding: .utf8).contains("\"key\":\"\(key)\"")
            })
    }

    @Test("A bucket whose deletion was interrupted is removed")
    func cutOffDeletion() throws {
        try withFolder { folder in
            try fill(folder)
            // The remains of a bucket whose deletion was interrupted after its description was removed.
            try files.removeItem(atPath: folder + "/photos/bucket.json")
            try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/photos/mine.txt"))
            try files.createDirectory(atPath: folder + "/.deleted-1/objects", withIntermediateDirectories: true)
            #expect(try makeServer(folder, []).buckets.isEmpty)
            do {
                let server = try makeServer(folder)
                #expect(server.keys(in: "photos").isEmpty)
                #expect(server.statistics.openUploads == 0)
                server.shutDown()
            }
            let server = try makeServer(folder)
            #expect(server.keys(in: "photos").isEmpty)
            #expect(server.statistics.openUploads == 0)
            #expect(try files.contentsOfDirectory(atPath: folder) == ["photos"])
            #expect(try files.contentsOfDirectory(atPath: folder + "/photos/data").isEmpty)
            #expect(files.fileExists(atPath: folder + "/photos/mine.txt"))
        }
    }

    @Test("An object with missing or truncated content is skipped with a warning", arguments: [true, false])
    func missingBytes(isRemoved: Bool) throws {
        try withFolder { folder in
            try fill(folder)
            let data = folder + "/photos/data/"
            for name in try files.contentsOfDirectory(atPath: data) {
                guard try String(contentsOfFile: data + name, encoding: .utf8) == "aaaa" else { continue }
                try files.removeItem(atPath: data + name)
                if !isRemoved { try Data("a".utf8).write(to: URL(fileURLWithPath: data + name)) }
            }
            let server = try makeServer(folder)
            #expect(server.keys(in: "photos") == ["b"])
            #expect(server.warnings.count == 1)
            #expect(server.warnings.first?.contains("'a'") == true)
            #expect(try server.request("PUT", "/photos/a", body: "new").status == 200)
            server.shutDown()
            let next = try makeServer(folder)
            #expect(next.keys(in: "photos") == ["a", "b"])
            #expect(next.warnings.isEmpty)
        }
    }

    @Test("An unreadable record affects no other object and removes no content")
    func unreadable() throws {
        try withFolder { folder in
            try fill(folder)
            let record = try path(of: "a", in: folder)
            let text = try String(contentsOfFile: record, encoding: .utf8)
            let uploads = folder + "/photos/uploads/"
            let upload = uploads + (try files.contentsOfDirectory(atPath: uploads)[0]) + "/upload.json"
            let properties = folder + "/photos/bucket.json"
            for damaged in [record, upload, properties] {
                let before = try Data(contentsOf: URL(fileURLWithPath: damaged))
                try Data("{".utf8).write(to: URL(fileURLWithPath: damaged))
                do {
                    let server = try makeServer(folder)
                    #expect(server.warnings.count == 1, "\(server.warnings)")
                    #expect(server.warnings.first?.hasPrefix(damaged) == true, "\(server.warnings)")
                    #expect(server.data(of: "b", in: "photos") == Data("b".utf8))
                    server.shutDown()
                }
                try before.write(to: URL(fileURLWithPath: damaged))
                #expect(try String(contentsOfFile: record, encoding: .utf8) == text)
            }
            let server = try makeServer(folder)
            #expect(server.warnings.isEmpty)
            #expect(server.data(of: "a", in: "photos") == Data("aaaa".utf8))
            #expect(server.statistics.openUploads == 1)
        }
    }
}
