/// Code that only some platforms have, and that must therefore be inside a `#if` for them.
struct PlatformRule: Sendable {
    enum Language: Sendable {
        case swift, c

        var fileExtensions: [String] { self == .swift ? ["swift"] : ["c", "h"] }
    }

    let name: String
    let reason: String
    let pattern: String
    /// The conditions of which one must apply, such as `os(Linux)`; `!os(Linux)` stands for the other branch.
    let conditions: Set<String>
    /// Path prefixes of the files to which the rule applies.
    let places: [String]
    /// A line of code that breaks the rule outside a `#if`, which proves that the rule can fail.
    let sample: String
    var language = Language.swift

    func violations(in files: [SourceFile]) throws -> [Violation] {
        let expression = try Regex(pattern).wordBoundaryKind(.simple)
        let files = files.filter { file in
            places.contains { file.path.hasPrefix($0) }
                && language.fileExtensions.contains { file.path.hasSuffix(".\($0)") }
        }
        return files.flatMap { file in
            // Few files contain any of the names, and the conditions of each line take time.
            file.code.firstMatch(of: expression) == nil
                ? [] : violations(of: expression, in: file)
        }
    }

    private func violations(of expression: Regex<AnyRegexOutput>, in file: SourceFile) -> [Violation] {
        file.conditionalLines.filter { conditions.isDisjoint(with: $0.conditions) }.compactMap { line in
            line.text.firstMatch(of: expression).map { match in
                let needed = conditions.sorted().joined(separator: " or ")
                let found = "'\(line.text[match.range])' requires #if \(needed)"
                return Violation(path: file.path, line: line.number, problem: "\(found): \(reason)")
            }
        }
    }
}

/// A line of code and the conditions under which it is compiled.
struct ConditionalLine {
    let number: Int
    let text: Substring
    let conditions: Set<String>
}

extension SourceFile {
    /// The lines of code in Swift or C, with the conditions of all `#if` directives around them. A directive has those
    /// around it.
    var conditionalLines: [ConditionalLine] {
        // For each open `#if`, the condition of the current branch and those of the earlier ones.
        var open: [(current: String, earlier: [String])] = []
        return lines(of: code).map { number, line in
            let pattern = /^\s*#\s*(ifdef|ifndef|if|elseif|elif|else|endif)\b(.*)$/
            let isDirective = line.first { $0 != " " && $0 != "\t" } == "#"
            let directive = (isDirective ? line : "").firstMatch(of: pattern).map {
                (String($0.1), $0.2.filter { $0 != " " })
            }
            if let last = open.indices.last, let (word, condition) = directive {
                switch word {
                case "elseif", "elif", "else":
                    open[last].earlier.append(open[last].current)
                    open[last].current = condition
                case "endif": open.removeLast()
                default: break
                }
            }
            let conditions = Set(
                open.flatMap { branch in
                    Self.conjuncts(branch.current) + branch.earlier.map { "!\($0)" }
                })
            switch directive {
            case ("if", let condition)?: open.append((condition, []))
            case ("ifdef", let name)?: open.append(("defined(\(name))", []))
            case ("ifndef", let name)?: open.append(("!defined(\(name))", []))
            default: break
            }
            return ConditionalLine(number: number, text: line, conditions: conditions)
        }
    }

    /// Returns the parts of a condition that all apply.
    private static func conjuncts(_ condition: String) -> [String] {
        condition.contains("||") ? [condition] : condition.split(separator: "&").map(String.init)
    }
}
