import Synchronization

/// Values from any thread, in the order they came.
final class Collected<Value: Sendable>: Sendable {
    private let list = Mutex<[Value]>([])

    var values: [Value] { list.withLock { $0 } }

    /// Adds a value. Returns how many there are now.
    @discardableResult
    func add(_ value: Value) -> Int {
        list.withLock {
            $0.append(value)
            return $0.count
        }
    }
}
