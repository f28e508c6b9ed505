import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

/// Tests of cases that fail with ossutil 1.7.19, each with the outcome that a user expects.
@Suite("ossutil failure cases: resumed transfers")
struct OSSUtilResumingCaseTests {
    private static let content = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 9) })
    private static let inParts = [
        "--part-size", "100K", "--multipart-threshold", "100K", "--state-dir", "state", "-j1", "--json",
    ]

    /// A change to the temporary file between two runs.
    enum Damage: CaseIterable {
        case none, otherBytes, shorter, removed
    }

    @Test(
        "T9, T11: a resumed download produces the correct content, whatever happened to the earlier files",
        arguments: Damage.allCases)
    func download(_ damage: Damage) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["large": Self.content])
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", skip: 6))
            let arguments = ["down", "oss://demo", "copy"] + Self.inParts
            #expect(try await fixture.run(arguments).status == 1)
            #expect(fixture.server.unusedFaults.isEmpty)
            #expect(!fixture.folder.exists("copy/large"))
            let name = try #require(try fixture.folder.contents(in: "copy").keys.first)
            let temporary = fixture.folder["copy/\(name)"]
            switch damage {
            case .none: break
            case .otherBytes:
                let file = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
                try file.seek(toOffset: 150_000)
                try file.write(contentsOf: Data("corrupted".utf8))
                try file.close()
            case .shorter: #expect(truncate(temporary, 150_000) == 0)
            case .removed: #expect(unlink(temporary) == 0)
            }
            let before = fixture.asked
            let second = try await fixture.run(arguments)
            #expect(second.status == 0, "\(second)")
            #expect(try fixture.folder.contents(in: "copy") == ["large": Self.content])
            let fetched = fixture.operations(after: before)["GetObject"] ?? 0
            #expect(damage == .none ? fetched == 4 : fetched <= 10, "\(fetched)")
        }
    }

    @Test("T10: an interrupted multipart copy copies only the missing parts")
    func copy() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(["source": Self.content])
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPartCopy", partNumber: 7))
            var configuration = BucketConfiguration()
            configuration.stateDirectory = .path(fixture.folder["state"])
            var options = CopyOptions()
            (options.multipartThreshold, options.partSize, options.concurrency) = (1, 100 << 10, 1)
            let first = try fixture.server.bucket("demo", configuration: configuration)
            await #expect(throws: OSSError.self) {
                try await first.copyObject("source", to: "copy", options: options)
            }
            #expect(fixture.server.unusedFaults.isEmpty)
            let before = fixture.asked
            // As another run of the program would do.
            let second = try fixture.server.bucket("demo", configuration: configuration)
            _ = try await second.copyObject("source", to: "copy", options: options)
            #expect(fixture.operations(after: before)["UploadPartCopy"] == 4)
            #expect(fixture.operations(after: before)["InitiateMultipartUpload"] == nil)
            #expect(fixture.server.data(of: "copy", in: "demo") == Self.content)
            #expect(fixture.server.statistics.openUploads == 0)
        }
    }

    @Test("T10u: a killed multipart upload sends only the missing parts")
    func upload() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/large": Self.content])
            fixture.server.add(.neverRespond, when: .init(operation: "UploadPart", partNumber: 7), times: .max)
            let arguments = ["up", "site", "oss://demo"] + Self.inParts
            let server = fixture.server
            let killed = try await fixture.run(arguments) { process in
                await server.waitForRequests(1) { $0.operation == "UploadPart" && $0.target.contains("partNumber=7") }
                process.send(SIGKILL)
            }
            #expect(killed.status == 128 + SIGKILL)
            server.faults.removeAll()
            let before = fixture.asked
            let second = try await fixture.run(arguments)
            #expect(second.status == 0, "\(second)")
            #expect(fixture.operations(after: before)["UploadPart"] == 4)
            #expect(fixture.operations(after: before)["InitiateMultipartUpload"] == nil)
            #expect(server.data(of: "large", in: "demo") == Self.content)
            #expect(server.statistics.openUploads == 0)
        }
    }

    // MARK: Many files

    private static func writeThousand(_ fixture: OSSMirrorFixture) throws {
        for number in 0..<1000 { try fixture.folder.write(["site/\(number)": Data("file \(number)".utf8)]) }
    }

    @Test("If a run of a thousand files is killed at the 601st, the next run uploads the other 400")
    func killed() async throws {
        try await OSSMirrorFixture.with { fixture in
            try Self.writeThousand(fixture)
            fixture.server.add(.neverRespond, when: .operation("PutObject", skip: 600), times: .max)
            let arguments = ["up", "site", "oss://demo", "--state-dir", "state", "--json"]
            let server = fixture.server
            let first = try await fixture.run(arguments) { process in
                await server.waitForRequests(600) { $0.operation == "PutObject" && $0.status == 200 }
                await server.waitForRequests(601) { $0.operation == "PutObject" }
                process.send(SIGKILL)
            }
            #expect(first.status == 128 + SIGKILL)
            #expect(server.keys(in: "demo").count == 600)
            try await Self.finish(fixture, arguments)
        }
    }

    @Test(
        "If the server fails from the 601st of a thousand files, the next run uploads the rest",
        arguments: [
            MockFault.Action.respond(status: 503, code: "ServiceUnavailable"), .closeBeforeReading(.reset),
        ])
    func outage(_ action: MockFault.Action) async throws {
        try await OSSMirrorFixture.with { fixture in
            try Self.writeThousand(fixture)
            fixture.server.add(action, when: .operation("PutObject", skip: 600), times: .max)
            let arguments = ["up", "site", "oss://demo", "--state-dir", "state", "--json", "--outage-limit", "0s"]
            let first = try await fixture.run(arguments)
            #expect(first.status == 1, "\(first)")
            #expect(fixture.server.keys(in: "demo").count == 600)
            let report = try first.json()
            #expect((report["transferred"] as? [String: Any])?["files"] as? Int == 600)
            #expect((report["failed"] as? [String: Any])?["files"] as? Int == 400)
            try await Self.finish(fixture, arguments)
        }
    }

    /// Runs the same command again with a working server.
    private static func finish(_ fixture: OSSMirrorFixture, _ arguments: [String]) async throws {
        fixture.server.faults.removeAll()
        let before = fixture.asked
        let second = try await fixture.run(arguments)
        #expect(second.status == 0, "\(second)")
        #expect(fixture.operations(after: before) == ["ListObjects": 1, "PutObject": 400])
        #expect(fixture.server.keys(in: "demo").count == 1000)
        for number in 0..<1000 {
            #expect(fixture.server.data(of: "\(number)", in: "demo") == Data("file \(number)".utf8))
        }
    }
}
