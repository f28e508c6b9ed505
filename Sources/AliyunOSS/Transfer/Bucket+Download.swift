import Foundation
import OSSPrimitives

extension Bucket {
    /// Downloads an object of any size to a file that appears whole, or not at all. (GetObject)
    ///
    /// A large object comes in ranges, several at a time, each on the condition that it is still the same object. The bytes
    /// go to a temporary file in the same folder, are verified (length, CRC-64 of the whole) and brought to stable storage
    /// before the file gets its name. What stood there stays as it is until then, also when the download fails. A download
    /// that was interrupted goes on where it stopped when it is called again with the same arguments: the bytes that are on
    /// the disk are read again, and what is not as it came is fetched again.
    ///
    /// - Parameters:
    ///   - key: the object's name.
    ///   - path: the file. The folder it lies in must exist. A symbolic link is replaced, not followed.
    ///   - options: conditions, version, and what to do with a file that stands there.
    /// - Throws: ``OSSError``: ``OSSError/Code/notFound``, ``OSSError/Code/preconditionFailed`` when the object is replaced
    ///   again and again, ``OSSError/Code/checksumMismatch``, ``OSSError/Code/alreadyExists``,
    ///   ``OSSError/Code/destinationChanged``, ``OSSError/Code/fileSystem``.
    @discardableResult
    public func downloadObject(
        _ key: ObjectKey, to path: String, options: DownloadOptions = DownloadOptions()
    ) async throws -> DownloadResult {
        try key.validate()
        try options.validate()
        let identity = downloadIdentity(key, versionID: options.versionID)
        let target: AtomicFile
        do throws(FileError) {
            target = try AtomicFile(replacing: path, identity: identity)
        } catch {
            let problem =
                error.code == EEXIST
                ? "'\(path)' is a FIFO, socket or device and is left as it is; give another path" : error.description
            throw OSSError(.fileSystem, problem, bucket: name, key: key, underlying: error)
        }
        return try await download(key, into: target, options: options) { [conflict = options.conflict] _ in
            try await BlockingWork.run { try target.install(conflict, key: key) }
        }
    }

    /// Downloads an object into a temporary file, verifies it, and has it committed.
    ///
    /// Whatever happens, the temporary file is committed, kept or removed when this returns.
    ///
    /// - Parameters:
    ///   - key: The object's name.
    ///   - target: The temporary file.
    ///   - options: The conditions, the version, and how the ranges are fetched.
    ///   - expected: The object that a listing promised. Another one is ``OSSError/Code/sourceChanged``.
    ///   - slots: The permits that the requests of several transfers share.
    ///   - commit: Gives the verified file its name and returns its path.
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

    /// What makes the temporary file of a download that of this object and no other.
    nonisolated func downloadIdentity(_ key: ObjectKey, versionID: String? = nil) -> UInt64 {
        let text = ["\(client.endpoint)", name, key.rawValue, versionID ?? ""].joined(separator: "\0")
        return CRC64.checksum(Array(text.utf8))
    }
}

extension AtomicFile {
    fileprivate func install(_ policy: ConflictPolicy, key: ObjectKey) throws(OSSError) -> String {
        do throws(FileError) {
            switch policy {
            case .replace: return try commit(replacing: .unchanged)
            case .keep: return try commit(replacing: .never)
            case .keepBoth: return try commit(replacing: .nothing)
            }
        } catch {
            switch (policy, error.code) {
            case (.replace, EEXIST):
                throw OSSError(changed: path, key: key, error)
            case (.keep, EEXIST):
                throw OSSError(.alreadyExists, "there is a file at '\(path)' already", key: key, underlying: error)
            default:
                throw OSSError(.fileSystem, error.description, key: key, underlying: error)
            }
        }
    }
}

extension OSSError {
    /// Somebody wrote to the file that a download was to replace, or put one where there was none.
    init(changed path: String, key: ObjectKey, _ error: FileError) {
        self.init(
            .destinationChanged,
            "'\(path)' was changed while the object was being downloaded; it was left as it is", key: key,
            underlying: error)
    }
}
