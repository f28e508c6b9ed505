import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

@Suite("ossmirror with unresponsive servers and pipes", .timeLimit(.minutes(5)))
struct SilentServerTests {
    @Test("J8: a server that never responds times out at the configured limit, and the wait is reported")
    func silentServer() async throws {
        try await OSSMirrorFixture.with { fixture in
            fixture.server.add(.neverRespond, times: 5)
            let outcome = try await fixture.run(
                "ls", "oss://demo/", "--connect-timeout", "1s", "--response-timeout", "2s")
            #expect(outcome.status == 1, "\(outcome)")
            #expect(
                outcome.diagnostics.contains("within 2.0 seconds") || outcome.diagnostics.contains("for 2.0 seconds"),
                "\(outcome)")
            #expect(outcome.diagnostics.contains("still trying: "), "\(outcome)")
            #expect(fixture.server.unusedFaults.isEmpty)
        }
    }

    @Test(
        "A signal ends a command that waits for the writer of a pipe",
        arguments: ["--credentials-file", "--filter-from", "--retry-failed"], [SIGINT, SIGTERM])
    func pipeWithoutWriter(option: String, signal: Int32) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8)])
            try #require(mkfifo(fixture.folder["pipe"], 0o600) == 0)
            let outcome = try await fixture.run("up", "site", "oss://demo/", option, "pipe") { process in
                try #require(try await eventually { process.hasOpen("pipe") })
                process.send(signal)
            }
            // On a busy machine, the signal may arrive before the program handles it.
            #expect([130, 128 + signal].contains(outcome.status), "\(outcome)")
            #expect(!outcome.diagnostics.contains("cannot be read"), "\(outcome)")
            #expect(fixture.server.keys(in: "demo").isEmpty)
        }
    }

    @Test("A process substitution is read to its end", arguments: ["--filter-from", "--credentials-file"])
    func processSubstitution(option: String) async throws {
        guard FileManager.default.isExecutableFile(atPath: "/bin/bash") else { return }
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b.tmp": Data("b".utf8)])
            var program = try Program("ossmirror", environment: fixture.environment)
            program.directory = fixture.folder.url
            let lines =
                option == "--filter-from"
                ? "- *.tmp"
                : "[Credentials]\naccessKeyID=\(OSSMirrorFixture.key.id)\naccessKeySecret=\(OSSMirrorFixture.key.secret)"
            program.launcher = [
                "/bin/bash", "-c", "exec \"$0\" \"$@\" \(option) <(sleep 0.3; echo '\(lines)')",
            ]
            let outcome = try await program.run(["up", "site", "oss://demo/"])
            #expect(outcome.status == 0, "\(outcome)")
            #expect(fixture.server.keys(in: "demo") == (option == "--filter-from" ? ["a"] : ["a", "b.tmp"]))
        }
    }

    @Test(
        "A run for which the service responds only with 503 stops after the outage limit",
        arguments: [["rm", "-r", "oss://demo/x"], ["check", "site", "oss://demo/x"], ["up", "site", "oss://demo/x"]])
    func outageLimit(arguments: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8)])
            fixture.server.add(.respond(status: 503, code: "ServiceUnavailable"), times: .max)
            let start = ContinuousClock.now
            let outcome = try await fixture.run(arguments + ["--outage-limit", "1s"])
            #expect(outcome.status == 1, "\(outcome)")
            #expect(outcome.diagnostics.contains("ServiceUnavailable"), "\(outcome)")
            #expect(ContinuousClock.now - start < .seconds(40))
        }
    }

    @Test("J9: a process that cannot start threads reports it and exits")
    func noThreads() async throws {
        let setpriv = "/usr/bin/setpriv"
        // The limit does not apply to root, and only Linux counts threads as processes.
        guard geteuid() == 0, FileManager.default.isExecutableFile(atPath: setpriv),
            FileManager.default.isExecutableFile(atPath: "/bin/bash")
        else { return }
        try await OSSMirrorFixture.with { fixture in
            guard var program = try fixture.unprivileged() else { return }
            program.launcher += ["/bin/bash", "-c", "ulimit -u 3 && exec \"$0\" \"$@\""]
            let outcome = try await program.run(["ls", "oss://demo/"])
            #expect(outcome.status == 1, "\(outcome)")
            #expect(outcome.diagnostics.contains("ulimit -u"), "\(outcome)")
        }
    }
}
