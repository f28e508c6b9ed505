import Foundation
import TestKit
import Testing

@Suite("Other executables")
struct ExecutableTests {
    @Test("quickstart prints its steps and exits with status 0")
    func quickstart() async throws {
        let outcome = try await Program("quickstart").run([])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.text.contains("Both folders contain the same files") && outcome.diagnostics.isEmpty)
    }

    @Test(
        "ossmirror prints its version and its help",
        arguments: [["--version"], ["--help"], ["up", "--help"], ["ls", "-h"]])
    func help(_ arguments: [String]) async throws {
        let outcome = try await Program("ossmirror").run(arguments)
        #expect(outcome.status == 0 && outcome.diagnostics.isEmpty)
        #expect(outcome.text.contains("ossmirror"))
    }
}
