import Foundation
import Testing

/// Tests of the rules in `Docs/Architecture.md` against the sources.
@Suite("Architecture")
struct ArchitectureTests {
    private let sources: [SourceFile]
    private let examples: [SourceFile]
    private let tests: [SourceFile]

    init() throws {
        (sources, examples, tests) = try Self.files.get()
        try #require(sources.count > 10, "the sources were not found at \(SourceFile.root.path)")
    }

    /// Read once, because each test has its own instance of the suite.
    private static let files = Result {
        (
            try SourceFile.all(below: "Sources"), try SourceFile.all(below: "Examples"),
            try SourceFile.all(below: "Tests")
        )
    }

    @Test("Every target imports only the allowed modules")
    func imports() {
        expectNone(ImportRule.violations(in: sources + examples))
    }

    @Test("Folders of AliyunOSS depend only on lower layers")
    func layers() {
        expectNone(LayerRule.violations(in: sources))
    }

    @Test("Restricted words occur only in their places", arguments: WordRule.all)
    func words(_ rule: WordRule) throws {
        expectNone(try rule.violations(in: sources + examples + tests))
    }

    @Test("Code for one platform is inside a #if for it", arguments: PlatformRule.all)
    func platforms(_ rule: PlatformRule) throws {
        let c =
            try SourceFile.all(below: "Sources", extensions: ["c", "h"])
            + SourceFile.all(below: "Tests/Support", extensions: ["c", "h"])
        #expect(c.count > 10)
        expectNone(try rule.violations(in: sources + examples + tests + c))
    }

    @Test("Types are used only in their places", arguments: UsageRule.all)
    func usage(_ rule: UsageRule) {
        expectNone(rule.violations(in: sources + examples))
    }

    @Test("No source file is longer than 350 lines")
    func lengths() {
        expectNone(LengthRule.violations(in: sources))
    }

    @Test("Names and documentation use the terms of the glossary")
    func vocabulary() throws {
        let glossary = try String(
            contentsOf: SourceFile.root.appendingPathComponent("Docs/Glossary.md"), encoding: .utf8)
        let rule = VocabularyRule(glossary: glossary)
        try #require(rule.retired.contains("reply"))
        expectNone(rule.violations(in: sources + examples))
    }

    @Test("The documentation of numbers and periods states their units or limits")
    func units() {
        #expect(sources.flatMap(\.quantities).count > 200)
        expectNone(UnitRule.violations(in: sources))
    }

    @Test("The package depends on no other package")
    func noDependencies() throws {
        let manifest = try String(
            contentsOf: SourceFile.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        #expect(Manifest.dependencies(in: manifest).isEmpty)
    }

    @Test("The table of layers lists exactly the folders of AliyunOSS")
    func layersAreComplete() {
        let folders = Set(sources.filter { $0.target == "AliyunOSS" }.map(\.folder))
        #expect(folders == Set(LayerRule.mayKnow.keys))
    }

    private func expectNone(_ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation) {
        for violation in violations {
            Issue.record("\(violation)", sourceLocation: sourceLocation)
        }
    }
}
