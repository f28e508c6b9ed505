import Foundation
import OSSPrimitives

/// Uploads one file in parts: goes on where an earlier attempt stopped, and leaves what the next one can go on with.
struct FileUpload: Sendable {
    let bucket: Bucket
    let key: ObjectKey
    let source: UploadSource
    let options: UploadOptions
    let slots: AsyncSemaphore?
    let meter: ProgressMeter

    private typealias UploadJournal = Journal<ResumableUpload, NoRecord>

    /// What there is to go on with.
    private enum Beginning {
        case parts(ResumableUpload, MultipartUpload, [Int: UploadedPart])
        case completed(ResumableUpload, PutObjectResult)
    }

    func run() async throws -> UploadResult {
        let journal = UploadJournal("upload", identity: identity, in: bucket.client.configuration.stateDirectory)
        var beginning = try await resume(journal?.previous?.header ?? options.resuming)
        var hasRestarted = false
        while true {
            let state: ResumableUpload
            let upload: MultipartUpload
            var existing: [Int: UploadedPart] = [:]
            switch beginning {
            case .completed(let state, let result):
                journal?.remove()
                return self.result(result, partCount: try plan(state.partSize).count, resumedBytes: source.status.size)
            case .parts(let resumed, let known, let parts): (state, upload, existing) = (resumed, known, parts)
            case nil: (state, upload) = try await begin(journal)
            }
            do {
                let result = try await finish(upload, try plan(state.partSize), existing)
                journal?.remove()
                return result
            } catch let error as OSSError where error.isNoSuchUpload && !hasRestarted {
                // Somebody aborted it: a lifecycle rule, an operator. Once from the start.
                hasRestarted = true
                beginning = nil
                meter.restart()
            } catch {
                throw await interrupted(by: error, state, upload, journal)
            }
        }
    }

    private func plan(_ partSize: Int64?) throws(OSSError) -> PartPlan {
        try PartPlan(
            size: source.status.size, partSize: partSize,
            preferred: bucket.client.preferredPartSize(PartPlan.defaultPartSize))
    }

    private var identity: [String] {
        ["\(bucket.client.endpoint)", bucket.name, key.rawValue, source.path]
    }

    // MARK: Beginning

    private func begin(_ journal: UploadJournal?) async throws -> (ResumableUpload, MultipartUpload) {
        var state = ResumableUpload(
            endpoint: "\(bucket.client.endpoint)", bucket: bucket.name, key: key.rawValue, path: source.path,
            source: source.status, partSize: try plan(options.partSize).partSize,
            attributesChecksum: try options.attributes.checksum(), begun: bucket.client.now)
        // Before the service is asked: a process that is killed right after leaves an upload that is known of.
        try? journal?.begin(state)
        let upload = try await bucket.initiateMultipartUpload(key, options: options.putOptions)
        state.uploadID = upload.uploadID
        try? journal?.begin(state)
        return (state, upload)
    }

    /// What an earlier attempt left that is of use. What is not is removed.
    private func resume(_ previous: ResumableUpload?) async throws -> Beginning? {
        guard let previous, previous.bucket == bucket.name, previous.key.utf8.elementsEqual(key.rawValue.utf8),
            previous.endpoint == "\(bucket.client.endpoint)"
        else { return nil }
        guard let uploadID = previous.uploadID else {
            try await bucket.abortEmptyUploads(of: key, begunSince: previous.begun)
            return nil
        }
        let upload = MultipartUpload(key: key, uploadID: uploadID)
        guard !previous.source.mayDiffer(from: source.status),
            previous.attributesChecksum == (try options.attributes.checksum()),
            options.partSize ?? previous.partSize == previous.partSize, let plan = try? plan(previous.partSize)
        else {
            try? await bucket.abortMultipartUpload(upload)
            return nil
        }
        do {
            return .parts(previous, upload, try await intactParts(upload, plan))
        } catch let error as OSSError where error.isNoSuchUpload {
            // Aborted, or completed by an attempt that did not live to hear of it.
            let checksum = try await ContentDigest(
                of: FileSlice(source.file, offset: 0, length: plan.size), md5: false
            ).crc64
            let result = try await bucket.completed(
                upload, size: plan.size, checksum: checksum, partCount: plan.count)
            return result.map { .completed(previous, $0) }
        }
    }

    // MARK: Finishing

    private func finish(
        _ upload: MultipartUpload, _ plan: PartPlan, _ existing: [Int: UploadedPart]
    ) async throws -> UploadResult {
        let session = MultipartSession(
            bucket: bucket, upload: upload, plan: plan, concurrency: options.concurrency, slots: slots
        ) { number, range in
            let slice = FileSlice(source.file, offset: range.lowerBound, length: range.upperBound - range.lowerBound)
            let part = try await bucket.uploadPart(number, of: upload, slice, unlessChanged: source.change) {
                meter.part(number, moved: $0.bytesSent)
            }
            meter.finishPart(number, bytes: part.size)
            return part
        }
        let resumedBytes = existing.values.reduce(0) { $0 + $1.size }
        meter.skip(bytes: resumedBytes)
        var parts = try await session.makeParts(except: existing)
        try await checkSource(against: CompletedParts.checksum(of: parts))
        let completion = CompletedParts(bucket: bucket, upload: upload, size: plan.size, partCount: plan.count)
        let stored: PutObjectResult
        do {
            stored = try await completion.complete(parts, options: options.putOptions)
        } catch let error as OSSError where error.reply?.code == "InvalidPart" {
            // The service has other parts than it said. What it has now is the truth, and the rest is sent again.
            parts = try await session.makeParts(except: try await intactParts(upload, plan))
            stored = try await completion.complete(parts, options: options.putOptions)
        }
        return result(stored, partCount: plan.count, resumedBytes: resumedBytes)
    }

    /// Makes sure that all parts are of one and the same file.
    private func checkSource(against checksum: UInt64?) async throws {
        if let change = source.change() { throw described(change) }
        guard options.rereadsSource, let checksum else { return }
        let whole = FileSlice(source.file, offset: 0, length: source.status.size)
        guard try await ContentDigest(of: whole, md5: false).crc64 != checksum else { return }
        throw described(
            OSSError(.sourceChanged, "'\(source.file.path)' has other bytes than were uploaded; upload it again"))
    }

    /// The parts that the service has and that are what the file has in their place.
    private func intactParts(_ upload: MultipartUpload, _ plan: PartPlan) async throws -> [Int: UploadedPart] {
        var parts: [Int: UploadedPart] = [:]
        for try await part in bucket.listParts(of: upload) where part.number <= plan.count {
            if try await source.matches(part, at: plan.range(of: part.number)) { parts[part.number] = part }
        }
        return parts
    }

    private func result(_ stored: PutObjectResult, partCount: Int, resumedBytes: Int64) -> UploadResult {
        UploadResult(
            size: source.status.size, eTag: stored.eTag, checksum: stored.checksum,
            integrity: stored.checksum == nil ? .lengthOnly : .checksum, partCount: partCount,
            resumedBytes: resumedBytes, versionID: stored.versionID, requestID: stored.requestID)
    }

    // MARK: Ending unfinished

    /// Keeps or removes what was uploaded, and says in the error what became of it.
    private func interrupted(
        by error: any Error, _ state: ResumableUpload, _ upload: MultipartUpload, _ journal: UploadJournal?
    ) async -> any Error {
        let canResume = ResumeVerdict.canResume(after: error) && (journal != nil || options.onInterruption != nil)
        if options.whenInterrupted == .keep, canResume {
            options.onInterruption?(.upload(state))
            return (error as? OSSError)?.explained(
                "what was uploaded is kept (upload \(upload.uploadID)): upload it again to go on") ?? error
        }
        if await bucket.abortShielded(upload) {
            journal?.remove()
            return error
        }
        // The journal stays: the next attempt finds the upload by it.
        return (error as? OSSError)?.explained(
            "the upload \(upload.uploadID) could not be aborted and is billed until it is: see abandonedUploads")
            ?? error
    }

    private func described(_ error: OSSError) -> OSSError {
        var error = error
        (error.operation, error.bucket, error.key) = ("UploadPart", bucket.name, key)
        return error
    }
}
