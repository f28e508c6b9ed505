import Foundation
import TestKit
import TestProcesses

/// An executable of this package.
struct Program {
    /// The result of a run.
    struct Outcome: CustomStringConvertible {
        /// Exit status; 128 plus the number of the signal that ended the program, as in a shell.
        var status: Int32
        var output: Data
        var diagnostics: String

        var text: String { String(decoding: output, as: UTF8.self) }
        var lines: [String] { text.split(separator: "\n").map(String.init) }
        var description: String { "status \(status)\n\(text)\n\(diagnostics)" }

        /// Parses standard output as a JSON object.
        func json() throws -> [String: Any] {
            guard let object = try JSONSerialization.jsonObject(with: output) as? [String: Any] else {
                throw CocoaError(.propertyListReadCorrupt)
            }
            return object
        }
    }

    let url: URL
    /// Environment of the program, added to PATH and HOME.
    var environment: [String: String] = [:]
    var directory: URL?
    /// Words before the path of the program: another program that starts it.
    var launcher: [String] = []

    /// A product of this package.
    init(_ name: String, environment: [String: String] = [:]) throws {
        self.init(at: try ChildProcess.builtExecutable(name), environment: environment)
    }

    init(at url: URL, environment: [String: String] = [:]) {
        self.url = url
        self.environment = environment
    }

    /// Runs the program until it ends.
    ///
    /// - Parameter whileRunning: A closure that is called after the start, for example to send a signal.
    func run(
        _ arguments: [String], whileRunning: (@Sendable (ChildProcess) async throws -> Void)? = nil
    ) async throws -> Outcome {
        let folder = try ScratchDirectory()
        let words = launcher + [url.path] + arguments
        // Files, because a full pipe would block the program.
        let output = try folder.makeFile("stdout")
        let diagnostics = try folder.makeFile("stderr")
        let process = try ChildProcess(
            words[0], Array(words.dropFirst()),
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path].merging(environment) { $1 },
            directory: (directory ?? folder.url).path, standardOutput: FileHandle(forWritingTo: output),
            standardError: FileHandle(forWritingTo: diagnostics))
        do {
            try await whileRunning?(process)
        } catch {
            process.send(SIGTERM)
            throw error
        }
        let status =
            switch await process.end() {
            case .exited(let status): status
            case .signalled(let number): 128 + number
            }
        return Outcome(
            status: status, output: try Data(contentsOf: output),
            diagnostics: String(decoding: try Data(contentsOf: diagnostics), as: UTF8.self))
    }
}
