/// A path below some folder that can never leave it: names joined by `/`, none of them empty, `.` or `..`.
///
/// Whoever holds one need not check again. It compares and sorts by bytes.
struct RelativePath: Sendable, Hashable {
    /// The longest name that the file systems of Linux and Apple store, in bytes.
    static let maximumNameLength = 255

    /// The bytes of the path.
    let bytes: [UInt8]

    /// Why some bytes are not a path below a folder.
    enum Refusal: Error, Hashable {
        case empty
        case absolute
        case emptyComponent
        case relativeComponent
        case containsNUL
        case nameTooLong
    }

    /// Makes a path and checks it.
    init(_ bytes: some Sequence<UInt8>) throws(Refusal) {
        let bytes = Array(bytes)
        guard let first = bytes.first else { throw .empty }
        guard first != UInt8(ascii: "/") else { throw .absolute }
        guard !bytes.contains(0) else { throw .containsNUL }
        for name in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !name.isEmpty else { throw .emptyComponent }
            guard !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else { throw .relativeComponent }
            guard name.count <= Self.maximumNameLength else { throw .nameTooLong }
        }
        self.bytes = bytes
    }

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Makes a path of names, at least one.
    init(_ names: some Collection<FileName>) {
        bytes = Array(names.map { Array($0.bytes) }.joined(separator: CollectionOfOne(UInt8(ascii: "/"))))
    }

    /// The path of something in this folder; without a folder, of something in the root.
    static func path(of name: some Collection<UInt8>, in folder: RelativePath?) -> RelativePath {
        guard let folder else { return RelativePath(unchecked: Array(name)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(folder.bytes.count + 1 + name.count)
        bytes += folder.bytes
        bytes.append(UInt8(ascii: "/"))
        bytes += name
        return RelativePath(unchecked: bytes)
    }

    /// The names from the root down.
    var components: [FileName] {
        bytes.split(separator: UInt8(ascii: "/")).map { FileName(unchecked: $0) }
    }

    /// The path as text, or nothing when it is not UTF-8.
    var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Whether the other path is something in this folder, at any depth.
    func isAncestor(of other: RelativePath) -> Bool {
        other.bytes.count > bytes.count && other.bytes[bytes.count] == UInt8(ascii: "/")
            && other.bytes.starts(with: bytes)
    }
}

extension RelativePath: Comparable {
    /// Orders by bytes.
    static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension RelativePath: CustomStringConvertible {
    /// The path as text; bytes that are not UTF-8 show as `�`.
    var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension RelativePath.Refusal: CustomStringConvertible {
    /// What is wrong, to be put after the path: `'a//b' …`.
    var description: String {
        switch self {
        case .empty: "is empty"
        case .absolute: "begins with '/'"
        case .emptyComponent: "has an empty name in it ('//' or a '/' at its end)"
        case .relativeComponent: "has '.' or '..' as a name in it"
        case .containsNUL: "contains a NUL byte"
        case .nameTooLong: "has a name of more than \(RelativePath.maximumNameLength) bytes in it"
        }
    }
}

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
