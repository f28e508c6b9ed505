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
