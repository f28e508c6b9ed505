import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import Testing

@testable import oss_mock_server

@Suite("oss-mock-server command line")
struct MockServerOptionsTests {
    private func parse(_ line: String) throws(Options.Problem) -> Options {
        try Options(line.split(separator: " ").map(String.init))
    }

    @Test("Without options the server accepts every request, as in Swift")
    func defaults() throws {
        let options = try parse("")
        let expected = MockOSSServer.Configuration()
        #expect(options.configuration.accessKeys.isEmpty && options.configuration.buckets.isEmpty)
        #expect(options.configuration.port == 0 && options.configuration.region == expected.region)
        #expect(options.configuration.callbackHosts == expected.callbackHosts)
        #expect(options.configuration.hostSuffixes == ["localhost"])
        #expect(!options.wantsHelp && !options.isVerbose && options.configuration.blocksPublicAccess)
        #expect(options.configuration.computesMD5 && !options.configuration.hasReadOnlyPage)
        #expect(try parse("--no-auth -v").isVerbose)
    }

    @Test("Every option sets its configuration, in both spellings")
    func everyOption() throws {
        let configuration = try parse(
            "--port 9000 --bucket photos --bucket=videos --data dir --region cn-beijing --host-suffix OSS.test "
                + "--cname img.Example.com=photos --cname=b.example.com=videos --callback-host Hooks.test "
                + "--max-buckets 100 --max-connections 50 --max-log-requests 7 --max-log-bytes 64m --idle-timeout 5 "
                + "--max-requests-per-second 2000 --allow-public-access --no-md5 --read-only-page"
        ).configuration
        #expect(configuration.port == 9000 && configuration.region == "cn-beijing")
        #expect(configuration.buckets == ["photos", "videos"])
        guard case .folder("dir") = configuration.storage else {
            Issue.record("not a folder")
            return
        }
        #expect(configuration.hostSuffixes == ["localhost", "oss.test"])
        #expect(configuration.cnames == ["img.example.com": "photos", "b.example.com": "videos"])
        #expect(configuration.callbackHosts == ["127.0.0.1", "localhost", "hooks.test"])
        #expect(configuration.maximumBuckets == 100 && configuration.maximumConnections == 50)
        #expect(configuration.maximumRequestsPerSecond == 2000)
        #expect(configuration.maximumLoggedRequests == 7 && configuration.maximumLoggedBytes == 64 << 20)
        #expect(configuration.idleTimeout == .seconds(5))
        #expect(!configuration.blocksPublicAccess && !configuration.computesMD5 && configuration.hasReadOnlyPage)
    }

    @Test("The options of a key are adjacent, and there can be several keys")
    func keys() throws {
        let keys = try parse(
            "--access-key-secret s1 --access-key-id a1 --access-key-id a2 --security-token t --access-key-secret s2 "
                + "--access-key-id a3 --access-key-secret s3 --account-id 77"
        ).configuration.accessKeys
        #expect(keys.map(\.id) == ["a1", "a2", "a3"] && keys.map(\.secret) == ["s1", "s2", "s3"])
        #expect(keys.map(\.securityToken) == [nil, "t", nil] && keys.map(\.accountID) == [nil, nil, "77"])
    }

    @Test("--clock-offset moves the clock in either direction", arguments: [3600, -3600])
    func clock(_ offset: Int) throws {
        let before = Date()
        let now = try parse("--clock-offset \(offset)").configuration.clock()
        let after = Date()
        #expect((before...after).contains(now.addingTimeInterval(-TimeInterval(offset))))
    }

    @Test("--seed determines which requests meet a fault with a probability")
    func seed() async throws {
        func picks(_ line: String) async throws -> [Bool] {
            let server = try MockOSSServer(try parse("--bucket photos \(line)").configuration)
            try server.put("k", Data(), in: "photos")
            server.add(.respond(status: 404, code: "NoSuchKey"), when: .init(probability: 0.5), times: .max)
            let bucket = try server.bucket("photos")
            var picks: [Bool] = []
            for _ in 0..<40 { picks.append(try await bucket.objectExists("k")) }
            return picks
        }
        let first = try await picks("--seed 1")
        #expect(Set(first).count == 2)
        #expect(try await picks("--seed=1") == first)
        #expect(try await picks("--seed 2") != first)
        #expect(try await picks("--seed 0") == picks(""))
    }

    @Test("--help names every option and no other")
    func help() throws {
        let options = Options.help.split(separator: "\n").compactMap { line -> [Substring]? in
            let words = line.split(separator: " ")
            guard line.hasPrefix("  --"), let name = words.first, words.count > 1 else { return nil }
            return words[1].allSatisfy { $0.isUppercase || $0 == "=" } ? [name, words[1]] : [name]
        }
        #expect(options.count >= 18)
        let samples: [Substring: String] = [
            "N": "1", "SECONDS": "1", "SIZE": "1K", "HOST=BUCKET": "a.b=photos", "HOST": "a.b",
        ]
        for option in options {
            let key =
                option[0].hasPrefix("--access") || option[0] == "--no-auth"
                ? [] : ["--access-key-id", "i", "--access-key-secret", "s"]
            let value = option.count > 1 ? [samples[option[1]] ?? "x"] : []
            let other = [
                "--access-key-id": ["--access-key-secret", "s"], "--access-key-secret": ["--access-key-id", "i"],
            ]
            let line = key + [String(option[0])] + value + (other[String(option[0])] ?? [])
            #expect(throws: Never.self, "\(line)") { try Options(line) }
        }
        #expect(try parse("--help").wantsHelp && parse("-h").wantsHelp)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var line: String
        var message: String
        var testDescription: String { line }
        init(_ line: String, _ message: String) { (self.line, self.message) = (line, message) }
    }

    static let bad: [Bad] = [
        Bad("--prot 1", "unknown argument '--prot'"), Bad("photos", "unknown argument 'photos'"),
        Bad("--port", "--port requires a value"), Bad("--region=", "--region requires a value"),
        Bad("--port 65536", "--port must be an integer from 0 to 65535 (got '65536')"),
        Bad("--max-buckets 0", "--max-buckets must be an integer of at least 1 (got '0')"),
        Bad("--max-connections many", "--max-connections must be an integer of at least 1 (got 'many')"),
        Bad("--max-log-requests -1", "--max-log-requests must be an integer of at least 0 (got '-1')"),
        Bad("--max-log-bytes 5X", "--max-log-bytes must be a number of bytes such as 65536 or 64M (got '5X')"),
        Bad("--max-log-bytes 9000000T", "--max-log-bytes must be a number of bytes"),
        Bad("--idle-timeout 0", "--idle-timeout must be an integer from 1 to 1000000"),
        Bad("--clock-offset soon", "--clock-offset must be an integer"), Bad("--seed -1", "--seed must be an integer"),
        Bad("--cname img.example.com", "--cname must be HOST=BUCKET"),
        Bad("--cname =photos", "--cname must be HOST=BUCKET"),
        Bad("--cname a.b=", "--cname must be HOST=BUCKET"), Bad("--cname a.b:80=photos", "--cname must be HOST=BUCKET"),
        Bad("--callback-host http://a.b", "--callback-host must be a host name"),
        Bad("--host-suffix a.b:80", "--host-suffix must be a host name"),
        Bad("--access-key-id a", "must be given together"), Bad("--access-key-secret s", "must be given together"),
        Bad("--security-token t", "must be given together"), Bad("--account-id 1", "must be given together"),
        Bad("--access-key-id a --access-key-id b --access-key-secret s", "must be given together"),
        Bad(
            "--access-key-id a --access-key-secret s --access-key-id a --access-key-secret s",
            "'a' is given more than once"),
        Bad("--no-auth --access-key-id a --access-key-secret s", "cannot be combined"),
    ]

    @Test("An invalid command line is described in one line", arguments: bad)
    func refused(_ bad: Bad) throws {
        let problem = try #require(throws: Options.Problem.self) { try parse(bad.line) }
        #expect(problem.description.contains(bad.message))
    }

    @Test("The program exits with status 2 and one line for an invalid command line, and prints its help")
    func program() async throws {
        let wrong = try await Program("oss-mock-server").run(["--cname", "photos"])
        #expect(wrong.status == 2 && wrong.output.isEmpty)
        #expect(wrong.diagnostics.split(separator: "\n").count == 1 && wrong.diagnostics.contains("HOST=BUCKET"))
        let help = try await Program("oss-mock-server").run(["--help"])
        #expect(help.status == 0 && help.text == Options.help + "\n" && help.diagnostics.isEmpty)
    }
}
