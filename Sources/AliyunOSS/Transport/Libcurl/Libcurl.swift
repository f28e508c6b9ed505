#if os(Linux)
    import CLibcurl
    import Foundation

    #if canImport(FoundationNetworking)
        import FoundationNetworking
    #endif

    /// The system's libcurl, loaded once per process.
    struct Libcurl: Sendable {
        /// The version number, such as `0x075801` for 7.88.1.
        let version: UInt32
        /// The versions of libcurl and of its TLS library, for messages.
        let description: String

        /// The oldest supported version (7.62, released in 2018). It is the first version with an adjustable upload
        /// buffer.
        static let oldestVersion: UInt32 = 0x073E00

        /// Whether libcurl is version 7.80 or later, and can therefore call a function before it sends a request.
        /// Without that call, connecting cannot be distinguished from waiting for a response, and the number of
        /// transmissions of a small body is unknown.
        static let reportsStarts = ((try? load())?.version ?? 0) >= 0x075000

        private static let loaded = Result { try Libcurl(library: "libcurl.so.4") }

        /// Loads libcurl, or returns the library that is already loaded.
        ///
        /// - Throws: ``HTTPTransportError/Kind/unavailable``.
        static func load() throws -> Libcurl { try loaded.get() }

        private init(library: String) throws(HTTPTransportError) {
            if let cause = oss_curl_load(library).map({ String(cString: $0) }) {
                throw HTTPTransportError(
                    .unavailable, "\(library) cannot be loaded: \(cause); \(Self.advice(onLoadError: cause))")
            }
            version = oss_curl_version_number()
            description = String(cString: oss_curl_version())
            guard version >= Self.oldestVersion else {
                throw HTTPTransportError(
                    .unavailable,
                    "\(description) is too old; install libcurl 7.62 or later, or use the URLSession transport")
            }
        }

        /// The flag of socket(2) by which child processes do not inherit the socket.
        static var closesOnExec: Int32 {
            #if canImport(Glibc)
                Int32(SOCK_CLOEXEC.rawValue)
            #else
                SOCK_CLOEXEC
            #endif
        }

        /// Returns advice for the text of dlerror(3).
        static func advice(onLoadError cause: String) -> String {
            // The text of musl in a program without a dynamic linker, such as one for the Static Linux SDK.
            cause.contains("Dynamic loading not supported")
                ? "a fully static program cannot load libraries, so use the URLSession transport"
                : "install libcurl 4 (Debian: libcurl4), or use the URLSession transport"
        }

        /// An option of an easy handle. The numbers are part of libcurl's binary interface and never change.
        ///
        /// A number consists of the type of the value (0 for integers, 10,000 for pointers, 20,000 for functions and 30,000
        /// for offsets) and a serial number.
        enum Option: Int32, CaseIterable {
            case noBody = 44
            case post = 47
            case followLocation = 52
            case verifyPeer = 64
            case httpGet = 80
            case verifyHost = 81
            case httpVersion = 84
            case bufferSize = 98
            case noSignal = 99
            case tcpNoDelay = 121
            case connectTimeout = 156
            case contentDecoding = 158
            case protocols = 181
            case tcpKeepAlive = 213
            case pathAsIs = 234
            case suppressConnectHeaders = 265
            case uploadBufferSize = 280
            case http09Allowed = 285
            case writeContext = 10001
            case url = 10002
            case proxy = 10004
            case readContext = 10009
            case errorBuffer = 10010
            case headers = 10023
            case clientCertificate = 10025
            case clientKeyPassword = 10026
            case headerContext = 10029
            case customMethod = 10036
            case interface = 10062
            case certificateAuthorities = 10065
            case clientKey = 10087
            case share = 10100
            case privatePointer = 10103
            case openSocketContext = 10164
            case copiedPostFields = 10165
            case seekContext = 10168
            case proxyUser = 10175
            case proxyPassword = 10176
            case noProxy = 10177
            case resolve = 10203
            case closeSocketContext = 10209
            case startContext = 10313
            case writeFunction = 20011
            case readFunction = 20012
            case headerFunction = 20079
            case openSocketFunction = 20163
            case seekFunction = 20167
            case closeSocketFunction = 20208
            case startFunction = 20312
            case largePostFieldSize = 30120

        }
    }

    extension URLError.Code {
        /// Returns the code that Foundation uses for a libcurl error, for classifying the errors of both transports
        /// alike.
        ///
        /// - Parameters:
        ///   - code: The `CURLcode`.
        ///   - proxyStatus: The status of a proxy's response to CONNECT, or 0.
        static func libcurl(_ code: Int32, proxyStatus: Int) -> URLError.Code {
            if proxyStatus >= 300 { return .cannotConnectToHost }
            return switch code {
            case 1: .unsupportedURL  // UNSUPPORTED_PROTOCOL, also for HTTP/0.9
            case 3: .badURL  // URL_MALFORMAT
            case 5, 6: .cannotFindHost  // COULDNT_RESOLVE_PROXY, COULDNT_RESOLVE_HOST
            case 7, 97: .cannotConnectToHost  // COULDNT_CONNECT, PROXY
            case 28: .timedOut  // OPERATION_TIMEDOUT
            case 52, 55, 56: .networkConnectionLost  // GOT_NOTHING, SEND_ERROR, RECV_ERROR
            case 51, 60, 90: .serverCertificateUntrusted  // PEER_FAILED_VERIFICATION, SSL_PINNEDPUBKEYNOTMATCH
            case 58, 98: .clientCertificateRejected  // SSL_CERTPROBLEM, SSL_CLIENTCERT
            default: .unknown
            }
        }
    }
#endif
