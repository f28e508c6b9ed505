import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A classifier that derives the outcome of a request from its byte counts.
///
/// The error codes of Foundation on Linux are coarse (TLS failures, cut-off responses and malformed responses are all
/// -1), so the byte counts decide first, and then the code and its text.
struct HTTPErrorClassifier {
    var method: HTTPMethod
    /// The status and headers of the response, if they were received.
    var head: HTTPResponseHead?
    var bytesReceived: Int64
    /// The number of request body bytes sent the last time the body was transmitted.
    var bytesSent: Int64
    /// The total number of bytes in the request body.
    var bodyLength: Int64
    /// Whether the network stack decodes a `Content-Encoding` and leaves the headers unchanged, as Foundation does.
    var decodesBodies = true

    /// Returns an error if a response must be rejected because of its headers; otherwise, `nil`.
    ///
    /// Foundation always decompresses and leaves the headers unchanged. Decoded bytes in place of the stored ones would
    /// fail every check of length and checksum, or be written to a file.
    static func refusal(of head: HTTPResponseHead, to method: HTTPMethod) -> HTTPTransportError? {
        guard (200..<300).contains(head.status), head.hasBody(for: method), head.announcedLength != 0,
            let encoding = head.headers.encoding
        else { return nil }
        return HTTPTransportError(
            .invalidResponse,
            "the response has Content-Encoding '\(encoding)', which the network stack would decode; turn off "
                + "compression in any intermediate proxy or gateway, and read compressed objects with signed requests "
                + "(response-content-encoding=identity)")
    }

    /// The error for a request that the network stack reports as complete; `nil` if the byte counts match.
    var ofComplete: HTTPTransportError? {
        guard let head else { return HTTPTransportError(.invalidResponse, "the response has no status line") }
        if decodesBodies, let refusal = Self.refusal(of: head, to: method) { return refusal }
        if (200..<300).contains(head.status), bytesSent != bodyLength {
            return HTTPTransportError(
                .connectionLost,
                "the server accepted the request (status \(head.status)) after only \(bytesSent) of \(bodyLength) "
                    + "bytes were sent")
        }
        return isTruncated ? truncated : nil
    }

    /// Returns the error for a request that the network stack reports as failed.
    func ofFailure(code: URLError.Code, text: String) -> HTTPTransportError {
        let cause = Self.withoutQuery(text)
        let underlying = URLError(code)
        func error(_ kind: HTTPTransportError.Kind, _ message: String) -> HTTPTransportError {
            HTTPTransportError(kind, message, underlying: underlying)
        }
        // The text repeats the address, in which a user name and a password may be anywhere.
        if text.lowercased().contains("unsupported proxy") {
            return error(.connectionFailed, HTTPTransportError.unusableProxy)
        }
        let isInvalidResponse = Self.textsOfInvalidResponses.contains { text.contains($0) }
        if let head {
            if decodesBodies, let refusal = Self.refusal(of: head, to: method) { return refusal }
            if isInvalidResponse { return error(.invalidResponse, cause) }
            if isTruncated { return truncated }
            return error(.connectionLost, "the response ended after \(bytesReceived) bytes: \(cause)")
        }
        switch code {
        case .timedOut: return error(.timedOut, cause)
        case .badURL: return error(.invalidRequest, cause)
        case .unsupportedURL: return error(.invalidResponse, "not an HTTP response: \(cause)")
        default: break
        }
        if isInvalidResponse { return error(.invalidResponse, cause) }
        if bytesSent == 0 {
            // A request without a body may have been sent although no bytes were counted.
            return hasNoConnection(code, text)
                ? error(.connectionFailed, cause) : error(.connectionLost, "no response: \(cause)")
        }
        return error(.connectionLost, "no response after \(bytesSent) of \(bodyLength) bytes were sent: \(cause)")
    }

    private func hasNoConnection(_ code: URLError.Code, _ text: String) -> Bool {
        switch TLSFailure(code: code, text: text) {
        case .refused, .interrupted: true
        case .lost: false
        case nil: Self.codesOfNoConnection.contains(code) || Self.textsOfNoConnection.contains(where: text.contains)
        }
    }

    private var isTruncated: Bool {
        guard let head, head.hasBody(for: method), !decodesBodies || head.headers.encoding == nil,
            let announced = head.announcedLength
        else { return false }
        // Foundation on Linux drops the body of a redirect without a Location.
        if (300..<400).contains(head.status), bytesReceived == 0 { return false }
        return bytesReceived < announced
    }

    private var truncated: HTTPTransportError {
        HTTPTransportError(
            .truncatedBody,
            "received \(bytesReceived) of \(head?.announcedLength ?? 0) bytes (status \(head?.status ?? 0))")
    }

    private static let codesOfNoConnection: Set<URLError.Code> = [
        .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .notConnectedToInternet,
    ]

    // Texts of libcurl that Foundation on Linux reports with code -1.
    private static let textsOfNoConnection = [
        "Could not resolve", "Failed to connect", "CONNECT tunnel failed", "from proxy after CONNECT",
    ]
    private static let textsOfInvalidResponses = [
        "Failed writing header", "content encoding", "Content-Encoding", "incorrect header check", "HTTP/0.9",
        "Weird server response", "Header without colon", "Invalid status line", "Invalid Content-Length",
    ]

    /// Removes the query from every URL in a text. The query of a presigned URL contains a signature.
    static func withoutQuery(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false)
            .map { word in word.firstIndex(of: "?").map { String(word[..<$0]) } ?? String(word) }
            .joined(separator: " ")
    }
}

/// A kind of TLS failure, determined by the code and text of an error.
///
/// Foundation on Linux uses one code (-1) for all failures, so only the texts of libcurl and of its TLS libraries
/// distinguish them. An unknown text counts as a lost connection, because one more attempt costs little.
enum TLSFailure: Equatable {
    /// The server's identity cannot be verified, or the server supports no accepted TLS version. Another attempt would
    /// fail in the same way.
    case refused
    /// The connection ended during the TLS handshake. Nothing was sent, and another attempt may succeed.
    case interrupted
    /// The connection ended after the handshake. The request may have been sent.
    case lost

    /// Classifies a failure by its code and text, or returns `nil` if it is not a TLS failure.
    init?(code: URLError.Code, text: String) {
        if Self.codesOfOtherErrors.contains(code) { return nil }
        if Self.codesOfRefusals.contains(code) {
            self = .refused
        } else if Self.textsAfterHandshake.contains(where: text.contains) {
            self = .lost
        } else if Self.isRefusal(text) {
            self = .refused
        } else if code == .secureConnectionFailed || text.contains("SSL") || text.contains("TLS") {
            self = .interrupted
        } else {
            return nil
        }
    }

    /// Classifies the error of a connection attempt, or returns `nil` if it is not a TLS failure.
    init?(_ error: HTTPTransportError) {
        guard error.kind == .connectionFailed else { return nil }
        self.init(code: (error.underlying as? URLError)?.code ?? .unknown, text: error.message)
    }

    private static func isRefusal(_ text: String) -> Bool {
        // Whole words are compared, because a host name may contain the word.
        let words = text.lowercased().split { " :".contains($0) }.map {
            $0.trimmingCharacters(in: .punctuationCharacters)
        }
        return words.contains("certificate") || words.contains("certificates")
            || textsOfRefusals.contains(where: text.contains)
    }

    /// Codes of failures other than TLS failures. Their meaning is clear, and their texts contain the host name.
    private static let codesOfOtherErrors: Set<URLError.Code> = [
        .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .networkConnectionLost, .notConnectedToInternet,
        .timedOut, .badServerResponse, .badURL, .unsupportedURL,
    ]
    private static let codesOfRefusals: Set<URLError.Code> = [
        .serverCertificateUntrusted, .serverCertificateHasBadDate, .serverCertificateHasUnknownRoot,
        .serverCertificateNotYetValid, .clientCertificateRejected, .clientCertificateRequired,
        .appTransportSecurityRequiresSecureConnection,
    ]
    private static let textsAfterHandshake = ["SSL_read", "SSL_write", "recv error", "send error"]
    private static let textsOfRefusals = [
        "self-signed", "self signed", "local issuer", "unknown ca", "CA cert", "pinned public key",
        "wrong version number", "unknown protocol", "unsupported protocol", "no protocols available",
        "packet length too long", "http request", "unexpected TLS packet", "alert protocol version",
        "alert handshake failure", "unrecognized name",
    ]
}
