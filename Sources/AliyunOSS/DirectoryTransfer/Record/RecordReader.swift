/// Reads a file of records from its start to its end, or to the first thing in it that is not what was written.
final class RecordReader {
    private let file: OpenFile
    private let isSorted: Bool
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32 << 10, alignment: 16)
    private var start = 0
    private var end = 0
    private var position: Int64 = 0
    private var last: ObjectKey?
    /// Whether something in the file was not what was written; it is read up to there.
    private(set) var isDamaged = false
    private var isOver = false
    /// Whether the disk did not give what is there.
    private var hasFailed = false

    /// - Parameter isSorted: Whether the keys are to be in order. Then one that is not is damage.
    init(_ file: OpenFile, isSorted: Bool) {
        self.file = file
        self.isSorted = isSorted
    }

    deinit {
        buffer.deallocate()
    }

    /// What stands at the beginning of a file.
    enum Header: Equatable {
        case empty
        /// A record of this identity.
        case own
        case another
        /// A record whose beginning is damaged.
        case damaged
        case foreign
    }

    /// Reads the beginning.
    func header(_ identity: RecordIdentity) -> Header {
        let magic = RecordCoding.magic
        // What cannot be read may be anything, and is not to be replaced.
        guard fill() || start < end else { return hasFailed ? .foreign : .empty }
        let found = UnsafeRawBufferPointer(rebasing: buffer[start..<end])
        guard found.count >= magic.count, found.prefix(magic.count).elementsEqual(magic) else { return .foreign }
        start += magic.count
        guard let payload = nextPayload() else { return .damaged }
        return payload.elementsEqual(identity.digest) ? .own : .another
    }

    /// The next record.
    func next() -> FileRecord? {
        guard let payload = nextPayload() else { return nil }
        guard let record = RecordCoding.record(payload) else { return damage() }
        if isSorted {
            if let last, last.compare(with: record.key) >= 0 { return damage() }
            last = record.key
        }
        return record
    }

    private func damage() -> FileRecord? {
        isDamaged = true
        isOver = true
        return nil
    }

    /// Valid until the next call.
    private func nextPayload() -> UnsafeRawBufferPointer? {
        while !isOver {
            switch RecordCoding.frame(in: UnsafeRawBufferPointer(rebasing: buffer[start..<end])) {
            case .whole(let range, let length):
                defer { start += length }
                return UnsafeRawBufferPointer(rebasing: buffer[start + range.lowerBound..<start + range.upperBound])
            case .damaged:
                isDamaged = true
                isOver = true
            case .incomplete:
                if fill() { continue }
                // What was being written when a process was killed is no damage, but what it left there is no record.
                if start < end { isDamaged = true }
                isOver = true
            }
        }
        return nil
    }

    /// Reads on. Returns whether there was more.
    private func fill() -> Bool {
        if start > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            end -= start
            start = 0
        }
        guard end < buffer.count else { return false }
        let count: Int
        do {
            count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]), at: position)
        } catch {
            hasFailed = true
            isDamaged = true
            return false
        }
        guard count > 0 else { return false }
        position += Int64(count)
        end += count
        return true
    }
}
