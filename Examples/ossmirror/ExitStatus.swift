import AliyunOSS
import Foundation

/// The exit statuses of the program.
enum ExitStatus {
    /// Success; for `check`, both sides are equal.
    static let success: Int32 = 0
    /// A failure, or a difference that `check` found.
    static let failure: Int32 = 1
    /// The command line is invalid.
    static let usage: Int32 = 2
    /// The operation was refused, because it might delete more than intended.
    static let refused: Int32 = 3
    /// A signal interrupted the program.
    static let interrupted: Int32 = 130
}

/// An error that ended a run whose report has already been printed as JSON, with the error.
struct ReportedError: Error {
    var error: any Error
}

/// Messages and exit statuses for errors.
enum Explanation {
    /// Returns a one-line message for an error. An error of the service ends with the page that the service recommends.
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as OSSError: error.description + (page(for: error).map { "; see \($0)" } ?? "")
        case let error as UsageError: error.message
        case is CancellationError: "interrupted"
        case let error as ReportedError: of(error.error)
        default: "\(error)"
        }
    }

    /// Returns the address of the page that the service recommends for an error, or `nil` if there is none.
    static func page(for error: OSSError) -> String? {
        guard let page = error.serviceError?.details["RecommendDoc"], page.hasPrefix("https://"), page.count <= 200
        else { return nil }
        return page
    }

    /// Returns the exit status for an error that ended the run.
    static func status(of error: any Error) -> Int32 {
        switch error {
        case is ReaderLeft: ExitStatus.success
        case let error as ReportedError: status(of: error.error)
        case is UsageError: ExitStatus.usage
        case is CancellationError: ExitStatus.interrupted
        case let error as OSSError where error.code == .deletionRefused: ExitStatus.refused
        // The client rejected a bucket name, a key or an endpoint before it sent any request.
        case let error as OSSError where error.code == .invalidArgument && error.serviceError == nil: ExitStatus.usage
        default: ExitStatus.failure
        }
    }
}
