import Foundation

let usage = """
    usage: oss-benchmark SCENARIO [COUNT] [--json]

      primitives   checksums, digests, signatures and listing pages, without a network
      mock-server  requests and bytes per second of the mock server with signature verification
      plan         entries per second and peak memory when planning a copy and an upload
      memory       peak memory of 4 GiB uploads and downloads with eight concurrent requests
      files        peak memory of uploads, downloads and failed uploads of COUNT small files (default: 100000)

      --json       print one JSON report
      --help       print this help

    Build with -c release: `swift run -c release oss-benchmark primitives`.
    """

func exit(withUsageProblem problem: String) -> Never {
    FileHandle.standardError.write(Data("oss-benchmark: \(problem)\n\(usage)\n".utf8))
    exit(2)
}

var arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == MemoryBenchmark.childScenario {
    try await MemoryBenchmark.runChild(Array(arguments.dropFirst()))
    exit(0)
}
if arguments.contains("--help") || arguments.contains("-h") {
    print(usage)
    exit(0)
}
let isJSON = arguments.contains("--json")
arguments.removeAll { $0 == "--json" }
guard let scenario = arguments.first else { exit(withUsageProblem: "missing scenario") }
let count = arguments.dropFirst().first.flatMap { Int($0) }
if let count, scenario != "files" || count < 1 { exit(withUsageProblem: "unexpected argument '\(count)'") }
if let extra = arguments.dropFirst(count == nil ? 1 : 2).first {
    exit(withUsageProblem: "unexpected argument '\(extra)'")
}

#if DEBUG
    FileHandle.standardError.write(
        Data("oss-benchmark: debug builds produce meaningless numbers; use -c release\n".utf8))
#endif

switch scenario {
case "primitives": try PrimitivesBenchmark.report().write(asJSON: isJSON)
case "mock-server": try MockServerBenchmark.report().write(asJSON: isJSON)
case "plan": try await PlanBenchmark.report().write(asJSON: isJSON)
case "memory": try MemoryBenchmark.report().write(asJSON: isJSON)
case "files": try FilesBenchmark(count: count ?? FilesBenchmark.defaultCount).report().write(asJSON: isJSON)
default: exit(withUsageProblem: "unknown scenario '\(scenario)'")
}
