import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

/// Tests of `ossmirror … | head`. The exit status does not depend on the reader.
@Suite("Output that nobody reads")
struct LeavingReaderTests {
    /// Runs the program with a standard output whose reader closed the pipe before the start.
    private func status(_ fixture: OSSMirrorFixture, _ arguments: [String]) async throws -> ChildProcess.End {
        let pipe = try ChildPipe()
        try pipe.reading.close()
        let diagnostics = try FileHandle(forWritingTo: fixture.folder.makeFile("diagnostics"))
        let child = try ChildProcess(
            Program("ossmirror").url.path, arguments, environment: fixture.environment,
            directory: fixture.folder.url.path, standardOutput: pipe.writing, standardError: diagnostics)
        return await child.end()
    }

    @Test(
        "Output to a closed descriptor is a failure", arguments: ["<&- >&-", ">&-", "<&- >&- 2>&-", ">&- 2>&-", "2>&-"])
    func closed(redirection: String) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b": Data("b".utf8)])
            var program = try Program("ossmirror", environment: fixture.environment)
            program.directory = fixture.folder.url
            program.launcher = ["/bin/sh", "-c", "exec \"$0\" \"$@\" \(redirection)"]
            let isClosed = redirection != "2>&-"
            for arguments in [
                ["up", "site", "oss://demo/"], ["check", "site", "oss://demo/"], ["ls", "oss://demo/"],
                ["cat", "oss://demo/a"], ["stat", "oss://demo/a"], ["--help"],
            ] {
                let outcome = try await program.run(arguments)
                #expect(outcome.status == (isClosed ? 1 : 0), "\(arguments) \(outcome)")
                #expect(outcome.output.isEmpty == isClosed, "\(arguments) \(outcome)")
                if !redirection.contains("2>&-") {
                    #expect(outcome.diagnostics.contains("Bad file descriptor"), "\(arguments) \(outcome)")
                }
            }
            #expect(fixture.server.keys(in: "demo") == ["a", "b"])
        }
    }

    @Test("The exit status depends on the operation, even if nobody reads the output", arguments: [[], ["--json"]])
    func status(output: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.folder.write(["site/a": Data("a".utf8), "site/b": Data("b".utf8)])
            #expect(try await status(fixture, ["check", "site", "oss://demo"] + output) == .exited(1))
            #expect(try await status(fixture, ["up", "site", "oss://demo"] + output) == .exited(0))
            #expect(try await status(fixture, ["check", "site", "oss://demo"] + output) == .exited(0))

            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("PutObject", key: "a"))
            #expect(
                try await status(fixture, ["up", "site", "oss://demo", "--update", "always"] + output) == .exited(1))
            #expect(fixture.server.unusedFaults.isEmpty)

            try fixture.folder.write(["empty/.keep": Data()])
            let refused = ["up", "empty", "oss://demo", "--delete", "--exclude", ".keep"]
            #expect(try await status(fixture, refused + output) == .exited(3))
            fixture.server.add(.respond(status: 403, code: "AccessDenied"), when: .operation("DeleteMultipleObjects"))
            #expect(try await status(fixture, ["rm", "-r", "--force", "oss://demo"] + output) == .exited(1))
            #expect(fixture.server.keys(in: "demo").count == 2)
            #expect(try await status(fixture, ["ls", "oss://demo"] + output) == .exited(0))
        }
    }
}
