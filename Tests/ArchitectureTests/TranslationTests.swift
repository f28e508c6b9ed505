import Foundation
import Testing

/// `README.zh-CN.md`, compared with `README.md`.
@Suite("Translation of README.md")
struct TranslationTests {
    @Test("README.zh-CN.md has the headings, code blocks, links, inline code and tables of README.md")
    func structure() throws {
        let original = try MarkdownPage(path: "README.md")
        let translation = try MarkdownPage(path: "README.zh-CN.md")
        try #require(original.sections.count > 8)
        #expect(translation.sections.map(\.level) == original.sections.map(\.level))
        for (index, (section, translated)) in zip(original.sections, translation.sections).enumerated() {
            // Each page links to the other one.
            var section = section
            if index == 1 {
                section.links = section.links.map { $0 == "README.zh-CN.md" ? "README.md" : $0 }.sorted()
            }
            let differences = section.differences(from: translated)
            #expect(differences.isEmpty, "'\(translated.heading)' differs from '\(section.heading)'")
        }
    }

    @Test(
        "A difference between two sections is found, and a translated comment is none",
        arguments: [
            ("# A\nText.", "# B\nWords.", []), ("# A", "## A", ["level"]),
            ("# A\n```sh\nls  # list\n```", "# A\n```sh\nls # 列出\n```", []),
            ("# A\n```sh\nls\n```", "# A\n```sh\nls -l\n```", ["code"]),
            ("# A\n```sh\nls\n```", "# A\n```bash\nls\n```", ["code"]),
            ("# A\n[a](b.md)", "# A\n[c](d.md)", ["links"]), ("# A\n`a` and `b`", "# A\n`b`、`a`", []),
            ("# A\n`a`", "# A\n`b`", ["inline code"]),
            ("# A\n| a | `b\\|c` |\n", "# A\n| a | b |\n", ["inline code"]),
            ("# A\n| a | b |\n| - | - |\n", "# A\n| a | b |\n", ["tables"]),
            ("# A\n* a\n* b", "# A\n* a", ["list items"]),
        ] as [(String, String, [String])])
    func difference(original: String, translation: String, expected: [String]) throws {
        let sections = [original, translation].map { MarkdownPage($0).sections }
        try #require(sections.allSatisfy { $0.count == 2 })
        #expect(sections[0][1].differences(from: sections[1][1]) == expected)
    }
}
