/// A parsed command line.
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

    /// The command's verb, or `nil` if the command does not print its errors as separate JSON objects. The JSON output
    /// of `ls` itself includes the error.
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

/// The name of a command, as given on the command line.
enum Verb: String, CaseIterable, Sendable {
    case up, down, copy, check, ls, cat, stat, rm, incomplete
}

/// The endpoint, credentials and timeouts for requests.
struct ConnectionArguments: Equatable, Sendable {
    enum Signature: String, CaseIterable, Sendable { case v4, v1 }
    enum Transport: String, CaseIterable, Sendable { case auto, urlsession, libcurl }

    var endpoint: String?
    var region: String?
    var pathStyle = false
    var signature = Signature.v4
    var credentialsFile: String?
    var transport = Transport.auto
    /// Maximum time, in seconds, to establish a connection.
    var connectTimeout: Int64?
    /// Maximum time, in seconds, to wait for the first byte of a response.
    var responseTimeout: Int64?
}

/// Options for the format and amount of the output.
struct OutputArguments: Equatable, Sendable {
    var json = false
    var quiet = false
    var noProgress = false
}

/// The arguments of `up`, `down`, `copy` and `check`. For `copy`, `local` is the text of the source address.
struct MirrorArguments: Equatable, Sendable {
    var local: String
    var remote: RemoteAddress
    var connection = ConnectionArguments()
    var output = OutputArguments()
    var concurrency: Int?
    var limits = LimitArguments()
    var symlinks: MirrorOptions.Links?
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
    /// The addresses of the objects or prefixes to remove, all in the same bucket.
    var remotes: [RemoteAddress]
    var connection = ConnectionArguments()
    var output = OutputArguments()
    var recursive = false
    var force = false
    /// Maximum time, in seconds, to wait while the service throttles requests or does not respond.
    var outageLimit: Int64?
    /// The filter, deletion limit and dry-run setting of a recursive removal.
    var options = MirrorOptions()
}

/// Limits on sizes, memory, bandwidth and time. `nil` selects the library's default.
struct LimitArguments: Equatable, Sendable {
    /// Part size, in bytes.
    var partSize: Int64?
    /// Minimum size, in bytes, of a file that is transferred in parts.
    var multipartThreshold: Int64?
    /// Maximum number of content bytes to buffer in memory.
    var memoryBudget: Int?
    /// Maximum bandwidth, in bytes per second.
    var bandwidth: Int64?
    /// Directory for the state of interrupted transfers.
    var stateDirectory: String?
    /// Maximum time, in seconds, to wait while the service throttles requests or does not respond.
    var outageLimit: Int64?
}

/// The arguments of `incomplete`.
struct IncompleteArguments: Equatable, Sendable {
    var remote: RemoteAddress
    var connection = ConnectionArguments()
    var output = OutputArguments()
    var long = false
    /// Minimum age, in seconds, of the uploads to abort; `nil` to list uploads without aborting them.
    var abortOlderThan: Int64?
}

/// An address of the form `oss://BUCKET/KEY`.
///
/// The text after the slash is the key, byte for byte: it is not percent-decoded, and `..` is not resolved. Therefore,
/// every valid key has an address.
struct RemoteAddress: Equatable, Sendable, CustomStringConvertible {
    /// Name of the bucket.
    var bucket: String
    /// Key or prefix; empty for the entire bucket.
    var key: String

    init(bucket: String, key: String) {
        self.bucket = bucket
        self.key = key
    }

    init(_ text: String) throws(UsageError) {
        guard Self.matches(text) else {
            // Text before an '@' can be a password, which must not be repeated.
            let shown = text.lastIndex(of: "@").map { "…" + text[$0...] } ?? text
            throw UsageError("'\(shown)' is not an OSS address; use oss://BUCKET/PREFIX")
        }
        // Search in bytes: a key that starts with a combining mark would form one `Character` with the slash.
        let rest = text.utf8.dropFirst(Self.scheme.utf8.count)
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        bucket = String(Substring(rest[..<slash]))
        key = String(Substring(rest[slash...].dropFirst()))
        guard !bucket.isEmpty else { throw UsageError("'\(text)' has no bucket name; use oss://BUCKET/PREFIX") }
        guard !bucket.utf8.contains(where: ":@".utf8.contains) else {
            throw UsageError(
                "an OSS address cannot contain a user name or password; use oss://BUCKET/PREFIX and set OSS_ACCESS_KEY_ID and "
                    + "OSS_ACCESS_KEY_SECRET")
        }
    }

    /// Returns whether the text is an OSS address rather than a local path.
    static func matches(_ text: String) -> Bool {
        String(decoding: text.utf8.prefix(scheme.utf8.count), as: UTF8.self).lowercased() == scheme
    }

    private static let scheme = "oss://"

    /// The key with a trailing slash, for use as a prefix. For example, `www` becomes `www/`, which does not match
    /// `www-old/`.
    var folder: String { key.isEmpty || key.hasSuffix("/") ? key : key + "/" }

    var description: String { "oss://\(bucket)/\(key)" }
}
