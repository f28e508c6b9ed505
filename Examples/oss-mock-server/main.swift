import AliyunOSSTesting
import Dispatch
import Foundation

func writeLine(_ text: String, to handle: FileHandle) {
    // Not `print`: the line must be out before anyone waits for it, also when the output is a pipe.
    try? handle.write(contentsOf: Data((text + "\n").utf8))
}

var options: Options
do throws(Options.Problem) {
    options = try Options(Array(CommandLine.arguments.dropFirst()))
} catch {
    writeLine("oss-mock-server: \(error.description); see --help", to: .standardError)
    exit(2)
}
if options.wantsHelp {
    writeLine(Options.help, to: .standardOutput)
    exit(0)
}
if options.isVerbose {
    options.configuration.log = { line in writeLine(line, to: .standardError) }
}

// Whoever reads the output may end first.
signal(SIGPIPE, SIG_IGN)

// Before the server starts, so that a signal that comes early stops it cleanly too.
let signals = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    return DispatchSource.makeSignalSource(signal: number, queue: .main)
}

let server: MockOSSServer
do {
    server = try MockOSSServer(options.configuration)
} catch let error as MockOSSServer.StartError {
    writeLine("oss-mock-server: \(error.description)", to: .standardError)
    exit(error.reason == .invalidArgument ? 2 : 1)
} catch {
    writeLine("oss-mock-server: cannot use the folder for --data: \(error.localizedDescription)", to: .standardError)
    exit(1)
}
for warning in server.warnings { writeLine("oss-mock-server: warning: \(warning)", to: .standardError) }
for source in signals {
    source.setEventHandler {
        server.shutDown()
        exit(0)
    }
    source.resume()
}
writeLine("listening on \(server.endpoint)", to: .standardOutput)
dispatchMain()
