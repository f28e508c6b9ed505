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
        let dot = all.dropFirst().lastIndex(of: UInt8(ascii: "."))
        let ending = dot.map { Array(all[$0...]) } ?? []
        let insert = Array(" (\(number))".utf8)
        var stem = Array(all.prefix(min(dot ?? all.count, max(1, 255 - insert.count - min(ending.count, 200)))))
        while stem.count > 1, stem.count < (dot ?? all.count), all[stem.count] & 0xC0 == 0x80 { stem.removeLast() }
        return FileName(unchecked: stem + insert + ending.prefix(200))
    }

    /// The bytes of the name.
    var bytes: some BidirectionalCollection<UInt8> { cString.dropLast().lazy.map { UInt8(bitPattern: $0) } }
}

extension FileName: CustomStringConvertible {
    /// The name as text; bytes that are not UTF-8 show as `�`.
    var description: String { String(decoding: bytes, as: UTF8.self) }
}
