import Foundation
import Testing

/// The pages whose claims name tests and files, compared with the package.
@Suite("Tests and files that the documentation names")
struct NamedTestTests {
    @Test(
        "Every test and suite that a page names exists in the file that it links to",
        arguments: [("Docs/Guarantees.md", 200), ("Docs/ThreatModel.md", 100), ("Docs/CommandLine.md", 50)])
    func tests(page: String, minimum: Int) throws {
        let text = try MarkdownPage(path: page).text
        var files: [String: String] = [:]
        var file: (path: String, text: String)?
        var count = 0
        // A link to a test file names its suite and applies to the emphasized names after it.
        let pattern = /\[(?<suite>[^\]]+)\]\(\.\.\/(?<path>Tests\/[^)]+)\)|[ >]\*(?<name>[-\w][^*]{9,})\*/
        for match in text.matches(of: pattern) {
            if let path = match.path.map(String.init), let suite = match.suite {
                if files[path] == nil {
                    files[path] = try String(contentsOf: SourceFile.root.appendingPathComponent(path), encoding: .utf8)
                }
                file = files[path].map { (path, $0) }
                #expect(file?.text.contains("@Suite(\"\(suite)\"") == true, "\(path) has no suite '\(suite)'")
            } else if let name = match.name {
                let file = try #require(file, "'\(name)' is named without a file")
                #expect(file.text.contains("\"\(name)\""), "\(file.path) has no test '\(name)'")
                count += 1
            }
        }
        #expect(count >= minimum)
    }

    @Test("Every promise names a test and every threat a countermeasure that exists")
    func files() throws {
        let promises = try MarkdownPage(path: "Docs/Guarantees.md").rows
        #expect(promises.count > 50)
        for row in promises { #expect(row.count == 3 && row[2].contains("](../Tests/"), "no test: \(row[0])") }

        let threats = try MarkdownPage(path: "Docs/ThreatModel.md").rows.filter { $0.count == 4 }
        #expect(threats.count > 30)
        for row in threats where !row[1].hasPrefix("None.") {
            let paths = row[1].matches(of: /`((?:\w[\w+-]*\/)+[\w+-]+\.swift)`/).map { String($0.output.1) }
            #expect(!paths.isEmpty && row[2].contains("](../Tests/"), "no file or no test: \(row[0])")
            for path in paths {
                let isTopLevel = path.hasPrefix("Sources/") || path.hasPrefix("Examples/")
                let file = SourceFile.root.appendingPathComponent(isTopLevel ? path : "Sources/AliyunOSS/\(path)")
                #expect(FileManager.default.fileExists(atPath: file.path), "\(path) does not exist")
            }
        }
    }

    @Test("Every feature of ossmirror in the comparison of programs names a test")
    func comparison() throws {
        let rows = try MarkdownPage(path: "Docs/CommandLine.md").rows.filter { $0.count == 7 }
        #expect(rows.count > 50)
        for row in rows where row[1] != "–" { #expect(row[6].contains("](../Tests/"), "no test: \(row[0])") }
    }

    @Test("Every command and option of ossmirror that the tables for users of other programs name exists")
    func options() throws {
        let arguments = "Examples/ossmirror/Arguments/"
        let sources = try SourceFile.all(below: String(arguments.dropLast())).map(\.text).joined()
        let options = Set(
            sources.matches(of: /Option\(\s*"([^"]+)"/).flatMap { $0.output.1.matches(of: /--?[A-Za-z][a-z-]*/) }
                .map { String($0.output) })
        let verbs = Set(
            (sources.firstMatch(of: /enum Verb\b[^{]*\{([^}]*)\}/)?.output.1 ?? "")
                .split { !$0.isLetter }.map(String.init))
        try #require(options.contains("--concurrency") && verbs.isSuperset(of: ["up", "rm"]))

        let migration = try MarkdownPage(path: "Docs/MigratingFromOssutil.md").rows.filter { $0.count == 3 }
        let comparison = try MarkdownPage(path: "Docs/CommandLine.md").rows.filter { $0.count == 7 }
        let spans = (migration + comparison).flatMap { row in
            row[1].matches(of: /`([^`]+)`/).map { String($0.output.1) }
        }
        #expect(spans.count > 150)
        for span in spans where !span.hasPrefix("[") {
            let words = span.split(separator: " ").map(String.init)
            let command = words[0] == "ossmirror" ? words[1] : words[0]
            if !command.hasPrefix("-") { #expect(verbs.contains(command), "no command '\(command)'") }
            for option in words where option.hasPrefix("-") && option != "-" {
                #expect(options.contains(option), "no option '\(option)' in '\(span)'")
            }
        }
    }
}
