import AliyunOSS
import Foundation

/// The command `meta`, which changes headers and user metadata of objects without uploading them again.
struct MetadataCommand: Command {
    /// The properties to change. Other properties of an object are preserved.
    struct Changes: Equatable, Sendable {
        var contentType: String?
        var cacheControl: String?
        var contentDisposition: String?
        var contentEncoding: String?
        var expires: Date?
        var storageClass: StorageClass?
        var accessControl: AccessControl?
        var metadata: [String: String] = [:]
        /// Names of headers and user metadata to remove, in lowercase.
        var removed: Set<String> = []

        func apply(to attributes: inout ObjectAttributes) {
            attributes.metadata = attributes.metadata.filter { !removed.contains($0.key) }.merging(metadata) { $1 }
            if removed.contains("cache-control") { attributes.cacheControl = nil }
            if removed.contains("content-disposition") { attributes.contentDisposition = nil }
            if removed.contains("content-encoding") { attributes.contentEncoding = nil }
            if removed.contains("expires") { attributes.expires = nil }
            attributes.contentType = contentType ?? attributes.contentType
            attributes.cacheControl = cacheControl ?? attributes.cacheControl
            attributes.contentDisposition = contentDisposition ?? attributes.contentDisposition
            attributes.contentEncoding = contentEncoding ?? attributes.contentEncoding
            // Setting the same date would replace the text that the object has, and count as a change.
            if let expires, expires != attributes.expires { attributes.expires = expires }
            attributes.storageClass = storageClass ?? attributes.storageClass
        }
    }

    let change: ObjectChange
    let connection: ConnectionArguments
    let changes: Changes

    init(_ scanned: ScannedArguments) throws(UsageError) {
        change = ObjectChange(scanned, try ObjectSelection(scanned, operands: scanned.operands.indices))
        connection = try ConnectionArguments(scanned)
        let options = try MirrorOptions(scanned)
        var changes = Changes(
            contentType: options.contentType, cacheControl: options.cacheControl,
            contentDisposition: options.contentDisposition, contentEncoding: options.contentEncoding,
            expires: options.expires,
            storageClass: options.storageClass.map { StorageClass(rawValue: $0) },
            accessControl: options.acl.map { AccessControl(rawValue: $0.rawValue) })
        for (name, value) in options.metadata { changes.metadata[name.lowercased()] = value }
        for pair in scanned.pairs where pair.name == "--remove" {
            let name = pair.value.lowercased()
            changes.removed.insert(name.hasPrefix("x-oss-meta-") ? String(name.dropFirst(11)) : name)
        }
        guard changes != Changes() else {
            throw UsageError("nothing to change; use --metadata, --content-type, --cache-control, --remove or others")
        }
        self.changes = changes
    }

    func run() async throws -> Int32 {
        let selection = change.selection
        let bucket = try await Connection.bucket(selection.bucket, connection, concurrency: selection.concurrency)
        let report = try await change.run(in: bucket) { try await apply(to: $0.key, bucket) }
        return try change.finish(report)
    }

    /// Copies an object onto itself with changed attributes, on the condition that it still has the attributes that
    /// were read.
    private func apply(to key: ObjectKey, _ bucket: Bucket) async throws -> String {
        let object = try await bucket.headObject(key)
        guard object.type != .symlink else {
            throw OSSError(
                .invalidArgument, "the object is a symbolic link; change the metadata of its target instead",
                bucket: bucket.name, key: key)
        }
        let tags = object.tagCount > 0 ? try await bucket.objectTags(key) : [:]
        let old = ObjectAttributes(copying: object, tags: tags)
        var attributes = old
        changes.apply(to: &attributes)
        let current = try await bucket.objectAccessControl(key).grant
        let accessControl = changes.accessControl ?? current
        guard attributes != old || accessControl != current else { return "unchanged" }
        // A copy never has the access control list of its source, and has the encryption of the bucket by default.
        if accessControl != .default { attributes.accessControl = accessControl }
        if let algorithm = object.encryption {
            attributes.encryption = ServerSideEncryption(
                EncryptionAlgorithm(rawValue: algorithm), masterKeyID: object.encryptionKeyID,
                dataEncryption: object.dataEncryption.map { EncryptionAlgorithm(rawValue: $0) })
        }
        var options = CopyOptions()
        options.attributes = attributes
        options.source.conditions.ifMatch = object.eTag
        try await bucket.copyObject(key, to: key, options: options)
        return "changed"
    }
}
