import Foundation
import TestKit
import Testing

/// Tests that compare `Docs/Scenarios.md` with the names of the tests that it lists.
@Suite("Docs/Scenarios.md")
struct ScenarioDocumentTests {
    private struct Row {
        var id: String
        var proofs: [String]
    }

    private let rows: [Row]
    /// Names of the tests that start with a scenario ID.
    private let names: [String]

    init() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let root = tests.deletingLastPathComponent()
        let document = try String(contentsOf: root.appendingPathComponent("Docs/Scenarios.md"), encoding: .utf8)
        rows = document.split(separator: "\n").compactMap { line in
            guard let match = line.firstMatch(of: /^\| ([A-J]\d+) \|/) else { return nil }
            return Row(
                id: String(match.output.1),
                proofs: line.matches(of: /\*([A-J]\d+: [^*]+)\*/).map { String($0.output.1) })
        }
        let files = ["ReliabilityTests", "KillTests", "CommandLineTests"].flatMap { target in
            let folder = tests.appendingPathComponent(target)
            return FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects ?? []
        }
        names = try files.compactMap { $0 as? URL }
            .filter { $0.pathExtension == "swift" }
            .flatMap { file in
                try String(contentsOf: file, encoding: .utf8).matches(of: /"([A-J]\d+: [^"]+)"/)
                    .map { String($0.output.1) }
            }
    }

    @Test("Docs/Scenarios.md lists every scenario once")
    func complete() {
        let expected =
            (1...20).map { "A\($0)" } + (1...16).map { "B\($0)" } + (1...21).map { "C\($0)" }
            + (1...24).map { "D\($0)" } + (1...21).map { "E\($0)" } + (1...19).map { "F\($0)" }
            + (1...12).map { "G\($0)" }
            + (1...10).map { "H\($0)" }
        #expect(rows.map(\.id).filter { !"IJ".contains($0.prefix(1)) } == expected)
        // The last families are open-ended; new scenarios are added at their end.
        for family in ["I", "J"] {
            let numbers = rows.map(\.id).filter { $0.hasPrefix(family) }.compactMap { Int($0.dropFirst()) }
            #expect(numbers == Set(numbers).sorted(), "the scenarios of \(family) are not in order")
        }
    }

    @Test("Every scenario names at least one test, and every named test exists")
    func proofsExist() {
        for row in rows {
            #expect(!row.proofs.isEmpty, "\(row.id) names no test")
            for proof in row.proofs {
                #expect(proof.hasPrefix(row.id + ":"), "\(row.id) names '\(proof)'")
                #expect(names.contains(proof), "no test is called '\(proof)'")
            }
        }
    }

    @Test("Every test with a scenario ID is listed in Docs/Scenarios.md")
    func testsAreListed() {
        #expect(names.count > 75)
        #expect(Set(names).count == names.count)
        let listed = Set(rows.flatMap(\.proofs))
        for name in names { #expect(listed.contains(name), "'\(name)' is not in Docs/Scenarios.md") }
    }
}
