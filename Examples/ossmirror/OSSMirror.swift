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
        let invocation: Invocation
        do {
            invocation = try CommandLineParser.parse(
                Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment,
                isLocal: FileManager.default.fileExists)
        } catch {
            Diagnostics.say(error.message)
            _exit(ExitStatus.usage)
        }
        let interruption = Interruption()
        let run = Task { await perform(invocation) }
        interruption.watch {
            ProgressDisplay.shared.showStopping()
            run.cancel()
        }
        Task {
            var status = await run.value
            ProgressDisplay.shared.finish()
            if interruption.isPending, status != ExitStatus.success {
                Diagnostics.say(interruption.message)
                status = ExitStatus.interrupted
            }
            // Not exit(): threads of the network stack may still run, and all output is already written.
            #if canImport(Darwin)
                _exit(status)
            #else
                quick_exit(status)
            #endif
        }
        dispatchMain()
    }

    private static func perform(_ invocation: Invocation) async -> Int32 {
        do {
            switch invocation {
            case .help(let verb): try StandardStream.output.line(Help.text(verb))
            case .version: try StandardStream.output.line("ossmirror \(version)")
            case .run(let command, _): return try await command.run()
            }
            return ExitStatus.success
        } catch {
            return failed(invocation, error)
        }
    }

    private static func failed(_ invocation: Invocation, _ error: any Error) -> Int32 {
        let status = Explanation.status(of: error)
        ProgressDisplay.shared.finish()
        if error is ReaderLeft { return status }
        if status != ExitStatus.interrupted { Diagnostics.say(Explanation.of(error)) }
        if case .run(let command, let scanned) = invocation, scanned.has("--json"), !command.reportsItsErrors,
            !(error is WriteFailed || error is ReportedError)
        {
            try? JSONOutput.print(JSONFailure(command: scanned.verb, error: JSONError(error)))
        }
        return status
    }
}
