import Foundation
import OSSPrimitives

extension Bucket {
    /// Downloads an object of any size to a file. The file appears only when it is complete and verified. (GetObject)
    ///
    /// A large object is downloaded in concurrent ranges, each on the condition that the object is unchanged. The
    /// content is written to a temporary file in the same directory, verified (length and CRC-64) and written to stable
    /// storage before the temporary file is renamed to the destination. Until then, and if the download fails, an
    /// existing file stays unchanged. An interrupted download resumes when it is called again with the same arguments:
    /// downloaded ranges are verified and not requested again.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - path: Path of the file. Its directory must exist. A symbolic link is replaced, not followed.
    ///   - options: Conditions, the version, the handling of an existing file, and transfer settings.
    /// - Returns: The metadata of the object and the path of the file.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/notFound``, ``OSSError/Code/preconditionFailed`` if the object
    ///   is replaced repeatedly, ``OSSError/Code/checksumMismatch``, ``OSSError/Code/alreadyExists``,
    ///   ``OSSError/Code/destinationChanged`` or ``OSSError/Code/fileSystem``.
    @discardableResult
    public func downloadObject(
        _ key: ObjectKey, to path: String, options: DownloadOptions = DownloadOptions()
    ) async throws -> DownloadResult {
        try key.validate()
        try options.validate()
        let identity = downloadIdentity(key, versionID: options.source.versionID)
        let target: AtomicFile
        do throws(FileError) {
            target = try AtomicFile(replacing: path, identity: identity)
        } catch {
            let problem =
                error.code == EEXIST
                ? "cannot replace '\(path)': it is a FIFO, socket or device; choose another path" : error.description
            throw OSSError(.fileSystem, problem, bucket: name, key: key, underlying: error)
        }
        let bucket = adding(options.source.extras)
        var options = options
        options.source.extras = RequestExtras()
        return try await bucket.download(key, into: target, options: options) { [options] object in
            let attributes = options.preservesAttributes ? FileAttributes(metadata: object.metadata) : nil
            return try await BlockingWork.run {
                try target.install(options.conflictPolicy, key: key, attributes: attributes)
            }
        }
    }

    /// Downloads an object into a temporary file, verifies it and commits it.
    ///
    /// The temporary file has been committed, kept or removed when this method returns or throws.
    ///
    /// - Parameters:
    ///   - key: Key of the object.
    ///   - target: The temporary file.
    ///   - options: Conditions, the version, and transfer settings.
    ///   - expected: The object as reported by a listing. If it has changed since then, the error is
    ///     ``OSSError/Code/sourceChanged``.
    ///   - slots: Permits that the requests of several transfers share.
    ///   - commit: A closure that moves the verified file to its destination and returns the path.
    nonisolated func download(
        _ key: ObjectKey, into target: AtomicFile, options: DownloadOptions, expected: ListedObject? = nil,
        slots: AsyncSemaphore? = nil, commit: @escaping @Sendable (ObjectMetadata) async throws -> String
    ) async throws -> DownloadResult {
        let meter = ProgressMeter(total: expected?.size, onProgress: options.onProgress)
        return try await meter.following {
            try await FileDownload(
                bucket: self, key: key, target: target, options: options, expected: expected, slots: slots,
                meter: meter, commit: commit
            ).run()
        }
    }

    /// Returns a value that identifies the object in the name of its temporary file.
    nonisolated func downloadIdentity(_ key: ObjectKey, versionID: String? = nil) -> UInt64 {
        let text = ["\(client.endpoint)", name, key.rawValue, versionID ?? ""].joined(separator: "\0")
        return CRC64.checksum(Array(text.utf8))
    }
}

extension AtomicFile {
    /// Moves the verified file to its destination and returns the path.
    func install(
        _ policy: ConflictPolicy, key: ObjectKey, attributes: FileAttributes? = nil
    ) throws(OSSError) -> String {
        let replacing: Replacing =
            switch policy {
            case .replace: .unchanged
            case .keep: .never
            case .keepBoth: .nothing
            }
        do throws(FileError) {
            return try commit(
                modified: attributes?.modified, permissions: attributes?.permissions, replacing: replacing)
        } catch {
            switch (policy, error.code) {
            case (.replace, EEXIST):
                throw OSSError(changed: path, key: key, error)
            case (.keep, EEXIST):
                throw OSSError(.alreadyExists, "'\(path)' already exists", key: key, underlying: error)
            default:
                throw OSSError(.fileSystem, error.description, key: key, underlying: error)
            }
        }
    }
}

extension OSSError {
    /// Creates the error for a download whose destination was changed by another program.
    init(changed path: String, key: ObjectKey, _ error: FileError) {
        self.init(
            .destinationChanged,
            "'\(path)' changed while the object was being downloaded; the file was not replaced", key: key,
            underlying: error)
    }
}
