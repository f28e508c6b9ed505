import Foundation
import OSSPrimitives

/// The answer to ListParts or ListMultipartUploads.
///
/// What cannot be read in it is an error and not an empty listing: a part that is not seen is sent again, and an upload
/// that is not seen is billed for ever.
struct UploadListingDocument {
    private let root: XMLTree
    private let isEncoded: Bool

    /// - Parameter echoes: Elements that repeat what was asked for, with their values. Others belong to another request.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse``.
    init(_ document: Data, root name: String, echoes: [(name: String, value: String)]) throws(OSSError) {
        guard let root = try? XMLReader.read(document), root.name == name else {
            throw Self.problem("is not a \(name)")
        }
        self.root = root
        isEncoded = root.text("EncodingType")?.lowercased() == "url"
        for echo in echoes {
            guard let value = try text(echo.name, of: root), !value.utf8.elementsEqual(echo.value.utf8) else {
                continue
            }
            throw Self.problem(
                "has the \(echo.name) '\(value.onOneLine)' and not '\(echo.value.onOneLine)': it belongs to another request"
            )
        }
    }

    /// The parts, and the number after which the next page begins.
    func parts() throws(OSSError) -> MarkerPages<UploadedPart, Int>.Page {
        var parts: [UploadedPart] = []
        for node in root.all("Part") {
            guard let number = node.text("PartNumber").flatMap({ Int($0) }), (1...10_000).contains(number),
                number > parts.last?.number ?? 0, let size = node.text("Size").flatMap({ Int64($0) }), size >= 0,
                let eTag = node.text("ETag")
            else { throw Self.problem("has a part without a number, a size or an ETag") }
            parts.append(
                UploadedPart(
                    number: number, eTag: eTag.filter { $0 != "\"" }, size: size,
                    checksum: node.text("HashCrc64ecma").flatMap { UInt64($0) }))
        }
        guard try isTruncated() else { return .init(elements: parts) }
        let stated = root.text("NextPartNumberMarker").flatMap { Int($0) }
        guard let next = stated ?? parts.last?.number, next >= parts.last?.number ?? 0 else {
            throw Self.problem("does not say where it goes on")
        }
        return .init(elements: parts, next: next)
    }

    /// The uploads, and the one after which the next page begins.
    func uploads() throws(OSSError) -> MarkerPages<MultipartUploadSummary, MultipartUpload>.Page {
        var uploads: [MultipartUploadSummary] = []
        for node in root.all("Upload") {
            guard let key = try text("Key", of: node), let uploadID = node.text("UploadId"), !uploadID.isEmpty,
                let initiated = node.text("Initiated").flatMap(ISO8601.date(from:))
            else { throw Self.problem("has an upload without a key, an id or a time") }
            uploads.append(
                MultipartUploadSummary(
                    upload: MultipartUpload(key: ObjectKey(unchecked: key), uploadID: uploadID), initiated: initiated,
                    storageClass: node.text("StorageClass").map(StorageClass.init(rawValue:)) ?? .standard))
        }
        guard try isTruncated() else { return .init(elements: uploads) }
        if let key = try text("NextKeyMarker", of: root), !key.isEmpty, let id = root.text("NextUploadIdMarker") {
            return .init(elements: uploads, next: MultipartUpload(key: ObjectKey(unchecked: key), uploadID: id))
        }
        guard let last = uploads.last else { throw Self.problem("does not say where it goes on") }
        return .init(elements: uploads, next: last.upload)
    }

    private func isTruncated() throws(OSSError) -> Bool {
        switch root.text("IsTruncated") {
        case "true": return true
        case "false": return false
        default: throw Self.problem("does not say whether it is complete")
        }
    }

    private func text(_ name: String, of node: XMLTree) throws(OSSError) -> String? {
        guard let text = node.text(name) else { return nil }
        guard isEncoded else { return text }
        return try ObjectPage.decode(text)
    }

    private static func problem(_ problem: String) -> OSSError {
        OSSError(.invalidResponse, "the answer to a listing \(problem). Check the endpoint")
    }
}
