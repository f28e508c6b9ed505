import Foundation

/// An error that concerns no single file, and ends the run.
struct FatalTransferError: Error {
    var error: OSSError
}

/// The errors after which it makes no sense to try the other files: each of them would fail for the same reason.
enum FatalErrors {
    /// What the service calls a mistake in the request's address or identity.
    private static let serviceCodes: Set<String> = [
        "NoSuchBucket", "InvalidBucketName", "InvalidAccessKeyId", "SignatureDoesNotMatch", "SecurityTokenExpired",
        "InvalidSecurityToken", "InvalidSecurityToken.Expired", "RequestTimeTooSkewed", "UserDisable",
    ]

    /// Whether an error ends the run.
    ///
    /// - Parameter hasAnswered: Whether the service has answered already. Then a lost connection is an outage, and the files
    ///   after it have a chance; before, the address is probably wrong.
    static func contains(_ error: OSSError, hasAnswered: Bool) -> Bool {
        switch error.code {
        case .credentialsUnavailable, .shutDown: return true
        case .connectionFailed, .invalidResponse: return !hasAnswered
        case .fileSystem:
            // The disk is full or cannot be written to.
            return (error.underlying as? FileError).map { [ENOSPC, EDQUOT, EROFS].contains($0.code) } ?? false
        default: return error.serviceError.map { serviceCodes.contains($0.code) } ?? false
        }
    }
}
