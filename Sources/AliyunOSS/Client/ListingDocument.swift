import Foundation
import OSSPrimitives

extension ObjectPage {
    /// Reads a response to ListObjects or ListObjectsV2.
    ///
    /// - Parameters:
    ///   - prefix: The prefix that was asked for. A page of another one would make objects look deleted.
    ///   - marker: The marker that was asked for, where it is known.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` when it is not one, or lacks what makes the
    ///   next page reachable: a listing that silently ended there would look complete.
    package init(
        decoding document: Data, paging: ListPaging, prefix: String? = nil, marker: String? = nil
    ) throws(OSSError) {
        let root: XMLTree
        do throws(XMLSyntaxError) {
            root = try XMLReader.read(document)
        } catch {
            throw Self.problem("is no XML: \(error)")
        }
        guard root.name == "ListBucketResult" else { throw Self.problem("is a '\(root.name.onOneLine)'") }
        let isEncoded = root["EncodingType"]?.text.lowercased() == "url"
        func decoded(_ text: String) throws(OSSError) -> String {
            guard isEncoded else { return text }
            return try Self.decode(text)
        }
        func check(_ element: String, _ text: String, _ expected: String?) throws(OSSError) {
            guard let expected, case let value = try decoded(text), !value.utf8.elementsEqual(expected.utf8) else {
                return
            }
            throw Self.problem(
                "has the \(element) '\(value.onOneLine)' and not '\(expected.onOneLine)': it belongs to another request"
            )
        }

        var objects: [ObjectSummary] = []
        var commonPrefixes: [String] = []
        objects.reserveCapacity(root.children.count)
        var isTruncated = false
        var nextMarker: String?
        for child in root.children {
            switch child.name {
            case "Contents": objects.append(try ObjectSummary(child, decoded: decoded))
            case "CommonPrefixes":
                // An empty element occurs in real answers.
                guard let prefix = child["Prefix"], !prefix.text.isEmpty else { continue }
                commonPrefixes.append(try decoded(prefix.text))
            case "Prefix": try check("prefix", child.text, prefix)
            case paging.currentElement: try check(paging.currentElement, child.text, marker)
            case "IsTruncated": isTruncated = child.text == "true"
            case paging.nextElement where !child.text.isEmpty: nextMarker = try decoded(child.text)
            default: continue
            }
        }
        if isTruncated, nextMarker == nil {
            // A marker can be made from what was listed; a continuation token cannot.
            let last = [objects.last?.key, commonPrefixes.last.map(ObjectKey.init(unchecked:))].compactMap { $0 }.max()
            guard paging == .marker, let last else { throw Self.problem("has more pages but no \(paging.nextElement)") }
            nextMarker = last.rawValue
        }
        self.init(objects: objects, commonPrefixes: commonPrefixes, nextMarker: isTruncated ? nextMarker : nil)
    }

    /// A name of a document that says that its names are URL-encoded.
    static func decode(_ text: String) throws(OSSError) -> String {
        // Encoded text has none of these: a gateway that decodes names and leaves `EncodingType` would turn the key `a%2Fb`
        // into `a/b`, another object.
        let isEncoded = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isEncoded, let decoded = PercentEncoding.decode(text) else {
            throw problem(
                "says EncodingType=url and has the name '\(text.onOneLine.prefix(128))', which is not URL-encoded UTF-8: "
                    + "a gateway may have changed it")
        }
        return decoded
    }

    static func problem(_ problem: String) -> OSSError {
        OSSError(.invalidResponse, "the answer to a listing \(problem). Check the endpoint")
    }
}

extension ObjectSummary {
    fileprivate init(_ node: XMLTree, decoded: (String) throws(OSSError) -> String) throws(OSSError) {
        var key: String?
        var size: Int64?
        var lastModified: Date?
        var eTag = ""
        var type = "Normal"
        var storageClass = StorageClass.standard
        for child in node.children {
            switch child.name {
            case "Key": key = try decoded(child.text)
            // A plain number: `Int64` would take a sign.
            case "Size": size = child.text.first?.isNumber == true ? Int64(child.text) : nil
            case "LastModified": lastModified = ISO8601.date(from: child.text)
            case "ETag": eTag = String(decoding: child.text.utf8.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
            case "Type": type = child.text
            case "StorageClass": storageClass = StorageClass(rawValue: child.text)
            default: continue
            }
        }
        guard let key, let size, size >= 0, let lastModified else {
            throw ObjectPage.problem("has an object without a key, a size or a time")
        }
        self.init(
            key: ObjectKey(unchecked: key), size: size, eTag: eTag, lastModified: lastModified, type: type,
            storageClass: storageClass)
    }
}

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
