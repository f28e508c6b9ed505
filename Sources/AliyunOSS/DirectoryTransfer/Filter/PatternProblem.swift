/// What is wrong with a pattern, to be put after it: `the pattern '[a' …`.
struct PatternProblem: Error, Hashable {
    var text: String

    init(_ text: String) { self.text = text }
}
