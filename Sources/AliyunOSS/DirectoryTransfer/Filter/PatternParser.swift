/// A parser for the text of a pattern. It expands `{a,b}` into one pattern for each combination.
struct PatternParser {
    /// Maximum total number of elements in all alternatives. Each pair of braces in `{a,b}{a,b}…` doubles the number.
    static let maximumElements = 100_000

    /// The alternatives within a pair of braces. These are the finished alternatives and the expansions of the current
    /// one.
    private struct Group {
        var finished: [[PatternElement]] = []
        var current: [[PatternElement]] = [[]]
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var groups = [Group()]
    private var elementCount = 0

    /// Parses a pattern and returns its alternatives.
    static func alternatives(in text: String) throws(PatternProblem) -> [[PatternElement]] {
        var parser = PatternParser(scalars: Array(text.unicodeScalars))
        return try parser.parse()
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private mutating func parse() throws(PatternProblem) -> [[PatternElement]] {
        while let scalar = next() {
            switch scalar {
            case "{": groups.append(Group())
            case "}": try closeGroup()
            case "," where groups.count > 1: nextAlternative()
            case "*": try append(stars())
            case "?": try append(.anyCharacter)
            case "[": try append(.oneOf(try ranges()))
            case "\\": try append(.literal(try escaped()))
            case "\0": throw PatternProblem("contains a NUL character, which no path can contain")
            default: try append(.literal(scalar))
            }
        }
        guard groups.count == 1 else { throw PatternProblem("has an unmatched '{'; write '\\{' for a literal brace") }
        return groups[0].current
    }

    private mutating func next() -> Unicode.Scalar? {
        guard position < scalars.count else { return nil }
        position += 1
        return scalars[position - 1]
    }

    private func peek() -> Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func append(_ element: PatternElement) throws(PatternProblem) {
        let last = groups.count - 1
        try count(groups[last].current.count)
        for index in groups[last].current.indices { groups[last].current[index].append(element) }
    }

    private mutating func nextAlternative() {
        let last = groups.count - 1
        groups[last].finished += groups[last].current
        groups[last].current = [[]]
    }

    private mutating func closeGroup() throws(PatternProblem) {
        guard groups.count > 1, let group = groups.popLast() else {
            throw PatternProblem("has an unmatched '}'; write '\\}' for a literal brace")
        }
        guard !group.finished.isEmpty else {
            throw PatternProblem(
                "has braces without a ',' between them; write '\\{' and '\\}' for literal braces")
        }
        let ends = group.finished + group.current
        let starts = groups[groups.count - 1].current
        try count(starts.count * ends.count)
        try count(starts.count * ends.reduce(0) { $0 + $1.count } + ends.count * starts.reduce(0) { $0 + $1.count })
        groups[groups.count - 1].current = starts.flatMap { start in ends.map { start + $0 } }
    }

    private mutating func count(_ added: Int) throws(PatternProblem) {
        elementCount += added
        guard elementCount <= Self.maximumElements else {
            throw PatternProblem("expands to too many patterns; use several patterns with fewer alternatives each")
        }
    }

    private mutating func stars() -> PatternElement {
        guard peek() == "*" else { return .anyName }
        while peek() == "*" { position += 1 }
        return .anyPath
    }

    private mutating func escaped() throws(PatternProblem) -> Unicode.Scalar {
        guard let scalar = next() else { throw PatternProblem("ends in '\\'; write '\\\\' for a literal backslash") }
        return scalar
    }

    /// Parses the rest of a character set after its opening bracket.
    private mutating func ranges() throws(PatternProblem) -> CharacterRanges {
        var set = CharacterRanges()
        if peek() == "!" || peek() == "^" {
            position += 1
            set.isNegated = true
        }
        // A closing bracket in the first position belongs to the set.
        while set.ranges.isEmpty || peek() != "]" {
            let lower = try member()
            var upper = lower
            if peek() == "-", position + 1 < scalars.count, scalars[position + 1] != "]" {
                position += 1
                upper = try member()
            }
            guard lower <= upper else {
                throw PatternProblem("has the range '\(lower)-\(upper)' in reverse order; write '\(upper)-\(lower)'")
            }
            set.ranges.append(lower.value...upper.value)
        }
        position += 1
        return set
    }

    private mutating func member() throws(PatternProblem) -> Unicode.Scalar {
        guard let scalar = next() else {
            throw PatternProblem("has an unmatched '['; write '\\[' for a literal bracket")
        }
        switch scalar {
        case "\\": return try escaped()
        case "/": throw PatternProblem("has a '/' between brackets, but brackets match only characters within a name")
        case "[" where peek() == ":":
            throw PatternProblem("uses a character class ('[:'); write ranges such as 'a-z' instead")
        default: return scalar
        }
    }
}
