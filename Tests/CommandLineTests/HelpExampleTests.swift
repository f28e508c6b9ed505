import AliyunOSS
import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

@testable import ossmirror

@Suite("Examples in the help of ossmirror", .timeLimit(.minutes(5)))
struct HelpExampleTests {
    private static let rules = """
        <LifecycleConfiguration><Rule><ID>logs</ID><Prefix>logs/</Prefix><Status>Enabled</Status>\
        <Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>
        """
    private static let site = ["index.html", "css/site.css", "logo.jpg"]
    private static let objects = [
        "a.jpg", "b", "v7", "a/1", "2026/a.jpg", "2026/b.txt", "2019/x.tmp", "2019/y.jpg", "2019.tar", "public/p.html",
    ]

    @Test("Every example in the help runs as it is written", arguments: Verb.allCases)
    func examples(_ verb: Verb) async throws {
        for example in try #require(CommandTable.command(verb)).examples {
            let server = try Self.server(for: verb, example.line)
            try await Self.configure(server, for: verb)
            let folder = try Self.folder()
            let run = try await Self.shell(example.line, folder, server).run([
                "-ec", "ossmirror \(example.line)",
            ]) { process in
                guard example.line.contains("--wait") else { return }
                // The time of a restore passes when the program asks whether the objects can be read.
                await server.waitForRequests(1) { $0.operation == "HeadObject" }
                server.clockOffset = .seconds(120)
            }
            #expect(run.status == 0, "ossmirror \(example.line)\n\(run)")
            if example.line.hasSuffix("echo equal") { #expect(run.lines == ["equal"], "\(run)") }
        }
    }

    /// Returns a server with the buckets and objects that the examples assume.
    private static func server(for verb: Verb, _ line: String) throws -> MockOSSServer {
        var configuration = MockOSSServer.Configuration()
        configuration.region = line.contains("--region cn-beijing") ? "cn-beijing" : "cn-hangzhou"
        configuration.buckets = verb == .mb ? [] : ["photos", "backup", "archive", "logs"]
        configuration.accessKeys = [OSSMirrorFixture.key]
        // The examples grant public access.
        configuration.blocksPublicAccess = false
        let server = try MockOSSServer(configuration)
        guard verb != .mb && verb != .rb else { return server }
        for key in objects {
            let isArchived = verb == .restore && key.hasPrefix("2019")
            try server.put(
                key, Data(key.utf8), in: "photos", headers: isArchived ? ["x-oss-storage-class": "Archive"] : [:])
        }
        for path in site { try server.put("www/\(path)", Data(path.utf8), in: "photos") }
        for key in ["a.log", "b.log"] { try server.put(key, Data(key.utf8), in: "logs") }
        return server
    }

    /// Changes the bucket so that the examples of a command apply to it.
    private static func configure(_ server: MockOSSServer, for verb: Verb) async throws {
        guard verb != .mb else { return }
        let bucket = try server.bucket("photos")
        switch verb {
        case .versions, .undelete:
            try await bucket.set(.versioning, to: VersioningConfiguration(.enabled))
            for key in ["a.jpg", "2026/a.jpg"] { server.delete(key, in: "photos") }
        case .setting: try await bucket.setRaw(.lifecycle, to: Data(rules.utf8))
        case .symlink: _ = try await bucket.putSymlink("latest", to: "v7")
        case .incomplete: _ = try await bucket.initiateMultipartUpload("large")
        default: break
        }
    }

    /// Returns a directory with the files that the examples assume, a home directory, and `ossmirror` in `bin`.
    private static func folder() throws -> ScratchDirectory {
        let folder = try ScratchDirectory()
        for path in ["a.jpg", "b.jpg", "db.sql.gz", "scans/1.png"] { try folder.write(path, path) }
        for path in site { try folder.write("site/\(path)", path) }
        try folder.write("rules.xml", rules)
        try folder.makeDirectory("home/.config/fish/completions")
        try folder.makeDirectory("bin")
        try FileManager.default.createSymbolicLink(
            atPath: folder["bin/ossmirror"], withDestinationPath: ChildProcess.builtExecutable("ossmirror").path)
        // The reader of manual pages may not be installed.
        try folder.write("bin/man", "#!/bin/sh\n[ \"$*\" = '-l -' ] && grep -q '^.TH OSSMIRROR'\n")
        chmod(folder["bin/man"], 0o755)
        return folder
    }

    /// Returns a shell that runs the line of an example in the directory.
    private static func shell(_ line: String, _ folder: ScratchDirectory, _ server: MockOSSServer) -> Program {
        var shell = Program(at: URL(fileURLWithPath: "/bin/sh"))
        shell.environment = [
            "PATH": "\(folder["bin"]):/usr/bin:/bin", "HOME": folder["home"], "OSS_ENDPOINT": server.endpoint,
            "OSS_ACCESS_KEY_ID": OSSMirrorFixture.key.id, "OSS_ACCESS_KEY_SECRET": OSSMirrorFixture.key.secret,
            "OSS_REGION": "cn-hangzhou", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        ]
        shell.directory = folder.url
        return shell
    }
}
