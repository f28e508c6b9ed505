/// Writes the fields of a date into the storage of the string that will hold it.
struct DateWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private var position = 0

    private init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    /// `body` must write exactly `count` bytes.
    static func text(count: Int, _ body: (inout DateWriter) -> Void) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            var writer = DateWriter(buffer)
            body(&writer)
            return writer.position
        }
    }

    mutating func number(_ value: Int, digits count: Int) {
        var rest = value
        for place in (0..<count).reversed() {
            buffer[position + place] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
            rest /= 10
        }
        position += count
    }

    mutating func write(_ text: StaticString) {
        for offset in 0..<text.utf8CodeUnitCount {
            buffer[position + offset] = text.utf8Start[offset]
        }
        position += text.utf8CodeUnitCount
    }
}
