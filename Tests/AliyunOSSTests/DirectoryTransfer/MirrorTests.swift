import AliyunOSSTesting
import Foundation
import OSSPrimitives
import Synchronization
import TestKit
import Testing

@testable import AliyunOSS

/// Tests of folder transfers through the entire library, over sockets and with verified signatures.
@Suite("Mirroring over the network", .timeLimit(.minutes(5)))
struct MirrorTests {
    private let server: MockOSSServer
    private let bucket: Bucket

    init() throws {
        var configuration = MockOSSServer.Configuration()
        configuration.accessKeys = [.init(id: "id", secret: "secret")]
        server = try MockOSSServer(configuration)
        var bucketConfiguration = BucketConfiguration()
        bucketConfiguration.retry.baseDelay = .milliseconds(1)
        try server.createBucket("photos")
        bucket = try Bucket(
            "photos", endpoint: server.endpoint, region: server.region,
            credentials: .static(accessKeyID: "id", accessKeySecret: "secret"), configuration: bucketConfiguration)
    }

    @Test("A tree of unusual names survives a round trip with contents, times and permissions")
    func oddNames() async throws {
        let names = [
            " leading", "trailing ", "trailing.", "a b+c%20", "%2F", "%2e%2e/z", "..hidden", ".dot/.dotdot", "-rf",
            "C:\\x", "a\\..\\b", "new\nline", "tab\there", "\u{E9}/composed", "e\u{301}/decomposed", "🗂️/📄.txt",
            "README",
            "empty", "q?x=1&y=2#z", "~*'();:@,$\"<>`|^[]{}", "photos/photos", "a", "a.txt", "a0/x",
            String(repeating: "x", count: 255), String(repeating: "é", count: 127),
        ]
        let source = try ScratchDirectory()
        for (index, name) in names.enumerated() {
            let content = name == "empty" ? [] : Array("\(index): \(name)".utf8)
            try source.write(name, content)
            chmod(source[name], index.isMultiple(of: 2) ? 0o644 : 0o750)
        }
        let transfer = DirectoryTransfer(bucket, concurrency: 8)
        let up = try await transfer.upload(from: source.path, to: "tree")
        #expect(up.isComplete)
        #expect(up.transferred.files == names.count)
        #expect(
            server.keys(in: "photos").map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
                == names.map { Array("tree/\($0)".utf8) }.sorted { $0.lexicographicallyPrecedes($1) })

        let target = try ScratchDirectory()
        let down = try await transfer.download(from: "tree", to: target.path)
        #expect(down.isComplete)
        #expect(down.transferred == up.transferred)
        try expectEqual(source, target)
        for name in names {
            #expect(target.status(name)?.modified == source.status(name)?.modified)
            #expect(target.status(name)?.permissions == source.status(name)?.permissions)
        }
        #expect(try await transfer.check(target.path, against: "tree").isEqual)
    }

    @Test("A random tree survives a round trip", arguments: 0..<3)
    func randomTree(seed: Int) async throws {
        var generator = SplitMix(seed: UInt64(seed))
        let source = try ScratchDirectory()
        let letters = Array("ab.-_ ~é🗂+%".unicodeScalars)
        for _ in 0..<150 {
            let name = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                var text = ""
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    text.unicodeScalars.append(letters.randomElement(using: &generator) ?? "a")
                }
                return text
            }.joined(separator: "/")
            let size = [0, 1, 100, 70_000].randomElement(using: &generator) ?? 1
            let content = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            guard (try? RelativePath(name.utf8)) != nil else { continue }
            try? source.write(name, content)
        }
        var options = DirectoryTransfer.Options()
        options.includesEmptyDirectories = true
        let transfer = DirectoryTransfer(bucket, options: options)
        let up = try await transfer.upload(from: source.path)
        #expect(up.isComplete)
        let target = try ScratchDirectory()
        #expect(try await transfer.download(from: "", to: target.path).isComplete)
        try expectEqual(source, target)
    }

    @Test("An empty folder uploads nothing and is downloaded as a folder")
    func emptyTree() async throws {
        let source = try ScratchDirectory()
        var transfer = DirectoryTransfer(bucket)
        transfer.options.allowsMissingPrefix = true
        #expect(try await transfer.upload(from: source.path, to: "none").transferred.files == 0)
        #expect(server.requests.map(\.operation) == ["ListObjects"])
        let target = try ScratchDirectory()
        #expect(try await transfer.download(from: "none", to: target["x"]).isComplete)
        #expect(target.names() == ["x/"])
    }

    @Test("A listing of several pages is downloaded entirely, and a sibling of the prefix stays unchanged")
    func pages() async throws {
        for index in 0..<1_001 { try server.put("many/\(index)", Data("\(index)".utf8), in: "photos") }
        try server.put("many2/x", Data(), in: "photos")
        let target = try ScratchDirectory()
        let report = try await DirectoryTransfer(bucket, concurrency: 16).download(from: "many", to: target.path)
        #expect(report.isComplete)
        #expect(target.names().count == 1_001)
        #expect(try target.text("1000") == "1000")
        #expect(server.requests.filter { $0.operation == "ListObjects" }.count == 2)
    }

    @Test("The number of concurrent requests never exceeds the concurrency", arguments: [1, 5])
    func concurrency(limit: Int) async throws {
        let source = try ScratchDirectory()
        for index in 0..<40 { try source.write("f\(index)", "\(index)") }
        server.add(MockFault(.delay(.milliseconds(500)), times: limit))
        let report = try await DirectoryTransfer(bucket, concurrency: limit).upload(from: source.path)
        #expect(report.transferred.files == 40)
        // On a busy machine, fewer requests may overlap, but never more.
        let peak = server.statistics.peakConcurrency
        #expect(peak <= limit && (limit == 1 || peak > 1))
    }

    @Test("Progress includes the bytes of large files, never decreases and ends at the total")
    func progress() async throws {
        let source = try ScratchDirectory()
        try source.write("large", pattern(600_000))
        for index in 0..<10 { try source.write("small/\(index)", pattern(1000 * index)) }
        var options = DirectoryTransfer.Options()
        (options.multipartThreshold, options.partSize) = (100 << 10, 100 << 10)
        for isUpload in [true, false] {
            let readings = Mutex<[TransferProgress]>([])
            options.onProgress = { progress in readings.withLock { $0.append(progress) } }
            let transfer = DirectoryTransfer(bucket, options: options)
            let target = try ScratchDirectory()
            let report =
                isUpload
                ? try await transfer.upload(from: source.path, to: "p")
                : try await transfer.download(from: "p", to: target.path)
            #expect(report.isComplete)
            let bytes = readings.withLock { $0.map(\.bytesTransferred) }
            #expect(bytes == bytes.sorted())
            #expect(bytes.last == 645_000)
        }
    }

    @Test(
        "A response that is repeatedly truncated or changed leaves the old file unchanged",
        arguments: [
            (.truncateBody(after: 0), .truncatedBody), (.corruptBody(at: 2), .checksumMismatch),
            (.respond(status: 403, code: "AccessDenied"), .accessDenied),
        ] as [(MockFault.Action, OSSError.Code)])
    func failedDownload(action: MockFault.Action, code: OSSError.Code) async throws {
        for key in ["a", "b", "c"] { try server.put(key, Data("new content".utf8), in: "photos") }
        server.add(MockFault(action, when: .init(operation: "GetObject", key: "b"), times: .max))
        let target = try ScratchDirectory()
        try target.write("b", "old")
        let report = try await DirectoryTransfer(bucket).download(from: "", to: target.path)
        #expect(target.names() == ["a", "b", "c"])
        #expect(try target.text("b") == "old")
        #expect(report.failures.map(\.path) == ["b"])
        #expect(report.failures.map(\.error.code) == [code])
        #expect(server.requests.contains { $0.operation == "GetObject" && $0.key == "b" })
    }

    @Test("Temporary faults are repaired by retries in both directions")
    func passingFaults() async throws {
        let source = try ScratchDirectory()
        for index in 0..<20 { try source.write("f\(index)", String(repeating: "\(index)", count: 1000)) }
        server.add(
            MockFault(.respond(status: 503, code: "ServiceUnavailable"), when: .init(operation: "PutObject"), times: 3))
        server.add(MockFault(.closeAfterReading(bytes: 100), when: .init(operation: "PutObject", skip: 5), times: 2))
        server.add(MockFault(.truncateBody(after: 10), when: .init(operation: "GetObject"), times: 2))
        server.add(MockFault(.respond(status: 500, code: "InternalError"), when: .init(operation: "ListObjects")))
        let transfer = DirectoryTransfer(bucket, concurrency: 4)
        #expect(try await transfer.upload(from: source.path).isComplete)
        let target = try ScratchDirectory()
        #expect(try await transfer.download(from: "", to: target.path).isComplete)
        try expectEqual(source, target)
        #expect(server.unusedFaults.isEmpty)
    }

    @Test("Keys that would leave the folder are failures over the network, and other objects are downloaded")
    func traversal() async throws {
        let unsafe = ["../evil", "a/../../evil", "a//b", "a/./b"]
        for key in unsafe + ["good"] { try server.put(key, Data("x".utf8), in: "photos") }
        let target = try ScratchDirectory()
        let report = try await DirectoryTransfer(bucket).download(from: "", to: target["inner"])
        #expect(target.names() == ["inner/", "inner/good"])
        #expect(report.failures.compactMap(\.key?.rawValue).sorted() == unsafe.sorted())
    }

    @Test("A comparison whose listing fails on the second page throws")
    func secondPage() async throws {
        for index in 0..<1_001 { try server.put(String(format: "%04d", index), Data(), in: "photos") }
        server.add(
            MockFault(
                .respond(status: 403, code: "AccessDenied"), when: .init(operation: "ListObjects", skip: 1), times: .max
            ))
        let folder = try ScratchDirectory()
        await #expect { try await DirectoryTransfer(bucket).check(folder.path) } throws: {
            ($0 as? OSSError)?.code == .accessDenied
        }
        #expect(server.requests.count == 2)
    }

    @Test("Cancelling during a response ends soon and leaves no temporary file")
    func cancellation() async throws {
        for index in 0..<6 { try server.put("f\(index)", Data(count: 100_000), in: "photos") }
        server.add(
            MockFault(.stallBody(after: 10_000, for: .seconds(60)), when: .init(operation: "GetObject"), times: .max))
        let target = try ScratchDirectory()
        let bucket = bucket
        let task = Task { try await DirectoryTransfer(bucket, concurrency: 3).download(from: "", to: target.path) }
        await server.waitForRequests(4) { _ in true }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(target.names().isEmpty)
    }

    @Test("A missing bucket, a wrong secret and an unreachable server are one error and not one for each file")
    func wholeRunErrors() async throws {
        let source = try ScratchDirectory()
        for index in 0..<10 { try source.write("f\(index)", "1") }
        var configuration = BucketConfiguration()
        configuration.retry.baseDelay = .milliseconds(1)
        // A port that was just free is not used, because another test's server may have taken it.
        let nobody = "http://127.0.0.1:1"
        for (name, endpoint, secret, code) in [
            ("missing", server.endpoint, "secret", OSSError.Code.notFound),
            ("photos", server.endpoint, "wrong", .accessDenied),
            ("photos", nobody, "secret", .connectionFailed),
        ] {
            let bucket = try Bucket(
                name, endpoint: endpoint, region: server.region,
                credentials: .static(accessKeyID: "id", accessKeySecret: secret), configuration: configuration)
            await #expect { try await DirectoryTransfer(bucket).upload(from: source.path) } throws: {
                ($0 as? OSSError)?.code == code
            }
            let target = try ScratchDirectory()
            await #expect { try await DirectoryTransfer(bucket).download(from: "", to: target["x"]) } throws: {
                ($0 as? OSSError)?.code == code
            }
            #expect(target.names().isEmpty)
        }
    }

    @Test("A check finds a changed, a missing and an extra object")
    func check() async throws {
        let source = try ScratchDirectory()
        for name in ["a", "b", "c"] { try source.write(name, "12") }
        let transfer = DirectoryTransfer(bucket)
        _ = try await transfer.upload(from: source.path)
        #expect(try await transfer.check(source.path).isEqual)
        try server.put("a", Data("13".utf8), in: "photos")
        server.delete("b", in: "photos")
        try server.put("d", Data("12".utf8), in: "photos")
        let report = try await transfer.check(source.path)
        #expect(report.different == [.init(path: "a", key: "a", difference: .content)])
        #expect(report.onlyLocal == ["b"])
        #expect(report.onlyRemote == ["d"])
    }

    /// Expects the same names and bytes in both folders.
    private func expectEqual(_ left: ScratchDirectory, _ right: ScratchDirectory) throws {
        let names = left.names()
        #expect(names.map { Array($0.utf8) } == right.names().map { Array($0.utf8) })
        for name in names where !name.hasSuffix("/") {
            #expect(try left.content(name) == right.content(name), "\(name)")
        }
    }
}
