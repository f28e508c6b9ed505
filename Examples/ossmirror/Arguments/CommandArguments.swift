/// The endpoint, credentials and timeouts for requests.
struct ConnectionArguments: Equatable, Sendable {
    enum Signature: String, CaseIterable, Sendable { case v4, v1 }
    enum Transport: String, CaseIterable, Sendable { case auto, urlsession, libcurl }

    var endpoint: String?
    var region: String?
    var pathStyle = false
    /// Whether the endpoint is a custom domain of the bucket, as a configuration file can specify.
    var isCustomDomain = false
    var signature = Signature.v4
    var credentialsFile: String?
    var chargesRequester = false
    /// Profile in the credentials file; `nil` for the default one.
    var profile: String?
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
    /// Interval in seconds at which plain lines show the progress; `nil` for the default.
    var progressInterval: Int64?
    var verbose = false
    /// Path of the log file; `nil` for none.
    var log: String?
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
    /// Path of a file that lists the keys to remove, below the only address; `-` for standard input.
    var list: String?
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
