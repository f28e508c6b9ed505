import Foundation
import Testing

/// The files for continuous integration and releases, compared with the package.
@Suite("Repository files")
struct RepositoryFileTests {
    @Test(
        "CI runs .ci/run on Linux with the tools version of Package.swift and with the newest Swift, on both processors"
    )
    func linux() throws {
        let job = try job("linux")
        let tools = try #require(try text("Package.swift").firstMatch(of: /swift-tools-version: (\d+\.\d+)/)).1
        #expect(job.contains("- run: .ci/run\n"))
        #expect(job.contains("container: swift:${{ matrix.swift }}\n"))
        #expect(list("swift", in: job) == ["\(tools)-bookworm", "bookworm"])
        #expect(list("runner", in: job) == ["ubuntu-24.04", "ubuntu-24.04-arm"])
    }

    @Test("CI builds for each platform of Package.swift")
    func platforms() throws {
        let manifest = try text("Package.swift")
        let platforms = list("platforms", in: manifest).compactMap {
            $0.firstMatch(of: /\w+/).map { String($0.output) }
        }
        try #require(platforms.count == 5 && platforms.first == "macOS")
        #expect(try list("platform", in: job("apple-devices")) == Array(platforms.dropFirst()))
        #expect(try job("macos").contains("swift build --build-tests"))
        for library in libraries(of: manifest) {
            #expect(try job("apple-devices").contains("xcodebuild build -scheme \(library) "))
        }
    }

    @Test("The Static Linux SDK in CI has the version of its container")
    func staticSDK() throws {
        let job = try job("static-linux")
        let version = try #require(job.firstMatch(of: /container: swift:([\d.]+)-/)).1
        #expect(job.contains("/swift-\(version)-RELEASE_static-linux-"))
        #expect(job.contains(/--checksum [0-9a-f]{64}\n/))
    }

    @Test("Every script that CI runs exists, and every script states the programs that it needs")
    func scripts() throws {
        let files = FileManager.default
        let workflow = try text(".github/workflows/ci.yml")
        let called = Set(workflow.matches(of: /\.ci\/[\w-]+/).map { String($0.output) })
        #expect(called.isSuperset(of: [".ci/run", ".ci/run-slurm"]))
        for path in called { #expect(files.isExecutableFile(atPath: absolute(path)), "\(path) is not a program") }

        let scripts =
            try files.contentsOfDirectory(atPath: absolute(".ci")).map { ".ci/\($0)" }
            + files.contentsOfDirectory(atPath: absolute("Tests")).map { "Tests/\($0)/run" }
        var isDirectory: ObjCBool = false
        let programs = scripts.filter {
            files.isExecutableFile(atPath: absolute($0))
                && files.fileExists(atPath: absolute($0), isDirectory: &isDirectory) && !isDirectory.boolValue
        }
        #expect(programs.count > 12)
        // These need only Bash or Python, which run them, and the toolchain of the build.
        let exceptions: Set = [".ci/require", ".ci/check-combine-reports", ".ci/print-coverage"]
        for program in programs where !exceptions.contains(program) {
            #expect(try text(program).contains(".ci/require"), "\(program) does not use .ci/require")
        }
    }

    @Test("The Swift Package Index builds the documentation of every library")
    func documentation() throws {
        let targets = list("documentation_targets", in: try text(".spi.yml"))
        #expect(targets == libraries(of: try text("Package.swift")))
    }

    @Test("The library, ossmirror and the changelog have the same version")
    func version() throws {
        let changelog = try MarkdownPage(path: "CHANGELOG.md").sections.filter { $0.level == 2 }.map(\.heading)
        #expect(changelog.first == "[Unreleased]")
        let released = try #require(changelog.dropFirst().first?.firstMatch(of: /^\[(\d+\.\d+\.\d+)\]/)).1
        for path in ["Sources/AliyunOSS/Client/BucketConfiguration.swift", "Examples/ossmirror/OSSMirror.swift"] {
            let versions = try text(path).matches(of: /static let version = "([^"]+)"/).map(\.output.1)
            #expect(versions == [released], "\(path)")
        }
    }

    private func absolute(_ path: String) -> String { SourceFile.root.appendingPathComponent(path).path }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: absolute(path), encoding: .utf8) }

    private func job(_ name: String) throws -> String {
        let workflow = try text(".github/workflows/ci.yml")
        let start = try #require(workflow.firstRange(of: "\n  \(name):\n")).upperBound
        let end = workflow[start...].firstMatch(of: /\n  \S/)?.range.lowerBound ?? workflow.endIndex
        return workflow[start..<end] + "\n"
    }

    /// Returns the elements of a list on one line.
    private func list(_ name: String, in text: String) -> [String] {
        let pattern = /\b(\w+): \[([^\]]*)\]/
        let elements = text.matches(of: pattern).first { $0.output.1 == name }?.output.2.split(separator: ",") ?? []
        return elements.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " '")) }
    }

    private func libraries(of manifest: String) -> [String] {
        manifest.matches(of: /\.library\(name: "(\w+)"/).map { String($0.output.1) }
    }
}
