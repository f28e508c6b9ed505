import Foundation

/// Makes an object of parts: goes on where an earlier attempt stopped, and leaves what the next one can go on with.
///
/// It is the same for a file and for another object; what differs is the source's to know.
struct MultipartTransfer<Source: PartSource>: Sendable {
    let bucket: Bucket
    let key: ObjectKey
    let source: Source
    /// What its user remembers of an earlier attempt, when the library does not.
    let remembered: Source.Resumable?
    let options: UploadOptions
    let slots: AsyncSemaphore?
    let meter: ProgressMeter

    private typealias Resumable = Source.Resumable
    private typealias TransferJournal = Journal<Resumable, NoRecord>

    /// What became of it.
    struct Outcome: Sendable {
        var stored: PutObjectResult
        var partCount: Int
        var resumedBytes: Int64
    }

    /// What there is to go on with.
    private enum Beginning {
        case parts(Resumable, MultipartUpload, [Int: UploadedPart])
        case completed(Resumable, PutObjectResult)
        /// There may be parts, and these credentials may neither see nor remove them.
        case hidden
    }

    func run() async throws -> Outcome {
        let journal = try TransferJournal(
            Resumable.kind, identity: identity, in: bucket.client.configuration.stateDirectory)
        defer { journal?.release() }
        var beginning = try await resume(journal?.previous?.header ?? remembered)
        var hasRestarted = false
        while true {
            let resumable: Resumable
            let upload: MultipartUpload
            var existing: [Int: UploadedPart] = [:]
            switch beginning {
            case .completed(let resumable, let stored):
                journal?.remove()
                return Outcome(
                    stored: stored, partCount: try plan(resumable.partSize).count, resumedBytes: source.size)
            case .parts(let resumed, let known, let parts):
                (resumable, upload, existing) = (resumed, known, parts)
                // It may be the caller who remembered it.
                if journal?.holdsHeader == false { try? journal?.begin(resumable) }
            case .hidden: (resumable, upload) = try await begin(journal, isFirst: false)
            case nil: (resumable, upload) = try await begin(journal)
            }
            do {
                let outcome = try await finish(upload, try plan(resumable.partSize), existing, journal)
                journal?.remove()
                return outcome
            } catch let error as OSSError where error.isNoSuchUpload && !hasRestarted {
                // Somebody aborted it: a lifecycle rule, an operator. Once from the start.
                hasRestarted = true
                beginning = nil
                meter.restart()
            } catch {
                throw await interrupted(by: error, resumable, upload, journal)
            }
        }
    }

    private func plan(_ partSize: Int64?) throws(OSSError) -> PartPlan {
        try PartPlan(size: source.size, partSize: partSize, preferred: source.preferredPartSize)
    }

    private var identity: [String] { bucket.journalIdentity(key, source.identity) }

    // MARK: Beginning

    private func begin(
        _ journal: TransferJournal?, isFirst: Bool = true
    ) async throws -> (Resumable, MultipartUpload) {
        let begun = bucket.client.now
        do {
            var resumable = source.resumable(
                partSize: try plan(options.partSize).partSize, attributesChecksum: try options.attributes.checksum(),
                begun: begun)
            // Before the service is asked: a process that is killed right after leaves an upload that is known of. But
            // what is remembered of another is not given up before there is something better.
            if isFirst { try? journal?.begin(resumable) }
            let upload = try await slots.withPermit {
                try await bucket.initiateMultipartUpload(key, options: options.putOptions)
            }
            resumable.uploadID = upload.uploadID
            try? journal?.replace(resumable)
            return (resumable, upload)
        } catch {
            if !ResumeVerdict.canResume(after: error) {
                // When it was refused for good, there is nothing to remember.
                journal?.remove()
            } else if options.interruptionPolicy == .discard {
                await discardUnnamed(begunSince: begun)
                journal?.remove()
            }
            throw error
        }
    }

    /// Removes the upload that may have been begun a moment ago although its name never arrived: nothing is to be left.
    /// Should that fail, it has no parts, and costs nothing until somebody finds it.
    private func discardUnnamed(begunSince moment: Date) async {
        _ = await bucket.cleanUp { [bucket, key] in
            try await bucket.abortAllEmptyUploads(of: key, begunSince: moment)
        }
    }

    /// What an earlier attempt left that is of use. What is not is removed.
    private func resume(_ previous: Resumable?) async throws -> Beginning? {
        guard let previous, previous.bucket == bucket.name, previous.key.utf8.elementsEqual(key.rawValue.utf8),
            previous.endpoint == "\(bucket.client.endpoint)"
        else { return nil }
        guard let uploadID = previous.uploadID else {
            try await slots.withPermit { try await bucket.abortEmptyUploads(of: key, begunSince: previous.begun) }
            return nil
        }
        let upload = MultipartUpload(key: key, uploadID: uploadID)
        guard source.isSource(of: previous), previous.attributesChecksum == (try options.attributes.checksum()),
            options.partSize ?? previous.partSize == previous.partSize, let plan = try? plan(previous.partSize)
        else {
            return try await remove(upload) ? nil : .hidden
        }
        do {
            return .parts(previous, upload, try await intactParts(upload, plan))
        } catch let error as OSSError where error.isNoSuchUpload {
            // Aborted, or completed by an attempt that did not live to hear of it.
            let checksum = try await source.checksum()
            let stored = try await slots.withPermit {
                try await bucket.completed(
                    upload, size: plan.size, checksum: checksum, partCount: plan.count, since: previous.begun)
            }
            return stored.map { .completed(previous, $0) }
        } catch let error as OSSError where error.serviceError?.code == "AccessDenied" {
            // Who may upload need not be allowed to list parts, nor to abort.
            return try await remove(upload) ? nil : .hidden
        }
    }

    /// Removes what an earlier attempt left that is of no use.
    ///
    /// - Returns: whether it is gone; not, when these credentials may not remove it: then they never may.
    /// - Throws: what else kept it from being removed. What is remembered is its only name, and is kept until it is gone.
    private func remove(_ upload: MultipartUpload) async throws -> Bool {
        do {
            try await slots.withPermit { try await bucket.abortMultipartUpload(upload) }
            return true
        } catch let error as OSSError where error.code == .accessDenied {
            return false
        } catch let error as OSSError {
            throw error.explained(
                "an earlier attempt left the upload \(upload.uploadID), which is of no use any more; it could not be aborted, "
                    + "and is billed until it is: \(Resumable.kind) it again, or see incompleteMultipartUploads")
        }
    }

    // MARK: Finishing

    private func finish(
        _ upload: MultipartUpload, _ plan: PartPlan, _ existing: [Int: UploadedPart], _ journal: TransferJournal?
    ) async throws -> Outcome {
        let session = PartUploader(
            bucket: bucket, upload: upload, plan: plan, concurrency: options.concurrency, slots: slots
        ) { number, range in
            let part = try await source.makePart(number, range, of: upload)
            meter.finishPart(number, bytes: part.size)
            journal?.touch()
            return part
        }
        let resumedBytes = existing.values.reduce(0) { $0 + $1.size }
        meter.skip(bytes: resumedBytes)
        var parts = try await session.makeParts(except: existing)
        let stored: PutObjectResult
        do {
            stored = try await join(parts, upload)
        } catch let error as OSSError where error.serviceError?.code == "InvalidPart" {
            // The service has other parts than it said. What it has now is the truth, and the rest is made again.
            parts = try await session.makeParts(except: try await intactParts(upload, plan))
            stored = try await join(parts, upload)
        }
        return Outcome(stored: stored, partCount: plan.count, resumedBytes: resumedBytes)
    }

    private func join(_ parts: [UploadedPart], _ upload: MultipartUpload) async throws -> PutObjectResult {
        let checksum = try await source.verify(parts)
        return try await slots.withPermit {
            try await MultipartCompletion(bucket: bucket, upload: upload, size: source.size, partCount: parts.count)
                .complete(parts, checksum: checksum, options: options.putOptions)
        }
    }

    /// The parts that the service has and that are what the source has in their place.
    private func intactParts(_ upload: MultipartUpload, _ plan: PartPlan) async throws -> [Int: UploadedPart] {
        // Compared after the listing: comparing reads the source, which must not keep a permit from other requests.
        let listed = try await slots.withPermit {
            try await bucket.listParts(of: upload).reduce(into: [UploadedPart]()) { $0.append($1) }
        }
        var parts: [Int: UploadedPart] = [:]
        for part in listed where part.number <= plan.count {
            if try await source.matches(part, at: plan.range(of: part.number)) { parts[part.number] = part }
        }
        return parts
    }

    // MARK: Ending unfinished

    /// Keeps or removes what was made, and says in the error what became of it.
    private func interrupted(
        by error: any Error, _ resumable: Resumable, _ upload: MultipartUpload, _ journal: TransferJournal?
    ) async -> any Error {
        let isRemembered = journal?.holdsHeader == true || options.onInterruption != nil
        let canResume = ResumeVerdict.canResume(after: error) && isRemembered
        if options.interruptionPolicy == .keep, canResume {
            options.onInterruption?(resumable.transfer)
            return (error as? OSSError)?.explained(
                "the finished parts are kept (upload \(upload.uploadID)): \(Resumable.kind) it again to go on") ?? error
        }
        if await bucket.abortShielded(upload) {
            journal?.remove()
            return error
        }
        // The journal stays: the next attempt finds the upload by it.
        return (error as? OSSError)?.explained(
            "the upload \(upload.uploadID) could not be aborted and is billed until it is: see incompleteMultipartUploads"
        )
            ?? error
    }
}

/// Where the parts of an object come from: a file, or another object.
protocol PartSource: Sendable {
    /// What a transfer from it can be resumed from.
    associatedtype Resumable: ResumableParts

    /// The size of the whole in bytes.
    var size: Int64 { get }
    /// What the size of a part starts from, where nobody asks for a certain one.
    var preferredPartSize: Int64 { get }
    /// What it is recognised by the next time.
    var identity: [String] { get }

    /// What a transfer that is about to begin can be resumed from.
    func resumable(partSize: Int64, attributesChecksum: UInt64, begun: Date) -> Resumable
    /// Whether an earlier transfer was from this source, and as it is now.
    func isSource(of resumable: Resumable) -> Bool

    /// Makes one part.
    func makePart(_ number: Int, _ range: Range<Int64>, of upload: MultipartUpload) async throws -> UploadedPart
    /// Whether a part that the service has is what the source has there.
    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool

    /// Makes sure that all parts are of one and the same source, before they are joined.
    ///
    /// - Returns: CRC-64 of the whole, as far as it is known.
    func verify(_ parts: [UploadedPart]) async throws -> UInt64?
    /// CRC-64 of the whole, to recognise it by; `nil` when it cannot be recognised.
    func checksum() async throws -> UInt64?
}

/// An upload in parts under way: what is there and what is missing.
///
/// It does not know what parts are made from; a file and another object are both fine.
struct PartUploader: Sendable {
    let bucket: Bucket
    let upload: MultipartUpload
    let plan: PartPlan
    /// How many parts are in the air at once.
    let concurrency: Int
    /// What parts of several objects share, when they are transferred together.
    let slots: AsyncSemaphore?
    /// Makes one part.
    let makePart: @Sendable (_ number: Int, _ range: Range<Int64>) async throws -> UploadedPart

    /// Makes the parts that are missing, and returns all of them in order.
    ///
    /// The first part that fails for good ends the others.
    func makeParts(except existing: [Int: UploadedPart]) async throws -> [UploadedPart] {
        var parts = existing
        var numbers = (1...plan.count).lazy.filter { existing[$0] == nil }.makeIterator()
        try await TaskPool.forEach(limit: concurrency) {
            numbers.next()
        } work: { number in
            try await slots.withPermit { try await makePart(number, plan.range(of: number)) }
        } onValue: { part in
            parts[part.number] = part
        }
        return parts.values.sorted { $0.number < $1.number }
    }
}
