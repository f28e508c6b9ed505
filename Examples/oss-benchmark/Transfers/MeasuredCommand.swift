import Foundation
import Synchronization

/// A command that runs as a process whose time and memory are measured.
struct MeasuredCommand: Sendable {
    /// The use of resources by a process and its descendants.
    struct Usage {
        var seconds: Double
        /// User and system time.
        var processorSeconds: Double
        var peakMebibytes: Double
    }

    let path: String
    let arguments: [String]

    init(_ path: String, _ arguments: [String]) {
        (self.path, self.arguments) = (path, arguments)
    }

    /// Finds a program in `PATH`, or returns `nil` if it is not installed.
    static func find(_ name: String) -> String? {
        let directories = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
        let paths = name.contains("/") ? [name] : directories.map { "\($0)/\(name)" }
        return paths.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs the command and waits until it ends.
    ///
    /// - Parameter folder: Folder for the output of the process.
    /// - Throws: `BenchmarkFailure` if the process cannot be started, or does not exit with status 0.
    func run(in folder: String) throws -> (usage: Usage, output: String) {
        let (output, errors) = ("\(folder)/output", "\(folder)/errors")
        let start = ContinuousClock.now
        let process = try spawn(output, errors)
        let sampler = MemorySampler(of: process)
        var status: Int32 = 0
        var usage = rusage()
        // Of all ways to wait, only this one reports the times of the process and of the descendants that it waited for.
        while wait4(process, &status, 0, &usage) == -1 {
            guard errno == EINTR else { throw BenchmarkFailure(description: "cannot wait for \(path)") }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let peak = sampler.stop()
        let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
        guard status == 0 else {
            let lines = (try? String(contentsOfFile: errors, encoding: .utf8))?.split(separator: "\n")
            throw BenchmarkFailure(
                description: "\(path) failed (wait status \(status)): \(lines?.last ?? "no error message")")
        }
        #if canImport(Darwin)
            let mebibytes = Double(usage.ru_maxrss) / Double(1 << 20)
        #else
            let mebibytes = peak
        #endif
        return (
            Usage(
                seconds: seconds, processorSeconds: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
                peakMebibytes: mebibytes), text
        )
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// Foundation's `Process` is not used, because it waits for the process itself.
    private func spawn(_ output: String, _ errors: String) throws -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (descriptor, file) in [(Int32(1), output), (2, errors)] {
            posix_spawn_file_actions_addopen(&actions, descriptor, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        var variables = ProcessInfo.processInfo.environment
        variables["OSS_ACCESS_KEY_ID"] = TransferServer.accessKeyID
        variables["OSS_ACCESS_KEY_SECRET"] = TransferServer.accessKeySecret
        variables["OSS_SESSION_TOKEN"] = nil
        // A proxy would be measured instead of the server.
        for name in ["no_proxy", "NO_PROXY"] { variables[name] = "127.0.0.1,localhost" }
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + settings { free(text) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, nil, words, settings)
        guard code == 0 else {
            throw BenchmarkFailure(description: "cannot start \(path): \(String(cString: strerror(code)))")
        }
        return process
    }
}

/// A thread that samples the memory of a process and its descendants. Only Linux has the files that it reads.
private final class MemorySampler: Sendable {
    private let state = Mutex((peak: 0.0, isStopped: false))

    init(of process: pid_t) {
        Thread.detachNewThread { [self] in
            var (pause, sinceScan) = (0.005, 0.0)
            var descendants: [pid_t] = []
            while !state.withLock({ $0.isStopped }) {
                // A scan of all processes takes milliseconds.
                if sinceScan >= 0.3 { (descendants, sinceScan) = (Self.descendants(of: process), 0) }
                let size = Self.mebibytes([process] + descendants)
                state.withLock { $0.peak = max($0.peak, size) }
                Thread.sleep(forTimeInterval: pause)
                sinceScan += pause
                pause = min(2 * pause, descendants.isEmpty ? 0.05 : 0.3)
            }
        }
    }

    /// Ends the sampling and returns the largest sample.
    func stop() -> Double {
        state.withLock {
            $0.isStopped = true
            return $0.peak
        }
    }

    /// Returns the peak memory of one process, or the current memory of several, with shared pages counted once.
    private static func mebibytes(_ processes: [pid_t]) -> Double {
        if processes.count == 1 { return Memory.mebibytes("VmHWM", in: "/proc/\(processes[0])/status") ?? 0 }
        return processes.reduce(0) { $0 + (Memory.mebibytes("Pss", in: "/proc/\($1)/smaps_rollup") ?? 0) }
    }

    private static func descendants(of process: pid_t) -> [pid_t] {
        var children: [pid_t: [pid_t]] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let child = pid_t(name),
                let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                // The name of the program, in parentheses, can contain spaces.
                let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 1,
                let parent = pid_t(fields[1])
            else { continue }
            children[parent, default: []].append(child)
        }
        var found: [pid_t] = []
        var pending = [process]
        while let next = pending.popLast() {
            found += children[next] ?? []
            pending += children[next] ?? []
        }
        return found
    }
}
