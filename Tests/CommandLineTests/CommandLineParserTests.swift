import TestKit
import Testing

@testable import ossmirror

@Suite("ossmirror command line")
struct CommandLineParserTests {
    private func parse(_ line: String, _ environment: [String: String] = ["OSS_REGION": "cn-hangzhou"]) throws
        -> Invocation
    {
        try CommandLineParser.parse(line.split(separator: " ").map(String.init), environment: environment)
    }

    /// Parses a command line and returns the command of the given type.
    private func command<C: Command>(_: C.Type, _ line: String) throws -> C {
        guard case .run(let command, _) = try parse(line) else { throw UsageError("not a command: \(line)") }
        return try #require(command as? C)
    }

    private func help(_ line: String) throws -> Verb? {
        guard case .help(let verb) = try parse(line) else { throw UsageError("not help: \(line)") }
        return verb
    }

    private func message(_ line: String, _ environment: [String: String] = ["OSS_REGION": "cn-hangzhou"]) -> String? {
        do {
            _ = try parse(line, environment)
            return nil
        } catch {
            return (error as? UsageError)?.message
        }
    }

    @Test("A complete command line is parsed, with options before, between and after the operands")
    func fullLine() throws {
        let line =
            "up -j 8 site --signature=v1 oss://b/www --endpoint http://h:1 --path-style --symlinks follow --json "
            + "--empty-directories --fail-fast --quiet --no-progress --region r --credentials-file c"
        let expected = MirrorArguments(
            local: "site", remote: RemoteAddress(bucket: "b", key: "www"),
            connection: ConnectionArguments(
                endpoint: "http://h:1", region: "r", pathStyle: true, signature: .v1, credentialsFile: "c"),
            output: OutputArguments(json: true, quiet: true, noProgress: true), concurrency: 8, symlinks: .follow,
            emptyDirectories: true, failFast: true)
        let up = try command(MirrorCommand.self, line)
        #expect(up.direction == .up && up.arguments == expected)
    }

    @Test("The command down expects the address first")
    func down() throws {
        var expected = MirrorArguments(local: "here", remote: RemoteAddress(bucket: "b", key: ""))
        expected.connection.region = "cn-hangzhou"
        let down = try command(MirrorCommand.self, "down oss://b here")
        #expect(down.direction == .down && down.arguments == expected)
    }

    @Test("Environment variables set defaults, and options override them")
    func environment() throws {
        let environment = ["OSS_REGION": "r1", "OSS_ENDPOINT": "e1", "OSS_CREDENTIALS_FILE": "f1"]
        guard case .run(let command as ListCommand, _) = try parse("ls oss://b --region r2", environment) else {
            Issue.record("not a listing")
            return
        }
        #expect(
            command.connection == ConnectionArguments(endpoint: "e1", region: "r2", credentialsFile: "f1"))
    }

    @Test(
        "Concurrency can be specified in all common notations",
        arguments: [
            "-j 8", "-j8", "--concurrency 8", "--concurrency=8", "-j 3 -j 8",
        ])
    func concurrency(_ option: String) throws {
        #expect(try command(CheckCommand.self, "check a oss://b/c \(option)").arguments.concurrency == 8)
    }

    @Test("The last of two opposite options applies")
    func opposites() throws {
        #expect(try command(MirrorCommand.self, "up a oss://b --keep-going --fail-fast").arguments.failFast)
        #expect(try !command(MirrorCommand.self, "up a oss://b --fail-fast --keep-going").arguments.failFast)
    }

    @Test("Every argument after -- is an operand")
    func separator() throws {
        #expect(try command(MirrorCommand.self, "up -- --odd oss://b").arguments.local == "--odd")
    }

    @Test(
        "A key is used unchanged",
        arguments: [
            ("oss://b", ""), ("oss://b/", ""), ("oss://b/a//b", "a//b"), ("oss://b//a", "/a"), ("oss://b/../a", "../a"),
            ("oss://b/a%20b?c#d", "a%20b?c#d"), ("oss://b/日本", "日本"),
            ("oss://b/\u{301}a", "\u{301}a"), ("oss://b/a/\u{20DD}", "a/\u{20DD}"),
        ])
    func addresses(_ text: String, _ key: String) throws {
        #expect(try RemoteAddress(text) == RemoteAddress(bucket: "b", key: key))
    }

    @Test(
        "A prefix without a final slash names the folder",
        arguments: [("", ""), ("a", "a/"), ("a/", "a/"), ("a/b", "a/b/")])
    func folders(_ key: String, _ folder: String) {
        #expect(RemoteAddress(bucket: "b", key: key).folder == folder)
    }

    @Test(
        "An invalid command line is rejected with a remedy",
        arguments: [
            ("", "missing command; see 'ossmirror --help'"),
            ("frob a b", "unknown command 'frob'; see 'ossmirror --help'"),
            (
                "meta oss://b/a --expires-header 7d",
                "--expires-header must be a date such as 2026-12-31 or 2026-12-31T23:59:59Z (got '7d')"
            ),
            (
                "up a oss://b --gzip html --content-encoding br",
                "--content-encoding does not go together with --gzip, which sets it"
            ),
            ("--frobnicate", "unknown option '--frobnicate'; see 'ossmirror --help'"),
            ("up a", "too few arguments; usage: ossmirror up LOCAL oss://BUCKET/PREFIX"),
            ("up a oss://b c", "too many arguments; usage: ossmirror up LOCAL oss://BUCKET/PREFIX"),
            (
                "up oss://b/c a",
                "expected a local path, not an OSS address; usage: ossmirror up LOCAL oss://BUCKET/PREFIX"
            ),
            (
                "down a oss://b",
                "expected a local path, not an OSS address; usage: ossmirror down oss://BUCKET/PREFIX LOCAL"
            ),
            ("up f demo/e", "'demo/e' is not an OSS address; did you mean 'oss://demo/e'?"),
            ("up f oss:/demo/e", "'oss:/demo/e' is not an OSS address; did you mean 'oss://demo/e'?"),
            ("up f oss//demo/e", "'oss//demo/e' is not an OSS address; did you mean 'oss://demo/e'?"),
            ("down demo/e f", "'demo/e' is not an OSS address; did you mean 'oss://demo/e'?"),
            (
                "up oss://a/c oss://b/c",
                "expected a local path, not an OSS address; usage: ossmirror up LOCAL oss://BUCKET/PREFIX"
            ),
            ("rm oss://b/k --outage-limit 1s", "--outage-limit requires -r"),
            ("ls b", "'b' is not an OSS address; use oss://BUCKET/PREFIX"),
            ("ls oss:///a", "'oss:///a' has no bucket name; use oss://BUCKET/PREFIX"),
            ("cat oss://b/", "'oss://b/' has no key; use oss://b/KEY"),
            ("stat oss://b --version-id v", "'oss://b/' has no key; use oss://b/KEY"),
            ("mb oss://b/k", "'oss://b/k' is not the address of a bucket; use oss://b"),
            ("ls -r", "--recursive and --versions require a bucket; use oss://BUCKET"),
            ("cat oss://b/k --head 1 --tail 1", "--head and --tail exclude each other"),
            ("cat oss://b/k --head 0", "--head must be at least 1"),
            ("rm oss://b/a oss://b/c --files-from f", "--files-from requires a single bucket or prefix, without -r"),
            ("ls oss://b --request-payer owner", "--request-payer must be requester (got 'owner')"),
            ("up a oss://b --sse DES", "--sse must be AES256, KMS or SM4 (got 'DES')"),
            ("up a oss://b --sse-key-id k", "--sse-key-id requires --sse KMS"),
            (
                "up a oss://b --tagging a=1&a=2",
                "--tagging must be NAME=VALUE&NAME=VALUE with distinct names (got 'a=1&a=2')"
            ),
            ("put oss://b/a oss://b/c", "'put' stores standard input or a file; use 'cp' to copy objects"),
            ("mv - oss://b/c", "'mv' does not accept '-', because a stream cannot be removed; use 'cp'"),
            ("rm oss://b", "'oss://b/' has no key; use oss://b/KEY"),
            ("rm", "too few arguments; usage: ossmirror rm oss://BUCKET/KEY…"),
            ("rm oss://a/b oss://c/d", "all addresses must be in the same bucket; run ossmirror once for each bucket"),
            ("up a oss://b -j", "-j requires a value: -j N"),
            ("up a oss://b -j 0", "--concurrency must be from 1 to 1024 (got '0')"),
            ("up a oss://b --concurrency=", "--concurrency requires a value: --concurrency N"),
            ("up a oss://b --json=yes", "--json does not take a value"),
            ("ls oss://b -lr", "'-lr': write each option on its own, as in '-l -r'"),
            ("rm -rf oss://b/k", "unknown option -f; see 'ossmirror rm --help'"),
            ("cp -r a oss://b --jobs 3", "unknown option --jobs; did you mean '--concurrency'?"),
            ("presign oss://b/k --expires 3600", "--expires must be a time with a unit, such as 3600s (got '3600')"),
            ("up a oss://b --frobnicate", "unknown option --frobnicate; see 'ossmirror up --help'"),
            ("up a oss://b -l", "-l does not apply to 'up'; see 'ossmirror up --help'"),
            ("up a oss://b --symlinks maybe", "--symlinks must be follow or skip (got 'maybe')"),
            (
                "down oss://b a --symlinks follow",
                "--symlinks follow does not apply to 'down', which never follows local links; remove the option"
            ),
            ("up a oss://b --signature v2", "--signature must be v4 or v1 (got 'v2')"),
            ("ls oss://b --transport http", "--transport must be auto, urlsession or libcurl (got 'http')"),
            ("ls oss://b --max -1", "--max must be at least 0 (got '-1')"),
        ])
    func refusals(_ line: String, _ expected: String) {
        #expect(message(line) == expected)
    }

    @Test(
        "A secret in an address is rejected and not shown",
        arguments: [
            "oss://test:S3cr3t@demo/k", "oss://test:S3/cr3t@demo/k", "OSS://S3cr3t@demo", "oss:/test:S3cr3t@demo/k",
            "test:S3cr3t@demo/k",
        ])
    func secretInAddress(_ address: String) throws {
        let text = try #require(message("cat \(address)"))
        #expect(!text.contains("S3") && !text.contains("cr3t"))
        #expect(text.contains("oss://BUCKET/"))
    }

    @Test("The scheme of an address is case-insensitive")
    func scheme() throws {
        #expect(try RemoteAddress("OSS://Demo/E") == RemoteAddress(bucket: "Demo", key: "E"))
        #expect(try command(MirrorCommand.self, "up f Oss://demo/e").arguments.remote.bucket == "demo")
    }

    @Test("Every transport can be named", arguments: ConnectionArguments.Transport.allCases)
    func transport(_ transport: ConnectionArguments.Transport) throws {
        let list = try command(ListCommand.self, "ls oss://b --transport \(transport.rawValue)")
        #expect(list.connection.transport == transport)
    }

    @Test("A secret as an argument is rejected and not shown", arguments: Option.secrets.sorted())
    func secrets(_ option: String) throws {
        for line in ["ls oss://b \(option) hunter2", "ls oss://b \(option)\(option.hasPrefix("--") ? "=" : "")hunter2"]
        {
            let message = try #require(self.message(line))
            #expect(message.hasPrefix("\(option): secrets are not accepted as arguments"))
            #expect(!message.contains("hunter2"))
        }
    }
}
