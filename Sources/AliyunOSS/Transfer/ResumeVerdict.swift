/// Whether what a failed transfer has done is of use to the next attempt.
enum ResumeVerdict {
    /// Whether to go on after this error makes sense: when it was the network, the service or the user who ended it, and
    /// not when the bytes themselves are wrong, or are not wanted.
    static func canResume(after error: any Error) -> Bool {
        guard let error = error as? OSSError else { return error is CancellationError }
        switch error.code {
        case .throttled, .serviceUnavailable, .connectionFailed, .connectionLost, .timedOut, .truncatedBody,
            .clockSkewed, .credentialsUnavailable, .accessDenied, .shutDown, .invalidResponse:
            return true
        default:
            return false
        }
    }
}
