import AliyunOSS
import Foundation

/// The commands `cp`, `mv` and `put` for single files and objects.
struct ObjectTransferCommand: Command {
    let verb: Verb
    let sources: [TransferLocation]
    let destination: TransferLocation
    let connection: ConnectionArguments
    let output: OutputArguments
    let limits: LimitArguments
    let concurrency: Int?
    let versionID: String?
    let failFast: Bool
    let options: MirrorOptions

    init(_ scanned: ScannedArguments) throws(UsageError) {
        verb = scanned.verb
        var locations: [TransferLocation] = []
        for operand in scanned.operands { locations.append(try TransferLocation(operand)) }
        sources = Array(locations.dropLast())
        destination = locations[locations.count - 1]
        if verb == .mv, locations.contains(.standardStream) {
            throw UsageError("'mv' does not accept '-', because a stream cannot be removed; use 'cp'")
        }
        if sources.count > 1, sources.contains(.standardStream) {
            throw UsageError("'-' cannot be combined with other sources")
        }
        if verb == .put, case .remote? = sources.first {
            throw UsageError("'put' stores standard input or a file; use 'cp' to copy objects")
        }
        versionID = scanned.values["--version-id"]
        if versionID != nil, sources.count > 1 { throw UsageError("--version-id requires a single source") }
        let known = Set(CommandDescription.objectOptions(of: .up).map(\.name) + Option.connection.map(\.name))
            .union(CommandDescription.objectOptions(of: .down).map(\.name)).union([Option.versionID.name])
        for name in scanned.flags + scanned.pairs.map(\.name) where !known.contains(name) {
            throw UsageError("\(name) requires --recursive")
        }
        connection = try ConnectionArguments(scanned)
        output = OutputArguments(scanned)
        limits = LimitArguments(scanned)
        concurrency = scanned.number("--concurrency")
        failFast = scanned.flags.last { $0 == "--fail-fast" || $0 == "--keep-going" } == "--fail-fast"
        options = try MirrorOptions(scanned)
        // The paths of the file system do not matter for the kinds of the arguments.
        for transfer in try plan(isFolder: { _ in false }) {
            if case .upload = transfer, versionID != nil {
                throw UsageError("--version-id does not apply to an upload; remove the option")
            }
            var scanned = scanned
            scanned.pairs.removeAll { $0.name == Option.versionID.name }
            try scanned.requireOptions(of: transfer.direction)
        }
    }

    private func plan(isFolder: (String) -> Bool) throws(UsageError) -> [ObjectTransfer] {
        // With several sources, a destination that is no folder is an error that only the file system reveals.
        try ObjectTransfer.plan(
            sources, to: destination, verb: verb, isFolder: { isFolder($0) || sources.count > 1 && $0 == path })
    }

    /// The local path of the destination, or `nil` if the destination is not local.
    private var path: String? { if case .path(let path) = destination { path } else { nil } }

    func run() async throws -> Int32 {
        if sources.count > 1, let path, SingleObject.isFile(path) {
            throw UsageError("'\(path)' is a file, but several sources require a folder; choose another destination")
        }
        let transfers = try plan { SingleObject.isFolder($0) }
        var report = Report(command: verb, isDryRun: options.dryRun)
        if options.dryRun {
            for transfer in transfers { announce(Outcome(transfer)) }
            report.transfers = transfers.map { Outcome($0) }
        } else {
            if let path, path.hasSuffix("/") || sources.count > 1 {
                do {
                    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                } catch {
                    throw OSSError(
                        .fileSystem, "cannot create the folder '\(path)': \(error.localizedDescription)",
                        underlying: error)
                }
            }
            try await perform(transfers, &report)
        }
        if output.json, destination != .standardStream { try JSONOutput.print(report) }
        return report.succeeded ? ExitStatus.success : ExitStatus.failure
    }

    /// Performs the transfers, several at a time unless a standard stream requires their order.
    private func perform(_ transfers: [ObjectTransfer], _ report: inout Report) async throws {
        var buckets: [String: Bucket] = [:]
        for name in Set(transfers.flatMap(\.buckets)) {
            buckets[name] = try await Connection.bucket(
                name, connection, concurrency: concurrency ?? 0, limits: limits)
        }
        let progress = ObjectTransferProgress(count: transfers.count)
        let worker = ObjectTransferWorker(command: self, buckets: buckets, progress: progress)
        defer { ProgressDisplay.shared.finish() }
        if destination != .standardStream { ProgressDisplay.shared.start(output) { progress.status } }
        let width = destination == .standardStream ? 1 : Self.concurrentTransfers
        try await withThrowingTaskGroup(of: (Int, Result<Outcome, any Error>).self) { group in
            var waiting = transfers.enumerated().makeIterator()
            var outcomes: [Int: Outcome] = [:]
            func startNext() {
                guard let (index, transfer) = waiting.next() else { return }
                group.addTask { (index, await Self.result { try await worker.run(transfer, index) }) }
            }
            for _ in 0..<width { startNext() }
            while let (index, result) = try await group.next() {
                var outcome = Outcome(transfers[index])
                do {
                    outcome = try result.get()
                    announce(outcome)
                } catch let error where !(error is CancellationError || error is ReaderLeft || error is WriteFailed) {
                    outcome.error = JSONError(error)
                    // A single failure is the error of the command.
                    if transfers.count == 1 { throw error }
                    Diagnostics.say("\(transfers[index].source): \(Explanation.of(error))")
                }
                outcomes[index] = outcome
                if outcome.error == nil || !failFast { startNext() }
            }
            for (_, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
                if outcome.error == nil { report.transfers.append(outcome) } else { report.failures.append(outcome) }
            }
        }
    }

    private static func result(_ body: () async throws -> Outcome) async -> Result<Outcome, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private static let concurrentTransfers = 8

    // MARK: Report

    /// The JSON output.
    private struct Report: Encodable {
        var command: Verb
        var succeeded: Bool { failures.isEmpty }
        var isDryRun: Bool
        var transfers: [Outcome] = []
        var failures: [Outcome] = []

        private enum CodingKeys: String, CodingKey { case command, succeeded, isDryRun, transfers, failures }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(command, forKey: .command)
            try container.encode(succeeded, forKey: .succeeded)
            try container.encode(isDryRun, forKey: .isDryRun)
            try container.encode(transfers, forKey: .transfers)
            try container.encode(failures, forKey: .failures)
        }
    }

    /// The outcome of one transfer, or the transfer itself in a dry run.
    struct Outcome: Encodable, Sendable {
        var source: String
        var destination: String
        var size: Int64?
        var eTag: String?
        var crc64: String?
        var versionID: String?
        var integrity: String?
        var sourceRemoved: Bool?
        var error: JSONError?

        init(_ transfer: ObjectTransfer) {
            (source, destination) = (transfer.source.description, transfer.destination.description)
            participle = transfer.participle
        }

        fileprivate var participle: String

        private enum CodingKeys: String, CodingKey {
            case source, destination, size, eTag, crc64, versionID, integrity, sourceRemoved, error
        }
    }

    /// Prints a line such as `uploaded a.jpg to oss://photos/a.jpg, 1.2 MiB`.
    private func announce(_ outcome: Outcome) {
        guard !output.json, !output.quiet, destination != .standardStream else { return }
        let action = verb == .mv ? "moved" : outcome.participle
        var line = (options.dryRun ? "would have " : "") + "\(action) \(Printable.line(outcome.source)) to "
        line += Printable.line(outcome.destination)
        if let size = outcome.size { line += ", \(Readable.bytes(size))" }
        ProgressDisplay.shared.print(line, to: .output)
    }
}

extension ObjectTransfer {
    /// Names of the buckets whose objects the transfer reads or writes.
    fileprivate var buckets: [String] {
        [source, destination].compactMap { if case .remote(let address) = $0 { address.bucket } else { nil } }
    }
}
