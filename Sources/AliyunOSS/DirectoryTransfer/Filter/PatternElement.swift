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
