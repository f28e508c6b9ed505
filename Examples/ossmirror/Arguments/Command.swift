/// What the command line asks for.
enum Command: Equatable, Sendable {
    case help(Verb?)
    case version
    case up(MirrorArguments)
    case down(MirrorArguments)
    case copy(from: RemoteAddress, MirrorArguments)
    case check(MirrorArguments)
    case list(ListArguments)
    case cat(ObjectArguments)
    case stat(ObjectArguments)
    case remove(RemoveArguments)
    case abandoned(AbandonedArguments)

    /// The subcommand, when its error belongs into a JSON object. `ls` puts it there itself.
    var verbThatReportsErrors: Verb? {
        switch self {
        case .up(let arguments) where arguments.output.json: .up
        case .down(let arguments) where arguments.output.json: .down
        case .copy(_, let arguments) where arguments.output.json: .copy
        case .check(let arguments) where arguments.output.json: .check
        case .stat(let arguments) where arguments.output.json: .stat
        case .remove(let arguments) where arguments.output.json: .rm
        case .abandoned(let arguments) where arguments.output.json: .abandoned
        default: nil
        }
    }
}

/// The subcommands, under the names they have on the command line.
enum Verb: String, CaseIterable, Sendable {
    case up, down, copy, check, ls, cat, stat, rm, abandoned
}

/// Where the bucket is and how requests are signed.
struct ConnectionArguments: Equatable, Sendable {
    enum Signature: String, Sendable { case v4, v1 }

    var endpoint: String?
    var region: String?
    var pathStyle = false
    var signature = Signature.v4
    var credentialsFile: String?
    /// Seconds until the first byte is sent.
    var connectTimeout: Int64?
    /// Seconds of silence until the answer begins.
    var responseTimeout: Int64?
}

/// What is printed, and how.
struct OutputArguments: Equatable, Sendable {
    var json = false
    var quiet = false
    var noProgress = false
}

/// The arguments of `up`, `down`, `copy` and `check`. What is copied from is not among them: it is no local folder.
struct MirrorArguments: Equatable, Sendable {
    enum Symlinks: String, Sendable { case follow, skip }

    var local: String
    var remote: RemoteAddress
    var connection = ConnectionArguments()
    var output = OutputArguments()
    var concurrency: Int?
    var limits = LimitArguments()
    var symlinks: Symlinks?
    var emptyDirectories = false
    var failFast = false
    var options = MirrorOptions()
}

/// The arguments of `ls`.
struct ListArguments: Equatable, Sendable {
    var remote: RemoteAddress
    var connection = ConnectionArguments()
    var output = OutputArguments()
    var long = false
    var maximum: Int?
}

/// The arguments of `cat` and `stat`.
struct ObjectArguments: Equatable, Sendable {
    var remote: RemoteAddress
    var connection = ConnectionArguments()
    var output = OutputArguments()
}

/// The arguments of `rm`.
struct RemoveArguments: Equatable, Sendable {
    /// The addresses, all of one bucket.
    var remotes: [RemoteAddress]
    var connection = ConnectionArguments()
    var output = OutputArguments()
    var recursive = false
    var force = false
    /// The filter, the limit and the dry run of a removal with ``recursive``.
    var options = MirrorOptions()
}

/// How large files are cut up, and how much of the machine and of the line may be used. `nil` is the library's default.
struct LimitArguments: Equatable, Sendable {
    /// Bytes.
    var partSize: Int64?
    /// Bytes.
    var multipartThreshold: Int64?
    /// Bytes.
    var memoryBudget: Int?
    /// Bytes a second.
    var bandwidth: Int64?
    /// Where interrupted transfers are remembered.
    var stateDirectory: String?
    /// Seconds that a run waits for a service that does not answer.
    var outageLimit: Int64?
}

/// The arguments of `abandoned`.
struct AbandonedArguments: Equatable, Sendable {
    var remote: RemoteAddress
    var connection = ConnectionArguments()
    var output = OutputArguments()
    var long = false
    /// Seconds; `nil` only lists.
    var abortOlderThan: Int64?
}
