import Foundation
import OSSPrimitives

/// An object to delete, or a version of it.
struct DeletionItem: Hashable, Sendable {
    var key: ObjectKey
    /// ID of the version; `nil` for the object itself.
    var versionID: String?
}

/// The items of one DeleteMultipleObjects request. A request is limited to 1000 items and a document of 2 MB.
struct DeletionBatch: Sendable {
    private static let maximumCount = 1000
    private static let maximumBytes = 1_900_000

    private(set) var items: [DeletionItem] = []
    private var bytes = 0

    /// Returns whether the batch has room for an item with the given key.
    func accepts(_ key: ObjectKey) -> Bool {
        items.count < Self.maximumCount && bytes + Self.cost(of: key) <= Self.maximumBytes
    }

    mutating func append(_ item: DeletionItem) {
        items.append(item)
        bytes += Self.cost(of: item.key) + (item.versionID.map { 30 + 6 * $0.utf8.count } ?? 0)
    }

    /// The items whose keys contain characters XML cannot represent. The document contains references to these
    /// characters, which the service is known to accept; a strict parser rejects the entire document because of a
    /// single one.
    var unwritable: [DeletionItem] { items.filter(Self.isUnwritable) }

    /// The batch without the items that XML cannot represent.
    var withoutUnwritable: DeletionBatch {
        var batch = DeletionBatch()
        for item in items where !Self.isUnwritable(item) { batch.append(item) }
        return batch
    }

    private static func isUnwritable(_ item: DeletionItem) -> Bool {
        item.key.rawValue.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x9, 0xA, 0xD: false
            case ..<0x20, 0xFFFE, 0xFFFF: true
            default: false
            }
        }
    }

    /// Returns the body of the DeleteMultipleObjects request. The body requests a verbose response, because a truncated
    /// quiet response would look like a success.
    func document() -> Data {
        var writer = XMLWriter(root: "Delete")
        writer.element("Quiet", "false")
        for item in items {
            writer.element("Object") { writer in
                writer.element("Key", item.key.rawValue)
                if let versionID = item.versionID { writer.element("VersionId", versionID) }
            }
        }
        return writer.finish()
    }

    /// Returns the items that a response reports as deleted, each with the version or delete marker that was deleted or
    /// added.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse``.
    func confirmations(in document: Data) throws(OSSError) -> [DeletionItem: DeleteObjectResult] {
        guard let root = try? XMLReader.read(document), root.name == "DeleteResult" else {
            throw OSSError(
                .invalidResponse, "cannot read the response to DeleteMultipleObjects; check the endpoint")
        }
        let isEncoded = root["EncodingType"]?.text.lowercased() == "url"
        var confirmed: [DeletionItem: DeleteObjectResult] = Dictionary(minimumCapacity: items.count)
        for node in root.all("Deleted") {
            guard let text = node["Key"]?.text, let key = isEncoded ? PercentEncoding.decode(text) : text else {
                continue
            }
            let versionID = node.text("VersionId").flatMap { $0.isEmpty ? nil : $0 }
            confirmed[DeletionItem(key: ObjectKey(unchecked: key), versionID: versionID)] = DeleteObjectResult(
                versionID: versionID ?? node.text("DeleteMarkerVersionId"),
                isDeleteMarker: node.text("DeleteMarker") == "true")
        }
        return confirmed
    }

    /// Returns the maximum number of bytes that a key can occupy in the document. A byte may become a character
    /// reference such as `&quot;`.
    private static func cost(of key: ObjectKey) -> Int {
        key.rawValue.utf8.reduce(40) { $0 + ($1 < 0x30 || $1 == 0x3C || $1 == 0x3E || $1 == 0x7F ? 6 : 1) }
    }
}
