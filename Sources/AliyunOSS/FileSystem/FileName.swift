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

    /// The name with a number before its extension: `a (1).txt`. The stem is cut where the whole would be too long.
    func numbered(_ number: Int) -> FileName {
        let all = Array(bytes)
        let insert = Array(" (\(number))".utf8)
        // What comes after the last dot of a long sentence is no extension.
        let dot = all.dropFirst().lastIndex(of: UInt8(ascii: ".")).flatMap { all.count - $0 <= 64 ? $0 : nil }
        let end = dot ?? all.count
        var stem = min(end, 255 - insert.count - (all.count - end))
        while stem > 1, stem < end, all[stem] & 0xC0 == 0x80 { stem -= 1 }
        return FileName(unchecked: all[..<stem] + insert + all[end...])
    }

    /// The bytes of the name.
    var bytes: some BidirectionalCollection<UInt8> { cString.dropLast().lazy.map { UInt8(bitPattern: $0) } }
}

extension FileName: CustomStringConvertible {
    /// The name as text; bytes that are not UTF-8 show as `�`.
    var description: String { String(decoding: bytes, as: UTF8.self) }
}
