import AliyunOSS

/// `ossmirror up`, `down` and `check`.
struct MirrorCommand {
    let verb: Verb
    let arguments: MirrorArguments

    init(_ verb: Verb, _ arguments: MirrorArguments) {
        self.verb = verb
        self.arguments = arguments
    }

    func run() async throws -> Int32 {
        throw UsageError("'\(verb.rawValue)' is not supported by this version of ossmirror")
    }
}
