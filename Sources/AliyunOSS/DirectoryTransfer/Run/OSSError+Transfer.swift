import Foundation

extension OSSError {
    /// What it means for a transfer that a file of its source could not be read.
    init(reading error: FileError, key: ObjectKey? = nil) {
        switch error.code {
        case ENOENT:
            self.init(
                .vanished, "'\(error.path)' disappeared while the transfer was running", key: key,
                underlying: error)
        default:
            self.init(.fileSystem, "\(error)" + Self.advice(error.code), key: key, underlying: error)
        }
    }

    /// What it means for a transfer that a file of its destination could not be written.
    init(writing error: FileError, key: ObjectKey) {
        switch error.code {
        case ENOTDIR, ELOOP:
            self.init(
                .unsafeKey,
                "'\(error.path)' is a file or a symbolic link, and the key '\(key)' needs a folder there; move it away",
                key: key, underlying: error)
        case EISDIR:
            self.init(
                .unsafeKey, "'\(error.path)' is a folder, and the key '\(key)' needs a file there; move it away",
                key: key, underlying: error)
        case EEXIST:
            self.init(
                .unsafeKey,
                "'\(error.path)' is a FIFO, socket or device, and the key '\(key)' needs a file there; move it away",
                key: key, underlying: error)
        default:
            self.init(.fileSystem, "\(error)" + Self.advice(error.code), key: key, underlying: error)
        }
    }

    /// What it means that the local folder itself cannot be used.
    init(folder error: FileError) {
        let problem =
            switch error.code {
            case ENOENT: "the local folder '\(error.path)' does not exist; check the path"
            case ENOTDIR: "'\(error.path)' is not a folder; give the path of a folder"
            default: "\(error)" + Self.advice(error.code)
            }
        self.init(.fileSystem, problem, underlying: error)
    }

    /// Something that is to be deleted stands where an object needs its name, and stays.
    init(blocker: RelativePath, _ reason: String, key: ObjectKey? = nil) {
        self.init(
            .unsafeKey, "'\(blocker)' is in the way and stays, because \(reason); move it away or run it again",
            key: key)
    }

    /// The error for a download that was killed after it had moved something aside.
    init(movedAside path: RelativePath, to place: RelativePath) {
        self.init(
            .destinationChanged,
            "'\(path)' was moved to '\(place)' by a download that was killed before it had done its work; run the download "
                + "again, which puts it back, or with deletions removes what was to be deleted; or move it yourself")
    }

    /// What it means that an object which was listed is not there.
    var asVanished: OSSError {
        guard code == .notFound, serviceError?.code == "NoSuchKey" else { return self }
        var error = self
        error.code = .vanished
        return error
    }

    private static func advice(_ code: Int32) -> String {
        switch code {
        case EACCES, EPERM: "; check its permissions"
        case EMFILE, ENFILE: "; raise the limit of open files (ulimit -n) or lower the concurrency"
        case ENOSPC, EDQUOT: "; free some space and run it again"
        default: ""
        }
    }
}

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

/// Work that needs files of which no more may be open at present. That is no fault of the file: others are closed as they
/// are done, and then there is room.
enum DescriptorShortage {
    private static let advice = "raise the limit of open files (ulimit -n) or lower the concurrency"

    /// Does work, and again when no descriptor was left for it, as long as the run has patience.
    ///
    /// - Throws: what the work throws, or `CancellationError`.
    static func outlasting<T>(_ work: () async throws -> T) async throws -> T {
        var waited = Duration.zero
        var pause = Duration.milliseconds(20)
        while true {
            do {
                return try await work()
            } catch {
                guard isCause(of: error), let patience = Patience.current, waited < patience.limit else { throw error }
                if waited >= .seconds(1) { patience.warn(once: "too many open files: some wait for others; \(advice)") }
            }
            try await Task.sleep(for: pause)
            waited += pause
            pause = min(pause * 2, .seconds(1))
        }
    }

    /// Whether it is why something failed.
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
    /// The options with as many requests as this process may have files open for.
    func fitted(to count: (Int) -> Int = DescriptorLimit.requests) -> Self {
        var options = self
        options.concurrency = count(concurrency)
        if options.concurrency < concurrency {
            options.adjustments.append(
                "the concurrency is \(options.concurrency) and not \(concurrency), because this process may have few files open; "
                    + "raise the limit (ulimit -n)")
        }
        return options
    }
}
