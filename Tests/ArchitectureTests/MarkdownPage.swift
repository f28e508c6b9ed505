import Foundation

/// A page of the documentation with the properties that its tests check.
struct MarkdownPage {
    /// The text between two headings.
    struct Section {
        /// Level of the heading, or 0 for the text before the first one.
        var level: Int
        var heading: String
        /// Code blocks with their language, without comments and blank lines.
        var code: [String] = []
        /// Targets of links and images, sorted.
        var links: [String] = []
        /// Inline code, sorted.
        var spans: [String] = []
        /// Number of cells in each row of its tables.
        var rows: [Int] = []
        var itemCount = 0
        /// The text without code blocks.
        var text = ""
    }

    private(set) var sections: [Section] = []

    /// Reads a page of the package.
    init(path: String) throws {
        let file = SourceFile.root.appendingPathComponent(path)
        self.init(try String(contentsOf: file, encoding: .utf8))
    }

    init(_ text: String) {
        var section = Section(level: 0, heading: "")
        var block: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let ended = block { section.code.append(ended) }
                block = block == nil ? "\(line.dropFirst(3))\n" : nil
            } else if block != nil {
                let code = line.replacing(/(^| ) *(\/\/|#) .*$/, with: "")
                if !code.isEmpty { block? += "\(code)\n" }
            } else if let match = line.prefixMatch(of: /(#+)\s/) {
                sections.append(section.finished)
                section = Section(
                    level: match.output.1.count, heading: String(line[match.range.upperBound...]))
            } else {
                section.text += "\(line)\n"
            }
        }
        sections.append(section.finished)
    }

    /// All text without code blocks.
    var text: String { sections.map(\.text).joined() }

    /// The cells of all tables, without headers and rulers.
    var rows: [[String]] {
        sections.flatMap { section in
            let rows = section.tableRows
            // The row before a ruler is a header.
            let rulers = rows.indices.filter { rows[$0].joined().allSatisfy { $0 == "-" || $0 == " " } }
            return rows.indices.filter { !rulers.contains($0) && !rulers.contains($0 + 1) }.map { rows[$0] }
        }
    }
}

extension MarkdownPage.Section {
    /// The cells of its tables. A vertical bar in inline code is part of a cell.
    fileprivate var tableRows: [[String]] {
        text.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
            var cells: [String] = []
            var isCode = false
            for character in line.dropFirst() {
                if character == "`" { isCode.toggle() }
                if cells.isEmpty { cells.append("") }
                if character == "|", !isCode { cells.append("") } else { cells[cells.count - 1].append(character) }
            }
            return cells.dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// The section with the properties that follow from its text.
    fileprivate var finished: Self {
        var section = self
        section.links = text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }.sorted()
        section.spans = text.matches(of: /`([^`]+)`/).map { String($0.output.1) }.sorted()
        section.rows = tableRows.map(\.count)
        section.itemCount = text.split(separator: "\n").count {
            $0.hasPrefix("* ") || $0.prefixMatch(of: /\d+\.\s/) != nil
        }
        return section
    }

    /// Returns the properties in which this section differs from its translation.
    func differences(from other: Self) -> [String] {
        var differences: [String] = []
        if level != other.level { differences.append("level") }
        if code != other.code { differences.append("code") }
        if links != other.links { differences.append("links") }
        if spans != other.spans { differences.append("inline code") }
        if rows != other.rows { differences.append("tables") }
        if itemCount != other.itemCount { differences.append("list items") }
        return differences
    }
}
