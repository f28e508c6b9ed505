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
