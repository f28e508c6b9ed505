import Foundation
import Testing

/// Tests of `.ci/require`, with which the scripts of the repository check that their programs are installed.
@Suite("Programs that scripts require")
struct RequireScriptTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(".ci/require")

    private func run(_ arguments: [String]) async throws -> Program.Outcome {
        // Without any program in PATH.
        let program = Program(at: URL(fileURLWithPath: "/bin/bash"), environment: ["PATH": "/nonexistent"])
        return try await program.run([Self.script.path] + arguments)
    }

    @Test(
        "A missing program is an error that names its package or the page with its installation",
        arguments: [
            (["slurmd=slurmd"], "run: slurmd is missing; install it with: apt-get install slurmd\n"),
            (
                ["a|b=c", "d=e", "f=e"],
                "run: a or b, d, f are missing; install them with: apt-get install c e\n"
            ),
            (
                ["swift=https://swift.org", "docc=https://swift.org"],
                "run: swift, docc are missing; see https://swift.org\n"
            ),
            (
                ["python3:venv=python3-venv"],
                "run: python3 with venv is missing; install it with: apt-get install python3-venv\n"
            ),
        ])
    func missing(programs: [String], message: String) async throws {
        let outcome = try await run(["run"] + programs)
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.diagnostics == message)
    }

    @Test("Nothing is printed if every program is installed, and only packages for a script that installs them")
    func installed() async throws {
        // `echo` is a command of Bash itself.
        let outcome = try await run(["run", "echo=coreutils", "missing|echo=coreutils"])
        #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.diagnostics.isEmpty, "\(outcome)")
        let packages = try await run(["--packages", "run", "echo=coreutils", "missing=one", "other=two"])
        #expect(packages.status == 0 && packages.text == "one two\n", "\(packages)")
    }
}
