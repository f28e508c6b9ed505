import Foundation

extension Bucket {
    /// By how much the service lets a clock differ from its own, in seconds: what a moment that was taken down before the
    /// service was asked for the first time can be wrong by.
    private static var acceptedClockError: TimeInterval { 15 * 60 }

    /// Aborts the uploads of a key that were begun since a moment and have no parts: what is left when a process is killed
    /// between asking for an upload and remembering its name.
    ///
    /// One that somebody else has just begun may be among them. Nothing is lost of it, and it begins anew. Who may upload
    /// need not be allowed to do this; an upload without parts costs nothing.
    func abortEmptyUploads(of key: ObjectKey, begunSince moment: Date) async throws {
        do {
            try await abortAllEmptyUploads(of: key, begunSince: moment)
        } catch let error as OSSError where error.code == .accessDenied {
            return
        }
    }

    private func abortAllEmptyUploads(of key: ObjectKey, begunSince moment: Date) async throws {
        for try await summary in listMultipartUploads(prefix: key.rawValue) {
            // The service's clock counts whole seconds.
            guard summary.upload.key == key, summary.initiated >= moment - Self.acceptedClockError - 1 else { continue }
            var parts = listParts(of: summary.upload).makeAsyncIterator()
            do {
                if try await parts.next() == nil { try await abortMultipartUpload(summary.upload) }
            } catch let error as OSSError where error.isNoSuchUpload {
                continue
            }
        }
    }
}
