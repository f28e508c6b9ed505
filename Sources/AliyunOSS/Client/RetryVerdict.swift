/// What to do about a failed attempt. Decided here, without any I/O, from the failure alone.
enum RetryVerdict: Equatable, Sendable {
    /// The failure is final.
    case fail
    /// Another attempt may succeed.
    case retry
    /// The clock is wrong: set it by the service's and send again at once.
    case correctClock
    /// The service does not accept these credentials (any more): ask the provider for new ones and send again at once.
    case renewCredentials

    /// Judges an error.
    init(on error: OSSError, isIdempotent: Bool) {
        if let serviceError = error.serviceError {
            if serviceError.isClockSkew {
                self = .correctClock
                return
            }
            if Self.rejectedCredentialCodes.contains(serviceError.code) {
                self = .renewCredentials
                return
            }
        }
        switch error.code {
        case .throttled:
            // The service refuses these before it does anything: repeating is safe for every operation.
            self = .retry
        case .connectionFailed:
            // Nothing was sent. But a certificate that is refused once is refused again, and so is a client by its proxy.
            let failure = error.underlying as? HTTPTransportError
            let isFinal =
                failure.flatMap(TLSFailure.init) == .refused || failure?.isRefusedByProxy == true
                || error.serviceError != nil
            self = isFinal ? .fail : .retry
        case .serviceUnavailable, .connectionLost, .timedOut, .truncatedBody, .checksumMismatch:
            self = isIdempotent ? .retry : .fail
        case .invalidResponse:
            // Garbage instead of HTTP is worth another attempt; a response that was understood is not.
            self = isIdempotent && error.underlying is HTTPTransportError ? .retry : .fail
        default:
            self = .fail
        }
    }

    private static let rejectedCredentialCodes: Set<String> = [
        "SecurityTokenExpired", "InvalidSecurityToken", "InvalidAccessKeyId",
    ]
}

extension OSSError.ServiceError {
    /// Whether the service refused because of this machine's clock.
    var isClockSkew: Bool {
        code == "RequestTimeTooSkewed" || (code == "InvalidArgument" && message.hasPrefix("Invalid signing date"))
    }
}
