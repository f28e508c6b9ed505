/// Requires that the documentation of numbers and periods states their unit or their limits.
///
/// The rule applies to the parameters of public functions and to public properties with a type such as `Int64`,
/// `Duration` or `Range<Int64>`. The type `Duration` of a property already states its unit.
enum UnitRule {
    static func violations(in files: [SourceFile]) -> [Violation] {
        files.filter { $0.target == "AliyunOSS" }.flatMap { file in
            file.quantities.filter { $0.documentation.firstMatch(of: unit) == nil }.map {
                Violation(
                    path: file.path, line: $0.line,
                    problem: "the documentation of '\($0.name)' states neither its unit nor its limits")
            }
        }
    }

    /// A unit, a word for a number without a unit, or a limit.
    nonisolated(unsafe) private static let unit =
        #/
        \b (?: [Bb]ytes? | [KMG]i?B | [Bb]its? | pixels | hertz | (?:milli|nano)?seconds? | minutes? | hours? | [Dd]ays?
        | [Yy]ears? | percent | [Nn]umbers? | [Ii]ndex | [Ss]tatus | CRC-64 | [Pp]ort | [Oo]ffsets? | fraction ) \b | [0-9]
        /#
}

/// A number or a period in the public interface, with the documentation that describes it.
struct DocumentedQuantity {
    var name: String
    var line: Int
    var documentation: String
}

extension SourceFile {
    /// The parameters of public functions and the public properties that are numbers or periods.
    var quantities: [DocumentedQuantity] {
        var quantities: [DocumentedQuantity] = []
        var comment: [Substring] = []
        let lines = Array(text.split(separator: "\n", omittingEmptySubsequences: false))
        for (index, line) in lines.enumerated() {
            let content = line.drop { $0 == " " }
            if content.hasPrefix("///") {
                comment.append(content.dropFirst(3))
                continue
            }
            // Attributes stand between the documentation and the declaration.
            defer { if !content.hasPrefix("@") || content.contains(" ") { comment = [] } }
            guard let match = content.firstMatch(of: Self.publicDeclaration) else { continue }
            if match.1 == "func" {
                let declaration = lines[index...].prefix(10).joined(separator: " ")
                for parameter in Self.parameters(of: declaration) where Self.isQuantity(parameter.type) {
                    quantities.append(
                        DocumentedQuantity(
                            name: parameter.name, line: index + 1,
                            documentation: Self.documentation(of: parameter.name, in: comment)))
                }
            } else if let type = match.3, !type.hasPrefix("Duration"), Self.isQuantity(type) {
                quantities.append(
                    DocumentedQuantity(
                        name: String(match.2), line: index + 1, documentation: comment.joined(separator: " ")))
            }
        }
        return quantities
    }

    nonisolated(unsafe) private static let publicDeclaration =
        #/
        ^ (?: @\w+ \s )* public \s (?: (?:static|nonisolated|mutating) \s )* (func|var|let) \s (\w+) (?: : \s ([\w<>]+) )?
        /#

    private static func isQuantity(_ type: Substring) -> Bool {
        type.wholeMatch(of: /(?:Duration|U?Int(?:16|32|64)?|Double|(?:Closed)?Range<U?Int(?:64)?>|ByteRange)\??/) != nil
    }

    /// Returns the names and types of the parameters of a function.
    private static func parameters(of declaration: String) -> [(name: String, type: Substring)] {
        guard let start = declaration.firstIndex(of: "(") else { return [] }
        var depth = 0
        var parameters = [""]
        loop: for character in declaration[start...] {
            switch character {
            case "(", "[", "{", "<": depth += 1
            case ")", "]", "}": depth -= 1
            // The arrow of a closure's type has no counterpart.
            case ">" where parameters[parameters.count - 1].last != "-": depth -= 1
            default: break
            }
            if depth == 0 { break loop }
            if character == ",", depth == 1 {
                parameters.append("")
            } else if depth > 1 || character != "(" {
                parameters[parameters.count - 1].append(character)
            }
        }
        return parameters.compactMap { text in
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let name = parts[0].split(separator: " ").last else { return nil }
            return (String(name), parts[1].prefix { $0 != "=" }.trimmed)
        }
    }

    /// Returns the entry for a parameter, or the entire comment if it has no entries.
    private static func documentation(of name: String, in comment: [Substring]) -> String {
        let entries = comment.indices.filter { comment[$0].trimmed.hasPrefix("- ") }
        let isList = entries.contains { comment[$0].trimmed.hasPrefix("- Parameter") }
        guard isList else { return comment.joined(separator: " ") }
        guard
            let start = entries.first(where: {
                [comment[$0].trimmed].contains { $0.hasPrefix("- \(name):") || $0.hasPrefix("- Parameter \(name):") }
            })
        else { return "" }
        let end = entries.first { $0 > start } ?? comment.endIndex
        return comment[start..<end].joined(separator: " ")
    }
}

extension Substring {
    /// The text without spaces at its ends.
    fileprivate var trimmed: Substring {
        let text = drop { $0 == " " }
        return text.dropLast(text.reversed().prefix { $0 == " " }.count)
    }
}
