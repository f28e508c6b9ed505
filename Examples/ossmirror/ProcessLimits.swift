import Dispatch
import Foundation
import Synchronization

/// Resource limits of this process.
enum ProcessLimits {
    /// Number of threads that the program needs. These are the main thread, the network stack, and one each for tasks,
    /// signals, files and the progress. With fewer, the process hangs and does not even handle signals.
    private static let threads = 6

    /// Raises the soft limit on open files to the hard limit or 10,240, whichever is lower. The library measures the
    /// limit, but never changes it.
    static func raiseOpenFiles() {
        var limits = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limits) == 0 else { return }
        // macOS rejects higher values, and the program never needs more.
        let wanted = min(limits.rlim_max, 10_240)
        guard limits.rlim_cur < wanted else { return }
        limits.rlim_cur = wanted
        _ = setrlimit(resource, &limits)
    }

    /// Number of file descriptors that the program needs. These are for the event queues of the runtime, one
    /// connection, and one transfer with its directories. Without descriptors for its event queues, the runtime ends
    /// the process or hangs.
    private static let files = 21

    /// Whether the process can open the required number of file descriptors. The check duplicates a descriptor.
    static var allowFiles: Bool {
        let descriptors = (0..<files).map { _ in fcntl(0, F_DUPFD_CLOEXEC, 0) }
        for descriptor in descriptors where descriptor >= 0 { close(descriptor) }
        return !descriptors.contains { $0 < 0 }
    }

    /// Whether the process can start the required number of threads. The check starts them.
    static var allowThreads: Bool {
        #if canImport(Glibc)
            var ends: [Int32] = [0, 0]
            // Without descriptors the program fails later, with a specific error.
            guard pipe(&ends) == 0 else { return true }
            var started: [pthread_t] = []
            for _ in 0..<threads {
                var thread = pthread_t()
                // Each thread waits until the pipe is closed, so that all threads exist at the same time.
                let code = pthread_create(
                    &thread, nil,
                    { descriptor in
                        var byte: UInt8 = 0
                        _ = read(Int32(Int(bitPattern: descriptor)), &byte, 1)
                        return nil
                    }, UnsafeMutableRawPointer(bitPattern: Int(ends[0])))
                guard code == 0 else { break }
                started.append(thread)
            }
            close(ends[1])
            for thread in started { pthread_join(thread, nil) }
            close(ends[0])
            return started.count == threads
        #else
            return true
        #endif
    }

    /// Limits glibc to two heaps, instead of eight per processor. Small requests fragment every heap: 50,000 downloads use
    /// 67 MB with two heaps and 89 MB with sixteen.
    static func limitAllocator() {
        #if canImport(Glibc)
            // Swift does not import the header that declares mallopt.
            typealias Mallopt = @convention(c) (_ parameter: Int32, _ value: Int32) -> Int32
            let arenaMax: Int32 = -8
            guard let function = dlsym(nil, "mallopt") else { return }
            _ = unsafeBitCast(function, to: Mallopt.self)(arenaMax, 2)
        #endif
    }
}

/// A handler for SIGINT and SIGTERM. The first signal cancels the run, which then cleans up; the second signal ends the
/// process immediately.
final class Interruption: Sendable {
    private let hasOccurred = Atomic(false)
    private let sources: Mutex<[any DispatchSourceSignal]> = Mutex([])

    /// Whether a signal has been received.
    var isPending: Bool { hasOccurred.load(ordering: .acquiring) }

    private static let summary = Mutex<String?>(nil)

    /// The message to print at the end of an interrupted run.
    var message: String { Self.summary.withLock { $0 }.map { "interrupted; \($0)" } ?? "interrupted" }

    /// Sets what the run had done before it was interrupted, as part of the message.
    static func summarize(_ text: String) { summary.withLock { $0 = text } }

    /// Starts watching for signals, and calls `cancel` when the first one is received.
    func watch(cancel: @escaping @Sendable () -> Void) {
        sources.withLock { sources in
            let queue = DispatchQueue(label: "ossmirror.signals")
            for number in [SIGINT, SIGTERM] {
                // The default action would end the process before the source receives the signal.
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { [self] in
                    guard !hasOccurred.exchange(true, ordering: .acquiringAndReleasing) else {
                        ProgressDisplay.shared.abandon()
                        _exit(ExitStatus.interrupted)
                    }
                    cancel()
                }
                source.resume()
                sources.append(source)
            }
        }
    }
}
