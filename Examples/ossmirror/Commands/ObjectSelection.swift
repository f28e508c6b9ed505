import AliyunOSS

/// The objects that a command changes: those with the given addresses or, with `-r`, all objects under the addresses.
struct ObjectSelection: Equatable, Sendable {
    /// Addresses in the same bucket.
    let addresses: [RemoteAddress]
    let isRecursive: Bool
    /// Version to change; `nil` for the current one.
    let versionID: String?
    /// Number of objects that are changed at the same time.
    let concurrency: Int

    /// Reads the addresses from some of the operands.
    init(_ scanned: ScannedArguments, operands: Range<Int>) throws(UsageError) {
        var addresses: [RemoteAddress] = []
        for index in operands { addresses.append(try scanned.address(index)) }
        try self.init(scanned, addresses)
    }

    init(_ scanned: ScannedArguments, _ addresses: [RemoteAddress]) throws(UsageError) {
        (self.addresses, isRecursive) = (addresses, scanned.has("--recursive"))
        versionID = scanned.values["--version-id"]
        concurrency = scanned.number("--concurrency") ?? 30
        guard addresses.allSatisfy({ $0.bucket == addresses[0].bucket }) else {
            throw UsageError("all addresses must be in the same bucket; run ossmirror once for each bucket")
        }
        guard isRecursive else {
            for address in addresses { try address.requireKey() }
            if versionID != nil, addresses.count > 1 { throw UsageError("--version-id requires a single object") }
            return
        }
        guard versionID == nil else { throw UsageError("--version-id does not apply to -r; remove one of them") }
    }

    /// Name of the bucket.
    var bucket: String { addresses[0].bucket }
}

/// An object to change.
struct SelectedObject: Sendable {
    let key: ObjectKey
    /// The object in the listing; `nil` if its address was given.
    var listed: ObjectSummary?
}

/// A change of the selected objects, several at a time. A failed object does not stop the others.
struct ObjectChange: Sendable {
    let verb: Verb
    let selection: ObjectSelection
    let output: OutputArguments
    let isDryRun: Bool

    init(_ scanned: ScannedArguments, _ selection: ObjectSelection) {
        (verb, self.selection) = (scanned.verb, selection)
        (output, isDryRun) = (OutputArguments(scanned), scanned.has("--dry-run"))
    }

    /// Changes every object and returns a report. In a dry run, prints the keys only.
    ///
    /// - Parameter change: Closure that changes an object, and returns a participle for the summary, such as `tagged`.
    func run(
        in bucket: Bucket, _ change: @escaping @Sendable (SelectedObject) async throws -> String
    ) async throws -> ChangeReport {
        var report = ChangeReport(command: verb, isDryRun: isDryRun)
        for address in selection.addresses {
            do {
                guard selection.isRecursive else {
                    let key = try ObjectKey(address.key)
                    try await apply(change, to: [SelectedObject(key: key)].async, &report)
                    continue
                }
                let listing = bucket.listObjects(prefix: address.folder)
                let count = try await apply(
                    change, to: listing.map { SelectedObject(key: $0.key, listed: $0) }, &report)
                if count == 0 {
                    throw OSSError(
                        .notFound, "no objects under this prefix; omit -r to name one object", bucket: address.bucket)
                }
            } catch let error as OSSError {
                report.fail(selection.isRecursive ? address.folder : address.key, error)
            }
        }
        return report
    }

    /// Changes the objects of a sequence and returns their number.
    @discardableResult
    private func apply<Objects: AsyncSequence>(
        _ change: @escaping @Sendable (SelectedObject) async throws -> String, to objects: Objects,
        _ report: inout ChangeReport
    ) async throws -> Int where Objects.Element == SelectedObject {
        var (count, running) = (0, 0)
        var listingError: (any Error)?
        try await withThrowingTaskGroup(of: (ObjectKey, Result<String, OSSError>).self) { group in
            do {
                for try await object in objects {
                    count += 1
                    if isDryRun {
                        announce(object.key)
                        report.count("changed")
                        continue
                    }
                    if running == selection.concurrency, let (key, result) = try await group.next() {
                        report.record(key, result)
                        running -= 1
                    }
                    group.addTask {
                        do {
                            return (object.key, .success(try await change(object)))
                        } catch let error as OSSError {
                            return (object.key, .failure(error))
                        }
                    }
                    running += 1
                }
            } catch let error as OSSError {
                // The objects that were listed before are still changed.
                listingError = error
            }
            for try await (key, result) in group { report.record(key, result) }
        }
        if let listingError { throw listingError }
        return count
    }

    private func announce(_ key: ObjectKey) {
        guard !output.json, !output.quiet else { return }
        try? StandardStream.output.line("\(verb.rawValue) \(Printable.line(key.rawValue))")
    }

    /// Prints a report and returns the exit status.
    func finish(_ report: ChangeReport) throws -> Int32 {
        if output.json {
            try JSONOutput.print(report)
        } else if !output.quiet {
            try StandardStream.output.resultLine(report.summary)
        }
        return report.succeeded ? ExitStatus.success : ExitStatus.failure
    }
}

/// The result of a command that changes several objects.
struct ChangeReport: Encodable {
    struct Failure: Encodable {
        var key: String
        var error: JSONError
    }

    var command: Verb
    var succeeded = true
    var isDryRun: Bool
    /// Number of objects by result, such as `tagged`.
    private(set) var counts: [String: Int] = [:]
    private(set) var failed = 0
    /// The first thousand failures. All of them are also written to standard error.
    private(set) var failures: [Failure] = []

    init(command: Verb, isDryRun: Bool) {
        (self.command, self.isDryRun) = (command, isDryRun)
    }

    mutating func count(_ result: String, _ number: Int = 1) { counts[result, default: 0] += number }

    mutating func fail(_ key: String, _ error: OSSError) {
        (succeeded, failed) = (false, failed + 1)
        // The description of an error of the service contains the address.
        Diagnostics.say((error.key == nil ? "\(key): " : "") + Explanation.of(error))
        if failures.count < 1000 { failures.append(Failure(key: key, error: JSONError(error))) }
    }

    fileprivate mutating func record(_ key: ObjectKey, _ result: Result<String, OSSError>) {
        switch result {
        case .success(let text): count(text)
        case .failure(let error): fail(key.rawValue, error)
        }
    }

    /// A line such as `tagged 3, failed 0`.
    var summary: String {
        let done = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return (isDryRun ? "would have " : "") + (done + ["failed \(failed)"]).joined(separator: ", ")
    }
}

extension Sequence where Self: Sendable, Element: Sendable {
    /// The elements as an asynchronous sequence.
    fileprivate var async: AsyncStream<Element> {
        AsyncStream { continuation in
            for element in self { continuation.yield(element) }
            continuation.finish()
        }
    }
}
