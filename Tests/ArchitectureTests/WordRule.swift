/// Text that must not occur in certain places.
struct WordRule: Sendable {
    enum Scope: Sendable {
        /// Code without comments and without the contents of string literals.
        case code
        /// Code and string literals, without comments.
        case codeAndStrings
    }

    let name: String
    let reason: String
    let scope: Scope
    let pattern: String
    /// Path prefixes of the files to which the rule applies.
    let places: [String]
    /// Path prefixes of the files to which the rule does not apply.
    var exceptPlaces: [String] = []
    /// Matches of `pattern` that are permitted.
    var exceptMatches: Set<String> = []
    /// A line of code that breaks the rule, which proves that the rule can fail.
    let sample: String

    func violations(in files: [SourceFile]) throws -> [Violation] {
        // Simple word boundaries are used. With Unicode's, the default, no word ends between the two parts of
        // `URLSession.shared`.
        let expression = try Regex(pattern, as: Substring.self).wordBoundaryKind(.simple)
        return files.filter(holds).flatMap { file in
            let text = scope == .code ? file.code : file.withoutComments
            return file.lines(of: text).flatMap { number, line in
                line.matches(of: expression).filter { !exceptMatches.contains(String($0.output)) }.map {
                    Violation(path: file.path, line: number, problem: "'\($0.output)': \(reason)")
                }
            }
        }
    }

    private func holds(_ file: SourceFile) -> Bool {
        places.contains { file.path.hasPrefix($0) } && !exceptPlaces.contains { file.path.hasPrefix($0) }
    }
}
