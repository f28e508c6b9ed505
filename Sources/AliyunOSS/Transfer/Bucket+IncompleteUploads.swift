import Foundation

extension Bucket {
    /// Lists the uploads in parts that were begun some time ago and neither completed nor aborted. (ListMultipartUploads)
    ///
    /// Their parts are stored and billed, and no listing of objects shows them. They are what a program leaves that was
    /// killed, or lost its network, and was not run again.
    ///
    /// - Parameters:
    ///   - prefix: what their keys begin with. Default: nothing, which looks at the whole bucket.
    ///   - age: how long ago they were begun at least. Default: a day, so that nothing that is still under way is among them.
    public nonisolated func incompleteMultipartUploads(
        prefix: String = "", olderThan age: Duration = .seconds(86_400)
    ) -> AbandonedUploads {
        AbandonedUploads(
            uploads: listMultipartUploads(prefix: prefix), moment: client.now - age / .seconds(1))
    }

    /// Aborts the uploads that ``incompleteMultipartUploads(prefix:olderThan:)`` lists, and frees their parts.
    /// (AbortMultipartUpload)
    ///
    /// An upload that somebody meant to resume begins anew.
    ///
    /// - Returns: those that are gone, and those that could not be aborted with the reason.
    /// - Throws: ``OSSError`` when they cannot be listed, or `CancellationError`.
    @discardableResult
    public func abortAbandonedUploads(
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

/// Uploads that were begun some time ago, one by one. Each loop over it asks the service anew.
public struct AbandonedUploads: AsyncSequence, Sendable {
    /// One upload.
    public typealias Element = MultipartUploadSummary

    let uploads: MultipartUploadListing
    let moment: Date

    /// Begins at the first upload.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(uploads: uploads.makeAsyncIterator(), moment: moment)
    }

    /// Passes over the uploads that are too young.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var uploads: MultipartUploadListing.AsyncIterator
        let moment: Date

        /// The next upload, or `nil` after the last.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`.
        public mutating func next() async throws -> MultipartUploadSummary? {
            while let upload = try await uploads.next() {
                if upload.initiated <= moment { return upload }
            }
            return nil
        }
    }
}

/// What became of uploads that were to be aborted.
public struct AbortUploadsResult: Sendable {
    /// An upload that could not be aborted.
    public struct Failure: Error, Sendable {
        /// The upload.
        public var upload: MultipartUpload
        /// Why.
        public var error: OSSError
    }

    /// The uploads that are gone.
    public internal(set) var aborted: [MultipartUploadSummary] = []
    /// The uploads that are still there.
    public internal(set) var failures: [Failure] = []
}

extension Bucket {
    /// By how much the service lets a clock differ from its own, in seconds: what a moment that was taken down before the
    /// service was asked for the first time can be wrong by.
    private static var acceptedClockError: TimeInterval { 15 * 60 }

    /// How old an upload without parts is that an earlier attempt left, in seconds: a day. A younger one may be somebody
    /// else's whose first part is still on its way, and an upload of a sequence cannot begin anew.
    private static var abandonment: TimeInterval { 86_400 }

    /// Aborts the uploads of a key that were begun since a moment, are older than a day and have no parts: what is left when
    /// a process is killed between asking for an upload and remembering its name.
    ///
    /// Younger ones are left to ``incompleteMultipartUploads(prefix:olderThan:)``. An upload without parts costs nothing.
    func abortEmptyUploads(of key: ObjectKey, begunSince moment: Date) async throws {
        let end = client.now - Self.abandonment
        guard moment - Self.acceptedClockError < end else { return }
        try await abortEmptyUploads(of: key, begunSince: moment, until: end)
    }

    /// Aborts the uploads of a key that were begun since a moment and have no parts, however young.
    ///
    /// One that somebody else has begun since then may be among them.
    func abortAllEmptyUploads(of key: ObjectKey, begunSince moment: Date) async throws {
        try await abortEmptyUploads(of: key, begunSince: moment, until: .distantFuture)
    }

    /// Who may upload need not be allowed to do this, and is not told.
    private func abortEmptyUploads(of key: ObjectKey, begunSince moment: Date, until end: Date) async throws {
        // The service's clock counts whole seconds.
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
