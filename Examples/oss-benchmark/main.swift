import Foundation

var arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == Child.argument {
    try await Child.run(Array(arguments.dropFirst()))
    exit(0)
}
do {
    let options = try BenchmarkOptions(arguments)
    guard let mode = options.mode else {
        print(BenchmarkOptions.help)
        exit(0)
    }
    #if DEBUG
        FileHandle.standardError.write(
            Data("oss-benchmark: debug builds produce meaningless numbers; use -c release\n".utf8))
    #endif
    try await mode.run(options)
} catch let problem as BenchmarkOptions.Problem {
    FileHandle.standardError.write(Data("oss-benchmark: \(problem.description); see --help\n".utf8))
    exit(2)
} catch let failure as BenchmarkFailure {
    FileHandle.standardError.write(Data("oss-benchmark: \(failure.description)\n".utf8))
    exit(1)
}
