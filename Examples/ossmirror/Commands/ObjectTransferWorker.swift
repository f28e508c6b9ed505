import AliyunOSS
import Foundation

/// A worker that performs the transfers of ``ObjectTransferCommand``.
struct ObjectTransferWorker: Sendable {
    let command: ObjectTransferCommand
    /// Clients, keyed by bucket name.
    let buckets: [String: Bucket]
    let progress: ObjectTransferProgress

    /// Performs the transfer with the given number.
    func run(_ transfer: ObjectTransfer, _ number: Int) async throws -> ObjectTransferCommand.Outcome {
        progress.start(number, transfer.source.description)
        do {
            let outcome = try await perform(transfer, number)
            progress.end(number, succeeded: true)
            return outcome
        } catch {
            progress.end(number, succeeded: false)
            if let days = command.options.restoreDays, ArchivedObject.isReason(for: error),
                case .remote(let address) = transfer.source, let bucket = buckets[address.bucket]
            {
                let key = try ObjectKey(address.key)
                if try await ArchivedObject.restore(key, in: bucket, days: days) {
                    Diagnostics.say("started to restore \(address); run the command again when it is restored")
                }
            }
            throw Self.explained(error, transfer.source)
        }
    }

    /// Returns an error that also says how to copy several objects if it is about a missing object.
    private static func explained(_ error: any Error, _ source: TransferLocation) -> any Error {
        guard var error = error as? OSSError, error.serviceError?.code == "NoSuchKey",
            case .remote(let address) = source
        else { return error }
        if let glob = KeyGlob(address.key) {
            let folder = RemoteAddress(bucket: address.bucket, key: glob.folder)
            error.message += "; patterns select objects with -r, as in '-r \(folder) --include \(glob.pattern)'"
        } else {
            error.message += "; to copy the objects under '\(address.folder)', add --recursive"
        }
        return error
    }

    private func perform(
        _ transfer: ObjectTransfer, _ number: Int
    ) async throws -> ObjectTransferCommand.Outcome {
        var outcome = ObjectTransferCommand.Outcome(transfer)
        switch transfer {
        case .upload(let path?, let address): outcome.fill(try await upload(path, to: address, number))
        case .upload(nil, let address):
            let bucket = try bucket(address)
            outcome.fill(
                try await bucket.uploadObject(
                    try ObjectKey(address.key), from: StandardInput(), options: uploadOptions(address.key, number)))
        case .download(let address, let path?):
            let result = try await download(address, to: path, number)
            outcome.size = result.size
            outcome.eTag = result.metadata.eTag
            outcome.crc64 = result.metadata.crc64.map(String.init)
            outcome.versionID = result.metadata.versionID
            outcome.integrity = result.integrity.rawValue
        case .download(let address, nil):
            var options = GetObjectOptions()
            options.versionID = command.versionID
            for try await chunk in try await bucket(address).getObject(try ObjectKey(address.key), options: options)
                .body
            {
                try StandardStream.output.write(chunk)
            }
        case .copy(let source, let target): outcome.fill(try await copy(source, to: target, number))
        }
        if command.verb == .mv { outcome.sourceRemoved = true }
        return outcome
    }

    private func bucket(_ address: RemoteAddress) throws -> Bucket {
        guard let bucket = buckets[address.bucket] else { throw UsageError("'\(address)' has no client") }
        return bucket
    }

    // MARK: Upload

    private func upload(_ path: String, to address: RemoteAddress, _ number: Int) async throws -> TransferResult {
        let (bucket, key) = (try bucket(address), try ObjectKey(address.key))
        let before = FileIdentity(path)
        let result = try await bucket.uploadObject(key, from: path, options: uploadOptions(path, number))
        guard command.verb == .mv else { return result }
        try await verify(result, at: key, in: bucket)
        guard let before, FileIdentity(path) == before else {
            throw OSSError(.sourceChanged, "'\(path)' changed during the upload, so it was not removed; move it again")
        }
        guard unlink(path) == 0 else {
            throw OSSError(
                .fileSystem,
                "uploaded '\(path)' to \(address), but cannot remove it: \(String(cString: strerror(errno)))")
        }
        return result
    }

    private func uploadOptions(_ path: String, _ number: Int) -> UploadOptions {
        var options = UploadOptions()
        options.attributes = ObjectAttributes(command.options)
        options.preservesAttributes = true
        let name = TransferLocation.path(path).name ?? ""
        if options.attributes.contentType == nil, let dot = name.lastIndex(of: "."), dot != name.startIndex {
            options.attributes.contentType = ObjectAttributes.contentType(
                forExtension: String(name[name.index(after: dot)...]))
        }
        if let threshold = command.limits.multipartThreshold { options.multipartThreshold = threshold }
        options.partSize = command.limits.partSize
        if let concurrency = command.concurrency { options.concurrency = min(concurrency, 1000) }
        options.onProgress = { [progress] in progress.note(number, $0) }
        return options
    }

    /// Throws an error unless an object is the result of a transfer that compared its content.
    private func verify(_ result: TransferResult, at key: ObjectKey, in bucket: Bucket) async throws {
        let stored = try await bucket.headObject(key)
        guard result.integrity != .lengthOnly, stored.size == result.size, stored.eTag == result.eTag else {
            throw OSSError(
                .checksumMismatch,
                "the object at the destination could not be verified, so the source was not removed; compare both, and "
                    + "remove the source yourself", bucket: bucket.name, key: key)
        }
    }

    // MARK: Download

    private func download(_ address: RemoteAddress, to path: String, _ number: Int) async throws -> DownloadResult {
        let (bucket, key) = (try bucket(address), try ObjectKey(address.key))
        var options = DownloadOptions()
        options.source.versionID = command.versionID
        options.preservesAttributes = true
        if let threshold = command.limits.multipartThreshold { options.multipartThreshold = threshold }
        options.partSize = command.limits.partSize
        if let concurrency = command.concurrency { options.concurrency = min(concurrency, 1000) }
        options.onProgress = { [progress] in progress.note(number, $0) }
        let result = try await bucket.downloadObject(key, to: path, options: options)
        guard command.verb == .mv else { return result }
        guard result.integrity != .lengthOnly else {
            throw OSSError(
                .checksumMismatch,
                "the content of '\(path)' could not be compared with a checksum, so the object was not removed; remove "
                    + "it yourself", bucket: bucket.name, key: key)
        }
        try await removeObject(key, in: bucket, ifEqualTo: result.metadata)
        return result
    }

    /// Removes the source of a transfer, unless it was replaced in the meantime. OSS has no conditional deletion, so a
    /// replacement between the comparison and the deletion is not detected.
    private func removeObject(_ key: ObjectKey, in bucket: Bucket, ifEqualTo object: ObjectMetadata) async throws {
        let current = try await bucket.headObject(key)
        guard current.eTag == object.eTag, current.size == object.size, current.lastModified == object.lastModified
        else {
            throw OSSError(
                .sourceChanged, "the object was replaced during the transfer, so it was not removed; move it again",
                bucket: bucket.name, key: key)
        }
        try await bucket.deleteObject(key)
    }

    // MARK: Copy

    private func copy(
        _ source: RemoteAddress, to target: RemoteAddress, _ number: Int
    ) async throws -> TransferResult {
        let (bucket, sourceKey, key) = (try bucket(target), try ObjectKey(source.key), try ObjectKey(target.key))
        var options = CopyOptions()
        options.source.versionID = command.versionID
        if let partSize = command.limits.partSize { options.partSize = partSize }
        if let concurrency = command.concurrency { options.concurrency = min(concurrency, 1000) }
        options.onProgress = { [progress] in progress.note(number, $0) }
        guard command.verb == .mv else {
            return try await bucket.copyObject(sourceKey, in: source.bucket, to: key, options: options)
        }
        let sourceBucket = try self.bucket(source)
        let object = try await sourceBucket.headObject(sourceKey)
        options.source.conditions.ifMatch = object.eTag
        let result = try await bucket.copyObject(sourceKey, in: source.bucket, to: key, options: options)
        try await verify(result, at: key, in: bucket)
        try await removeObject(sourceKey, in: sourceBucket, ifEqualTo: object)
        return result
    }
}

extension ObjectTransferCommand.Outcome {
    fileprivate mutating func fill(_ result: TransferResult) {
        size = result.size
        eTag = result.eTag
        // As text: many JSON parsers read numbers as doubles, which have 53 bits.
        crc64 = result.crc64.map(String.init)
        versionID = result.versionID
        integrity = result.integrity.rawValue
    }
}

/// The properties of a file that change if its content is replaced or modified.
struct FileIdentity: Equatable {
    private let device, inode, size, seconds, nanoseconds: Int64

    /// Reads the properties, or returns `nil` if the file cannot be read.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        (device, inode) = (Int64(truncatingIfNeeded: status.st_dev), Int64(truncatingIfNeeded: status.st_ino))
        (size, seconds, nanoseconds) = (Int64(status.st_size), Int64(modified.tv_sec), Int64(modified.tv_nsec))
    }
}
