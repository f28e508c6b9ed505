import Foundation

/// Uploads one file in parts, read straight from the disk.
struct FileUpload: PartSource {
    let bucket: Bucket
    let key: ObjectKey
    let source: UploadSource
    let options: UploadOptions
    let slots: AsyncSemaphore?
    let meter: ProgressMeter

    func run() async throws -> UploadResult {
        let outcome = try await MultipartTransfer(
            bucket: bucket, key: key, source: self, remembered: options.resuming, options: options, slots: slots,
            meter: meter
        ).run()
        let stored = outcome.stored
        return UploadResult(
            size: size, eTag: stored.eTag, checksum: stored.checksum,
            integrity: stored.checksum == nil ? .lengthOnly : .checksum, partCount: outcome.partCount,
            resumedBytes: outcome.resumedBytes, versionID: stored.versionID, requestID: stored.requestID)
    }

    // MARK: What the file is

    var size: Int64 { source.content.length }

    var preferredPartSize: Int64 { bucket.client.preferredPartSize(PartPlan.defaultPartSize) }

    var identity: [String] { [source.path] }

    func resumable(partSize: Int64, attributesChecksum: UInt64, begun: Date) -> ResumableUpload {
        ResumableUpload(
            endpoint: "\(bucket.client.endpoint)", bucket: bucket.name, key: key.rawValue, path: source.path,
            source: source.status, partSize: partSize, attributesChecksum: attributesChecksum, begun: begun)
    }

    func isSource(of resumable: ResumableUpload) -> Bool {
        !resumable.source.hasChanged(from: source.status)
    }

    // MARK: Its parts

    func makePart(_ number: Int, _ range: Range<Int64>, of upload: MultipartUpload) async throws -> UploadedPart {
        try await bucket.uploadPart(number, of: upload, source.slice(range), unlessChanged: source.change) {
            meter.part(number, moved: $0.bytesSent)
        }
    }

    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool {
        try await source.matches(part, at: range)
    }

    func verify(_ parts: [UploadedPart]) async throws -> UInt64? {
        if let change = source.change() { throw described(change) }
        if options.rereadsSource, !(try await source.isStillSource(of: parts)) {
            throw described(
                OSSError(
                    .sourceChanged, "'\(source.file.path)' has other bytes than were uploaded; upload it again"))
        }
        return MultipartCompletion.checksum(of: parts)
    }

    func checksum() async throws -> UInt64? {
        try await ContentDigest(of: source.content, md5: false).crc64
    }

    private func described(_ error: OSSError) -> OSSError {
        var error = error
        (error.operation, error.bucket, error.key) = ("UploadPart", bucket.name, key)
        return error
    }
}
