import AliyunOSS
import Foundation

/// The removal of the source, with which `mv -r` ends.
extension MirrorCommand {
    /// Removes the source of a complete transfer, if the command moves files.
    ///
    /// Both sides are compared again first. If any file is not equal, nothing is removed.
    ///
    /// - Returns: The number of removed files or objects, or `nil` if the command does not move files.
    func removeSource(after report: TransferReport, _ transfer: DirectoryTransfer) async throws -> Int? {
        guard removesSource, report.isComplete, !report.isDryRun else { return nil }
        var transfer = transfer
        transfer.options.updateMode = .modified
        transfer.options.snapshotPath = nil
        transfer.options.updatesAttributes = false
        (transfer.options.onEvent, transfer.options.monitor) = (nil, nil)
        var paths: [String] = []
        var keys: [ObjectKey] = []
        for try await action in try await plan(transfer) {
            if action.kind == .leave, action.reason == .unchanged || action.reason == .sameContent {
                paths.append(action.path)
                if let key = try sourceKey(of: action) { keys.append(key) }
            } else if action.kind != .leave {
                throw OSSError(
                    .sourceChanged,
                    "'\(action.path)' differs from its destination (\(action.reason)), so nothing was removed from the "
                        + "source; move it again", underlying: action.error)
            }
        }
        switch direction {
        case .up: return try removeFiles(paths)
        case .down: return try await removeObjects(keys, in: arguments.remote.bucket)
        case .copy(let source): return try await removeObjects(keys, in: source.bucket)
        }
    }

    /// Returns the key of the object that an action reads. The plan of a copy contains the keys of the destination.
    private func sourceKey(of action: TransferAction) throws -> ObjectKey? {
        guard case .copy(let source) = direction else { return action.key }
        return try ObjectKey(source.folder + action.path)
    }

    private func removeObjects(_ keys: [ObjectKey], in name: String) async throws -> Int {
        let bucket = try await Connection.bucket(name, arguments.connection)
        let result = try await bucket.deleteObjects(keys)
        if let failure = result.failures.first {
            throw OSSError(
                failure.error.code,
                "\(Readable.files(result.failures.count)) could not be removed from the source, such as "
                    + "'\(failure.key)': \(failure.error)", bucket: name)
        }
        return result.deleted.count
    }

    private func removeFiles(_ paths: [String]) throws -> Int {
        var removed = 0
        var links: Set<String> = []
        var folders: Set<String> = [""]
        for path in paths where !path.isEmpty {
            // A file that was reached through a link to a folder stays in its place: only the link is removed.
            let names = path.split(separator: "/").map(String.init)
            let ancestors = names.indices.map { names[..<$0].joined(separator: "/") }
            if let link = ancestors.first(where: { !$0.isEmpty && Self.isLink(local($0)) }) {
                guard links.insert(link).inserted else { continue }
                try Self.remove(local(link))
            } else {
                try Self.remove(local(path))
                folders.formUnion(ancestors)
            }
            removed += 1
        }
        // Only empty folders: rmdir(2) refuses others, and subfolders come first.
        for folder in folders.sorted(by: { $0.utf8.count > $1.utf8.count }) { rmdir(local(folder)) }
        return removed
    }

    private func local(_ path: String) -> String { path.isEmpty ? arguments.local : arguments.local + "/" + path }

    private static func isLink(_ path: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }

    private static func remove(_ path: String) throws {
        guard unlink(path) != 0 else { return }
        let code = errno
        guard rmdir(path) == 0 || errno == ENOTEMPTY else {
            throw OSSError(
                .fileSystem,
                "uploaded '\(path)', but cannot remove it: \(String(cString: strerror(code))); remove it yourself")
        }
    }
}
