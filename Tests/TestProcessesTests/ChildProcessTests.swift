import Foundation
import TestProcesses
import Testing

@Suite("Child processes of tests", .timeLimit(.minutes(5)))
struct ChildProcessTests {
    /// The output of a program, which must fit into a pipe, and its termination status.
    private static func run(
        _ path: String, _ arguments: String..., environment: [String: String]? = nil, directory: String? = nil
    ) async throws -> (output: String, end: ChildProcess.End) {
        let pipe = try ChildPipe()
        let child = try ChildProcess(
            path, arguments, environment: environment, directory: directory, standardOutput: pipe.writing)
        try pipe.writing.close()
        let end = await child.end()
        return (String(decoding: try pipe.reading.readToEnd() ?? Data(), as: UTF8.self), end)
    }

    @Test("A child process gets its arguments and working directory, and returns its status")
    func arguments() async throws {
        let script = #"for word; do echo "[$word]"; done; pwd; exit 7"#
        let (output, end) = try await Self.run("/bin/sh", "-c", script, "sh", "a b", "", directory: "/usr")
        #expect(output == "[a b]\n[]\n/usr\n")
        #expect(end == .exited(7))
    }

    @Test(
        "A child process gets only the specified variables, or all variables of this process if none are specified")
    func environment() async throws {
        let given = try await Self.run("/usr/bin/env", environment: ["NAME": "a=b c"])
        #expect(given.output == "NAME=a=b c\n")
        let inherited = try await Self.run("/usr/bin/env")
        #expect(try inherited.output.contains("PATH=\(#require(ProcessInfo.processInfo.environment["PATH"]))\n"))
    }

    @Test("A child process has empty standard input unless input is specified")
    func input() async throws {
        #expect(try await Self.run("/bin/cat").output == "")
        let (input, output) = (try ChildPipe(), try ChildPipe())
        let child = try ChildProcess("/bin/cat", [], standardInput: input.reading, standardOutput: output.writing)
        try output.writing.close()
        try input.writing.write(contentsOf: Data("text".utf8))
        try input.writing.close()
        #expect(await child.end() == .exited(0))
        #expect(try output.reading.readToEnd() == Data("text".utf8))
    }

    @Test("All waiting callers, current and later, learn the signal that ended a child process")
    func signal() async throws {
        let child = try ChildProcess("/bin/sleep", ["3600"])
        await withTaskGroup(of: ChildProcess.End.self) { group in
            for _ in 0..<8 { group.addTask { await child.end() } }
            child.send(SIGTERM)
            for await end in group { #expect(end == .signalled(SIGTERM)) }
        }
        child.send(SIGKILL)
        #expect(await child.end() == .signalled(SIGTERM))
    }

    @Test("A missing program or directory is an error that names the cause")
    func notThere() throws {
        let nowhere = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        let noProgram = #expect(throws: ChildProcess.StartFailure.self) { try ChildProcess(nowhere, []) }
        #expect(noProgram?.description == "\(nowhere): No such file or directory")
        let noDirectory = #expect(throws: ChildProcess.StartFailure.self) {
            try ChildProcess("/bin/sleep", ["0"], directory: nowhere)
        }
        #expect(noDirectory?.code == ENOENT)
    }
}

#if compiler(>=6.3) && os(Linux)
    /// Tests that affect an entire process, each in its own process.
    @Suite("Child processes of a process", .timeLimit(.minutes(5)))
    struct ChildProcessExitTests {
        @Test("A process with 2,000 open descriptors starts programs that inherit none of them")
        func descriptors() async {
            await #expect(processExitsWith: .success) {
                var limit = rlimit()
                try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                limit.rlim_cur = min(limit.rlim_max, 4096)
                try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                // None of them is closed automatically when another program is executed.
                let taken = (0..<2000).map { _ in open("/dev/null", O_RDONLY) }
                try #require(taken.allSatisfy { $0 >= 0 && fcntl($0, F_GETFD) == 0 })
                for _ in 0..<20 {
                    let pipe = try ChildPipe()
                    let child = try ChildProcess("/bin/ls", ["/proc/self/fd"], standardOutput: pipe.writing)
                    try pipe.writing.close()
                    try #require(await child.end() == .exited(0))
                    // Descriptor 3 is the folder that is being listed.
                    try #require(try pipe.reading.readToEnd() == Data("0\n1\n2\n3\n".utf8))
                }
            }
        }

        @Test("A signal that a process ignores or blocks is neither ignored nor blocked in its child process")
        func signals() async {
            await #expect(processExitsWith: .success) {
                Foundation.signal(SIGPIPE, SIG_IGN)
                try #require(try await ChildProcess("/bin/sh", ["-c", "kill -PIPE $$"]).end() == .signalled(SIGPIPE))
                let blocking = try blockingSIGTERM { try ChildProcess("/bin/sh", ["-c", "kill -TERM $$"]) }
                try #require(await blocking.end() == .signalled(SIGTERM))
            }
        }

        @Test("A standard stream of a process can be that of a child process")
        func crossedStreams() async {
            await #expect(processExitsWith: .success) {
                let (first, second) = (try ChildPipe(), try ChildPipe())
                let (output, error) = (dup(1), dup(2))
                dup2(first.writing.fileDescriptor, 1)
                dup2(second.writing.fileDescriptor, 2)
                let child = try ChildProcess(
                    "/bin/sh", ["-c", "echo output; echo error >&2"], standardOutput: .standardError,
                    standardError: .standardOutput)
                dup2(output, 1)
                dup2(error, 2)
                try first.writing.close()
                try second.writing.close()
                try #require(await child.end() == .exited(0))
                try #require(try first.reading.readToEnd() == Data("error\n".utf8))
                try #require(try second.reading.readToEnd() == Data("output\n".utf8))
            }
        }
    }

    /// Signals are blocked for a thread, so this thread starts the program itself.
    private func blockingSIGTERM<Value>(_ body: () throws -> Value) rethrows -> Value {
        var (set, before) = (sigset_t(), sigset_t())
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &set, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }
#endif
