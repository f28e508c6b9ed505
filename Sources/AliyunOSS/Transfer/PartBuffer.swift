import Foundation
import Synchronization

/// Memory for parts that are gathered from a sequence, used again and again.
///
/// Parts of many megabytes that are allocated and freed from several threads leave holes that the allocator does not give
/// back: the process grows to several times what is in use. These are mapped once and unmapped with the pool.
final class PartBufferPool: Sendable {
    private let size: Int
    /// The buffers that nobody uses; nothing when they are not to be used again.
    private let free = Mutex<[PartBuffer]?>([])

    /// Makes a pool of buffers of so many bytes.
    init(bufferSize: Int) {
        size = bufferSize
    }

    /// An empty buffer.
    ///
    /// - Throws: ``OSSError`` when there is no memory.
    func take() throws(OSSError) -> PartBuffer {
        if let buffer = free.withLock({ $0?.popLast() }) { return buffer }
        guard let buffer = PartBuffer(size: size) else {
            throw OSSError(.invalidArgument, "there is no memory for a part of \(size) bytes; lower the part size")
        }
        return buffer
    }

    fileprivate func giveBack(_ buffer: PartBuffer) {
        free.withLock { $0?.append(buffer) }
    }

    /// Lets go of the buffers: those that are free now, and the others when they come back.
    func drain() {
        free.withLock { $0 = nil }
    }
}

/// A piece of memory that is filled by one task and then sent by another.
final class PartBuffer: @unchecked Sendable {
    // Unchecked: the bytes are written only before `data(returningTo:releasing:)` is called and only read after it; the
    // address and the size never change.

    /// How many bytes fit in.
    let size: Int
    /// How many are in.
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

    /// Whether nothing more fits in.
    var isFull: Bool { count == size }

    /// Takes as many bytes as fit in, and returns how many that were.
    func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let taken = min(bytes.count, size - count)
        if let base = bytes.baseAddress, taken > 0 { (address + count).copyMemory(from: base, byteCount: taken) }
        count += taken
        return taken
    }

    /// The bytes, without a copy. The buffer goes back to the pool, and the reservation is released, when nobody holds them
    /// any more: a network stack may for a moment longer than its request.
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
