import Foundation

extension OSSError {
    /// Creates an error for a file in the source that could not be read.
    init(reading error: FileError, key: ObjectKey? = nil) {
        switch error.code {
        case ENOENT:
            self.init(
                .vanished, "'\(error.path)' disappeared during the transfer", key: key,
                underlying: error)
        default:
            self.init(.fileSystem, "\(error)" + Self.advice(error.code), key: key, underlying: error)
        }
    }

    /// Creates an error for a file in the destination that could not be written.
    init(writing error: FileError, key: ObjectKey) {
        switch error.code {
        case ENOTDIR, ELOOP:
            self.init(
                .unsafeKey,
                "'\(error.path)' is a file or a symbolic link, but the key '\(key)' requires a folder there; "
                    + "move the file or link elsewhere",
                key: key, underlying: error)
        case EISDIR:
            self.init(
                .unsafeKey,
                "'\(error.path)' is a folder, but the key '\(key)' requires a file there; "
                    + "move the folder elsewhere",
                key: key, underlying: error)
        case EEXIST:
            self.init(
                .unsafeKey,
                "'\(error.path)' is a FIFO, socket or device, but the key '\(key)' requires a file there; "
                    + "move the FIFO, socket or device elsewhere",
                key: key, underlying: error)
        default:
            self.init(.fileSystem, "\(error)" + Self.advice(error.code), key: key, underlying: error)
        }
    }

    /// Creates an error for a local folder that cannot be used.
    init(folder error: FileError) {
        let problem =
            switch error.code {
            case ENOENT: "the local folder '\(error.path)' does not exist; check the path"
            case ENOTDIR: "'\(error.path)' is not a folder; use the path of a folder"
            default: "\(error)" + Self.advice(error.code)
            }
        self.init(.fileSystem, problem, underlying: error)
    }

    /// Creates an error for an object whose path is blocked by a file or folder that was not deleted.
    init(blocker: RelativePath, _ reason: String, key: ObjectKey? = nil) {
        self.init(
            .unsafeKey,
            "'\(blocker)' blocks the download of an object and was not deleted, because \(reason); move '\(blocker)' "
                + "elsewhere or run the transfer again",
            key: key)
    }

    /// Creates an error for an action that was passed to a worker for a different transfer direction.
    init(misdirected action: TransferAction) {
        self.init(.invalidArgument, "the action '\(action)' belongs to another kind of transfer", key: action.key)
    }

    /// Creates an error for a file that an interrupted download moved aside.
    init(movedAside path: RelativePath, to place: RelativePath) {
        self.init(
            .destinationChanged,
            "'\(path)' was moved to '\(place)' by an interrupted download; run the download again to restore the file "
                + "(or to delete it, if deletions are enabled), or move the file back yourself")
    }

    /// A copy of the error with code ``OSSError/Code/vanished`` if the error reports that an object no longer exists;
    /// otherwise, the error itself.
    var asVanished: OSSError {
        guard code == .notFound, serviceError?.code == "NoSuchKey" else { return self }
        var error = self
        error.code = .vanished
        return error
    }

    private static func advice(_ code: Int32) -> String {
        switch code {
        case EACCES, EPERM: "; check its permissions"
        case EMFILE, ENFILE: "; raise the limit on open files (ulimit -n) or lower the concurrency"
        case ENOSPC, EDQUOT: "; free some space and run the transfer again"
        default: ""
        }
    }
}

/// An error that affects all files and ends the run.
struct FatalTransferError: Error {
    var error: OSSError
}

/// Errors that end a run because every other file would fail for the same reason.
enum FatalErrors {
    /// Service error codes that indicate a wrong bucket, wrong credentials or a wrong clock.
    private static let serviceCodes: Set<String> = [
        "NoSuchBucket", "InvalidBucketName", "InvalidAccessKeyId", "SignatureDoesNotMatch", "SecurityTokenExpired",
        "InvalidSecurityToken", "InvalidSecurityToken.Expired", "RequestTimeTooSkewed", "UserDisable",
    ]

    /// Returns whether an error ends the run.
    ///
    /// - Parameter hasAnswered: Whether the service has responded before, in which case a lost connection is an outage
    ///   and later files may succeed. Before the first response, the address is probably wrong.
    static func contains(_ error: OSSError, hasAnswered: Bool) -> Bool {
        switch error.code {
        case .credentialsUnavailable, .shutDown: return true
        case .connectionFailed, .invalidResponse: return !hasAnswered
        case .fileSystem:
            // The disk is full or read-only.
            return (error.underlying as? FileError).map { [ENOSPC, EDQUOT, EROFS].contains($0.code) } ?? false
        default: return error.serviceError.map { serviceCodes.contains($0.code) } ?? false
        }
    }
}

/// A policy for retrying operations that fail because the process has too many open files. Descriptors become free as
/// other files are completed.
enum DescriptorShortage {
    private static let advice = "raise the limit on open files (ulimit -n) or lower the concurrency"

    /// Performs an operation, retrying it while no file descriptor is available, for at most the run's outage limit.
    ///
    /// - Throws: The error of the operation, or `CancellationError`.
    static func outlasting<T>(_ work: () async throws -> T) async throws -> T {
        var waited = Duration.zero
        var pause = Duration.milliseconds(20)
        while true {
            do {
                return try await work()
            } catch {
                guard isCause(of: error), let patience = Patience.current, waited < patience.limit else { throw error }
                if waited >= .seconds(1) {
                    patience.warn(
                        once: "too many open files: some transfers are waiting for a free file descriptor; \(advice)")
                }
            }
            try await Task.sleep(for: pause)
            waited += pause
            pause = min(pause * 2, .seconds(1))
        }
    }

    /// Returns whether an error was caused by too many open files.
    static func isCause(of error: any Error) -> Bool {
        switch error {
        case let error as FileError: [EMFILE, ENFILE].contains(error.code)
        case let error as OSSError: error.underlying.map(isCause) ?? false
        case let error as FatalTransferError: isCause(of: error.error)
        default: false
        }
    }
}

extension DirectoryTransfer.Options {
    /// Returns these options, with lower concurrency and smaller batches if the process's limit on open files is low.
    func fitted(to count: (Int) -> Int = DescriptorLimit.requests) -> Self {
        var options = self
        options.concurrency = count(concurrency)
        if options.concurrency < concurrency {
            options.adjustments.append(
                "concurrency was lowered from \(concurrency) to \(options.concurrency), because the process's limit "
                    + "on open files is low; raise the limit (ulimit -n)")
        }
        let requests = options.concurrency
        options.batchRule = batchRule.fitted { DescriptorLimit.waitingFiles(wanted: $0, requests: requests) }
        return options
    }
}
