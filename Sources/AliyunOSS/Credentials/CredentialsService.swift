import Foundation

/// The URL of a service that issues credentials.
struct CredentialsURL: Sendable {
    /// URL with its path and query, which may contain a secret.
    let text: String
    /// Scheme, host and port, which messages contain.
    let endpoint: Endpoint

    /// Parses a URL.
    ///
    /// - Parameter allowsPlainHTTP: Whether HTTP may be used for a host other than this machine.
    /// - Throws: ``OSSError`` that does not repeat the URL, unless it has only a scheme, a host and a port.
    init(_ text: String, of service: String, allowsPlainHTTP: Bool = false) throws(OSSError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host,
            parts.user == nil, parts.password == nil, parts.fragment == nil,
            let endpoint = try? Endpoint("\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")")
        else {
            throw OSSError(
                .credentialsUnavailable,
                "the URL of \(service) is not valid; use https://HOST or http://HOST, without a user name")
        }
        guard endpoint.scheme == .https || allowsPlainHTTP || endpoint.isLoopback else {
            throw OSSError(
                .credentialsUnavailable, "\(service) at \(endpoint) is not encrypted; use https://")
        }
        (self.text, self.endpoint) = (text, endpoint)
    }
}

/// A client for a service that issues credentials.
struct CredentialsService: Sendable {
    /// Name of the service for error messages.
    let name: String
    let transport: any HTTPTransport
    /// Time limits of an attempt. The total is bounded, because no other fetch starts while one runs.
    var timeouts = HTTPTimeouts(
        connect: .seconds(5), response: .seconds(10), idle: .seconds(10), total: .seconds(20))
    var maximumAttempts = 3

    private static let maximumBodySize = 64 << 10

    /// Sends a request, and sends it again after a failure that may be temporary.
    ///
    /// - Parameter makeRequest: A closure that creates the request of an attempt.
    /// - Returns: The response, with any status.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/credentialsUnavailable``, or `CancellationError`.
    func send(_ makeRequest: @Sendable () throws -> HTTPRequest) async throws -> HTTPResponse {
        var attempt = 1
        while true {
            let result = try await outcome(of: try makeRequest())
            guard attempt < maximumAttempts, Self.mayBeTemporary(result) else { return try result.get() }
            try await Task.sleep(for: .milliseconds(100 << attempt))
            attempt += 1
        }
    }

    private func outcome(of request: HTTPRequest) async throws -> Result<HTTPResponse, OSSError> {
        var request = request
        request.headers["User-Agent"] = Library.userAgent
        // The transport does not decompress.
        request.headers["Accept-Encoding"] = "identity"
        request.destination = .memory(limit: Self.maximumBodySize)
        request.timeouts = timeouts
        let limit = timeouts.total.map { ContinuousClock.now + $0 + .seconds(1) }
        do {
            // A transport of the user may ignore the time limits.
            let response = try await withDeadlineAbandoning(limit) { [transport, request] in
                try await transport.send(request)
            }
            guard let response else { throw HTTPTransportError(.timedOut, "the transport exceeded its time limit") }
            return .success(response)
        } catch let error as CancellationError {
            throw error
        } catch {
            let cause = (error as? HTTPTransportError)?.description ?? "\(type(of: error))"
            return .failure(
                OSSError(
                    .credentialsUnavailable,
                    "\(name) did not return a response (\(cause)); check the address and the network", underlying: error
                ))
        }
    }

    private static func mayBeTemporary(_ result: Result<HTTPResponse, OSSError>) -> Bool {
        switch result {
        case .success(let response): return response.status == 429 || response.status >= 500
        case .failure(let error):
            guard let cause = error.underlying as? HTTPTransportError else { return false }
            return [.connectionFailed, .connectionLost, .timedOut, .truncatedBody].contains(cause.kind)
        }
    }

    /// Returns the error for a response with an unexpected status.
    static func refusal(_ response: HTTPResponse, from service: String) -> OSSError {
        let isRedirect = (300..<400).contains(response.status)
        return OSSError(
            .credentialsUnavailable,
            "\(service) responded with status \(response.status)"
                + (isRedirect ? ", a redirect, which is not followed; check for a captive portal or a proxy" : ""))
    }
}

/// The default transports for requests to services that issue credentials. They are created when first used.
enum CredentialsTransport {
    /// A transport that uses the system's proxy.
    static let proxied: any HTTPTransport = URLSessionTransport(configuration: configuration)

    /// A transport that uses no proxy, if the system permits that. The proxy of an instance would return the
    /// credentials of its own role.
    static let direct: any HTTPTransport = {
        #if os(Linux)
            // URLSession on Linux always uses the proxy in `http_proxy`.
            var settings = LibcurlTransport.Configuration()
            settings.maximumConnections = maximumConnections
            settings.proxy = .none
            if let transport = try? LibcurlTransport(configuration: settings) { return transport }
        #endif
        return proxied
    }()

    private static let maximumConnections = 4

    private static var configuration: URLSessionTransport.Configuration {
        var configuration = URLSessionTransport.Configuration()
        configuration.maximumConnections = maximumConnections
        return configuration
    }
}
