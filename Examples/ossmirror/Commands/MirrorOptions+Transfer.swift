import AliyunOSS
import Foundation

extension DirectoryTransfer.Options {
    mutating func apply(_ arguments: MirrorArguments, _ selection: FileSelection? = nil) throws {
        try apply(arguments.options, selection)
        switch arguments.symlinks {
        case .follow: symbolicLinks = .follow
        case .skip: symbolicLinks = .skip
        case nil: break
        }
        includesEmptyDirectories = arguments.emptyDirectories
        if let threshold = arguments.limits.multipartThreshold { multipartThreshold = threshold }
        partSize = arguments.limits.partSize
        if let seconds = arguments.limits.outageLimit { outageLimit = .seconds(seconds) }
        failurePolicy = arguments.failFast ? .failFast : .keepGoing
    }

    /// Applies command-line options.
    ///
    /// - Parameter selection: The files that `--files-from` selects.
    mutating func apply(_ arguments: MirrorOptions, _ selection: FileSelection? = nil) throws {
        if let update = arguments.update.flatMap({ UpdateMode(rawValue: $0.rawValue) }) { updateMode = update }
        snapshotPath = arguments.snapshot
        if arguments.deletes { deletion = DeletionOptions(arguments) }
        filter = try TransferFilter(arguments)
        if let selection { filter.predicate = { selection.includes($0.path) } }
        compressedExtensions = arguments.compressedExtensions
        attributes = ObjectAttributes(arguments)
        updatesAttributes = arguments.updatesAttributes
        detectsRenames = arguments.tracksRenames
        switch arguments.clashes {
        case .keepFolder: clashPolicy = .keepFolder
        case .keepFile: clashPolicy = .keepFile
        case .keepNeither: clashPolicy = .keepNeither
        case nil: break
        }
        if let links = arguments.symbolicLinkObjects.flatMap({ SymbolicLinkPolicy(rawValue: $0.rawValue) }) {
            symbolicLinkObjects = links
        }
        allowsMissingPrefix = arguments.allowsEmptySource
        isDryRun = arguments.dryRun
        partition = try arguments.partition.map { try Partition($0.index, of: $0.count) }
    }
}

extension ObjectAttributes {
    init(_ arguments: MirrorOptions) {
        self.init()
        metadata = arguments.metadata
        cacheControl = arguments.cacheControl
        contentType = arguments.contentType
        contentDisposition = arguments.contentDisposition
        contentEncoding = arguments.contentEncoding
        expires = arguments.expires
        storageClass = arguments.storageClass.map { StorageClass(rawValue: $0) }
        accessControl = arguments.acl.map { AccessControl(rawValue: $0.rawValue) }
        tags = arguments.tags
        encryption = arguments.encryption.map {
            ServerSideEncryption(EncryptionAlgorithm(rawValue: $0.rawValue), masterKeyID: arguments.encryptionKeyID)
        }
    }
}

extension DeletionOptions {
    init(_ arguments: MirrorOptions) {
        self.init()
        switch arguments.maximumDeletions {
        case .count(let count): limit = .count(count)
        case .percent(let percent): limit = .share(percent / 100)
        case nil: break
        }
        allowsEmptySource = arguments.allowsEmptySource
        backupFolder = arguments.backupDirectory
    }
}

extension TransferFilter {
    fileprivate init(_ arguments: MirrorOptions) throws {
        self.init()
        for rule in arguments.rules {
            switch rule {
            case .include(let pattern): try include(pattern)
            case .exclude(let pattern): try exclude(pattern)
            case .file(let path):
                do {
                    try add(rulesFromFile: path)
                } catch {
                    try Task.checkCancellation()
                    throw UsageError("--filter-from: \(error.message)")
                }
            }
        }
        minimumSize = arguments.minimumSize
        maximumSize = arguments.maximumSize
        modifiedBefore = arguments.minimumAge.map { Date(timeIntervalSinceNow: -Double($0)) }
        modifiedAfter = arguments.maximumAge.map { Date(timeIntervalSinceNow: -Double($0)) }
    }
}

extension TransferPlan {
    /// Returns a plan with only the actions that failed in an earlier run.
    ///
    /// - Parameter path: Path of the JSON report of that run, or of the failure list that the report names.
    func retrying(reportAt path: String) throws -> TransferPlan {
        struct Report: Decodable {
            struct Failure: Decodable { var path: String }
            struct Tally: Decodable { var files: Int }
            var failures: [Failure]
            var failed: Tally?
            var failureFile: String?
        }
        // Reports are smaller than this.
        let bytes = contents(of: path, atMost: 64 << 20)
        try Task.checkCancellation()
        guard let report = bytes.flatMap({ try? JSONDecoder().decode(Report.self, from: $0) }) else {
            if let plan = try? retrying(failuresAt: path) { return plan }
            throw UsageError("--retry-failed: '\(path)' is neither a --json report nor a failure list")
        }
        if let file = report.failureFile { return try retrying(failuresAt: file) }
        guard (report.failed?.files ?? 0) <= report.failures.count else {
            throw UsageError(
                "--retry-failed: '\(path)' lists only some of the failures; run the command without this option")
        }
        return retrying(paths: report.failures.map(\.path))
    }
}

/// Returns the content of a file or pipe, truncated to `limit` bytes, or `nil` if the content cannot be read or the
/// task is cancelled.
private func contents(of path: String, atMost limit: Int) -> Data? {
    // A blocking open would wait for a pipe's writer, and cancellation could not end the wait.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var content = Data()
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while content.count < limit {
        guard !Task.isCancelled else { return nil }
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 100) != 0 else { continue }
        let count = read(descriptor, &buffer, buffer.count)
        if count == 0 { break }
        if count > 0 {
            content += buffer.prefix(count)
        } else if errno != EINTR, errno != EAGAIN {
            return nil
        }
    }
    return content
}
