import Foundation

/// Copies one object in parts, inside the service.
struct ObjectCopy: PartSource {
    let bucket: Bucket
    let key: ObjectKey
    let source: CopySource
    let attributes: ObjectAttributes
    let options: CopyOptions
    let slots: AsyncSemaphore?
    let meter: ProgressMeter

    /// What the default size of a part starts from: no bytes pass through this machine, so that a lost part costs little.
    static let preferredPartSize: Int64 = 64 << 20

    func run() async throws -> MultipartTransfer<Self>.Outcome {
        try await MultipartTransfer(
            bucket: bucket, key: key, source: self, remembered: options.resuming,
            options: options.uploadOptions(attributes), slots: slots, meter: meter
        ).run()
    }

    // MARK: What the source is

    var size: Int64 { source.object.size }

    var preferredPartSize: Int64 { Self.preferredPartSize }

    var identity: [String] { [source.bucket, source.key.rawValue, source.versionID ?? ""] }

    func resumable(partSize: Int64, attributesChecksum: UInt64, begun: Date) -> ResumableCopy {
        ResumableCopy(
            endpoint: "\(bucket.client.endpoint)", bucket: bucket.name, key: key.rawValue, sourceBucket: source.bucket,
            sourceKey: source.key.rawValue, sourceVersionID: source.versionID, eTag: source.object.eTag, size: size,
            partSize: partSize, attributesChecksum: attributesChecksum, begun: begun)
    }

    func isSource(of resumable: ResumableCopy) -> Bool {
        resumable.sourceBucket == source.bucket && resumable.sourceVersionID == source.versionID
            && resumable.sourceKey.utf8.elementsEqual(source.key.rawValue.utf8)
            && resumable.eTag == source.object.eTag && resumable.size == size
    }

    // MARK: Its parts

    func makePart(_ number: Int, _ range: Range<Int64>, of upload: MultipartUpload) async throws -> UploadedPart {
        do {
            return try await bucket.copyPart(
                number, of: upload, from: source.key, in: source.bucket, range: range, options: source.options)
        } catch let error as OSSError where error.code == .preconditionFailed {
            throw source.changed(error)
        }
    }

    /// Every part was copied on the condition that the source is what it was, and there is nothing here to compare one with:
    /// the checksum of the whole decides.
    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool {
        part.size == range.upperBound - range.lowerBound
    }

    func verify(_ parts: [UploadedPart]) async throws -> UInt64? {
        let checksum = MultipartCompletion.checksum(of: parts)
        guard let stated = source.object.checksum else { return checksum }
        guard let checksum, checksum != stated else { return stated }
        throw OSSError(
            .checksumMismatch,
            "the parts of the copy have CRC-64 \(checksum) together, the source has \(stated); copy it again",
            operation: "UploadPartCopy", bucket: bucket.name, key: key)
    }

    /// An object that is copied onto itself is what the copy is to be before anything is done, and proves nothing.
    func checksum() async throws -> UInt64? {
        source.bucket == bucket.name && source.key == key ? nil : source.object.checksum
    }
}

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
