import Foundation
import TestProcesses

/// An executable of this package, run as a user would run it.
struct Program {
    /// What became of a run.
    struct Outcome: CustomStringConvertible {
        /// The exit status; 128 and the number of the signal when one ended it, as in a shell.
        var status: Int32
        var output: Data
        var diagnostics: String

        var text: String { String(decoding: output, as: UTF8.self) }
        var lines: [String] { text.split(separator: "\n").map(String.init) }
        var description: String { "status \(status)\n\(text)\n\(diagnostics)" }

        /// The one JSON object that standard output is.
        func json() throws -> [String: Any] {
            guard let object = try JSONSerialization.jsonObject(with: output) as? [String: Any] else {
                throw CocoaError(.propertyListReadCorrupt)
            }
            return object
        }
    }

    let url: URL
    /// Set for the program, and nothing else is but what a shell would set.
    var environment: [String: String] = [:]
    var directory: URL?
    /// The words in front of the program: another program that starts it.
    var launcher: [String] = []

    /// Finds a product of this package, which the build put beside the tests.
    init(_ name: String, environment: [String: String] = [:]) throws {
        // On Linux the tests are an executable; on Apple's platforms a bundle that another program loads.
        let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
        let folder = (bundle ?? Bundle.main.executableURL ?? Bundle.main.bundleURL).deletingLastPathComponent()
        url = folder.appendingPathComponent(name)
        self.environment = environment
        guard FileManager.default.isExecutableFile(atPath: url.path) else {
            throw CocoaError(.executableNotLoadable, userInfo: [NSFilePathErrorKey: url.path])
        }
    }

    init(at url: URL, environment: [String: String] = [:]) {
        self.url = url
        self.environment = environment
    }

    /// Runs it to its end.
    ///
    /// - Parameter whileRunning: called once it has started, for example to send it a signal.
    func run(
        _ arguments: [String], whileRunning: (@Sendable (ChildProcess) async throws -> Void)? = nil
    ) async throws -> Outcome {
        try await TemporaryFolder.with { folder in
            let words = launcher + [url.path] + arguments
            // Files and not pipes: a pipe that nobody empties stops the program.
            let output = try folder.emptyFile("stdout")
            let diagnostics = try folder.emptyFile("stderr")
            let process = try ChildProcess(
                words[0], Array(words.dropFirst()),
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder.url.path].merging(environment) { $1 },
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
}
