import AliyunOSS
import Foundation

/// What the program's exit status means.
enum ExitStatus {
    /// Everything was done; for `check`, both sides are equal.
    static let success: Int32 = 0
    /// Something failed, or `check` found a difference.
    static let failure: Int32 = 1
    /// The command line cannot be right.
    static let usage: Int32 = 2
    /// Refused because it might destroy more than was meant.
    static let refused: Int32 = 3
    /// A signal ended it.
    static let interrupted: Int32 = 130
}

/// What an error means for the person at the terminal and for the exit status.
enum Explanation {
    /// One line.
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as OSSError: error.description
        case let error as UsageError: error.message
        case is CancellationError: "interrupted"
        default: "\(error)"
        }
    }

    /// The exit status that belongs to an error which ended the run.
    static func status(of error: any Error) -> Int32 {
        switch error {
        case is ReaderLeft: ExitStatus.success
        case is UsageError: ExitStatus.usage
        case is CancellationError: ExitStatus.interrupted
        case let error as OSSError where error.code == .deletionRefused: ExitStatus.refused
        // What is wrong shows without looking at the world: a bucket's name, a key, an endpoint.
        case let error as OSSError where error.code == .invalidArgument && error.serviceError == nil: ExitStatus.usage
        default: ExitStatus.failure
        }
    }
}
