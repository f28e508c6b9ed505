import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror with large objects")
struct LargeObjectCommandTests {
    @Test(
        "Sizes are bytes or numbers with K, M, G or T",
        arguments: [
            ("0", 0), ("4096", 4096), ("8K", 8192), ("8k", 8192), ("1M", 1 << 20), ("1.5G", 3 << 29), ("2T", 2 << 40),
            ("8MiB", 8 << 20), ("8MB", 8 << 20), ("16B", 16),
        ] as [(String, Int64)])
    func sizes(text: String, bytes: Int64) {
        #expect(Quantity.bytes(text) == bytes)
        #expect(Quantity.bytesPerSecond(text + "/s") == bytes)
        #expect(Quantity.bytesPerSecond(text) == bytes)
    }

    @Test(
        "An invalid size is rejected",
        arguments: [
            "", "M", "-1", "-1M", "8X", "1e3", "0x10", "8 M", "9999999999T", "9223372036854775808", "1.2.3M", "∞", "8ß",
            "8ﬁ",
        ])
    func notSizes(text: String) {
        #expect(Quantity.bytes(text) == nil)
    }

    @Test(
        "Ages require a unit",
        arguments: [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)]
            as [(String, Int64)])
    func ages(text: String, seconds: Int64) {
        #expect(Quantity.seconds(text) == seconds)
        #expect(Quantity.seconds(String(text.dropLast())) == nil)
    }

    @Test(
        "A date starts at midnight UTC, and a time has a time zone",
        arguments: [
            ("2026-12-31", 1_798_675_200), ("2026-12-31T00:00:00Z", 1_798_675_200), ("1970-01-01", 0),
            ("2026-12-31T23:59:59Z", 1_798_761_599), ("2026-12-31T08:00:00+08:00", 1_798_675_200),
            ("2024-02-29", 1_709_164_800), ("2026-12-31T08:00:00", nil), ("2026-12-31 08:00:00Z", nil),
            ("2026-02-29", nil), ("2026-13-01", nil), ("2026-12-32", nil), ("2026-12-31T24:00:00Z", nil),
            ("2026-12-31T08:00:00Z.", nil), ("2026-12-31T08:00:00+8", nil), ("tomorrow", nil), ("", nil), ("7d", nil),
        ] as [(String, Double?)])
    func dates(text: String, seconds: Double?) {
        #expect(Quantity.date(text)?.timeIntervalSince1970 == seconds)
    }

    @Test("Options for parts, memory, bandwidth and state are parsed, and rejected if they do not apply")
    func options() throws {
        let line =
            "up a oss://b/c --part-size 1M --multipart-threshold 2M --memory-budget 64M --bandwidth 3M/s --state-dir d"
        guard
            case .run(let up as MirrorCommand, _) = try CommandLineParser.parse(
                line.split(separator: " ").map(String.init), environment: ["OSS_REGION": "r"])
        else {
            Issue.record("not an upload")
            return
        }
        #expect(
            up.arguments.limits
                == LimitArguments(
                    partSize: 1 << 20, multipartThreshold: 2 << 20, memoryBudget: 64 << 20, bandwidth: 3 << 20,
                    stateDirectory: "d"))
        for (line, words) in [
            ("up a oss://b --part-size lots", "--part-size must be a size such as 512K, 8M or 1G (got 'lots')"),
            ("up a oss://b --bandwidth fast", "--bandwidth must be a rate such as 10M/s"),
            ("ls oss://b --part-size 1M", "--part-size does not apply to 'ls'"),
            (
                "incomplete oss://b --abort-older-than 7",
                "--abort-older-than must be an age such as 12h or 7d (got '7')"
            ),
        ] {
            let error = #expect(throws: UsageError.self) {
                try CommandLineParser.parse(
                    line.split(separator: " ").map(String.init), environment: ["OSS_REGION": "r"])
            }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test("A part size that the service does not accept is a usage error before any request")
    func badPartSize() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8)])
            for size in ["99K", "6G"] {
                let outcome = try await fixture.run("up", "site", "oss://demo/www", "--part-size", size)
                #expect(outcome.status == 2)
                #expect(outcome.diagnostics.contains("partSize must be from 100 KiB to 5 GiB"))
            }
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test("An interrupted folder upload with a large file resumes with the missing parts")
    func resuming() async throws {
        try await OSSMirrorFixture.with { fixture in
            let content = Data((0..<550_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 9) })
            try fixture.folder.write(["site/large": content])
            fixture.server.add(
                MockFault(
                    .respond(status: 403, code: "AccessDenied"), when: .init(operation: "UploadPart", partNumber: 4)))
            let arguments = ["--part-size", "100K", "--multipart-threshold", "100K", "--state-dir", "state", "-j1"]
            func up() async throws -> Program.Outcome {
                var program = try Program("ossmirror", environment: fixture.environment)
                program.directory = fixture.folder.url
                return try await program.run(["up", "site", "oss://demo/www"] + arguments)
            }
            let first = try await up()
            #expect(first.status == 1)
            #expect(first.diagnostics.contains("the completed parts remain stored"))
            #expect(fixture.server.unusedFaults.isEmpty)
            let before = fixture.server.requests.count
            let second = try await up()
            #expect(second.status == 0, "\(second)")
            let parts = fixture.server.requests.dropFirst(before).filter { $0.operation == "UploadPart" }
            #expect(parts.count == 3)
            #expect(fixture.server.data(of: "www/large", in: "demo") == content)
            #expect(fixture.server.statistics.openUploads == 0)
        }
    }

    @Test("incomplete lists incomplete uploads and aborts those that are old enough")
    func abandoned() async throws {
        try await OSSMirrorFixture.with { fixture in
            let bucket = try fixture.server.bucket("demo")
            let upload = try await bucket.initiateMultipartUpload("a/left")
            _ = try await bucket.uploadPart(number: 1, of: upload, body: .data(Data(count: 1234)))
            _ = try await bucket.initiateMultipartUpload("b/left")

            let list = try await fixture.run("incomplete", "-l", "oss://demo/a/")
            #expect(list.status == 0 && list.diagnostics.isEmpty)
            #expect(list.lines.count == 1)
            #expect(list.text.contains(" 1234  1 parts  ") && list.text.hasSuffix("  \(upload.uploadID)  a/left\n"))

            let young = try await fixture.run("incomplete", "oss://demo", "--abort-older-than", "1h")
            #expect(young.status == 0 && young.text == "aborted 0, failed 0\n")
            #expect(fixture.server.statistics.openUploads == 2)

            let report = try await fixture.run("incomplete", "oss://demo/", "--abort-older-than", "0s", "--json").json()
            #expect(report["succeeded"] as? Bool == true)
            let uploads = try #require(report["uploads"] as? [[String: Any]])
            #expect(uploads.compactMap { $0["key"] as? String } == ["a/left", "b/left"])
            #expect(uploads.allSatisfy { $0["aborted"] as? Bool == true })
            #expect(fixture.server.statistics.openUploads == 0)
        }
    }

    @Test("incomplete names an upload that could not be aborted and exits with status 1")
    func notAborted() async throws {
        try await OSSMirrorFixture.with { fixture in
            _ = try await fixture.server.bucket("demo").initiateMultipartUpload("a")
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("AbortMultipartUpload"))
            let outcome = try await fixture.run("incomplete", "oss://demo", "--abort-older-than", "0s")
            #expect(outcome.status == 1)
            #expect(outcome.text.hasSuffix("aborted 0, failed 1\n"))
            #expect(outcome.diagnostics.contains("AbortMultipartUpload"))
            #expect(fixture.server.unusedFaults.isEmpty)
            #expect(fixture.server.statistics.openUploads == 1)
        }
    }
}
