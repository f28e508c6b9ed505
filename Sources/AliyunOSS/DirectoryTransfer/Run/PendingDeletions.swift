import Foundation

/// The planned deletions of a run, stored in memory or, if there are many, in a temporary file.
struct PendingDeletions {
    private var items = SpooledQueue<Item>()
    /// Number of files and objects to delete.
    private(set) var count = 0
    /// Paths of the first files, folders and objects to delete, for the report.
    private(set) var firstPaths: [String] = []

    static let listedPaths = 1000

    /// Appends a deletion.
    mutating func append(_ action: TransferAction) throws(OSSError) {
        if let item = Item(action) { try append(item) }
    }

    private mutating func append(_ item: Item) throws(OSSError) {
        if item.isFile { count += 1 }
        if firstPaths.count < Self.listedPaths { firstPaths.append(String(decoding: item.path, as: UTF8.self)) }
        try items.append(item)
    }

    /// Appends all deletions from another collection.
    mutating func append(contentsOf others: inout PendingDeletions) throws {
        var reader = try others.items.reader()
        while let item = try reader.next() { try append(item) }
    }

    /// Removes and returns all planned deletions at or below the given paths.
    ///
    /// - Returns: The removed deletions, keyed by the given path.
    mutating func extract(_ tops: Set<RelativePath>) throws -> [RelativePath: PendingDeletions] {
        guard !tops.isEmpty else { return [:] }
        var (rest, extracted) = (PendingDeletions(), [RelativePath: PendingDeletions]())
        var reader = try items.reader()
        while let item = try reader.next() {
            if let top = (try? RelativePath(item.path))?.top(in: tops) {
                try extracted[top, default: PendingDeletions()].append(item)
            } else {
                try rest.append(item)
            }
        }
        self = rest
        return extracted
    }

    /// Calls a closure with each batch of planned deletions.
    mutating func forEachBatch(of size: Int, _ body: ([TransferAction]) async throws -> Void) async throws {
        var reader = try items.reader()
        var batch: [TransferAction] = []
        while let item = try reader.next() {
            guard let action = item.action else {
                throw OSSError(
                    .fileSystem,
                    "cannot read the planned deletion of '\(String(decoding: item.path, as: UTF8.self))' from a "
                        + "temporary file")
            }
            batch.append(action)
            if batch.count == size {
                try await body(batch)
                batch = []
            }
        }
        if !batch.isEmpty { try await body(batch) }
    }

    private struct Item: Codable {
        enum Kind: String, Codable { case object, file, folder }

        var kind: Kind
        var key: String?
        var path: [UInt8]
        var size: Int64
        var status: FileStatus?
        var keptFolders: Int?

        /// Whether the item counts as a file. Folders, and objects that represent folders, do not.
        var isFile: Bool {
            switch kind {
            case .file: true
            case .folder: false
            case .object: size > 0 || key?.utf8.last != UInt8(ascii: "/")
            }
        }

        init?(_ action: TransferAction) {
            key = action.key?.rawValue
            size = action.size
            path = Array(action.path.utf8)
            switch action.work {
            case .delete(.object): kind = .object
            case .delete(.file(let path, let status, let kept)):
                (kind, self.path, self.status, keptFolders) = (.file, path.bytes, status, kept)
            case .delete(.folder(let path, let kept)): (kind, self.path, keptFolders) = (.folder, path.bytes, kept)
            default: return nil
            }
        }

        var action: TransferAction? {
            let deletion: TransferAction.Deletion
            switch (kind, key, status) {
            case (.object, let key?, _): deletion = .object(ObjectKey(unchecked: key))
            case (.file, _, let status?):
                guard let path = try? RelativePath(path) else { return nil }
                deletion = .file(path, status, keptFolders: keptFolders ?? 0)
            case (.folder, _, _):
                guard let path = try? RelativePath(path) else { return nil }
                deletion = .folder(path, keptFolders: keptFolders ?? 0)
            default: return nil
            }
            return TransferAction(
                work: .delete(deletion), reason: .notInSource, key: key.map { ObjectKey(unchecked: $0) },
                path: String(decoding: path, as: UTF8.self), size: size)
        }
    }
}
