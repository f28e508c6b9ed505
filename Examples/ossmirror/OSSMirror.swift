import Foundation

@main
struct OSSMirror {
    static let version = "0.1.0"

    // Not `async`, because the runtime opens descriptors before it calls an asynchronous `main`.
    static func main() {
        guard StandardStream.occupyClosedDescriptors() else {
            Diagnostics.say("cannot open /dev/null to replace a closed standard stream")
            _exit(ExitStatus.failure)
        }
        ProcessLimits.limitAllocator()
        // A closed pipe is reported by write() as EPIPE instead.
        signal(SIGPIPE, SIG_IGN)
        ProcessLimits.raiseOpenFiles()
        guard ProcessLimits.allowFiles else {
            Diagnostics.say("cannot open the required number of files; raise the limit on open files (ulimit -n)")
            _exit(ExitStatus.failure)
        }
        guard ProcessLimits.allowThreads else {
            Diagnostics.say("cannot start the required number of threads; raise the process limit (ulimit -u)")
            _exit(ExitStatus.failure)
        }
        let command: Command
        do {
            command = try CommandLineParser.parse(
                Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
        } catch {
            Diagnostics.say(error.message)
            _exit(ExitStatus.usage)
        }
        let interruption = Interruption()
        let run = Task { await perform(command) }
        interruption.watch { run.cancel() }
        Task {
            var status = await run.value
            ProgressLine.shared.finish()
            if interruption.isPending, status != ExitStatus.success {
                Diagnostics.say("interrupted")
                status = ExitStatus.interrupted
            }
            // Not exit(): threads of the network stack may still run, and all output is already written.
            _exit(status)
        }
        dispatchMain()
    }

    private static func perform(_ command: Command) async -> Int32 {
        do {
            switch command {
            case .help(let verb): try StandardStream.output.line(Help.text(verb))
            case .version: try StandardStream.output.line("ossmirror \(version)")
            case .up(let arguments): return try await MirrorCommand(direction: .up, arguments: arguments).run()
            case .down(let arguments): return try await MirrorCommand(direction: .down, arguments: arguments).run()
            case .copy(let source, let arguments):
                return try await MirrorCommand(direction: .copy(from: source), arguments: arguments).run()
            case .check(let arguments): return try await CheckCommand(arguments: arguments).run()
            case .list(let arguments): return try await ListCommand(arguments: arguments).run()
            case .cat(let arguments): return try await ObjectCommand(arguments: arguments).cat()
            case .stat(let arguments): return try await ObjectCommand(arguments: arguments).stat()
            case .remove(let arguments): return try await RemoveCommand(arguments: arguments).run()
            case .incomplete(let arguments): return try await IncompleteCommand(arguments: arguments).run()
            }
            return ExitStatus.success
        } catch {
            return failed(command, error)
        }
    }

    private static func failed(_ command: Command, _ error: any Error) -> Int32 {
        let status = Explanation.status(of: error)
        ProgressLine.shared.finish()
        if error is ReaderLeft { return status }
        if !(error is CancellationError) { Diagnostics.say(Explanation.of(error)) }
        if let verb = command.verbThatReportsErrors, !(error is WriteFailed) {
            try? JSONOutput.print(JSONFailure(command: verb, error: JSONError(error)))
        }
        return status
    }
}
