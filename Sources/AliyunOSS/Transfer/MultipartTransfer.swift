import Foundation

/// A transfer that creates an object from parts of a file or of another object. It resumes an earlier attempt, and
/// leaves state for a later one.
struct MultipartTransfer<Source: PartSource>: Sendable {
    let bucket: Bucket
    let key: ObjectKey
    let source: Source
    /// The state of an earlier attempt, if the user stored it; otherwise, `nil`.
    let remembered: Source.Resumable?
    let options: any TransferOptions
    /// The attributes of the object, and whether the transfer may replace an existing object.
    let put: PutObjectOptions
    let slots: AsyncSemaphore?
    let meter: ProgressMeter

    private typealias Resumable = Source.Resumable
    private typealias TransferJournal = Journal<Resumable, NoRecord>

    /// The result of the transfer.
    struct Outcome: Sendable {
        var stored: PutObjectResult
        var partCount: Int
        var resumedBytes: Int64
    }

    /// The state in which the transfer starts.
    private enum Beginning {
        case parts(Resumable, MultipartUpload, [Int: UploadedPart])
        case completed(Resumable, PutObjectResult)
        /// Parts may exist, but the credentials permit neither listing nor removing them.
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
                // The state may come from the caller.
                if journal?.holdsHeader == false { try? journal?.begin(resumable) }
            case .hidden: (resumable, upload) = try await begin(journal, isFirst: false)
            case nil: (resumable, upload) = try await begin(journal)
            }
            do {
                let outcome = try await finish(upload, try plan(resumable.partSize), existing, journal)
                journal?.remove()
                return outcome
            } catch let error as OSSError where error.isNoSuchUpload && !hasRestarted {
                // The upload was aborted, for example by a lifecycle rule. The transfer starts over once.
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
        let started = bucket.client.now
        do {
            var resumable = source.resumable(
                partSize: try plan(options.partSize).partSize, attributesChecksum: try put.attributes.checksum(),
                started: started)
            // The journal is written before the request, so that an upload is known if the process is killed right
            // after it. The state of another upload is replaced only after the new one exists.
            if isFirst { try? journal?.begin(resumable) }
            let upload = try await slots.withPermit {
                try await bucket.initiateMultipartUpload(key, options: put)
            }
            resumable.uploadID = upload.uploadID
            try? journal?.replace(resumable)
            return (resumable, upload)
        } catch {
            if !canResume(after: error) {
                // After a permanent failure there is nothing to resume.
                journal?.remove()
            } else if options.interruptionPolicy == .discard {
                await abortUnknownUpload(startedSince: started)
                journal?.remove()
            }
            throw error
        }
    }

    /// Aborts an upload that may have been initiated although its ID was not received. If aborting it fails, nothing is
    /// lost, because the upload has no parts and costs nothing.
    private func abortUnknownUpload(startedSince moment: Date) async {
        _ = await bucket.cleanUp { [bucket, key] in
            try await bucket.abortAllEmptyUploads(of: key, startedSince: moment)
        }
    }

    /// Returns the usable state of an earlier attempt, or `nil` if there is none. Unusable state is removed.
    private func resume(_ previous: Resumable?) async throws -> Beginning? {
        guard let previous, previous.bucket == bucket.name, previous.key.utf8.elementsEqual(key.rawValue.utf8),
            previous.endpoint == "\(bucket.client.endpoint)"
        else { return nil }
        guard let uploadID = previous.uploadID else {
            try await slots.withPermit { try await bucket.abortEmptyUploads(of: key, startedSince: previous.started) }
            return nil
        }
        let upload = MultipartUpload(key: key, uploadID: uploadID)
        guard source.isSource(of: previous), previous.attributesChecksum == (try put.attributes.checksum()),
            options.partSize ?? previous.partSize == previous.partSize, let plan = try? plan(previous.partSize)
        else {
            return try await remove(upload) ? nil : .hidden
        }
        do {
            return .parts(previous, upload, try await intactParts(upload, plan))
        } catch let error as OSSError where error.isNoSuchUpload {
            // The upload was aborted, or completed by an attempt that was killed before it received the response.
            let checksum = try await source.checksum()
            let stored = try await slots.withPermit {
                try await bucket.completed(
                    upload, size: plan.size, checksum: checksum, partCount: plan.count, since: previous.started)
            }
            return stored.map { .completed(previous, $0) }
        } catch let error as OSSError where error.serviceError?.code == "AccessDenied" {
            // Credentials for uploads need not include listing parts or aborting.
            return try await remove(upload) ? nil : .hidden
        }
    }

    /// Aborts an upload that an earlier attempt started and that cannot be resumed.
    ///
    /// - Returns: Whether the upload was aborted; `false` if the credentials do not permit aborting it.
    /// - Throws: Any other error. The state contains the only copy of the upload ID, and is therefore kept until the
    ///   upload has been aborted.
    private func remove(_ upload: MultipartUpload) async throws -> Bool {
        do {
            try await slots.withPermit { try await bucket.abortMultipartUpload(upload) }
            return true
        } catch let error as OSSError where error.code == .accessDenied {
            return false
        } catch let error as OSSError {
            throw error.explained(
                "could not abort upload \(upload.uploadID) of an earlier attempt; its parts are billed until it is aborted; "
                    + "\(Resumable.kind) the object again, or see incompleteMultipartUploads")
        }
    }

    // MARK: Finishing

    private func finish(
        _ upload: MultipartUpload, _ plan: PartPlan, _ existing: [Int: UploadedPart], _ journal: TransferJournal?
    ) async throws -> Outcome {
        @Sendable func makePart(_ number: Int) async throws -> UploadedPart {
            let part = try await source.makePart(number, plan.range(of: number), of: upload)
            meter.finishPart(number, bytes: part.size)
            journal?.touch()
            return part
        }
        let resumedBytes = existing.values.reduce(0) { $0 + $1.size }
        meter.skip(bytes: resumedBytes)
        var parts = try await makeParts(plan, except: existing, makePart)
        let stored: PutObjectResult
        do {
            stored = try await join(parts, upload)
        } catch let error as OSSError where error.serviceError?.code == "InvalidPart" {
            // The service no longer has the parts that it listed. The current list is used, and the missing parts are
            // created again.
            parts = try await makeParts(plan, except: try await intactParts(upload, plan), makePart)
            stored = try await join(parts, upload)
        }
        return Outcome(stored: stored, partCount: plan.count, resumedBytes: resumedBytes)
    }

    /// Creates the missing parts and returns all parts in part-number order. The first permanent failure cancels the
    /// remaining parts.
    private func makeParts(
        _ plan: PartPlan, except existing: [Int: UploadedPart],
        _ makePart: @escaping @Sendable (Int) async throws -> UploadedPart
    ) async throws -> [UploadedPart] {
        var parts = existing
        var numbers = (1...plan.count).lazy.filter { existing[$0] == nil }.makeIterator()
        try await TaskPool.forEach(limit: options.concurrency) {
            numbers.next()
        } work: { number in
            try await slots.withPermit { try await makePart(number) }
        } onValue: { part in
            parts[part.number] = part
        }
        return parts.values.sorted { $0.number < $1.number }
    }

    private func join(_ parts: [UploadedPart], _ upload: MultipartUpload) async throws -> PutObjectResult {
        let checksum = try await source.verify(parts)
        return try await slots.withPermit {
            try await MultipartCompletion(bucket: bucket, upload: upload, size: source.size, partCount: parts.count)
                .complete(parts, checksum: checksum, options: put)
        }
    }

    /// Returns the uploaded parts that match the source, keyed by part number.
    private func intactParts(_ upload: MultipartUpload, _ plan: PartPlan) async throws -> [Int: UploadedPart] {
        // Comparing the parts reads the source, which must not occupy a permit that other requests need.
        let listed = try await slots.withPermit {
            try await bucket.listParts(of: upload).reduce(into: [UploadedPart]()) { $0.append($1) }
        }
        var parts: [Int: UploadedPart] = [:]
        for part in listed where part.number <= plan.count {
            if try await source.matches(part, at: plan.range(of: part.number)) { parts[part.number] = part }
        }
        return parts
    }

    // MARK: Interruption

    /// Keeps or removes the parts after a failure, and returns the error with a note about the parts.
    private func interrupted(
        by error: any Error, _ resumable: Resumable, _ upload: MultipartUpload, _ journal: TransferJournal?
    ) async -> any Error {
        let isRemembered = journal?.holdsHeader == true || options.onInterruption != nil
        let canResume = canResume(after: error) && isRemembered
        if options.interruptionPolicy == .keep, canResume {
            options.onInterruption?(resumable.transfer)
            return (error as? OSSError)?.explained(
                "the completed parts remain stored (upload ID \(upload.uploadID)); \(Resumable.kind) the object again to resume"
            )
                ?? error
        }
        if await bucket.abortShielded(upload) {
            journal?.remove()
            return error
        }
        // The journal stays, so the next attempt finds the upload.
        return (error as? OSSError)?.explained(
            "could not abort upload \(upload.uploadID), whose parts are billed until it is aborted; see incompleteMultipartUploads"
        )
            ?? error
    }
}

/// A source of parts, either a file or another object.
protocol PartSource: Sendable {
    /// The state from which a transfer can be resumed.
    associatedtype Resumable: ResumableParts

    /// Size of the object in bytes.
    var size: Int64 { get }
    /// Default part size for small objects, in bytes.
    var preferredPartSize: Int64 { get }
    /// The values that identify the source in the name of the journal.
    var identity: [String] { get }

    /// Returns the state of a transfer that is about to start.
    func resumable(partSize: Int64, attributesChecksum: UInt64, started: Date) -> Resumable
    /// Returns whether an earlier transfer read the current version of this source.
    func isSource(of resumable: Resumable) -> Bool

    /// Creates a part by uploading or copying a range of the source.
    func makePart(_ number: Int, _ range: Range<Int64>, of upload: MultipartUpload) async throws -> UploadedPart
    /// Returns whether an uploaded part matches a range of the source.
    func matches(_ part: UploadedPart, at range: Range<Int64>) async throws -> Bool

    /// Verifies, before the upload is completed, that all parts come from the same version of the source.
    ///
    /// - Returns: CRC-64 of the object, if known.
    func verify(_ parts: [UploadedPart]) async throws -> UInt64?
    /// Returns the CRC-64 that identifies the resulting object, or `nil` if the object cannot be identified.
    func checksum() async throws -> UInt64?
}
