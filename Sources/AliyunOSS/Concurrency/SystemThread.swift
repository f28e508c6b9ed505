import CSystem
import Foundation

/// A namespace for functions that start threads. Unlike Foundation's `Thread`, ``start(name:stackLength:_:)`` reports
/// whether the system was able to create the thread.
package enum SystemThread {
    /// Default stack size in bytes, which is enough for a request in a debug build. Only pages that are touched use
    /// memory.
    package static let stackLength = 512 * 1024

    /// Runs a closure on a new thread, or returns `false` if no thread can be created.
    ///
    /// - Parameters:
    ///   - name: Name of the thread for debuggers and profilers, at most 15 bytes.
    ///   - stackLength: Stack size in bytes. Default: ``stackLength``.
    package static func start(
        name: String, stackLength: Int = stackLength, _ body: @escaping @Sendable () -> Void
    ) -> Bool {
        // Not a variable: whether its initializer comes from Glibc or from Dispatch depends on the compilation order.
        withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { buffer in
            guard let attributes = buffer.baseAddress, pthread_attr_init(attributes) == 0 else { return false }
            defer { pthread_attr_destroy(attributes) }
            guard pthread_attr_setstacksize(attributes, stackLength) == 0,
                pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED)) == 0
            else { return false }
            let job = Unmanaged.passRetained(Job(name: name, body: body))
            let isStarted = create(attributes, job.toOpaque()) == 0
            // Only a started thread takes over the job.
            if !isStarted { job.release() }
            return isStarted
        }
    }

    private final class Job: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private static func create(
        _ attributes: UnsafeMutablePointer<pthread_attr_t>, _ job: UnsafeMutableRawPointer
    ) -> Int32 {
        withUnsafeTemporaryAllocation(of: PlatformThread.self, capacity: 1) { buffer in
            guard let thread = buffer.baseAddress else { return ENOMEM }
            return pthread_create(thread, attributes, runJob, job)
        }
    }

    fileprivate static func run(_ job: UnsafeMutableRawPointer) {
        let job = Unmanaged<Job>.fromOpaque(job).takeRetainedValue()
        oss_name_thread(job.name)
        #if canImport(Darwin)
            autoreleasepool { job.body() }
        #else
            job.body()
        #endif
    }
}

#if canImport(Darwin)
    private typealias PlatformThread = pthread_t?

    private func runJob(_ job: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        SystemThread.run(job)
        return nil
    }
#else
    #if canImport(Glibc)
        private typealias PlatformThread = pthread_t
    #else
        private typealias PlatformThread = pthread_t?
    #endif

    private func runJob(_ job: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let job { SystemThread.run(job) }
        return nil
    }
#endif
