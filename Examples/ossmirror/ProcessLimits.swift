import Dispatch
import Foundation
import Synchronization

/// The limits that the system sets for this process.
enum ProcessLimits {
    /// The main thread, those of the network stack, and one each for tasks, signals and files. With fewer nothing ever
    /// happens: not even a signal is seen, and the process would wait for ever.
    private static let threads = 5

    /// Lets the process have as many files and connections open as it is allowed to.
    static func raiseOpenFiles() {
        var limits = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limits) == 0 else { return }
        // More than macOS permits is refused, and more than this is never needed.
        let wanted = min(limits.rlim_max, 10_240)
        guard limits.rlim_cur < wanted else { return }
        limits.rlim_cur = wanted
        _ = setrlimit(resource, &limits)
    }

    /// Whether as many threads can be started as are needed, found out by starting them.
    static var allowThreads: Bool {
        #if canImport(Glibc)
            var ends: [Int32] = [0, 0]
            // Then there are no descriptors, which is another error.
            guard pipe(&ends) == 0 else { return true }
            var started: [pthread_t] = []
            for _ in 0..<threads {
                var thread = pthread_t()
                // Each waits until the pipe is closed, so that all of them are there at the same moment.
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
}

/// SIGINT and SIGTERM: the first one cancels the run, which then cleans up; the second one ends the process at once.
final class Interruption: Sendable {
    private let hasCome = Atomic(false)
    private let sources: Mutex<[any DispatchSourceSignal]> = Mutex([])

    /// Whether a signal has come.
    var isPending: Bool { hasCome.load(ordering: .acquiring) }

    /// Calls `cancel` on the first signal.
    func watch(cancel: @escaping @Sendable () -> Void) {
        sources.withLock { sources in
            let queue = DispatchQueue(label: "ossmirror.signals")
            for number in [SIGINT, SIGTERM] {
                // The default action would end the process before the source sees the signal.
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler { [self] in
                    guard !hasCome.exchange(true, ordering: .acquiringAndReleasing) else {
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
