/// A pattern for paths: `*.jpg`, `/build/`, `photos/**/[0-9]*.{jpg,png}`. ``TransferFilter`` describes the syntax.
public struct PathPattern: Sendable {
    /// The text of the pattern.
    public let text: String
    /// The patterns without braces that the text stands for.
    let alternatives: [PatternAlternative]

    /// Creates a pattern from its text.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidArgument`` if the pattern is invalid.
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
    /// Returns whether two patterns have the same bytes. As strings, the two Unicode spellings of `é` would be equal.
    public static func == (left: PathPattern, right: PathPattern) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    /// Hashes the bytes of the pattern.
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    /// The text of the pattern.
    public var description: String { text }
}

/// A validated pattern without braces.
struct PatternAlternative: Hashable, Sendable {
    /// The elements from the root on. A pattern that may start in any folder starts with ``PatternElement/anyFolders``.
    private(set) var elements: [PatternElement] = []
    /// Whether the pattern matches folders only: it ended in `/`.
    let isForFolders: Bool

    /// Validates and normalizes parsed elements.
    init(_ text: [PatternElement]) throws(PatternProblem) {
        guard !text.isEmpty else { throw PatternProblem("is empty or has an empty alternative; every file has a name") }
        var rest = text[...]
        isForFolders = rest.last == .slash
        if isForFolders { rest.removeLast() }
        let hasSlashFirst = rest.first == .slash
        if hasSlashFirst { rest.removeFirst() }
        guard !rest.isEmpty else { throw PatternProblem("has no name; use '**' to match everything") }
        let names = rest.split(separator: .slash, omittingEmptySubsequences: false)
        for name in names { try Self.validate(name) }
        if names.count == 1, !hasSlashFirst { elements.append(.anyFolders) }
        for name in names.dropLast() {
            if name.elementsEqual([.anyPath]) {
                // Several in a row are equivalent to one.
                if elements.last != .anyFolders { elements.append(.anyFolders) }
            } else {
                elements += name
                elements.append(.slash)
            }
        }
        elements += names.last ?? []
    }

    /// Rejects a name that no path contains: such a pattern would silently never match.
    private static func validate(_ name: ArraySlice<PatternElement>) throws(PatternProblem) {
        guard !name.isEmpty else { throw PatternProblem("contains an empty name ('//'), which no path has") }
        guard !name.elementsEqual([.literal(".")]), !name.elementsEqual([.literal("."), .literal(".")]) else {
            throw PatternProblem("contains '.' or '..' as a name, which no path has; start at the root of the transfer")
        }
    }
}

/// One element of a pattern without braces.
enum PatternElement: Hashable, Sendable {
    /// One specific character.
    case literal(Unicode.Scalar)
    /// `?`: any one character of a name.
    case anyCharacter
    /// `[a-z]`: one character of a name out of a set.
    case oneOf(CharacterRanges)
    /// `*`: any part of a name.
    case anyName
    /// `**`: any part of a path.
    case anyPath
    /// `**/` at the start of a name: any number of folders.
    case anyFolders

    static let slash = PatternElement.literal("/")

    /// Returns whether the element is for one character and matches this one.
    func matches(_ character: PathCharacter) -> Bool {
        switch self {
        case .literal(let scalar): character == scalar.value
        case .anyCharacter: character != .slash
        case .oneOf(let set): character != .slash && set.contains(character)
        case .anyName, .anyPath, .anyFolders: false
        }
    }
}

/// The set of characters between the brackets of `[a-z]`.
struct CharacterRanges: Hashable, Sendable {
    /// Code points.
    var ranges: [ClosedRange<UInt32>] = []
    /// Whether the set contains every other character: `[!a-z]`.
    var isNegated = false

    /// Returns whether the set contains a character. No range contains a byte that is not UTF-8.
    func contains(_ character: PathCharacter) -> Bool {
        ranges.contains { $0.contains(character) } != isNegated
    }
}

/// A problem of a pattern, worded to follow the pattern in a message.
struct PatternProblem: Error, Hashable {
    var text: String

    init(_ text: String) { self.text = text }
}
