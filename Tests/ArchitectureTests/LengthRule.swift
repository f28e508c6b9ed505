/// The maximum length of a source file.
enum LengthRule {
    static let maximum = 350

    static func violations(in files: [SourceFile]) -> [Violation] {
        files.filter { $0.lineCount > maximum }.map {
            Violation(path: $0.path, line: maximum, problem: "\($0.lineCount) lines, and \(maximum) are the most")
        }
    }
}
