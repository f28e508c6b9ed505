/// A character of a path: a Unicode scalar, or a byte that is no part of one, because a name on Linux need not be UTF-8.
struct PathCharacter: Hashable {
    /// The code point; for a stray byte a number beyond all of them.
    let value: UInt32
    /// The number of bytes.
    let length: Int

    static let slash = PathCharacter("/")

    /// Reads the character that begins at a position of a path. The position is within it.
    init(in path: UnsafeBufferPointer<UInt8>, at position: Int) {
        let first = path[position]
        let expected =
            switch first {
            case 0xC2..<0xE0: 2
            case 0xE0..<0xF0: 3
            case 0xF0..<0xF5: 4
            default: 1
            }
        self = Self(first: first, rest: path[(position + 1)..<min(position + expected, path.count)], length: expected)
    }

    private init(first: UInt8, rest: Slice<UnsafeBufferPointer<UInt8>>, length: Int) {
        let stray = PathCharacter(stray: first)
        guard first >= 0x80 else {
            self = PathCharacter(Unicode.Scalar(first))
            return
        }
        guard length > 1, rest.count == length - 1 else {
            self = stray
            return
        }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for byte in rest {
            guard byte & 0xC0 == 0x80 else {
                self = stray
                return
            }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        // No surrogate, nothing beyond the last code point, and nothing that has a shorter spelling.
        guard let scalar = Unicode.Scalar(value), UTF8.width(scalar) == length else {
            self = stray
            return
        }
        self.init(scalar)
    }

    init(_ scalar: Unicode.Scalar) {
        value = scalar.value
        length = UTF8.width(scalar)
    }

    private init(stray byte: UInt8) {
        value = 0x110000 + UInt32(byte)
        length = 1
    }
}
