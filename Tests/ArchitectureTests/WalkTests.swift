import Foundation
import Testing

/// The section "The walk" of `Docs/Architecture.md`, compared with the sources.
@Suite("The walk in Docs/Architecture.md")
struct WalkTests {
    @Test("Every step of the walk names a function of its file")
    func steps() throws {
        let page = try String(
            contentsOf: SourceFile.root.appendingPathComponent("Docs/Architecture.md"), encoding: .utf8)
        let steps = page.matches(of: /\d+\. `(?:\w+\.)?(\w+)` \(`([^`]+)`\)/)
        #expect(steps.count > 40)
        for step in steps {
            let (name, path) = (String(step.output.1), String(step.output.2))
            let file = SourceFile.root.appendingPathComponent("Sources/AliyunOSS/\(path)")
            let source = try #require(try? String(contentsOf: file, encoding: .utf8), "\(path) does not exist")
            let declaration = try Regex(name == "init" ? #"\binit\??\("# : #"\bfunc \#(name)\b"#)
            #expect(source.contains(declaration), "\(path) has no function \(name)")
        }
    }
}
