import Foundation

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
