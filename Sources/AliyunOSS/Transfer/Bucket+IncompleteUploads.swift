import Foundation

extension Bucket {
    /// Lists multipart uploads that have reached a given age and were neither completed nor aborted.
    /// (ListMultipartUploads)
    ///
    /// The parts of these uploads are stored and billed, but do not appear in object listings. An upload stays
    /// incomplete if a program was killed or lost its network connection, and was not run again.
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

    /// Aborts the uploads that ``incompleteMultipartUploads(prefix:olderThan:)`` lists, and deletes their parts.
    /// (AbortMultipartUpload)
    ///
    /// If one of these uploads is resumed later, it starts over.
    ///
    /// - Parameters:
    ///   - prefix: Prefix of the keys. Default: empty, for all uploads of the bucket.
    ///   - age: Minimum age of the uploads. Default: one day, which excludes uploads in progress.
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
        /// The upload that could not be aborted.
        public var upload: MultipartUpload
        /// The error that prevented the upload from being aborted.
        public var error: OSSError

        /// Creates a failure.
        public init(upload: MultipartUpload, error: OSSError) {
            self.upload = upload
            self.error = error
        }
    }

    /// Uploads that were aborted.
    public var aborted: [MultipartUploadSummary]
    /// Uploads that could not be aborted.
    public var failures: [Failure]

    /// Creates a result.
    public init(aborted: [MultipartUploadSummary] = [], failures: [Failure] = []) {
        self.aborted = aborted
        self.failures = failures
    }
}

extension Bucket {
    /// Maximum difference, in seconds, that the service accepts between the local clock and its own. A recorded time
    /// can be wrong by that much.
    private static var acceptedClockError: TimeInterval { 15 * 60 }

    /// Minimum age, in seconds, at which an upload without parts is treated as incomplete (one day). A more recent
    /// upload may belong to another program whose first part is in flight.
    private static var minimumAge: TimeInterval { 86_400 }

    /// Aborts a key's uploads that were initiated after a given time, are more than one day old and have no parts. Such
    /// uploads remain when a process is killed between initiating an upload and storing its ID.
    ///
    /// More recent uploads are left to ``incompleteMultipartUploads(prefix:olderThan:)``. An upload without parts costs
    /// nothing.
    func abortEmptyUploads(of key: ObjectKey, startedSince moment: Date) async throws {
        let end = client.now - Self.minimumAge
        guard moment - Self.acceptedClockError < end else { return }
        try await abortEmptyUploads(of: key, startedSince: moment, until: end)
    }

    /// Aborts all of a key's uploads that were initiated after a given time and have no parts, regardless of their age.
    /// They may include uploads of other programs.
    func abortAllEmptyUploads(of key: ObjectKey, startedSince moment: Date) async throws {
        try await abortEmptyUploads(of: key, startedSince: moment, until: .distantFuture)
    }

    /// Aborts a key's uploads that were initiated in a given period and have no parts.
    ///
    /// A lack of permission is ignored, because credentials for uploading need not permit listing uploads.
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
