import AliyunOSSTesting
import Foundation
import TestKit
import Testing

/// The mappings of multipart objects, which can have more files than a process can map.
@Suite(
    "Mock mapped files",
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/maps"), "only Linux shows what is mapped"))
struct MappedFilesTests {
    private static let count = 20

    /// Returns the number of mapped files below a folder.
    private func mapped(_ folder: String) throws -> Int {
        // Reads with a descriptor: for a file of size 0, as in `/proc`, Foundation reads at most one page.
        let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
        defer { try? handle.close() }
        let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").count { $0.contains(folder) }
    }

    private func withServer(_ body: (MockOSSServer, String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-mock-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try MockOSSServer(.init(buckets: ["photos"], storage: .folder(folder)))
        let id = try server.initiateUpload()
        let parts = try (1...Self.count).map { number in
            let letter = Character(Unicode.Scalar(UInt8(96 + number)))
            return (number, try server.uploadPart(number, String(repeating: letter, count: 102_400), id))
        }
        #expect(try server.completeUpload(parts, id).status == 200)
        try await body(server, folder)
        server.shutDown()
    }

    /// Starts to read an object and returns when its files are mapped.
    private func begin(_ server: MockOSSServer, range: String? = nil) async throws -> RawClient {
        let before = server.requests.count
        server.add(.stallBody(after: 1, for: .seconds(3600)))
        let client = try RawClient(server)
        client.send("GET /photos/big HTTP/1.1\r\nHost: x\r\n\(range.map { "Range: \($0)\r\n" } ?? "")\r\n")
        await server.waitForRequests(before + 1) { $0.status != 0 }
        return client
    }

    @Test("Readers of an object share its file mappings, and the last reader releases them")
    func shared() async throws {
        try await withServer { server, folder in
            var clients: [RawClient] = []
            for _ in 0..<3 { clients.append(try await begin(server)) }
            #expect(try mapped(folder) == Self.count)
            clients = []
            server.shutDown()
            #expect(try mapped(folder) == 0)
        }
    }

    @Test("Reading a range maps only the files that it touches")
    func ranges() async throws {
        try await withServer { server, folder in
            let one = try await begin(server, range: "bytes=204800-204900")
            #expect(try mapped(folder) == 1)
            let two = try await begin(server, range: "bytes=409599-409600")
            #expect(try mapped(folder) == 3)
            let text = try server.request("GET", "/photos/big", headers: ["Range": "bytes=102399-204801"]).text
            #expect(text == "a" + String(repeating: "b", count: 102_400) + "cc")
            let last = try server.request("GET", "/photos/big", headers: ["Range": "bytes=-2"]).text
            #expect(last == "tt")
            withExtendedLifetime((one, two)) {}
        }
    }

    @Test(
        "An object that is replaced while it is read stays readable, and its old content is removed afterwards")
    func replaced() async throws {
        try await withServer { server, folder in
            let whole = try server.request("GET", "/photos/big").body
            server.add(.afterwards(.putObject(key: "big", bytes: [1])), when: .operation("GetObject"))
            #expect(try server.request("GET", "/photos/big").body == whole)
            #expect(server.data(of: "big", in: "photos") == Data([1]))
            #expect(server.unusedFaults.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/photos/data").count == 1)
        }
    }
}
