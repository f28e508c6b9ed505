import Foundation

func exit(_ status: Int32, _ message: String) -> Never {
    let line = message.split(separator: "\n").joined(separator: " ")
    FileHandle.standardError.write(Data("oss-benchmark: \(line)\n".utf8))
    exit(status)
}

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    if arguments.first == Child.argument {
        try await Child.run(Array(arguments.dropFirst()))
        exit(0)
    }
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
    exit(2, "\(problem.description); see --help")
} catch {
    exit(1, "\(error)")
}
