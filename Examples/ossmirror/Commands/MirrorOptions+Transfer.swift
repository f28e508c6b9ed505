import AliyunOSS
import Foundation

extension DirectoryTransfer.Options {
    /// Takes over what the command line says.
    mutating func apply(_ arguments: MirrorOptions) throws {
        if let update = arguments.update.flatMap({ UpdateMode(rawValue: $0.rawValue) }) { self.update = update }
        snapshot = arguments.snapshot
        if arguments.deletes { deletion = DeletionOptions(arguments) }
        filter = try TransferFilter(arguments)
        compressedExtensions = arguments.compressedExtensions
        attributes.metadata = arguments.metadata
        attributes.cacheControl = arguments.cacheControl
        attributes.contentType = arguments.contentType
        attributes.storageClass = arguments.storageClass.map { StorageClass(rawValue: $0) }
        attributes.accessControl = arguments.acl.flatMap { AccessControl(rawValue: $0) }
        tracksRenames = arguments.tracksRenames
        switch arguments.clashes {
        case .keepFolder: clashes = .keepFolder
        case .keepFile: clashes = .keepFile
        case .keepNeither: clashes = .keepNeither
        case nil: break
        }
        dryRun = arguments.dryRun
        partition = try arguments.partition.map { try Partition($0.index, of: $0.count) }
    }
}

extension DeletionOptions {
    fileprivate init(_ arguments: MirrorOptions) {
        self.init()
        switch arguments.maximumDeletions {
        case .count(let count): limit = .count(count)
        case .percent(let percent): limit = .share(percent / 100)
        case nil: break
        }
        allowsEmptySource = arguments.allowsEmptySource
        backupFolder = arguments.backupDirectory
    }
}

extension TransferFilter {
    fileprivate init(_ arguments: MirrorOptions) throws {
        self.init()
        for rule in arguments.rules {
            switch rule {
            case .include(let pattern): try include(pattern)
            case .exclude(let pattern): try exclude(pattern)
            case .file(let path):
                do {
                    try add(rulesFrom: String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8))
                } catch let error as OSSError {
                    throw UsageError("\(path): \(error.message)")
                } catch {
                    throw UsageError("--filter-from: '\(path)' cannot be read as text")
                }
            }
        }
        minimumSize = arguments.minimumSize
        maximumSize = arguments.maximumSize
        modifiedBefore = arguments.minimumAge.map { Date(timeIntervalSinceNow: -Double($0)) }
        modifiedAfter = arguments.maximumAge.map { Date(timeIntervalSinceNow: -Double($0)) }
    }
}

extension TransferPlan {
    /// The part of the plan that an earlier run's JSON report names as failed.
    func retrying(reportAt path: String) throws -> TransferPlan {
        struct Report: Decodable {
            struct Failure: Decodable { var path: String }
            var failures: [Failure]
        }
        guard let data = FileManager.default.contents(atPath: path),
            let report = try? JSONDecoder().decode(Report.self, from: data)
        else {
            throw UsageError("--retry-failed: '\(path)' is not a report that --json has printed")
        }
        return retrying(paths: report.failures.map(\.path))
    }
}
