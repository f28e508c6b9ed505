import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What the failure of an encrypted connection means, told from its code and text.
///
/// Foundation on Linux has one code (-1) for all of them, so there only the texts of libcurl and of its TLS libraries
/// tell. A text that is not known counts as the loss of a connection: one more attempt costs little, and an upload that
/// ends at the first reset costs a night.
enum TLSFailure: Equatable {
    /// The other side cannot prove who it is, or speaks no TLS that is accepted here. The next attempt meets the same.
    case refused
    /// The connection ended while it was being encrypted: nothing was sent, and another attempt may succeed.
    case interrupted
    /// The connection ended after that: the request may have been sent.
    case lost

    /// Finds out; `nil` when the failure was not one of encryption.
    init?(code: URLError.Code, text: String) {
        if Self.codesOfOthers.contains(code) { return nil }
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

    /// Finds out what a connection that was not made failed of.
    init?(_ error: HTTPTransportError) {
        guard error.kind == .connectionFailed else { return nil }
        self.init(code: (error.underlying as? URLError)?.code ?? .unknown, text: error.message)
    }

    private static func isRefusal(_ text: String) -> Bool {
        // As a word, because the name of a host may contain it.
        let words = text.lowercased().split { " :".contains($0) }.map {
            $0.trimmingCharacters(in: .punctuationCharacters)
        }
        return words.contains("certificate") || words.contains("certificates")
            || textsOfRefusals.contains(where: text.contains)
    }

    /// These say what happened, and their texts contain the host's name.
    private static let codesOfOthers: Set<URLError.Code> = [
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
