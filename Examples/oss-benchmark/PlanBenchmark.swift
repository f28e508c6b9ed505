import AliyunOSS
import Foundation
import OSSPrimitives

/// A benchmark of the time and memory needed to plan transfers of many files. The listings are generated in this
/// process, so no network is involved.
enum PlanBenchmark {
    private static let objectCount = 1_000_000
    private static let fileCount = 100_000

    static func report() async throws -> BenchmarkReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oss-benchmark-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appendingPathComponent("files")
        for number in 0..<fileCount {
            let file = source.appendingPathComponent(ListingTransport.name(number))
            if number % 1000 == 0 {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            }
            try Data().write(to: file)
        }
        let floor = Memory.peakMebibytes()

        var copying = DirectoryTransfer.Options()
        copying.updateMode = .size
        copying.deletion = DeletionOptions()
        let copy = try await transfer(objectCount, folder, copying).planCopy(from: "source", to: "copy")
        let copies = try await entriesPerSecond(2 * objectCount) {
            let counts = try await copy.reduce(into: [String: Int]()) { $0[$1.kind.rawValue, default: 0] += 1 }
            let share = objectCount / 20
            guard counts == ["copy": 2 * share, "delete": share, "leave": 17 * share] else {
                throw BenchmarkFailure(description: "\(counts)")
            }
        }
        let peak = Memory.peakMebibytes()

        var uploading = DirectoryTransfer.Options()
        uploading.snapshotPath = folder.appendingPathComponent("snapshot").path
        uploading.deletion = DeletionOptions()
        let upload = try await transfer(fileCount, folder, uploading).planUpload(from: source.path, to: "files")
        func run() async throws {
            let report = try await upload.run()
            guard report.unchanged.files == fileCount else { throw BenchmarkFailure(description: "\(report)") }
        }
        let compared = try await entriesPerSecond(2 * fileCount) { try await run() }
        let recorded = try await entriesPerSecond(2 * fileCount) { try await run() }
        return BenchmarkReport(
            scenario: "plan",
            measures: [
                .init("1M objects, 1M copies", copies, .entriesPerSecond, bound: 100_000, peers: []),
                .init("  peak", peak, .mebibytes, bound: 100, peers: [("before", floor)]),
                .init(
                    "100k files, 100k keys, recorded", recorded, .entriesPerSecond, bound: 50_000,
                    peers: [("contents compared", compared)]),
            ])
    }

    private static func transfer(
        _ count: Int, _ folder: URL, _ options: DirectoryTransfer.Options
    ) throws -> DirectoryTransfer {
        var configuration = BucketConfiguration()
        configuration.transport = ListingTransport(count: count)
        configuration.stateDirectory = .path(folder.appendingPathComponent("state").path)
        let bucket = try Bucket(
            "bench", region: "cn-hangzhou", credentials: .static(accessKeyID: "id", accessKeySecret: "secret"),
            configuration: configuration)
        return DirectoryTransfer(bucket, options: options)
    }

    private static func entriesPerSecond(_ count: Int, _ body: () async throws -> Void) async throws -> Double {
        let start = ContinuousClock.now
        try await body()
        return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    }
}

/// A transport that responds to ListObjects with generated pages. Of every twenty objects under `source/` and `copy/`, one
/// is missing from the copies, one has a different size there, and one is missing from the source. The objects under
/// `files/` are empty.
private struct ListingTransport: HTTPTransport {
    let count: Int

    static func name(_ number: Int) -> String {
        let digits = String(10_000_000 + number)
        return "folder-\(digits.prefix(5))/file-\(digits).dat"
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let query = URLComponents(string: request.url)?.queryItems ?? []
        func value(_ name: String) -> String { query.first { $0.name == name }?.value ?? "" }
        let (prefix, marker) = (value("prefix"), value("marker"))
        let first = Int(marker.dropLast(4).suffix(8)).map { $0 - 10_000_000 + 1 } ?? 0
        return HTTPResponse(
            status: 200, headers: ["x-oss-request-id": "BENCHMARK"], body: page(prefix, after: marker, from: first))
    }

    private func page(_ prefix: String, after marker: String, from first: Int) -> Data {
        let end = min(first + 1000, count)
        var writer = XMLWriter(root: "ListBucketResult")
        writer.element("Prefix", PercentEncoding.encode(prefix))
        writer.element("Marker", PercentEncoding.encode(marker))
        writer.element("EncodingType", "url")
        writer.element("IsTruncated", "\(end < count)")
        if end < count { writer.element("NextMarker", PercentEncoding.encode(prefix + Self.name(end - 1))) }
        for number in first..<end {
            guard let size = size(of: number, under: prefix) else { continue }
            writer.element("Contents") {
                $0.element("Key", PercentEncoding.encode(prefix + Self.name(number)))
                $0.element("LastModified", "2026-01-01T00:00:00.000Z")
                $0.element("ETag", "\"D41D8CD98F00B204E9800998ECF8427E\"")
                $0.element("Type", "Normal")
                $0.element("Size", "\(size)")
                $0.element("StorageClass", "Standard")
            }
        }
        return writer.finish()
    }

    private func size(of number: Int, under prefix: String) -> Int? {
        switch (prefix, number % 20) {
        case ("files/", _): 0
        case ("copy/", 3), ("source/", 11): nil
        case ("copy/", 7): 1
        default: 1000
        }
    }
}
