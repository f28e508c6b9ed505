import AliyunOSS
import Synchronization

/// A factory that creates bucket clients from command-line arguments.
enum Connection {
    /// Hosts that are assumed to run `oss-mock-server` with its default region.
    private static let loopbackHosts: Set = ["127.0.0.1", "localhost", "[::1]"]
    private static let mockServerRegion = "cn-hangzhou"

    /// Creates a bucket client and fetches credentials once, so that a run without credentials fails immediately.
    static func bucket(
        _ name: String, _ arguments: ConnectionArguments, concurrency: Int = 0, limits: LimitArguments = .init()
    ) async throws -> Bucket {
        var configuration = BucketConfiguration()
        configuration.signature = arguments.signature == .v1 ? .v1 : .v4
        if arguments.pathStyle { configuration.addressing = .path }
        configuration.maximumConnections = max(configuration.maximumConnections, concurrency)
        if let memoryBudget = limits.memoryBudget { configuration.memoryBudget = memoryBudget }
        configuration.maximumBandwidth = limits.bandwidth
        if let seconds = arguments.connectTimeout { configuration.timeouts.connect = .seconds(seconds) }
        if let seconds = arguments.responseTimeout { configuration.timeouts.response = .seconds(seconds) }
        configuration.transport = try transport(arguments.transport, configuration)
        let notice = WaitNotice()
        configuration.onRetry = { notice.note($0) }
        if let directory = limits.stateDirectory { configuration.stateDirectory = .path(directory) }
        let provider: any CredentialsProvider =
            if let file = arguments.credentialsFile { .file(file) } else { .default }
        let bucket = try bucket(name, arguments, provider, configuration)
        _ = try await provider.credentials()
        return bucket
    }

    /// Returns the transport that the arguments select, or `nil` for the library's default transport.
    private static func transport(
        _ choice: ConnectionArguments.Transport, _ configuration: BucketConfiguration
    ) throws -> (any HTTPTransport)? {
        guard choice != .urlsession else { return nil }
        #if os(Linux)
            var settings = LibcurlTransport.Configuration()
            settings.maximumConnections = configuration.maximumConnections
            do {
                return try LibcurlTransport(configuration: settings)
            } catch  where choice == .auto {
                return nil
            }
        #else
            if choice == .libcurl { throw UsageError("--transport libcurl requires Linux; remove the option") }
            return nil
        #endif
    }

    private static func bucket(
        _ name: String, _ arguments: ConnectionArguments, _ provider: some CredentialsProvider,
        _ configuration: BucketConfiguration
    ) throws(OSSError) -> Bucket {
        if let endpoint = arguments.endpoint {
            let address = try Endpoint(endpoint, style: configuration.addressing)
            let region = arguments.region ?? (loopbackHosts.contains(address.host) ? mockServerRegion : nil)
            // An explicit http:// is consent to plain HTTP; the warning states its consequence.
            var configuration = configuration
            configuration.allowsPlainHTTP = true
            if address.scheme == .http, !address.isLoopback {
                Diagnostics.say(
                    "warning: the connection to \(address) is not encrypted; others on the network can read the data")
            }
            return try Bucket(
                name, endpoint: endpoint, region: region, credentials: provider, configuration: configuration)
        }
        return try Bucket(
            name, region: arguments.region ?? "", credentials: provider, configuration: configuration)
    }
}

/// A notice that is printed, at most every ten seconds, while a long-running request is being retried.
private final class WaitNotice: Sendable {
    private let said = Mutex<ContinuousClock.Instant?>(nil)

    func note(_ error: OSSError) {
        guard let elapsed = error.elapsed, elapsed >= .seconds(5) else { return }
        let isDue = said.withLock { said in
            if let said, .now - said < .seconds(10) { return false }
            said = .now
            return true
        }
        if isDue { Diagnostics.say("still trying: \(error)") }
    }
}
