// A tour of the library in five steps. The service is a server inside this program; to use the real service, change only
// the first lines of `main`.
import AliyunOSS
import AliyunOSSTesting
import Foundation

@main
struct Quickstart {
    static func main() async throws {
        let server = try MockOSSServer(.init(buckets: ["photos"]))
        defer { server.shutDown() }
        var configuration = BucketConfiguration()
        // Without this line, the folders below would leave records in the user's state directory.
        configuration.stateDirectory = .none
        let bucket = try Bucket(
            "photos", endpoint: server.endpoint, region: "cn-hangzhou",
            credentials: .static(accessKeyID: "test", accessKeySecret: "secret"), configuration: configuration)
        print("Started an OSS server at \(server.endpoint) with the bucket '\(bucket.name)'.\n")

        try await putAndGet(bucket)
        try await list(bucket)
        try await decideByError(bucket)
        try await mirrorFolder(bucket)
        print("\nDone. See Examples/ossmirror for a command-line program.")
    }

    /// Uploads an object, then downloads all of it and a range of it.
    static func putAndGet(_ bucket: Bucket) async throws {
        let result = try await bucket.putObject("hello.txt", "Hello, OSS")
        print("1. Uploaded 'hello.txt', ETag \(result.eTag).")

        let text = try await bucket.getObject("hello.txt").body.text()
        let greeting = try await bucket.getObject("hello.txt", range: 0..<5).body.text()
        print("   Downloaded '\(text)', and its first five bytes '\(greeting)'.")
        try expect(text == "Hello, OSS" && greeting == "Hello", "the downloaded object equals the uploaded one")
    }

    /// Lists objects. The loop fetches pages as needed.
    static func list(_ bucket: Bucket) async throws {
        for day in 1...3 { try await bucket.putObject(ObjectKey("2026/day-\(day).txt"), .string("Day \(day)")) }
        print("2. Objects under '2026/':")
        var count = 0
        for try await object in bucket.listObjects(prefix: "2026/") {
            print("   \(object.key)  \(object.size) bytes")
            count += 1
        }
        try expect(count == 3, "the listing contains three objects")
    }

    /// Handles an error according to its code.
    static func decideByError(_ bucket: Bucket) async throws {
        do {
            _ = try await bucket.headObject("missing.txt")
            try expect(false, "a missing object causes an error")
        } catch let error as OSSError where error.code == .notFound {
            print("3. 'missing.txt' does not exist; the error code is \(error.code).")
        }
    }

    /// Uploads a folder, downloads it into another folder, and compares both.
    static func mirrorFolder(_ bucket: Bucket) async throws {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("quickstart-\(UUID().uuidString)")
        defer { try? files.removeItem(at: folder) }
        let site = folder.appendingPathComponent("site")
        let copy = folder.appendingPathComponent("copy")
        for page in ["index.html", "a/b/deep.html", ".hidden", "日本語 ☕️.html", "empty"] {
            let file = site.appendingPathComponent(page)
            try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((page == "empty" ? "" : "<p>\(page)</p>\n").utf8).write(to: file)
        }

        let transfer = DirectoryTransfer(bucket, concurrency: 8)
        let up = try await transfer.upload(from: site.path, to: "www/")
        print("4. Uploaded a folder: \(up.transferred.files) files, \(up.transferred.bytes) bytes.")
        try expect(up.isComplete && up.transferred.files == 5, "all five files were uploaded")

        let down = try await transfer.download(from: "www/", to: copy.path)
        print("5. Downloaded it into another folder: \(down.transferred.files) files, \(down.transferred.bytes) bytes.")
        let difference = try await transfer.check(copy.path, against: "www/")
        try expect(down.isComplete && difference.isEqual, "the copy equals the bucket")
        try expect(files.contentsEqual(atPath: site.path, andPath: copy.path), "both folders are equal")
        print("   Both folders contain the same files with the same bytes.")
    }

    struct Mismatch: Error { var expectation: String }

    static func expect(_ holds: Bool, _ expectation: String) throws {
        if !holds { throw Mismatch(expectation: expectation) }
    }
}
