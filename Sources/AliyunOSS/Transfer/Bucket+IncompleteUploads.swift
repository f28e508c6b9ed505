import Foundation

extension Bucket {
    /// Lists multipart uploads that were initiated some time ago and neither completed nor aborted.
    /// (ListMultipartUploads)
    ///
    /// Their parts are stored and billed, but not part of object listings. They remain after a program was killed or
    /// lost its network, and was not run again.
    ///
    /// - Parameters:
    ///   - prefix: Prefix of the keys. Default: empty, for all uploads of the bucket.
    ///   - age: Minimum age of the uploads. Default: one day, which excludes uploads in progress.
    public nonisolated func incompleteMultipartUploads(
        prefix: String = "", olderThan age: Duration = .seconds(86_400)
    ) -> PagedSequence<MultipartUploadSummary, [MultipartUploadSummary]> {
        let latest = client.now - age / .seconds(1)
        return listMultipartUploads(prefix: prefix).filteringPages { $0.initiated <= latest }
    }

    /// Aborts the uploads that ``incompleteMultipartUploads(prefix:olderThan:)`` lists, and frees their parts.
    /// (AbortMultipartUpload)
    ///
    /// An upload that is resumed later starts over.
    ///
    /// - Returns: The aborted uploads, and the failures.
    /// - Throws: ``OSSError`` if the uploads cannot be listed, or `CancellationError`.
    @discardableResult
    public func abortIncompleteMultipartUploads(
        prefix: String = "", olderThan age: Duration = .seconds(86_400)
    ) async throws -> AbortUploadsResult {
        var result = AbortUploadsResult()
        for try await summary in incompleteMultipartUploads(prefix: prefix, olderThan: age) {
            do {
                try await abortMultipartUpload(summary.upload)
                result.aborted.append(summary)
            } catch let error as OSSError {
                result.failures.append(.init(upload: summary.upload, error: error))
            }
        }
        return result
    }
}

/// The result of aborting uploads.
public struct AbortUploadsResult: Sendable {
    /// An upload that could not be aborted.
    public struct Failure: Error, Sendable {
        /// The upload.
        public var upload: MultipartUpload
        /// The error.
        public var error: OSSError
    }

    /// Uploads that were aborted.
    public internal(set) var aborted: [MultipartUploadSummary] = []
    /// Uploads that could not be aborted.
    public internal(set) var failures: [Failure] = []
}

extension Bucket {
    /// Maximum difference in seconds between the local clock and the service's that the service accepts. A recorded
    /// time can be wrong by as much.
    private static var acceptedClockError: TimeInterval { 15 * 60 }

    /// Minimum age in seconds, one day, of an upload without parts that is treated as incomplete. A younger one may
    /// belong to another program whose first part is in flight.
    private static var minimumAge: TimeInterval { 86_400 }

    /// Aborts uploads of a key that were initiated since a time, are older than one day and have no parts. They remain
    /// when a process is killed between initiating an upload and storing its ID.
    ///
    /// Younger ones are left to ``incompleteMultipartUploads(prefix:olderThan:)``. An upload without parts costs
    /// nothing.
    func abortEmptyUploads(of key: ObjectKey, startedSince moment: Date) async throws {
        let end = client.now - Self.minimumAge
        guard moment - Self.acceptedClockError < end else { return }
        try await abortEmptyUploads(of: key, startedSince: moment, until: end)
    }

    /// Aborts all uploads of a key that were initiated since a time and have no parts, regardless of their age. They
    /// may include uploads of other programs.
    func abortAllEmptyUploads(of key: ObjectKey, startedSince moment: Date) async throws {
        try await abortEmptyUploads(of: key, startedSince: moment, until: .distantFuture)
    }

    /// Ignores a lack of permission, because credentials for uploads need not include listing uploads.
    private func abortEmptyUploads(of key: ObjectKey, startedSince moment: Date, until end: Date) async throws {
        // The service's clock has a resolution of one second.
        let start = moment - Self.acceptedClockError - 1
        do {
            for try await summary in listMultipartUploads(prefix: key.rawValue)
            where summary.upload.key == key && summary.initiated >= start && summary.initiated <= end {
                try await abortIfEmpty(summary.upload)
            }
        } catch let error as OSSError where error.code == .accessDenied {
            return
        }
    }

    private func abortIfEmpty(_ upload: MultipartUpload) async throws {
        var parts = listParts(of: upload).makeAsyncIterator()
        do {
            if try await parts.next() == nil { try await abortMultipartUpload(upload) }
        } catch let error as OSSError where error.isNoSuchUpload {
            return
        }
    }
}
