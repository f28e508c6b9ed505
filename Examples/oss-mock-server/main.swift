import AliyunOSSTesting
import Dispatch
import Foundation

func writeLine(_ text: String, to handle: FileHandle) {
    // `print` would buffer the line when the output is a pipe; the reader waits for it.
    try? handle.write(contentsOf: Data((text + "\n").utf8))
}

// If a standard stream is closed, the first socket would take its descriptor, and messages would be sent to a client.
// `/dev/null` is opened for reading only, so that writing to the stream still fails.
for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
    guard open("/dev/null", O_RDONLY) == descriptor else { exit(1) }
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

// The reader of the output may exit first.
signal(SIGPIPE, SIG_IGN)

// Installed before the server starts so that an early signal also stops it cleanly.
let signals = [SIGINT, SIGTERM].map { number in
    signal(number, SIG_IGN)
    return DispatchSource.makeSignalSource(signal: number, queue: .main)
}

let server: MockOSSServer
do {
    server = try MockOSSServer(options.configuration)
} catch let error as MockOSSServer.SetupError {
    let advice =
        error.description.hasSuffix("Address already in use") ? "; use another --port, or 0 for a free one" : ""
    writeLine("oss-mock-server: \(error.description)\(advice)", to: .standardError)
    exit(error.reason == .invalidArgument ? 2 : 1)
} catch {
    writeLine("oss-mock-server: cannot use the --data folder: \(error.localizedDescription)", to: .standardError)
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
