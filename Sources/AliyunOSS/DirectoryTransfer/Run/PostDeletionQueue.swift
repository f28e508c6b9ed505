import Foundation

/// The steps of a download that wait for all others: something that is to be deleted is in their way. They may be everything
/// below a folder, so they are not kept in memory when they are many.
struct PostDeletionQueue {
    private var items = SpooledQueue<Item>()
    /// The paths that are in the way.
    private(set) var blockers: Set<RelativePath> = []

    /// Adds a step that has to wait. It makes a file or a folder where there was none.
    ///
    /// - Returns: Whether it was one that waits.
    mutating func take(_ step: PlannedStep) throws(OSSError) -> Bool {
        guard let blocker = step.action.blocker, let item = Item(step.action, blocker) else { return false }
        blockers.insert(blocker)
        try items.append(item)
        return true
    }

    /// Gives back the steps from the first one. Nothing is added any more.
    mutating func reader() throws -> () throws -> PlannedStep? {
        var reader = try items.reader()
        return { try reader.next().map { PlannedStep(try $0.action) } }
    }

    private struct Item: Codable {
        var key: String
        var path: [UInt8]
        var blocker: [UInt8]
        var reason: String
        /// Of the object that becomes a file; nothing for a folder.
        var object: Object?

        struct Object: Codable {
            var size: Int64
            var eTag: String
            var type: String
            var modified: Date
        }

        init?(_ action: TransferAction, _ blocker: RelativePath) {
            self.blocker = blocker.bytes
            reason = action.reason.rawValue
            switch action.work {
            case .download(let object, let path, nil):
                (key, self.path) = (object.key.rawValue, path.bytes)
                self.object = Object(size: object.size, eTag: object.eTag, type: object.type, modified: object.modified)
            case .makeFolder(let path?):
                guard let key = action.key else { return nil }
                (self.key, self.path) = (key.rawValue, path.bytes)
            default: return nil
            }
        }

        var action: TransferAction {
            get throws {
                let (key, path) = (ObjectKey(unchecked: key), try RelativePath(path))
                let entry = object.map {
                    RemoteEntry(key: key, size: $0.size, eTag: $0.eTag, type: $0.type, modified: $0.modified)
                }
                return TransferAction(
                    work: entry.map { .download($0, path, replacing: nil) } ?? .makeFolder(path),
                    reason: TransferReason(rawValue: reason), key: key, path: path.description, size: entry?.size ?? 0,
                    blocker: try RelativePath(blocker))
            }
        }
    }
}
