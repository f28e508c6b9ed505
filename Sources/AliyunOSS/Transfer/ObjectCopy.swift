import Foundation
import OSSPrimitives

/// A multipart copy of one object within the service.
struct ObjectCopy: PartSource {
    let bucket: Bucket
    let key: ObjectKey
    let source: CopySource
    let attributes: ObjectAttributes
    let options: CopyOptions
    let slots: AsyncSemaphore?
    let meter: ProgressMeter

    /// Default part size for small objects, in bytes. No content passes through this machine, so copying a lost part
    /// again costs little.
    static let preferredPartSize: Int64 = 64 << 20

    func run() async throws -> MultipartTransfer<Self>.Outcome {
        try await MultipartTransfer(
            bucket: bucket, key: key, source: self, remembered: options.resuming, options: options,
            put: PutObjectOptions(attributes: attributes, forbidsOverwrite: options.forbidsOverwrite), slots: slots,
            meter: meter
        ).run()
    }

    var size: Int64 { source.object.size }

    var preferredPartSize: Int64 { Self.preferredPartSize }

    var identity: [String] { [source.bucket, source.key.rawValue, source.versionID ?? ""] }

    func resumable(partSize: Int64, attributesChecksum: UInt64, started: Date) -> ResumableCopy {
        ResumableCopy(
            endpoint: "\(bucket.client.endpoint)", bucket: bucket.name, key: key.rawValue, sourceBucket: source.bucket,
            sourceKey: source.key.rawValue, sourceVersionID: source.versionID, eTag: source.object.eTag, size: size,
            partSize: partSize, attributesChecksum: attributesChecksum, started: started)
    }

    func isSource(of resumable: ResumableCopy) -> Bool {
        resumable.sourceBucket == source.bucket && resumable.sourceVersionID == source.versionID
            && resumable.sourceKey.utf8.elementsEqual(source.key.rawValue.utf8)
            && resumable.eTag == source.object.eTag && resumable.size == size
    }

    func makePart(_ number: Int, _ range: Range<Int64>, of upload: MultipartUpload) async throws -> UploadedPart {
        do {
            return try await bucket.copyPart(
                number: number, of: upload, from: source.key, in: source.bucket, range: range, options: source.options)
        } catch let error as OSSError where error.code == .preconditionFailed {
            throw source.changed(error)
        }
    }

    /// Returns whether a part has the expected size.
    ///
    /// Every part was copied on the condition that the source is unchanged, so only the size is compared here. The
    /// checksum of the entire object is verified at the end.
    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool {
        part.size == range.upperBound - range.lowerBound
    }

    func verify(_ parts: [UploadedPart]) async throws -> UInt64? {
        let checksum = MultipartCompletion.checksum(of: parts)
        guard let stated = source.object.crc64 else { return checksum }
        guard let checksum, checksum != stated else { return stated }
        throw OSSError(
            .checksumMismatch,
            "the copied parts' combined CRC-64 is \(checksum), but the source has \(stated); copy the object again",
            operation: "UploadPartCopy", bucket: bucket.name, key: key)
    }

    /// Returns the CRC-64 of the source, or `nil` if the object is copied onto itself. In that case, the source could
    /// not be distinguished from the copy.
    func checksum() async throws -> UInt64? {
        source.bucket == bucket.name && source.key == key ? nil : source.object.crc64
    }
}

/// An object to copy, in the version that exists when the copy starts.
struct CopySource: Sendable {
    let bucket: String
    let key: ObjectKey
    /// ID of the requested version; `nil` for the current version.
    let versionID: String?
    let object: ObjectMetadata

    /// Whether the source is a symbolic link. The link itself is copied, although the metadata describes its target.
    var isLink: Bool { object.type == .symlink }

    /// The request options, including the condition that the source is unchanged.
    var options: GetObjectOptions {
        var options = GetObjectOptions()
        options.versionID = versionID
        if !isLink, !object.eTag.isEmpty { options.conditions.ifMatch = object.eTag }
        return options
    }

    /// Converts the error for a failed condition into one that reports that the source has changed.
    func changed(_ error: OSSError) -> OSSError {
        var change = error
        change.code = .sourceChanged
        change.message = "'\(key)' in '\(bucket)' was replaced while it was being copied; copy it again"
        change.underlying = error
        return change
    }
}

extension ObjectAttributes {
    /// Creates the attributes of an existing object, to store them with a copy, or to change some of them by copying the
    /// object onto itself.
    ///
    /// The access control list, the encryption, the retention and the legal hold of the object are not included.
    ///
    /// - Parameters:
    ///   - object: Metadata of the object, as ``Bucket/headObject(_:options:)`` returns it.
    ///   - tags: Tags of the object, as ``Bucket/objectTags(_:versionID:)`` returns them.
    public init(copying object: ObjectMetadata, tags: [String: String]) {
        isCopied = true
        contentType = object.contentType
        cacheControl = object.cacheControl
        contentDisposition = object.contentDisposition
        contentEncoding = object.contentEncoding
        expires = object.expires.flatMap(HTTPDate.date(from:))
        copiedExpires = object.expires
        metadata = object.metadata
        storageClass = object.storageClass
        self.tags = tags
    }
}
