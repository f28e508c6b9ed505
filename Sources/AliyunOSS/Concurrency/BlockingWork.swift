import Dispatch
import Foundation
import Synchronization

/// Threads for calls that block on disk access, separate from the threads on which tasks run.
///
/// Tasks share one thread per core, and an fsync can take a second on a slow disk. A concurrent dispatch queue is not a
/// remedy on Linux, where it runs on the same few threads: thirty calls that blocked for two seconds each stopped all
/// tasks of the process for eight.
enum BlockingWork {
    /// Maximum number of threads. Further calls wait in order.
    static let maximumThreads = 64
    /// The time, in seconds, after which an idle thread ends.
    private static let idleTime = 10.0

    private typealias Job = @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        /// The index of the next job in ``jobs``.
        var next = 0
        var threads = 0
        /// The number of threads that wait for a job and have not been woken up.
        var idle = 0

        mutating func take() -> Job? {
            guard next < jobs.count else { return nil }
            next += 1
            let job = jobs[next - 1]
            if next == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                next = 0
            }
            return job
        }
    }

    private enum Reaction {
        case wake, start, none
    }

    private static let state = Mutex(State())
    private static let wakeup = DispatchSemaphore(value: 0)

    /// Runs a closure on one of the threads and waits for it to complete. Cancellation does not interrupt the closure.
    static func run<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
            add { continuation.resume(returning: Result(catching: work)) }
        }.get()
    }

    private static func add(_ job: @escaping Job) {
        let reaction = state.withLock { state -> Reaction in
            state.jobs.append(job)
            if state.idle > 0 {
                state.idle -= 1
                return .wake
            }
            guard state.threads < maximumThreads else { return .none }
            state.threads += 1
            return .start
        }
        switch reaction {
        case .wake: wakeup.signal()
        case .start:
            if !SystemThread.start(name: "blocking-work", { runJobs() }) { noThread() }
        case .none: break
        }
    }

    /// Runs the waiting jobs on the calling thread if there is no other thread for them.
    private static func noThread() {
        while let job = state.withLock({ state -> Job? in
            state.threads -= 1
            guard state.threads == 0, let job = state.take() else { return nil }
            state.threads += 1
            return job
        }) { job() }
    }

    private static func runJobs() {
        while true {
            let job = state.withLock { state in
                let job = state.take()
                if job == nil { state.idle += 1 }
                return job
            }
            if let job {
                job()
            } else if wakeup.wait(timeout: .now() + idleTime) == .timedOut {
                if endIfIdle() { return }
                // A call has just counted this thread as woken up, so its signal must not remain for another thread.
                wakeup.wait()
            }
        }
    }

    /// Counts the calling thread as ended, unless it is being woken up for a job, and returns whether it must end.
    private static func endIfIdle() -> Bool {
        state.withLock { state in
            guard state.idle > 0 else { return false }
            state.idle -= 1
            state.threads -= 1
            return true
        }
    }
}
