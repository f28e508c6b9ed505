#if os(Linux)
    import CLibcurl
    import Foundation

    extension LibcurlTransport {
        /// Configuration of a transport.
        public struct Configuration: Sendable {
            /// A proxy for all requests.
            public struct Proxy: Sendable {
                /// The source of the proxy's address.
                enum Source: Sendable {
                    case environment
                    case none
                    case url(String, user: String?, password: String?)
                }

                let source: Source

                /// The proxy specified by the environment variables `http_proxy`, `https_proxy`, `all_proxy` and
                /// `no_proxy`.
                public static let environment = Proxy(source: .environment)
                /// No proxy, even if the environment variables specify one.
                public static let none = Proxy(source: .none)

                /// Returns a proxy with the given address.
                ///
                /// - Parameters:
                ///   - url: The address, such as `http://10.0.0.1:3128` or `socks5://127.0.0.1`.
                ///   - user: The name of a user, for Basic authentication. Default: none.
                ///   - password: The password of the user.
                public static func url(_ url: String, user: String? = nil, password: String? = nil) -> Proxy {
                    Proxy(source: .url(url, user: user, password: password))
                }
            }

            /// A client certificate for servers or gateways that require one.
            public struct ClientCertificate: Sendable {
                /// The path of the certificate file, in PEM format.
                public var certificatePath: String
                /// The path of the private key, in PEM format.
                public var keyPath: String
                /// The password of the private key; `nil` if it is not encrypted.
                public var keyPassword: String?

                /// Creates a client certificate from its files.
                public init(certificatePath: String, keyPath: String, keyPassword: String? = nil) {
                    self.certificatePath = certificatePath
                    self.keyPath = keyPath
                    self.keyPassword = keyPassword
                }
            }

            /// Maximum number of concurrent requests and of open connections, at least 1. Further requests wait, and waiting
            /// does not count toward timeouts. Default: 64.
            public var maximumConnections = 64
            /// Number of threads that send and receive, from 1 to 64. Each has its own connections. A single thread
            /// encrypts and decrypts only as fast as one processor can. Default: one for every four processors, at most 4.
            public var threadCount = min(4, max(1, ProcessInfo.processInfo.activeProcessorCount / 4))
            /// Maximum time for which the reader of an object's content may pause before its connection is closed, because
            /// other requests may be waiting for the connection. The rest is then fetched in ranges. Default: 1 second.
            public var readerLimit = Duration.seconds(1)
            /// The `User-Agent` for requests that do not specify one. Default: the name of this type.
            public var userAgent = "LibcurlTransport"
            /// The path of a PEM file with the certificates of trusted authorities; `nil` means the system's trusted
            /// authorities. The file replaces the system's authorities. Default: `nil`.
            public var certificateAuthoritiesPath: String?
            /// The certificate of this client, if a server or gateway requires one. Default: none.
            public var clientCertificate: ClientCertificate?
            /// The proxy for requests. Default: the one in the environment variables.
            public var proxy = Proxy.environment
            /// Whether HTTP/2 may be used with servers that support it. With HTTP/2, one connection carries all
            /// requests, which is slower for large objects. Default: `false`.
            public var allowsHTTP2 = false
            /// Addresses to use in place of name resolution, in the format `HOST:PORT:ADDRESS`. Default: none.
            public var resolvedAddresses: [String] = []
            /// The name or address of the network interface for outgoing connections; `nil` means any. Default: `nil`.
            public var networkInterface: String?

            /// Creates the default configuration.
            public init() {}

            func validate() throws(HTTPTransportError) {
                func check(_ holds: Bool, _ rule: @autoclosure () -> String) throws(HTTPTransportError) {
                    guard holds else { throw HTTPTransportError(.invalidRequest, "transport configuration: \(rule())") }
                }
                try check(maximumConnections >= 1, "maximumConnections must be at least 1 (got \(maximumConnections))")
                try check((1...64).contains(threadCount), "threadCount must be from 1 to 64 (got \(threadCount))")
                let paths = [
                    certificateAuthoritiesPath, clientCertificate?.certificatePath, clientCertificate?.keyPath,
                ]
                for case let path? in paths {
                    try check(access(path, R_OK) == 0, "\(path) cannot be read: \(String(cString: strerror(errno)))")
                }
                for entry in resolvedAddresses {
                    try check(
                        entry.split(separator: ":", maxSplits: 2).count == 3,
                        "'\(entry)' is not of the form HOST:PORT:ADDRESS")
                }
            }
        }
    }

    extension HTTPTransport where Self == LibcurlTransport {
        /// Creates a transport that uses the system's libcurl.
        ///
        /// - Parameter configuration: The configuration.
        /// - Throws: ``HTTPTransportError`` if this machine has no suitable libcurl or the configuration is not valid.
        public static func libcurl(
            _ configuration: LibcurlTransport.Configuration = LibcurlTransport.Configuration()
        ) throws -> LibcurlTransport {
            try LibcurlTransport(configuration: configuration)
        }
    }

    /// The libcurl options that all requests of a transport share.
    struct LibcurlSettings {
        private let configuration: LibcurlTransport.Configuration
        private let share: UnsafeMutableRawPointer?
        private let certificateAuthoritiesPath: String?
        private let resolvedAddresses: LibcurlList?

        init(_ configuration: LibcurlTransport.Configuration, share: UnsafeMutableRawPointer?) {
            self.configuration = configuration
            self.share = share
            certificateAuthoritiesPath = configuration.certificateAuthoritiesPath ?? Self.fallbackAuthoritiesPath
            resolvedAddresses = LibcurlList(LibcurlLines(configuration.resolvedAddresses))
        }

        /// Sets the shared options of a new or reset handle.
        func apply(to handle: LibcurlHandle) {
            handle.set(.noSignal, true)
            // CURLPROTO_HTTP | CURLPROTO_HTTPS.
            handle.set(.protocols, 3)
            // CURL_HTTP_VERSION_1_1, or CURL_HTTP_VERSION_2TLS.
            handle.set(.httpVersion, configuration.allowsHTTP2 ? 4 : 2)
            handle.set(.http09Allowed, false)
            handle.set(.followLocation, false)
            handle.set(.contentDecoding, false)
            handle.set(.pathAsIs, true)
            handle.set(.suppressConnectHeaders, true)
            handle.set(.tcpNoDelay, true)
            handle.set(.tcpKeepAlive, true)
            handle.set(.verifyPeer, true)
            handle.set(.verifyHost, 2)
            handle.set(.share, share)
            if let path = certificateAuthoritiesPath { handle.set(.certificateAuthorities, path) }
            if let certificate = configuration.clientCertificate {
                handle.set(.clientCertificate, certificate.certificatePath)
                handle.set(.clientKey, certificate.keyPath)
                if let password = certificate.keyPassword { handle.set(.clientKeyPassword, password) }
            }
            switch configuration.proxy.source {
            case .environment: break
            case .none: handle.set(.proxy, "")
            case .url(let url, let user, let password):
                handle.set(.proxy, url)
                handle.set(.noProxy, "")
                if let user { handle.set(.proxyUser, user) }
                if let password { handle.set(.proxyPassword, password) }
            }
            // libcurl reads the list once and stores it in its cache of addresses, which the share handle keeps.
            if let resolvedAddresses { handle.set(.resolve, resolvedAddresses.pointer) }
            if let interface = configuration.networkInterface { handle.set(.interface, interface) }
        }

        /// The path of the system's certificates if libcurl's built-in path does not exist; otherwise, `nil`. The
        /// built-in path does not exist on distributions other than the one that libcurl was built on.
        private static var fallbackAuthoritiesPath: String? {
            let known = [
                "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                "/etc/ssl/cert.pem",
            ]
            guard let handle = LibcurlHandle(), let path = handle.certificateAuthoritiesPath,
                access(path, R_OK) != 0
            else { return nil }
            return known.first { access($0, R_OK) == 0 }
        }
    }
#endif
