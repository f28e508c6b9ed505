/// A number of bytes that may be held at a time. Whoever needs some waits until there are enough, first come first served.
///
/// A reservation larger than the whole budget waits until nothing else is reserved, and is then the only one: a budget
/// that is too small makes work slow, but never stops it.
final class MemoryBudget: Sendable {
    private let semaphore: AsyncSemaphore

    /// Makes a budget of so many bytes, at least one.
    init(_ bytes: Int) {
        semaphore = AsyncSemaphore(bytes)
    }

    /// Waits for bytes, runs `body`, and gives them back, however `body` ends.
    ///
    /// - Throws: what `body` throws, or `CancellationError` when the task was cancelled before it got its bytes.
    func withReservation<T>(
        of bytes: Int, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async throws -> T {
        let reservation = try await reserve(bytes)
        defer { reservation.release() }
        return try await body()
    }

    /// Waits for bytes, which are held until the reservation is released.
    ///
    /// - Throws: `CancellationError` when the task was cancelled before it got them.
    func reserve(_ bytes: Int) async throws -> Permit {
        try await semaphore.acquire(bytes)
    }

    /// The least that a window gets, whatever is held already.
    static let smallestWindow = 64 << 10

    /// The size of a window for somebody who may keep it for any length of time.
    ///
    /// A window takes at most half of what is free, so that those who come later find something. It is never smaller than
    /// ``smallestWindow``, which may be more than there is: a reader that waited for what other readers hold could wait for
    /// ever, because they may be waiting for it.
    static func windowSize(wanted: Int, free: Int) -> Int { min(wanted, max(smallestWindow, free / 2)) }

    /// Takes room for a window, without waiting. What is held in windows is never more than the budget and
    /// ``smallestWindow`` for each of them.
    func reserveWindow(upTo bytes: Int) -> Permit {
        semaphore.take { Self.windowSize(wanted: bytes, free: $0) }
    }

    /// How many bytes are free.
    var available: Int { semaphore.available }

    /// How many tasks wait. For tests, which wait on this instead of sleeping.
    var waiterCount: Int { semaphore.waiterCount }
}
