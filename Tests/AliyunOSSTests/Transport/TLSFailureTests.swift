import Foundation
import TestKit
import Testing

@testable import AliyunOSS

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("TLSFailure", .timeLimit(.minutes(5)))
struct TLSFailureTests {
    @Test(
        "Permanent and temporary failures are distinguished by the texts of libcurl with OpenSSL and GnuTLS",
        arguments: [
            ("SSL certificate problem: unable to get local issuer certificate", .refused),
            ("SSL certificate problem: certificate has expired", .refused),
            ("SSL: no alternative certificate subject name matches target host name 'h'", .refused),
            ("SSL: certificate subject name 'a' does not match target host name 'h'", .refused),
            ("SSL peer certificate or SSH remote key was not OK", .refused),
            ("server certificate verification failed. CAfile: none CRLfile: none", .refused),
            ("error:0A000086:SSL routines::certificate verify failed", .refused),
            ("error:1408F10B:SSL routines:ssl3_get_record:wrong version number", .refused),
            ("TLS connect error: error:0A0000C6:SSL routines::packet length too long", .refused),
            ("error:0A00042E:SSL routines::tlsv1 alert protocol version", .refused),
            ("gnutls_handshake() failed: An unexpected TLS packet was received.", .refused),
            ("SSL: public key does not match pinned public key", .refused),
            ("OpenSSL SSL_connect: Connection reset by peer in connection to host:443 ", .interrupted),
            ("OpenSSL SSL_connect: Connection reset by peer in connection to certificate.host:443 ", .interrupted),
            ("OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to host:443 ", .interrupted),
            ("error:0A000126:SSL routines::unexpected eof while reading", .interrupted),
            ("gnutls_handshake() failed: The TLS connection was non-properly terminated.", .interrupted),
            ("SSL connect error", .interrupted),
            ("OpenSSL SSL_read: Connection reset by peer, errno 104", .lost),
            ("OpenSSL SSL_read: SSL_ERROR_SYSCALL, errno 0", .lost),
            ("SSL_write() error: error:0A000126:SSL routines::unexpected eof while reading", .lost),
            ("GnuTLS recv error (-110): The TLS connection was non-properly terminated.", .lost),
            ("Recv failure: Connection reset by peer", nil),
            ("Failed to connect to certificate.host port 443 after 5 ms: No route to host", nil),
            ("Empty reply from server", nil),
        ] as [(String, TLSFailure?)])
    func texts(text: String, expected: TLSFailure?) {
        #expect(TLSFailure(code: .unknown, text: text) == expected)
    }

    @Test(
        "An error code takes precedence over the text of a failure",
        arguments: [
            (.serverCertificateUntrusted, "", .refused), (.serverCertificateHasBadDate, "", .refused),
            (.clientCertificateRequired, "", .refused),
            (.secureConnectionFailed, "A secure connection to the server cannot be made.", .interrupted),
            (.cannotConnectToHost, "Failed to connect to SSL certificate", nil), (.networkConnectionLost, "SSL", nil),
            (.unknown, "", nil),
        ] as [(URLError.Code, String, TLSFailure?)])
    func codes(code: URLError.Code, text: String, expected: TLSFailure?) {
        #expect(TLSFailure(code: code, text: text) == expected)
    }

    @Test("A connection that is reset during the TLS handshake is retried", arguments: [false, true])
    func handshakeIsReset(isOrderly: Bool) async throws {
        let server = try ScriptedServer { connection in
            // Reads everything that the client sends first, because unread bytes would turn every close into a reset.
            let header = [UInt8](connection.readBody(5))
            guard header.count == 5 else { return }
            _ = connection.readBody(Int(header[3]) << 8 | Int(header[4]))
            if !isOrderly { connection.reset() }
        }
        var configuration = BucketConfiguration()
        configuration.retry = RetryPolicy(maximumAttempts: 3, baseDelay: .zero)
        configuration.addressing = .path
        let bucket = try Bucket(
            "photos", endpoint: "https://127.0.0.1:\(server.port)", region: "cn-hangzhou", credentials: .anonymous,
            configuration: configuration)
        let error = await #expect(throws: OSSError.self) { try await bucket.getObject("k") }
        #expect(error?.attempts == 3, "\(error as Any)")
        #expect(server.acceptedConnections == 3)
    }
}
