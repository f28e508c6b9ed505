/// One name in a directory: bytes without `/` and NUL, not empty, and neither `.` nor `..`.
///
/// Bytes and not a `String`, because a Linux name need not be text, and because `String` would fold the composed and
/// the decomposed spelling of `é` into one although they are two files.
struct FileName: Sendable, Hashable {
    /// The name as the system calls take it, with the NUL at its end.
    let cString: [CChar]

    /// Makes a name, or nothing when the bytes cannot be one.
    init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) else { return nil }
        guard !bytes.elementsEqual(".".utf8), !bytes.elementsEqual("..".utf8) else { return nil }
        self.init(unchecked: bytes)
    }

    /// Makes a name from bytes that are known to be one.
    init(unchecked bytes: some Collection<UInt8>) {
        var name: [CChar] = []
        name.reserveCapacity(bytes.count + 1)
        for byte in bytes { name.append(CChar(bitPattern: byte)) }
        name.append(0)
        cString = name
    }

    /// The bytes of the name.
    var bytes: some BidirectionalCollection<UInt8> { cString.dropLast().lazy.map { UInt8(bitPattern: $0) } }
}

extension FileName: CustomStringConvertible {
    /// The name as text; bytes that are not UTF-8 show as `�`.
    var description: String { String(decoding: bytes, as: UTF8.self) }
}
