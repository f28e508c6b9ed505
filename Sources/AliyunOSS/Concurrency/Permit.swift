import Synchronization

/// Permits of an ``AsyncSemaphore`` that somebody holds.
///
/// They go back with ``release()``. One that is forgotten gives them back when it is deallocated, which may be as early as
/// its last use: whoever works under a reservation keeps it and releases it.
final class Permit: Sendable {
    private let held: Atomic<Int>
    private let semaphore: AsyncSemaphore

    /// Made by the semaphore, which counts the permits as held already.
    init(of count: Int, in semaphore: AsyncSemaphore) {
        held = Atomic(count)
        self.semaphore = semaphore
    }

    deinit {
        release()
    }

    /// The number of permits that are held.
    var count: Int { held.load(ordering: .acquiring) }

    /// Gives the permits back. Calling it again does nothing.
    func release() { shrink(to: 0) }

    /// Keeps at most so many permits and gives back the others.
    func shrink(to count: Int) {
        let (before, after) = held.min(max(0, count), ordering: .acquiringAndReleasing)
        if before > after { semaphore.release(before - after) }
    }
}
