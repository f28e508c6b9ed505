/// A relative path that cannot lead outside the directory it starts from. It consists of names joined by `/`, none of
/// which is empty, `.` or `..`.
///
/// The initializer checks this, so later code need not. Paths are compared and sorted by bytes.
struct RelativePath: Sendable, Hashable {
    /// Maximum length of a name, in bytes, on Linux and Apple file systems.
    static let maximumNameLength = 255

    /// The bytes of the path.
    let bytes: [UInt8]

    /// A reason that a byte sequence is not a valid path.
    enum Refusal: Error, Hashable {
        case empty
        case absolute
        case emptyComponent
        case relativeComponent
        case containsNUL
        case nameTooLong
    }

    /// Creates a path from bytes.
    ///
    /// - Throws: ``Refusal`` if the bytes are not a valid path.
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

    /// Creates a path from one or more names.
    init(_ names: some Collection<FileName>) {
        bytes = Array(names.map { Array($0.bytes) }.joined(separator: CollectionOfOne(UInt8(ascii: "/"))))
    }

    /// Returns the path of a name in a directory, or in the root if `folder` is `nil`.
    static func path(of name: some Collection<UInt8>, in folder: RelativePath?) -> RelativePath {
        guard let folder else { return RelativePath(unchecked: Array(name)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(folder.bytes.count + 1 + name.count)
        bytes += folder.bytes
        bytes.append(UInt8(ascii: "/"))
        bytes += name
        return RelativePath(unchecked: bytes)
    }

    /// The names in the path, starting at the root.
    var components: [FileName] {
        bytes.split(separator: UInt8(ascii: "/")).map { FileName(unchecked: $0) }
    }

    /// The name of the file or directory.
    var name: FileName { FileName(unchecked: bytes[(lastSlash.map { $0 + 1 } ?? 0)...]) }

    /// The bytes of the path of the parent directory; empty for a name in the root.
    var parent: ArraySlice<UInt8> { bytes[..<(lastSlash ?? 0)] }

    private var lastSlash: Int? { bytes.lastIndex(of: UInt8(ascii: "/")) }

    /// The path as a string; `nil` if it is not valid UTF-8.
    var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Returns whether another path is below this directory, at any depth.
    func isAncestor(of other: RelativePath) -> Bool {
        other.bytes.count > bytes.count && other.bytes[bytes.count] == UInt8(ascii: "/")
            && other.bytes.starts(with: bytes)
    }
}

extension RelativePath: Comparable {
    /// Returns whether one path precedes another in byte order.
    static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension RelativePath: CustomStringConvertible {
    /// The path as a string, with `�` for bytes that are not valid UTF-8.
    var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension RelativePath.Refusal: CustomStringConvertible {
    /// A description of the problem, worded so that it can follow the path in a sentence.
    var description: String {
        switch self {
        case .empty: "is empty"
        case .absolute: "starts with '/'"
        case .emptyComponent: "contains an empty name ('//' or a trailing '/')"
        case .relativeComponent: "contains '.' or '..' as a name"
        case .containsNUL: "contains a NUL byte"
        case .nameTooLong: "contains a name of more than \(RelativePath.maximumNameLength) bytes"
        }
    }
}

/// The name of a file or directory within its parent directory. It consists of bytes that contain neither `/` nor NUL,
/// and is not empty, `.` or `..`.
///
/// Names are bytes because a Linux name need not be text, and because `String` treats the composed and the decomposed
/// spelling of `é` as equal although they are two files.
struct FileName: Sendable, Hashable {
    /// The name with a terminating NUL, for system calls.
    let cString: [CChar]

    /// Creates a name from bytes, or returns `nil` if the bytes are not a valid name.
    init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")) else { return nil }
        guard !bytes.elementsEqual(".".utf8), !bytes.elementsEqual("..".utf8) else { return nil }
        self.init(unchecked: bytes)
    }

    /// Creates a name from bytes that are known to be valid.
    init(unchecked bytes: some Collection<UInt8>) {
        cString = [CChar](unsafeUninitializedCapacity: bytes.count + 1) { name, count in
            for byte in bytes {
                name[count] = CChar(bitPattern: byte)
                count += 1
            }
            name[count] = 0
            count += 1
        }
    }

    /// Returns the name with a number before its extension, such as `a (1).txt`. The stem is truncated if the result
    /// would be too long.
    func numbered(_ number: Int) -> FileName {
        let all = Array(bytes)
        let insert = Array(" (\(number))".utf8)
        // A long text after the last dot is not an extension.
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
    /// The name as a string, with `�` for bytes that are not valid UTF-8.
    var description: String { String(decoding: bytes, as: UTF8.self) }
}
