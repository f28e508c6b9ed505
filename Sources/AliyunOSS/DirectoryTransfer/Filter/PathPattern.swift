/// A pattern for paths, such as `*.jpg`, `/build/` or `photos/**/[0-9]*.{jpg,png}`. ``TransferFilter`` describes the
/// syntax.
public struct PathPattern: Sendable {
    /// The text of the pattern.
    public let text: String
    /// The patterns produced by expanding the braces in the text.
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
    /// Returns whether two patterns consist of the same bytes. If they were compared as strings, the two Unicode
    /// spellings of `é` would be equal.
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

/// A validated pattern whose braces have been expanded.
struct PatternAlternative: Hashable, Sendable {
    /// The elements of the pattern, starting at the root. A pattern that can match in any folder starts with
    /// ``PatternElement/anyFolders``.
    private(set) var elements: [PatternElement] = []
    /// Whether the pattern matches only folders. The text of such a pattern ends in `/`.
    let isForFolders: Bool

    /// Creates a pattern from parsed elements, after validating and normalizing them.
    init(_ text: [PatternElement]) throws(PatternProblem) {
        guard !text.isEmpty else { throw PatternProblem("is empty or has an empty alternative, which matches no name") }
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
                // Several `**` in a row are equivalent to one.
                if elements.last != .anyFolders { elements.append(.anyFolders) }
            } else {
                elements += name
                elements.append(.slash)
            }
        }
        elements += names.last ?? []
    }

    /// Throws an error if no path can contain the given name. A pattern with such a name would never match.
    private static func validate(_ name: ArraySlice<PatternElement>) throws(PatternProblem) {
        guard !name.isEmpty else { throw PatternProblem("contains an empty name ('//'), which no path can contain") }
        guard !name.elementsEqual([.literal(".")]), !name.elementsEqual([.literal("."), .literal(".")]) else {
            throw PatternProblem(
                "contains '.' or '..' as a name, which no path can contain; write the path relative to the root of the "
                    + "transfer")
        }
    }
}

/// An element of a pattern whose braces have been expanded.
enum PatternElement: Hashable, Sendable {
    /// A specific character.
    case literal(Unicode.Scalar)
    /// A wildcard that matches any single character of a name, written as `?`.
    case anyCharacter
    /// A set that matches a single character of a name, such as `[a-z]`.
    case oneOf(CharacterRanges)
    /// A wildcard that matches any part of a name, written as `*`.
    case anyName
    /// A wildcard that matches any part of a path, written as `**`.
    case anyPath
    /// A wildcard that matches any number of folders, written as `**/` at the start of a name.
    case anyFolders

    static let slash = PatternElement.literal("/")

    /// Returns whether the element represents a single character and matches the given one.
    func matches(_ character: PathCharacter) -> Bool {
        switch self {
        case .literal(let scalar): character == scalar.value
        case .anyCharacter: character != .slash
        case .oneOf(let set): character != .slash && set.contains(character)
        case .anyName, .anyPath, .anyFolders: false
        }
    }
}

/// A set of characters between brackets, such as `[a-z]`.
struct CharacterRanges: Hashable, Sendable {
    /// Ranges of code points.
    var ranges: [ClosedRange<UInt32>] = []
    /// Whether the set contains every character that is not in the ranges, as in `[!a-z]`.
    var isNegated = false

    /// Returns whether the set contains a character. No range contains a byte that is not UTF-8.
    func contains(_ character: PathCharacter) -> Bool {
        ranges.contains { $0.contains(character) } != isNegated
    }
}

/// A problem with a pattern. The text is worded so that it can follow the pattern in a message.
struct PatternProblem: Error, Hashable {
    var text: String

    init(_ text: String) { self.text = text }
}
