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
        let arguments = try located(arguments, bucket: name)
        let configuration = try configuration(arguments, concurrency: concurrency, limits: limits)
        let provider = provider(arguments)
        let bucket = try bucket(name, arguments, provider, configuration)
        _ = try await provider.credentials()
        return bucket
    }

    /// Creates a bucket client from arguments that ``located(_:bucket:)`` returned.
    static func bucket(
        _ name: String, _ arguments: ConnectionArguments, _ provider: any CredentialsProvider,
        _ configuration: BucketConfiguration
    ) throws -> Bucket {
        let bucket =
            if let (endpoint, region) = try endpoint(arguments) {
                try Bucket(
                    name, endpoint: endpoint, region: region, credentials: provider, configuration: configuration)
            } else {
                try Bucket(
                    name, region: arguments.region ?? "", credentials: provider, configuration: configuration)
            }
        return bucket.adding(RequestExtras(chargesRequester: arguments.chargesRequester))
    }

    /// Creates a client for operations on the service, such as listing buckets, and fetches credentials once.
    static func service(_ arguments: ConnectionArguments) async throws -> OSSService {
        let arguments = try located(arguments)
        let configuration = try configuration(arguments)
        let provider = provider(arguments)
        let service =
            if let (endpoint, region) = try endpoint(arguments) {
                try OSSService(
                    endpoint: endpoint, region: region, credentials: provider, configuration: configuration)
            } else {
                try OSSService(region: arguments.region ?? "", credentials: provider, configuration: configuration)
            }
        _ = try await provider.credentials()
        return service
    }

    /// Returns the arguments with the endpoint and the region in the configuration file, if no option or variable names
    /// one of them.
    ///
    /// - Parameter bucket: Name of a bucket that can have an endpoint of its own; `nil` for the service.
    /// - Throws: ``UsageError`` if the file does not contain them either.
    static func located(_ arguments: ConnectionArguments, bucket: String? = nil) throws -> ConnectionArguments {
        guard arguments.endpoint == nil, arguments.region == nil else { return arguments }
        let location =
            if let file = arguments.credentialsFile {
                try CredentialsFileProvider(path: file, profile: arguments.profile).location(of: bucket)
            } else {
                try DefaultCredentialsProvider(profile: arguments.profile).location(of: bucket)
            }
        guard let location else {
            throw UsageError("missing region; use --region (such as cn-hangzhou) or --endpoint, or set OSS_REGION")
        }
        var arguments = arguments
        (arguments.endpoint, arguments.region) = (location.endpoint, location.region)
        arguments.isCustomDomain = location.isCustomDomain
        return arguments
    }

    static func configuration(
        _ arguments: ConnectionArguments, concurrency: Int = 0, limits: LimitArguments = .init()
    ) throws -> BucketConfiguration {
        var configuration = BucketConfiguration()
        configuration.signature = arguments.signature == .v1 ? .v1 : .v4
        configuration.addressing = arguments.addressing
        configuration.maximumConnections = max(configuration.maximumConnections, concurrency)
        if let memoryBudget = limits.memoryBudget { configuration.memoryBudget = memoryBudget }
        configuration.maximumBandwidth = limits.bandwidth
        if let seconds = arguments.connectTimeout { configuration.timeouts.connect = .seconds(seconds) }
        if let seconds = arguments.responseTimeout { configuration.timeouts.response = .seconds(seconds) }
        configuration.transport = try transport(arguments.transport, configuration)
        let notice = WaitNotice()
        configuration.onRetry = { notice.note($0) }
        if let directory = limits.stateDirectory { configuration.stateDirectory = .path(directory) }
        // An explicit http:// is consent to plain HTTP; the warning states its consequence.
        configuration.allowsPlainHTTP = arguments.endpoint != nil
        return configuration
    }

    static func provider(_ arguments: ConnectionArguments) -> any CredentialsProvider {
        if let file = arguments.credentialsFile {
            CredentialsFileProvider(path: file, profile: arguments.profile)
        } else {
            DefaultCredentialsProvider(profile: arguments.profile)
        }
    }

    /// Returns the endpoint that the arguments name, and its region. Warns if the connection is not encrypted.
    private static func endpoint(_ arguments: ConnectionArguments) throws(OSSError) -> (String, region: String?)? {
        guard let endpoint = arguments.endpoint else { return nil }
        let address = try Endpoint(endpoint, style: arguments.addressing)
        if address.scheme == .http, !address.isLoopback {
            Diagnostics.say(
                "warning: the connection to \(address) is not encrypted; others on the network can read the data")
        }
        return (endpoint, arguments.region ?? (loopbackHosts.contains(address.host) ? mockServerRegion : nil))
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
}

extension ConnectionArguments {
    /// Placement of the bucket's name in URLs; `nil` for the default of the endpoint.
    var addressing: AddressingStyle? { pathStyle ? .path : isCustomDomain ? .cname : nil }
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
