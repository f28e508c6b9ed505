import Synchronization

/// Permits of an ``AsyncSemaphore`` that somebody holds.
///
/// They go back with ``release()``. One that is forgotten gives them back when it is deallocated, which may be as early as
/// its last use: whoever works under a reservation keeps it and releases it.
final class Reservation: Sendable {
    private let count: Int
    private let semaphore: AsyncSemaphore
    private let isReleased = Atomic(false)

    /// Made by the semaphore, which counts the permits as held already.
    init(of count: Int, in semaphore: AsyncSemaphore) {
        self.count = count
        self.semaphore = semaphore
    }

    deinit {
        release()
    }

    /// Gives the permits back. Calling it again does nothing.
    func release() {
        guard !isReleased.exchange(true, ordering: .acquiringAndReleasing) else { return }
        semaphore.release(count)
    }
}
