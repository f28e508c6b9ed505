/// A pattern for paths: `*.jpg`, `/build/`, `photos/**/[0-9]*.{jpg,png}`. ``TransferFilter`` says what it may consist of.
public struct PathPattern: Sendable {
    /// The pattern as it was given.
    public let text: String
    /// The patterns without braces that it stands for.
    let alternatives: [PatternAlternative]

    /// Makes a pattern and checks it.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` that names the pattern and what is wrong with it.
    public init(_ text: String) throws(OSSError) {
        self.text = text
        do throws(PatternProblem) {
            var alternatives: [PatternAlternative] = []
            for elements in try PatternParser.alternatives(in: text) {
                alternatives.append(try PatternAlternative(elements))
            }
            self.alternatives = alternatives
        } catch {
            throw OSSError(.invalidArgument, "the pattern '\(text.excerpt)' \(error.text)")
        }
    }
}

extension PathPattern: Hashable, CustomStringConvertible {
    /// Whether two patterns have the same bytes. (As strings, the two spellings of `é` would be one.)
    public static func == (left: PathPattern, right: PathPattern) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the bytes of the pattern.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    /// The pattern as it was given.
    public var description: String { text }
}

/// A pattern without braces, checked, and tied to the root or free to begin in any folder.
struct PatternAlternative: Hashable, Sendable {
    /// What it consists of, from the root on: what may begin in any folder begins with ``PatternElement/anyFolders``.
    private(set) var elements: [PatternElement] = []
    /// Whether only folders match: there was a `/` at its end.
    let isForFolders: Bool

    /// Checks what was read, and finds out what it means as a whole.
    init(_ text: [PatternElement]) throws(PatternProblem) {
        guard !text.isEmpty else { throw PatternProblem("is empty, or can be; every file has a name") }
        var rest = text[...]
        isForFolders = rest.last == .slash
        if isForFolders { rest.removeLast() }
        let hasSlashFirst = rest.first == .slash
        if hasSlashFirst { rest.removeFirst() }
        guard !rest.isEmpty else { throw PatternProblem("has no name in it; '**' matches everything") }
        let names = rest.split(separator: .slash, omittingEmptySubsequences: false)
        for name in names { try Self.check(name) }
        if names.count == 1, !hasSlashFirst { elements.append(.anyFolders) }
        for name in names.dropLast() {
            if name.elementsEqual([.anyPath]) {
                // Several in a row are one.
                if elements.last != .anyFolders { elements.append(.anyFolders) }
            } else {
                elements += name
                elements.append(.slash)
            }
        }
        elements += names.last ?? []
    }

    /// Refuses what no path has: such a pattern would silently never match.
    private static func check(_ name: ArraySlice<PatternElement>) throws(PatternProblem) {
        guard !name.isEmpty else { throw PatternProblem("has an empty name in it ('//'), which no path has") }
        guard !name.elementsEqual([.literal(".")]), !name.elementsEqual([.literal("."), .literal(".")]) else {
            throw PatternProblem(
                "has '.' or '..' as a name in it, which no path has; begin at the root of the transfer")
        }
    }
}

/// One element of a pattern that has no alternatives (any more).
enum PatternElement: Hashable, Sendable {
    /// This character.
    case literal(Unicode.Scalar)
    /// `?`: one character of a name.
    case anyCharacter
    /// `[a-z]`: one character of a name out of a set.
    case oneOf(CharacterRanges)
    /// `*`: any part of a name.
    case anyName
    /// `**`: any part of a path.
    case anyPath
    /// `**/` at the beginning of a name: any number of folders, or none.
    case anyFolders

    static let slash = PatternElement.literal("/")

    /// Whether it is a character, this one among others.
    func matches(_ character: PathCharacter) -> Bool {
        switch self {
        case .literal(let scalar): character.value == scalar.value
        case .anyCharacter: character != .slash
        case .oneOf(let set): character != .slash && set.contains(character)
        case .anyName, .anyPath, .anyFolders: false
        }
    }
}

/// The characters between the brackets of `[a-z]`.
struct CharacterRanges: Hashable, Sendable {
    /// Code points, in ranges that include both their ends.
    var ranges: [ClosedRange<UInt32>] = []
    /// Whether it is every other character that is meant: `[!a-z]`.
    var isNegated = false

    /// Whether a character is meant. A byte that is not UTF-8 is a character that no range has.
    func contains(_ character: PathCharacter) -> Bool {
        ranges.contains { $0.contains(character.value) } != isNegated
    }
}

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

/// What is wrong with a pattern, to be put after it: `the pattern '[a' …`.
struct PatternProblem: Error, Hashable {
    var text: String

    init(_ text: String) { self.text = text }
}
