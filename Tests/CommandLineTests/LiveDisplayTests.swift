import AliyunOSSTesting
import Foundation
import TestKit
import TestProcesses
import Testing

/// Tests of the program with a pseudo-terminal as its standard error.
@Suite("Live display", .timeLimit(.minutes(5)))
struct LiveDisplayTests {
    private static let large = Data(repeating: 7, count: 3 << 20)

    /// Runs `down` of a file whose body stands still, and a small one, on a terminal.
    private func run(
        _ fixture: OSSMirrorFixture, _ options: [String] = [], setting: [String: String] = [:], columns: Int = 80,
        whileRunning: @Sendable (PseudoTerminal, ChildProcess) async throws -> Void
    ) async throws -> (terminal: PseudoTerminal, end: ChildProcess.End, output: String) {
        let terminal = try PseudoTerminal(columns: columns, rows: 24)
        let output = try fixture.folder.makeFile("stdout")
        let environment = ["TERM": "xterm", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "HOME": fixture.folder.path]
        let process = try ChildProcess(
            Program("ossmirror").url.path, ["down", "oss://demo", "copy", "-j", "2"] + options,
            environment: environment.merging(fixture.environment) { $1 }.merging(setting) { $1 },
            directory: fixture.folder.path, standardOutput: FileHandle(forWritingTo: output),
            standardError: terminal.programSide)
        do {
            try await whileRunning(terminal, process)
        } catch {
            process.send(SIGKILL)
            throw error
        }
        let end = await process.end()
        try await terminal.waitForEnd()
        return (terminal, end, try fixture.folder.text("stdout"))
    }

    private func standingStill(_ fixture: OSSMirrorFixture, for duration: Duration = .seconds(60)) throws {
        try fixture.put(["big\u{1B}[2J.bin": Self.large, "small": Data("1".utf8)])
        fixture.server.add(
            .stallBody(after: 1 << 20, for: duration), when: .operation("GetObject", key: "big\u{1B}[2J.bin"))
    }

    @Test(
        "The display shows the run, redraws itself after a resize, and disappears at an interruption, which is reported"
    )
    func interruption() async throws {
        try await OSSMirrorFixture.with { fixture in
            try standingStill(fixture)
            let (terminal, end, output) = try await run(fixture, ["--json"]) { terminal, process in
                try await terminal.wait { $0.count == 3 && $0[1] == "1 of 2 files" }
                let lines = terminal.lines
                // Progress is reported at most five times a second, so the last bytes before the pause may be missing.
                // The bar takes the columns that the numbers leave.
                #expect(lines[0].contains(/^[━─]{8,30} +[0-9]+%  .+ of 3\.0 MiB/))
                #expect(lines[2].contains(/^  big\\u\{1b\}\[2J\.bin +[0-9]+%  3\.0 MiB$/))
                #expect(!terminal.isCursorVisible)
                terminal.resize(columns: 30, rows: 24)
                process.send(SIGWINCH)
                try await terminal.wait { $0.count == 3 && $0.allSatisfy { $0.count < 30 } && $0[1] == "1 of 2 files" }
                process.send(SIGINT)
            }
            #expect(end == .exited(130))
            #expect(terminal.isCursorVisible)
            #expect(terminal.lines.first?.hasPrefix("ossmirror: interrupted; ") == true, "\(terminal.lines)")
            #expect(terminal.output.contains("ossmirror: interrupted; downloaded 1 file, "))
            #expect(terminal.output.contains("run the same command again to resume"))
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any], "\(output)")
            #expect((report["transferred"] as? [String: Any])?["files"] as? Int == 1)
            #expect((report["error"] as? [String: Any])?["code"] as? String == "cancelled")
            #expect(report["stoppedEarly"] as? Bool == true && report["succeeded"] as? Bool == false)
        }
    }

    @Test("Messages appear above the display, and nothing else remains after the end")
    func messages() async throws {
        try await OSSMirrorFixture.with { fixture in
            // Long enough for the messages to appear while other tests take the processors.
            try standingStill(fixture, for: .seconds(8))
            try fixture.put(["refused": Data("1".utf8)])
            fixture.server.add(
                .respond(status: 403, code: "AccessDenied"), when: .operation("GetObject", key: "refused"), times: .max)
            let (terminal, end, output) = try await run(fixture, ["-v"], columns: 200) { terminal, _ in
                try await terminal.wait { lines in
                    lines.count == 4 && lines[0].hasPrefix("ossmirror: refused: ") && lines[2].contains("1 failed")
                }
            }
            #expect(end == .exited(1))
            #expect(terminal.lines.count == 1 && terminal.isCursorVisible, "\(terminal.lines)")
            #expect(terminal.output.contains("\u{1B}[31m"))
            #expect(output.contains("download small (new)\n") && output.contains("downloaded 2 files"), "\(output)")
        }
    }

    @Test(
        "Without colors or cursor movement, the terminal receives no sequences for them",
        arguments: [
            (["NO_COLOR": "1"], [], ["\u{1B}[32m", "\u{1B}[2m"]),
            (["TERM": "dumb"], ["--progress-interval", "1s"], ["\u{1B}"]),
            ([:], ["--progress-interval=1s"], ["\u{1B}"]),
        ] as [([String: String], [String], [String])])
    func plain(setting: [String: String], options: [String], excluded: [String]) async throws {
        try await OSSMirrorFixture.with { fixture in
            try standingStill(fixture)
            let (terminal, end, _) = try await run(fixture, options, setting: setting) { terminal, process in
                try await terminal.wait { $0.contains { $0.contains("1 of 2 files") } }
                process.send(SIGTERM)
            }
            #expect(end == .exited(130))
            for sequence in excluded { #expect(!terminal.output.contains(sequence), "\(terminal.output)") }
            #expect(options.isEmpty || terminal.lines[0].wholeMatch(of: /ossmirror: \d+%, .*; 1 of 2 files/) != nil)
        }
    }

    @Test("A process that is stopped and continued shows the cursor in between")
    func suspension() async throws {
        try await OSSMirrorFixture.with { fixture in
            try standingStill(fixture)
            let (terminal, end, _) = try await run(fixture) { terminal, process in
                try await terminal.wait { $0.count == 3 }
                process.send(SIGTSTP)
                try await terminal.wait { $0.isEmpty }
                while !terminal.isCursorVisible { try await Task.sleep(for: .milliseconds(10)) }
                // The process stops itself after it has written, and a signal that arrives before that has no effect.
                while terminal.lines.count != 3 {
                    process.send(SIGCONT)
                    try await Task.sleep(for: .milliseconds(10))
                }
                process.send(SIGINT)
            }
            #expect(end == .exited(130) && terminal.isCursorVisible)
        }
    }

    @Test("A terminal that accepts no bytes does not slow the transfer")
    func stoppedTerminal() async throws {
        try await OSSMirrorFixture.with { fixture in
            try fixture.put(Dictionary(uniqueKeysWithValues: (0..<50).map { ("f\($0)", Data("1".utf8)) }))
            fixture.server.add(.delay(.milliseconds(20)), when: .operation("GetObject"), times: .max)
            let (_, end, output) = try await run(fixture, ["--json"]) { terminal, process in
                // As Ctrl-S does.
                #expect(tcflow(terminal.programSide.fileDescriptor, TCOOFF) == 0)
                // The folder does not exist before the first file.
                let isCopied = try await eventually {
                    (try? fixture.folder.contents(in: "copy"))?.count { $0.key.hasPrefix("f") } == 50
                }
                #expect(isCopied)
                #expect(tcflow(terminal.programSide.fileDescriptor, TCOON) == 0)
            }
            #expect(end == .exited(0) && output.contains("\"files\":50"))
        }
    }
}
