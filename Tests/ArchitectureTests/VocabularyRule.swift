import Foundation

/// A rule for the vocabulary of `Docs/Glossary.md`. No public name or documentation summary contains a retired word,
/// and every summary starts with a noun phrase or a verb.
struct VocabularyRule {
    /// Words and phrases that have a standard term.
    let retired: [String]

    /// Reads the third column of the table.
    init(glossary: String) {
        retired = glossary.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2).flatMap { row in
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            return cells.count > 3 ? cells[3].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } : []
        }.filter { !$0.isEmpty }
    }

    private static var start: Regex<Substring> {
        /(?:What|Who|Whoever|Whose|How|Where|Why|When|That|Which|If|Nothing|Everything|Something|So|One that|Those|It|Its)\b/
    }

    func violations(in files: [SourceFile]) -> [Violation] {
        files.flatMap { file in summaryViolations(in: file) + nameViolations(in: file) }
    }

    private func summaryViolations(in file: SourceFile) -> [Violation] {
        file.summaries.compactMap { line, summary in
            if summary.prefixMatch(of: Self.start) != nil {
                return Violation(
                    path: file.path, line: line, problem: "the summary is not a noun phrase or a verb: \(summary)")
            }
            let words = summary.lowercased().split { !$0.isLetter && $0 != "'" }.map(String.init)
            return firstRetired(in: words).map {
                Violation(path: file.path, line: line, problem: "'\($0)' is retired: \(summary)")
            }
        }
    }

    private func nameViolations(in file: SourceFile) -> [Violation] {
        file.publicNames.compactMap { line, name in
            let words = name.replacing(/([a-z0-9])([A-Z])/) { "\($0.output.1) \($0.output.2)" }.lowercased()
            return firstRetired(in: words.split(separator: " ").map(String.init)).map {
                Violation(path: file.path, line: line, problem: "'\($0)' is retired, in the name \(name)")
            }
        }
    }

    /// Returns the first retired word or phrase in a text.
    private func firstRetired(in words: [String]) -> String? {
        let (single, text) = (Set(words), " \(words.joined(separator: " ")) ")
        return retired.first { $0.contains(" ") ? text.contains(" \($0) ") : single.contains($0) }
    }
}

extension SourceFile {
    /// The first sentence of each documentation comment, with its line.
    var summaries: [(line: Int, text: String)] {
        var summaries: [(line: Int, text: String)] = []
        var isInside = false
        var isOpen = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard line.hasPrefix("///") else {
                isInside = false
                continue
            }
            let content = line.dropFirst(3).trimmingCharacters(in: .whitespaces)
            if !isInside {
                summaries.append((index + 1, content))
            } else if isOpen {
                summaries[summaries.count - 1].text += content.isEmpty ? "" : " " + content
            }
            isOpen = (!isInside || isOpen) && !content.isEmpty
            isInside = true
        }
        return summaries.map { line, text in
            (line, String(text.prefixMatch(of: /.*?[.:](?=\s|$)/)?.output ?? text[...]))
        }
    }

    /// The names of public declarations, with their lines.
    var publicNames: [(line: Int, name: String)] {
        code.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            let content = line.drop { $0 == " " }
            guard content.hasPrefix("public") || content.hasPrefix("@") else { return nil }
            let pattern = /\bpublic\s(?:.*\s)?(?:struct|class|actor|enum|protocol|func|var|let|typealias)\s+`?(\w+)/
            return line.firstMatch(of: pattern).map { (index + 1, String($0.output.1)) }
        }
    }
}
