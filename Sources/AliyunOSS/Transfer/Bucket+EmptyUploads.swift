import Foundation

extension Bucket {
    /// Aborts the uploads of a key that were begun since a moment and have no parts: what is left when a process is killed
    /// between asking for an upload and remembering its name.
    ///
    /// One that somebody else has just begun may be among them. Nothing is lost of it, and it begins anew.
    func abortEmptyUploads(of key: ObjectKey, begunSince moment: Date) async throws {
        for try await summary in listMultipartUploads(prefix: key.rawValue) {
            // The service's clock counts whole seconds, and is not this machine's.
            guard summary.upload.key == key, summary.initiated >= moment - 60 else { continue }
            var parts = listParts(of: summary.upload).makeAsyncIterator()
            do {
                if try await parts.next() == nil { try await abortMultipartUpload(summary.upload) }
            } catch let error as OSSError where error.isNoSuchUpload {
                continue
            }
        }
    }
}
