import Foundation

extension OSSError {
    /// Creates the error for a request that received no complete response.
    init(transport error: HTTPTransportError) {
        let code: Code
        var message = error.message
        switch error.kind {
        case .connectionFailed:
            code = .connectionFailed
            if message != HTTPTransportError.unusableProxy { message += "; check the endpoint and the network" }
        case .connectionLost: code = .connectionLost
        case .timedOut: code = .timedOut
        case .truncatedBody: code = .truncatedBody
        case .bodyTooLarge: code = .bodyTooLarge
        case .invalidResponse:
            code = .invalidResponse
            message += "; check the endpoint, because the server may not be OSS"
        case .invalidRequest: code = .invalidArgument
        case .bodyReadFailed, .destinationWriteFailed: code = .fileSystem
        case .shutDown: code = .shutDown
        case .unavailable: code = .connectionFailed
        }
        // If a file failed, the underlying error is the file system's, so that callers can find its errno.
        self.init(code, message, underlying: code == .fileSystem ? error.underlying ?? error : error)
    }
}

extension OSSError {
    /// Returns the error with a hint about the proxy or missing TLS, if one applies.
    ///
    /// - Parameter transport: Transport that sent the request. Default: one that uses the environment.
    func hinting(at endpoint: Endpoint, via transport: (any HTTPTransport)? = nil) -> OSSError {
        if code == .connectionFailed, let proxy = ProxyInUse.current(for: endpoint, transport) {
            if message == HTTPTransportError.unusableProxy {
                return explained(
                    "check the syntax of \(proxy.variable); special characters in the password must be percent-encoded")
            }
            return explained("requests go through the proxy \(proxy.description); check it, or \(proxy.alternative)")
        }
        if code == .connectionFailed, endpoint.scheme == .https,
            Self.textsOfPlainServers.contains(where: message.contains)
        {
            return explained("the server does not use TLS, and https is the default; use an http:// endpoint")
        }
        if code == .invalidResponse, underlying is HTTPTransportError, endpoint.scheme == .http {
            return explained("if the port expects TLS, use an https:// endpoint")
        }
        return self
    }

    /// Error texts that TLS libraries report if a server responds without TLS.
    private static let textsOfPlainServers = [
        "wrong version number", "packet length too long", "http request", "unexpected TLS packet",
    ]
}

/// The proxy for requests to an endpoint, determined from the configuration of the transport or, as libcurl does, from the
/// environment.
///
/// The type is only for error messages: libcurl itself selects the proxy, and on Apple platforms the settings of the system
/// decide.
struct ProxyInUse: Sendable, Equatable {
    /// Name of the environment variable that specifies the proxy, or of the transport's property.
    let variable: String
    /// The variable and its value, without a user name or password, such as `https_proxy=http://10.0.0.1:3128`.
    let description: String
    /// Advice for requests that need no proxy, as an imperative.
    let alternative: String

    /// Creates a description of the proxy in the configuration of a transport.
    init(configured url: String) {
        variable = "the transport's proxy"
        description = Self.withoutUserInfo(url).onOneLine
        alternative = "remove it from the transport's configuration"
    }

    /// Finds the proxy in the environment, or returns `nil` if requests to the endpoint use none.
    init?(for endpoint: Endpoint, environment: [String: String] = ProcessInfo.processInfo.environment) {
        // libcurl ignores HTTP_PROXY in capitals, which a web server sets from a request header.
        let names =
            endpoint.scheme == .https
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] : ["http_proxy", "all_proxy", "ALL_PROXY"]
        guard let name = names.first(where: { !(environment[$0] ?? "").isEmpty }), let value = environment[name] else {
            return nil
        }
        let exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        guard !Self.isExcepted(endpoint.host, exceptions) else { return nil }
        variable = name
        alternative = "set no_proxy"
        description = "\(name)=\(Self.withoutUserInfo(value).onOneLine)"
    }

    /// Returns the proxy that this process uses for an endpoint, or `nil` if it uses none or the platform ignores the
    /// environment.
    static func current(for endpoint: Endpoint, _ transport: (any HTTPTransport)?) -> ProxyInUse? {
        #if canImport(FoundationNetworking)
            if let transport = transport as? LibcurlTransport, !transport.usesProxyOfEnvironment {
                return transport.configuredProxy.map(ProxyInUse.init(configured:))
            }
            return ProxyInUse(for: endpoint)
        #else
            nil
        #endif
    }

    private static func isExcepted(_ host: String, _ exceptions: String) -> Bool {
        exceptions.lowercased().split { $0 == "," || $0 == " " }.contains { exception in
            let suffix = exception.drop { $0 == "." }
            return exception == "*" || host == suffix || host.hasSuffix(".\(suffix)")
        }
    }

    private static func withoutUserInfo(_ url: String) -> String {
        guard let at = url.lastIndex(of: "@") else { return url }
        let scheme = url.range(of: "://").map { url[..<$0.upperBound] } ?? ""
        return String(scheme + url[url.index(after: at)...])
    }
}
