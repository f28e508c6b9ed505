import Foundation

/// Runs the work so that file permissions bind it, also when the tests run as root.
///
/// On Linux the identity for file access belongs to a thread: the work gets one that is nobody's, and ends with it.
func withoutPrivileges<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            #if os(Linux)
                if geteuid() == 0, let symbol = dlsym(nil, "setfsuid") {
                    typealias SetUser = @convention(c) (UInt32) -> Int32
                    _ = unsafeBitCast(symbol, to: SetUser.self)(65534)
                }
            #endif
            continuation.resume(returning: work())
        }
    }
}
