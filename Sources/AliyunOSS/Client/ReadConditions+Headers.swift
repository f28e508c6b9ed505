import OSSPrimitives

extension ReadConditions {
    /// The header fields for these conditions.
    ///
    /// - Parameter prefix: `x-oss-copy-source-` when they are about the source of a copy.
    func add(to headers: inout HTTPHeaders, prefix: String = "") {
        headers[prefix + "If-Match"] = ifMatch.map(quoted)
        headers[prefix + "If-None-Match"] = ifNoneMatch.map(quoted)
        headers[prefix + "If-Modified-Since"] = ifModifiedSince.map(HTTPDate.string(from:))
        headers[prefix + "If-Unmodified-Since"] = ifUnmodifiedSince.map(HTTPDate.string(from:))
    }
}

private func quoted(_ eTag: String) -> String {
    eTag.hasPrefix("\"") ? eTag : "\"\(eTag)\""
}
