import AliyunOSSTesting
import Foundation
import Testing

@Suite("ossmirror and what keeps it waiting", .timeLimit(.minutes(5)))
struct SilentServerTests {
    @Test("J8: a server that never answers is given up after the limit that was set, and the wait is said")
    func silentServer() async throws {
        try await OSSMirrorFixture.with { fixture in
            fixture.server.add(.neverRespond, times: 5)
            let outcome = try await fixture.run(
                "ls", "oss://demo/", "--connect-timeout", "1s", "--response-timeout", "2s")
            #expect(outcome.status == 1, "\(outcome)")
            #expect(outcome.diagnostics.contains("no response within 2.0 seconds"), "\(outcome)")
            #expect(outcome.diagnostics.contains("still trying: "), "\(outcome)")
            #expect(fixture.server.unusedFaults.isEmpty)
        }
    }

    @Test("J9: a process that may not start threads says so and ends")
    func noThreads() async throws {
        let setpriv = "/usr/bin/setpriv"
        // Root may start as many as it likes, and only Linux counts threads as processes.
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
