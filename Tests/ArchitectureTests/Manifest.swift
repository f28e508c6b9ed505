/// The content of `Package.swift` that the tests check.
enum Manifest {
    /// The dependencies on other packages.
    static func dependencies(in text: String) -> [String] {
        SwiftLexer.blank(text, keepingStrings: true).matches(of: /\.package\s*\([^)]*\)/).map { String($0.output) }
    }
}
