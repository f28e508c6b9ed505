/// A place that breaks a rule.
struct Violation: CustomStringConvertible, Hashable {
    let path: String
    let line: Int
    let problem: String

    var description: String { "\(path):\(line): \(problem)" }
}
