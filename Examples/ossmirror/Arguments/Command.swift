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
    case incomplete(IncompleteArguments)

    /// The subcommand, when its error belongs into a JSON object. `ls` puts it there itself.
    var verbThatReportsErrors: Verb? {
        switch self {
        case .up(let arguments) where arguments.output.json: .up
        case .down(let arguments) where arguments.output.json: .down
        case .copy(_, let arguments) where arguments.output.json: .copy
        case .check(let arguments) where arguments.output.json: .check
        case .stat(let arguments) where arguments.output.json: .stat
        case .remove(let arguments) where arguments.output.json: .rm
        case .incomplete(let arguments) where arguments.output.json: .incomplete
        default: nil
        }
    }
}

/// The subcommands, under the names they have on the command line.
enum Verb: String, CaseIterable, Sendable {
    case up, down, copy, check, ls, cat, stat, rm, incomplete
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
struct IncompleteArguments: Equatable, Sendable {
    var remote: RemoteAddress
    var connection = ConnectionArguments()
    var output = OutputArguments()
    var long = false
    /// Seconds; `nil` only lists.
    var abortOlderThan: Int64?
}

/// `oss://BUCKET/KEY`: the one place that takes such an address apart.
///
/// Everything behind the slash is the key as it is: nothing is percent-decoded and no segment is resolved, so that every
/// key that can exist can be named.
struct RemoteAddress: Equatable, Sendable, CustomStringConvertible {
    /// The bucket.
    var bucket: String
    /// The key or prefix; empty for the whole bucket.
    var key: String

    init(bucket: String, key: String) {
        self.bucket = bucket
        self.key = key
    }

    init(_ text: String) throws(UsageError) {
        let scheme = "oss://"
        guard text.hasPrefix(scheme) else {
            throw UsageError("'\(text)' is not an address in a bucket; write oss://BUCKET/PREFIX")
        }
        // As bytes: a key may begin with a combining mark, which would make one `Character` of it and the slash.
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        bucket = String(Substring(rest[..<slash]))
        key = String(Substring(rest[slash...].dropFirst()))
        guard !bucket.isEmpty else { throw UsageError("'\(text)' names no bucket; write oss://BUCKET/PREFIX") }
    }

    /// Whether a text is meant as an address in a bucket and not as a local path.
    static func looksLikeOne(_ text: String) -> Bool { text.hasPrefix("oss://") }

    /// The prefix that stands for a folder: `www` means `www/`, so that it never takes in `www-old/`.
    var folder: String { key.isEmpty || key.hasSuffix("/") ? key : key + "/" }

    /// The address as it is written on the command line.
    var description: String { "oss://\(bucket)/\(key)" }
}
