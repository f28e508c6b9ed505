extension OSSError {
    /// The error for a request that got no complete response.
    init(transport error: HTTPTransportError) {
        let code: Code
        var message = error.message
        switch error.kind {
        case .connectionFailed:
            code = .connectionFailed
            message += ". Check the endpoint and the network"
        case .connectionLost: code = .connectionLost
        case .timedOut: code = .timedOut
        case .truncatedBody: code = .truncatedBody
        case .bodyTooLarge: code = .bodyTooLarge
        case .invalidResponse:
            code = .invalidResponse
            message += ". Check the endpoint: this may not be OSS"
        case .invalidRequest: code = .invalidArgument
        case .bodyReadFailed, .destinationWriteFailed: code = .fileSystem
        case .shutDown: code = .shutDown
        }
        // For a file, the cause is what the file system said: whoever asks for the errno need not know a transport.
        self.init(code, message, underlying: code == .fileSystem ? error.underlying ?? error : error)
    }
}

extension OSSError {
    /// The error with what the way to the endpoint says about it: the proxy, and whether TLS may be missing.
    func hinting(at endpoint: Endpoint) -> OSSError {
        if code == .connectionFailed, let proxy = ProxyEnvironment.current(for: endpoint) {
            return explained("requests go through the proxy \(proxy.description). Check it, or set no_proxy")
        }
        if code == .invalidResponse, underlying is HTTPTransportError, endpoint.scheme == .http {
            return explained("if the port expects TLS, use an https:// endpoint")
        }
        return self
    }
}
