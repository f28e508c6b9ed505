extension Bucket {
    /// Lists the objects whose keys start with a prefix, in byte order of the keys. (ListObjects or ListObjectsV2)
    ///
    /// ```swift
    /// for try await object in bucket.listObjects(prefix: "2026/") { print(object.key, object.size) }
    /// for try await page in bucket.listObjects(prefix: "2026/", delimiter: "/").pages { print(page.commonPrefixes) }
    /// ```
    ///
    /// - Parameters:
    ///   - prefix: Prefix of the keys, at most 1023 bytes. Default: the empty prefix, which lists the entire bucket.
    ///   - delimiter: Groups keys that contain the delimiter after the prefix; see ``ObjectPage/commonPrefixes``.
    ///     Default: none.
    ///   - startAfter: Key after which the listing starts. Default: none, which starts at the first key.
    ///   - pageSize: Number of keys per request, 1 to 1000. Default: 1000.
    ///   - paging: The operation to use. Default: ``ListPaging/marker``.
    ///   - includesOwners: Whether ``ObjectSummary/owner`` is set. Default: `false`.
    public nonisolated func listObjects(
        prefix: String = "", delimiter: String? = nil, startAfter: String? = nil, pageSize: Int = 1000,
        paging: ListPaging = .marker, includesOwners: Bool = false
    ) -> PagedSequence<ObjectSummary, ObjectPage> {
        PagedSequence(from: ListingProgress(prefix: prefix), elements: \.objects) { [client] progress in
            try ListingProgress.check(pageSize: pageSize, prefix: prefix, delimiter: delimiter, startAfter: startAfter)
            let marker = progress.marker?.key.rawValue
            var operation = Operation(paging == .marker ? "ListObjects" : "ListObjectsV2", .get)
            switch paging {
            case .marker:
                operation.addQuery("marker", ifPresent: marker ?? startAfter)
            case .continuationToken:
                operation.query.append(("list-type", "2"))
                operation.addQuery("continuation-token", ifPresent: marker)
                operation.addQuery("start-after", ifPresent: startAfter)
                if includesOwners { operation.query.append(("fetch-owner", "true")) }
            }
            if !prefix.isEmpty { operation.query.append(("prefix", prefix)) }
            operation.addQuery("delimiter", ifPresent: delimiter)
            operation.query += [("max-keys", String(pageSize)), ("encoding-type", "url")]
            let response = try await client.perform(operation)
            do throws(OSSError) {
                let repeated = paging == .marker ? marker ?? startAfter : marker
                let page = try ObjectPage(
                    decoding: response.body, paging: paging, prefix: prefix, marker: repeated ?? "",
                    withOwners: includesOwners)
                try progress.advance(over: page)
                return page
            } catch {
                throw client.reject(error, operation)
            }
        }
    }

    /// Lists the parts of a multipart upload in part-number order. (ListParts)
    public nonisolated func listParts(of upload: MultipartUpload) -> PagedSequence<UploadedPart, [UploadedPart]> {
        PagedSequence(elements: { $0 }) { [client] progress in
            var operation = Operation("ListParts", .get, key: upload.key)
            operation.query = [("uploadId", upload.uploadID), ("max-parts", "1000"), ("encoding-type", "url")]
            operation.addQuery("part-number-marker", ifPresent: progress.marker?.key.rawValue)
            let response = try await client.perform(operation)
            do throws(OSSError) {
                let document = try ListingDocument(
                    response.body, root: "ListPartsResult",
                    echoes: [("Key", upload.key.rawValue), ("UploadId", upload.uploadID)])
                let (parts, next) = try document.parts()
                try progress.advance(to: next)
                return parts
            } catch {
                throw client.reject(error, operation)
            }
        }
    }

    /// Lists the incomplete multipart uploads of the bucket, in byte order of their keys. (ListMultipartUploads)
    ///
    /// - Parameter prefix: Prefix of the keys, at most 1023 bytes. Default: the empty prefix, which lists the uploads of
    ///   the entire bucket.
    public nonisolated func listMultipartUploads(
        prefix: String = ""
    ) -> PagedSequence<MultipartUploadSummary, [MultipartUploadSummary]> {
        PagedSequence(elements: { $0 }) { [client] progress in
            try ListingProgress.check(prefix: prefix)
            let (key, uploadID) = (progress.marker?.key.rawValue, progress.marker?.id)
            var operation = Operation("ListMultipartUploads", .get)
            operation.query = [("uploads", nil), ("max-uploads", "1000"), ("encoding-type", "url")]
            if !prefix.isEmpty { operation.query.append(("prefix", prefix)) }
            operation.addQuery("key-marker", ifPresent: key)
            operation.addQuery("upload-id-marker", ifPresent: uploadID)
            let response = try await client.perform(operation)
            do throws(OSSError) {
                let document = try ListingDocument(
                    response.body, root: "ListMultipartUploadsResult",
                    echoes: [("Prefix", prefix), ("KeyMarker", key ?? ""), ("UploadIdMarker", uploadID ?? "")])
                let (uploads, next) = try document.uploads()
                try progress.advance(to: next)
                return uploads
            } catch {
                throw client.reject(error, operation)
            }
        }
    }
}
