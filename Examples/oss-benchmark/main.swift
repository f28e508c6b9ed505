import Foundation

let usage = """
    usage: oss-benchmark SCENARIO [COUNT] [--json]

      primitives   checksums, digests, signatures, listing pages: no network
      mock-server  requests and bytes per second of the mock server, signatures verified
      plan         entries per second and memory of planning an upload of a million files
      memory       the most memory that objects of 4 GiB need, up and down, eight requests at a time
      files        the most memory that COUNT small files need (default 100000), up, down and when all fail

      --json       print one JSON report instead of lines
      --help       print this

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
guard let scenario = arguments.first else { exit(withUsageProblem: "which scenario?") }
let count = arguments.dropFirst().first.flatMap { Int($0) }
if let count, scenario != "files" || count < 1 { exit(withUsageProblem: "'\(count)' is not understood") }
if let extra = arguments.dropFirst(count == nil ? 1 : 2).first {
    exit(withUsageProblem: "'\(extra)' is not understood")
}

#if DEBUG
    FileHandle.standardError.write(
        Data("oss-benchmark: a debug build, these numbers mean nothing: use -c release\n".utf8))
#endif

switch scenario {
case "primitives": try PrimitivesBenchmark.report().write(asJSON: isJSON)
case "mock-server": try MockServerBenchmark.report().write(asJSON: isJSON)
case "plan": try await PlanBenchmark.report().write(asJSON: isJSON)
case "memory": try MemoryBenchmark.report().write(asJSON: isJSON)
case "files": try FilesBenchmark(count: count ?? FilesBenchmark.defaultCount).report().write(asJSON: isJSON)
default: exit(withUsageProblem: "'\(scenario)' is no scenario")
}
