import Foundation
import OSSPrimitives

extension Bucket {
    /// Lists the objects whose keys begin with a prefix, in byte order, fetching a page at a time as the loop goes on.
    /// (ListObjects or ListObjectsV2)
    ///
    /// ```swift
    /// for try await object in bucket.listObjects(prefix: "2026/") { print(object.key, object.size) }
    /// for try await page in bucket.listObjects(prefix: "2026/", delimiter: "/").pages { print(page.commonPrefixes) }
    /// ```
    ///
    /// The loop ends after the last object or throws: a listing that could not be read to its end never looks complete.
    ///
    /// - Parameters:
    ///   - prefix: what the keys begin with. Default: nothing, which lists the whole bucket.
    ///   - delimiter: rolls keys up that have it after the prefix; see ``ObjectPage/commonPrefixes``. Default: none.
    ///   - startAfter: lists only keys after this one. Default: from the first.
    ///   - pageSize: how many keys a request asks for, 1 to 1000. Default: 1000.
    ///   - paging: which of the two operations to use. Default: ``ListPaging/marker``.
    public nonisolated func listObjects(
        prefix: String = "", delimiter: String? = nil, startAfter: String? = nil, pageSize: Int = 1000,
        paging: ListPaging = .marker
    ) -> ObjectListing {
        ObjectListing(
            pages: ObjectPages(
                client: client, prefix: prefix, delimiter: delimiter, startAfter: startAfter, pageSize: pageSize,
                paging: paging))
    }
}

extension Bucket {
    /// Lists the parts of an upload that the service has, by number, fetching a page at a time. (ListParts)
    public nonisolated func listParts(of upload: MultipartUpload) -> PartListing {
        let client = client
        return PartListing(
            pages: MarkerPages { marker in
                var operation = Operation("ListParts", .get, key: upload.key)
                operation.query = [("uploadId", upload.uploadID), ("max-parts", "1000"), ("encoding-type", "url")]
                operation.addQuery("part-number-marker", ifPresent: marker.map(String.init))
                let response = try await client.perform(operation)
                do throws(OSSError) {
                    return try UploadListingDocument(
                        response.body, root: "ListPartsResult",
                        echoes: [("Key", upload.key.rawValue), ("UploadId", upload.uploadID)]
                    ).parts()
                } catch {
                    throw client.reject(error, operation)
                }
            })
    }

    /// Lists the uploads that were begun and neither completed nor aborted, by key, fetching a page at a time.
    /// (ListMultipartUploads)
    ///
    /// - Parameter prefix: what their keys begin with. Default: nothing, which lists those of the whole bucket.
    public nonisolated func listMultipartUploads(prefix: String = "") -> MultipartUploadListing {
        let client = client
        return MultipartUploadListing(
            pages: MarkerPages { marker in
                var operation = Operation("ListMultipartUploads", .get)
                operation.query = [("uploads", nil), ("max-uploads", "1000"), ("encoding-type", "url")]
                if !prefix.isEmpty { operation.query.append(("prefix", prefix)) }
                operation.addQuery("key-marker", ifPresent: marker?.key.rawValue)
                operation.addQuery("upload-id-marker", ifPresent: marker?.uploadID)
                let response = try await client.perform(operation)
                do throws(OSSError) {
                    return try UploadListingDocument(
                        response.body, root: "ListMultipartUploadsResult",
                        echoes: [
                            ("Prefix", prefix), ("KeyMarker", marker?.key.rawValue ?? ""),
                            ("UploadIdMarker", marker?.uploadID ?? ""),
                        ]
                    ).uploads()
                } catch {
                    throw client.reject(error, operation)
                }
            })
    }
}

/// The parts of an upload, one by one. Each loop over it asks the service anew.
public struct PartListing: AsyncSequence, Sendable {
    /// One part.
    public typealias Element = UploadedPart

    let pages: MarkerPages<UploadedPart, Int>

    /// Begins at the first part.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pages: pages.makeIterator()) }

    /// Hands out the parts of one page after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var pages: MarkerPages<UploadedPart, Int>.Iterator

        /// The next part, or `nil` after the last.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`.
        public mutating func next() async throws -> UploadedPart? { try await pages.next() }
    }
}

/// Unfinished uploads, one by one. Each loop over it asks the service anew.
public struct MultipartUploadListing: AsyncSequence, Sendable {
    /// One upload.
    public typealias Element = MultipartUploadSummary

    let pages: MarkerPages<MultipartUploadSummary, MultipartUpload>

    /// Begins at the first upload.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pages: pages.makeIterator()) }

    /// Hands out the uploads of one page after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var pages: MarkerPages<MultipartUploadSummary, MultipartUpload>.Iterator

        /// The next upload, or `nil` after the last.
        ///
        /// - Throws: ``OSSError`` or `CancellationError`.
        public mutating func next() async throws -> MultipartUploadSummary? { try await pages.next() }
    }
}
