import Foundation
import Synchronization

/// A pool of memory buffers for parts that are collected from a sequence.
///
/// Allocating and freeing parts of many megabytes on several threads fragments the heap, and the process grows to
/// several times the used memory. These buffers are mapped once and unmapped with the pool.
final class PartBufferPool: Sendable {
    private let size: Int
    /// The free buffers; `nil` after ``drain()``.
    private let free = Mutex<[PartBuffer]?>([])

    /// Creates a pool of buffers, each with the given size in bytes.
    init(bufferSize: Int) {
        size = bufferSize
    }

    /// Returns an empty buffer.
    ///
    /// - Throws: ``OSSError`` if there is not enough memory.
    func take() throws(OSSError) -> PartBuffer {
        if let buffer = free.withLock({ $0?.popLast() }) { return buffer }
        guard let buffer = PartBuffer(size: size) else {
            throw OSSError(.invalidArgument, "not enough memory for a part of \(size) bytes; set a smaller partSize")
        }
        return buffer
    }

    fileprivate func giveBack(_ buffer: PartBuffer) {
        free.withLock { $0?.append(buffer) }
    }

    /// Releases the free buffers immediately, and the others when they are returned.
    func drain() {
        free.withLock { $0 = nil }
    }
}

/// A buffer that one task fills and another task sends.
final class PartBuffer: @unchecked Sendable {
    // Unchecked: the bytes are written only before `data(returningTo:releasing:)` is called, and only read after it;
    // the address and the size never change.

    /// Capacity in bytes.
    let size: Int
    /// The number of bytes in the buffer.
    private(set) var count = 0
    private let address: UnsafeMutableRawPointer

    fileprivate init?(size: Int) {
        guard let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            address != UnsafeMutableRawPointer(bitPattern: -1)
        else { return nil }
        self.size = size
        self.address = address
    }

    deinit {
        munmap(address, size)
    }

    /// Whether the buffer is full.
    var isFull: Bool { count == size }

    /// Appends as many bytes as fit, and returns their number.
    func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let taken = min(bytes.count, size - count)
        if let base = bytes.baseAddress, taken > 0 { (address + count).copyMemory(from: base, byteCount: taken) }
        count += taken
        return taken
    }

    /// Returns the buffer's bytes without copying them. The buffer is returned to the pool, and the permit released,
    /// when the data is deallocated, which can be shortly after the end of a request.
    func data(returningTo pool: PartBufferPool, releasing reservation: Permit) -> Data {
        let (length, buffer) = (count, self)
        return Data(
            bytesNoCopy: address, count: length,
            deallocator: .custom { _, _ in
                buffer.count = 0
                pool.giveBack(buffer)
                reservation.release()
            })
    }
}
