import Dispatch
import Foundation
import Synchronization

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
