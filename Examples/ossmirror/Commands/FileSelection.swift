import AliyunOSS
import Synchronization

/// The files that `--files-from` selects.
final class FileSelection: Sendable {
    private let entries: Set<String>
    /// The entries for which no file has been found.
    private let unseen: Mutex<Set<String>>

    /// Creates a selection of paths. A path that ends with `/` selects all files in a folder.
    init(_ list: PathList) {
        entries = Set(list.paths.map { $0.hasPrefix("./") ? String($0.dropFirst(2)) : $0 })
        unseen = Mutex(entries)
    }

    /// Returns whether the selection contains a file.
    func includes(_ path: String) -> Bool {
        var isIncluded = false
        // The path itself, and each folder that contains the file.
        for end in path.utf8.indices.filter({ path.utf8[$0] == UInt8(ascii: "/") }).map(path.utf8.index(after:))
            + [path.endIndex]
        {
            let entry = String(Substring(path.utf8[..<end]))
            guard entries.contains(entry) else { continue }
            isIncluded = true
            unseen.withLock { _ = $0.remove(entry) }
        }
        return isIncluded
    }

    /// Adds a failure to a report for each entry for which no file was found.
    func addMissing(to report: inout TransferReport) {
        for path in unseen.withLock({ $0.sorted() }) {
            let error = OSSError(
                .notFound, "--files-from lists this file, but the source does not contain it, or a filter excludes it")
            report.failures.append(TransferFailure(path: path, error: error))
            report.failed.files += 1
            Diagnostics.say("\(path): \(error.message)")
        }
    }
}
