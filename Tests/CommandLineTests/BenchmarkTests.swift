import Foundation
import TestKit
import Testing

/// Small runs of the benchmarks, which show that they measure complete transfers. Their times are not checked.
@Suite("oss-benchmark")
struct BenchmarkTests {
    struct Report: Decodable {
        struct Sample: Decodable {
            var seconds: Double
            var processorSeconds: Double
            var peakMebibytes: Double
            var connections: Double
            var requests: Double
        }
        struct Client: Decodable {
            var client: String
            var isLibrary: Bool
            var median: Sample
            var samples: [Sample]
        }
        struct Result: Decodable {
            var workload: String
            var task: String
            var files: Int
            var concurrency: Int
            var clients: [Client]
        }
        struct Absence: Decodable {
            var client: String
            var reason: String
        }

        var serverComputesMD5: Bool
        var results: [Result]
        var absent: [Absence]
    }

    private func report(_ arguments: [String]) async throws -> Report {
        let outcome = try await Program("oss-benchmark").run(arguments + ["--json", "-"])
        #expect(outcome.status == 0, "\(outcome)")
        return try JSONDecoder().decode(Report.self, from: outcome.output)
    }

    @Test(
        "Every mode measures its tasks",
        arguments: [
            ("small", ["--files", "40"], ["upload 40", "download 40"]),
            ("large", ["--files", "2", "--size", "17M"], ["upload 2", "download 2"]),
            ("mixed", ["--files", "40"], ["upload 40", "download 40"]),
            ("list", ["--files", "1500"], ["list 1500"]),
            (
                "incremental", ["--files", "40"],
                ["upload 40", "unchanged 40", "snapshot 40", "unchangedSnapshot 40"]
            ),
            (
                "scaling", ["--files", "100", "--size", "10"],
                ["upload 1", "download 1", "upload 10", "download 10", "upload 100", "download 100"]
                    + Array(repeating: "upload 10", count: 4)
            ),
        ])
    func modes(_ mode: String, _ arguments: [String], _ tasks: [String]) async throws {
        let report = try await report([mode, "--rounds", "1"] + arguments)
        #expect(report.results.map { "\($0.task) \($0.files)" } == tasks)
        #expect(!report.serverComputesMD5 && report.absent.isEmpty)
        for result in report.results {
            let client = try #require(result.clients.first)
            #expect(result.clients.count == 1 && client.isLibrary && client.samples.count == 1)
            let sample = client.median
            #expect(sample.seconds > 0 && sample.processorSeconds > 0)
            #if os(Linux)
                #expect(sample.peakMebibytes > 1)
            #endif
            switch result.task {
            case "upload", "download", "snapshot":
                #expect(sample.requests >= Double(result.files))
                #expect((1...Double(result.concurrency + 1)).contains(sample.connections))
            // Two pages.
            case "list": #expect(sample.requests == 2)
            case "unchangedSnapshot": #expect(sample.requests == 0 && sample.connections == 0)
            default: #expect(sample.requests < Double(result.files))
            }
        }
    }

    @Test("--delay delays each request, and each round adds a sample")
    func delay() async throws {
        let report = try await report(
            ["small", "--files", "4", "--concurrency", "1", "--delay", "50", "--rounds", "2"])
        for result in report.results {
            let client = try #require(result.clients.first)
            #expect(client.samples.count == 2)
            for sample in client.samples { #expect(sample.seconds >= 0.2) }
        }
    }

    @Test("--compare runs the clients that are installed, and names the others")
    func comparison() async throws {
        let folder = try ScratchDirectory()
        let report = try await report(
            [
                "small", "--files", "40", "--rounds", "1", "--compare", "--python", folder["none"],
                "--transport", "urlsession", "--svg", folder["chart.svg"],
            ])
        let names = ["AliyunOSS, urlsession", "bare URLSession", "curl --parallel", "ossutil, V4", "ossutil, V1"]
        let python = ["oss2, pool of processes", "oss2, threads, resumable", "alibabacloud-oss-v2, threads"]
        for result in report.results {
            #expect(Array(result.clients.map(\.client).prefix(2)) == Array(names.prefix(2)))
            #expect(Set(result.clients.map(\.client) + report.absent.map(\.client)) == Set(names + python))
            for client in result.clients where names[1...2].contains(client.client) {
                #expect(!client.isLibrary && client.median.requests == 40, "\(client.client)")
            }
        }
        for absence in report.absent where python.contains(absence.client) {
            #expect(absence.reason.contains("--python"))
        }
        // One bar for each client and task, on a background.
        let bars = report.results.reduce(0) { $0 + $1.clients.count }
        #expect(try folder.text("chart.svg").components(separatedBy: "<rect").count - 1 == bars + 1)
    }

    @Test("Without --json, the results are a table that names the conditions")
    func table() async throws {
        let folder = try ScratchDirectory()
        let outcome = try await Program("oss-benchmark").run(
            ["small", "--files", "3", "--rounds", "1", "--json", folder["report.json"]])
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.text.contains("delay 0 ms, 1 round") && outcome.text.contains("computes no MD5s"))
        #expect(outcome.text.contains("small files, upload: 3 files"))
        #expect(outcome.lines.filter { $0.hasPrefix("AliyunOSS, ") && $0.hasSuffix("1.00x") }.count == 2)
        #expect(try JSONDecoder().decode(Report.self, from: folder.read("report.json")).results.count == 2)
    }

    @Test("--help names every mode and option")
    func help() async throws {
        let outcome = try await Program("oss-benchmark").run(["--help"])
        #expect(outcome.status == 0)
        let words = Set(outcome.text.split { $0.isWhitespace }.map(String.init))
        let modes = [
            "primitives", "mock-server", "plan", "memory", "files", "small", "large", "mixed", "list", "incremental",
            "scaling",
        ]
        let options = [
            "--files", "--size", "--concurrency", "--rounds", "--delay", "--transport", "--compare", "--python",
            "--md5", "--json", "--svg",
        ]
        for word in modes + options { #expect(words.contains(word), "\(word)") }
    }

    @Test(
        "An invalid command line is rejected with status 2",
        arguments: [
            ([], "a mode is required"), (["smal"], "unknown mode 'smal'"), (["small", "9"], "unknown argument '9'"),
            (["small", "--files"], "--files requires a value"),
            (["small", "--files", "0"], "--files must be an integer of at least 1 (got '0')"),
            (["small", "--size", "4X"], "--size must be a size such as 4K, 512M or 1G (got '4X')"),
            (["small", "--transport", "x"], "--transport must be auto, urlsession or libcurl (got 'x')"),
            (["plan", "--compare"], "the mode 'plan' does not accept --compare"),
            (["mixed", "--size", "4K"], "the mode 'mixed' does not accept --size"),
        ])
    func invalid(_ arguments: [String], _ problem: String) async throws {
        let outcome = try await Program("oss-benchmark").run(arguments)
        #expect(outcome.status == 2 && outcome.output.isEmpty)
        #expect(outcome.diagnostics == "oss-benchmark: \(problem); see --help\n")
    }
}
