import Foundation
import Testing

@Suite("Docs/LinuxTransport.md")
struct LinuxTransportDocumentTests {
    @Test("Every test that Docs/LinuxTransport.md names exists")
    func proofs() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let document = try String(contentsOf: root.appendingPathComponent("Docs/LinuxTransport.md"), encoding: .utf8)
        let folders = FileManager.default.enumerator(
            at: root.appendingPathComponent("Tests"), includingPropertiesForKeys: nil)
        let tests = try (folders?.allObjects ?? []).compactMap { $0 as? URL }
            .filter { $0.pathExtension == "swift" }
            .map { try String(contentsOf: $0, encoding: .utf8) }
            .joined()

        // Emphasized text, but not strong emphasis. A line break can occur within it.
        let text = document.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let names = text.matches(of: /(?:^|[^*])\*(?<name>[A-Z0-9][^*]{12,}?)\*(?:[^*]|$)/).map { String($0.name) }
        #expect(names.count > 30)
        for name in names { #expect(tests.contains("\"\(name)\""), "no test is called '\(name)'") }
    }
}
