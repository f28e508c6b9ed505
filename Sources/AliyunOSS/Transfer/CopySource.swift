/// An object that is copied: where it is, and what it was when the copy began.
struct CopySource: Sendable {
    let bucket: String
    let key: ObjectKey
    /// The version that was asked for.
    let versionID: String?
    let object: ObjectMetadata

    /// A link is copied as a link. What is known of it is what is known of its target.
    var isLink: Bool { object.type == "Symlink" }

    /// What to ask for it by, so that it is either what it was or nothing.
    var options: CopyObjectOptions {
        var options = CopyObjectOptions()
        options.sourceVersionID = versionID
        if !isLink, !object.eTag.isEmpty { options.conditions.ifMatch = object.eTag }
        return options
    }

    /// What a refusal of the condition means.
    func changed(_ error: OSSError) -> OSSError {
        var change = error
        change.code = .sourceChanged
        change.message = "'\(key)' in '\(bucket)' was replaced while it was being copied; copy it again"
        change.underlying = error
        return change
    }
}

extension ObjectAttributes {
    /// What a copy in parts has from its source, as one in a single request would.
    init(copying object: ObjectMetadata, tags: [String: String]) {
        isCopied = true
        contentType = object.contentType
        cacheControl = object.cacheControl
        contentDisposition = object.contentDisposition
        contentEncoding = object.contentEncoding
        copiedExpires = object.expires
        metadata = object.metadata
        storageClass = object.storageClass
        self.tags = tags
    }
}
