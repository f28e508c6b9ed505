import Foundation
import OSSPrimitives

/// A response to ListObjects, ListObjectsV2, ListParts or ListMultipartUploads.
///
/// Anything unreadable in the document causes an error instead of an empty listing: a missed object would look deleted,
/// a missed part would be sent again, and a missed upload would be billed forever.
struct ListingDocument {
    let root: XMLTree
    let isEncoded: Bool

    /// Parses a response document, and checks that it belongs to the request.
    ///
    /// - Parameters:
    ///   - name: Name of the root element.
    ///   - echoes: Elements that repeat values of the request. A document with other values belongs to another request.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse``.
    init(_ document: Data, root name: String, echoes: [(name: String, value: String?)]) throws(OSSError) {
        do throws(XMLSyntaxError) {
            root = try XMLReader.read(document)
        } catch {
            throw Self.problem("is not XML: \(error)")
        }
        guard root.name == name else {
            throw Self.problem("contains a '\(root.name.onOneLine)' document instead of '\(name)'")
        }
        isEncoded = root.text("EncodingType")?.lowercased() == "url"
        for echo in echoes {
            guard let expected = echo.value, let value = try text(echo.name, of: root),
                !value.utf8.elementsEqual(expected.utf8)
            else { continue }
            throw Self.problem(
                "contains \(echo.name) '\(value.onOneLine)' instead of '\(expected.onOneLine)': it belongs to another request"
            )
        }
    }

    static func problem(_ problem: String) -> OSSError {
        OSSError(.invalidResponse, "the response to a listing request \(problem); check the endpoint")
    }

    /// Returns the objects and common prefixes of the page.
    fileprivate func objects(_ paging: ListPaging, withOwners: Bool) throws(OSSError) -> ObjectPage {
        var page = ObjectPage(objects: [], commonPrefixes: [], nextMarker: nil)
        page.objects.reserveCapacity(root.children.count)
        // Without this, a listing that a gateway has cut or altered would look complete, and files would look deleted.
        let isTruncated = try isTruncated()
        for child in root.children {
            switch child.name {
            case "Contents": page.objects.append(try object(child, withOwner: withOwners))
            case "CommonPrefixes": page.commonPrefixes += try commonPrefix(child)
            case paging.nextElement where !child.text.isEmpty: page.nextMarker = try decoded(child.text)
            default: continue
            }
        }
        guard isTruncated else {
            page.nextMarker = nil
            return page
        }
        if page.nextMarker == nil {
            // A marker can be derived from the last name of the page; a continuation token cannot.
            let last = [page.objects.last?.key, page.commonPrefixes.last.map(ObjectKey.init(unchecked:))]
                .compactMap { $0 }.max()
            guard paging == .marker, let last else {
                throw Self.problem("is truncated but contains no \(paging.nextElement)")
            }
            page.nextMarker = last.rawValue
        }
        return page
    }

    /// Returns the common prefix in an element. The service also sends empty elements.
    func commonPrefix(_ node: XMLTree) throws(OSSError) -> [String] {
        guard let prefix = node["Prefix"], !prefix.text.isEmpty else { return [] }
        return [try decoded(prefix.text)]
    }

    /// Returns the object that an element describes.
    ///
    /// - Parameter withOwner: Whether to read the owner. The strings of a thousand owners on each page cost time.
    func object(_ node: XMLTree, withOwner: Bool) throws(OSSError) -> ObjectSummary {
        var key: String?
        var size: Int64?
        var lastModified: Date?
        var object = ObjectSummary(key: "", size: 0, eTag: "", lastModified: .distantPast)
        for child in node.children {
            switch child.name {
            case "Key": key = try decoded(child.text)
            // `Int64` would accept a sign.
            case "Size": size = (child.text.utf8.first ?? 0) >= UInt8(ascii: "0") ? Int64(child.text) : nil
            case "LastModified": lastModified = ISO8601.date(from: child.text)
            case "ETag": object.eTag = Self.unquoted(child.text)
            case "Type": object.type = ObjectType(rawValue: child.text)
            case "StorageClass": object.storageClass = StorageClass(rawValue: child.text)
            case "Owner" where withOwner: object.owner = ObjectOwner(child)
            case "RestoreInfo": object.restore = RestoreStatus(text: child.text)
            case "TransitionTime": object.transitionTime = ISO8601.date(from: child.text)
            default: continue
            }
        }
        guard let key, let size, size >= 0, let lastModified else {
            throw Self.problem("contains an object whose key, size or modification time is missing or invalid")
        }
        (object.key, object.size, object.lastModified) = (ObjectKey(unchecked: key), size, lastModified)
        return object
    }

    /// Returns an ETag without its quotation marks. Almost all have one at each end, which leaves one allocation.
    private static func unquoted(_ eTag: String) -> String {
        let (quote, bytes) = (UInt8(ascii: "\""), eTag.utf8)
        let inner = bytes.first == quote && bytes.last == quote ? bytes.dropFirst().dropLast() : bytes[...]
        guard inner.contains(quote) else { return String(Substring(inner)) }
        return String(decoding: bytes.filter { $0 != quote }, as: UTF8.self)
    }

    /// Returns the parts on the page, and the start of the next page, which is `nil` on the last page.
    func parts() throws(OSSError) -> ([UploadedPart], next: PageMarker?) {
        var parts: [UploadedPart] = []
        for node in root.all("Part") {
            guard let number = node.text("PartNumber").flatMap({ Int($0) }), (1...10_000).contains(number),
                number > parts.last?.number ?? 0, let size = node.text("Size").flatMap({ Int64($0) }), size >= 0,
                let eTag = node.text("ETag")
            else { throw Self.problem("contains a part whose number, size or ETag is missing or invalid") }
            parts.append(
                UploadedPart(
                    number: number, eTag: Self.unquoted(eTag), size: size,
                    crc64: node.text("HashCrc64ecma").flatMap { UInt64($0) }))
        }
        guard try isTruncated() else { return (parts, nil) }
        let stated = root.text("NextPartNumberMarker").flatMap { Int($0) }
        guard let next = stated ?? parts.last?.number, next >= parts.last?.number ?? 0 else {
            throw Self.problem("does not indicate where the next page starts")
        }
        return (parts, PageMarker(key: ObjectKey(unchecked: String(next))))
    }

    /// Returns the uploads on the page, and the start of the next page, which is `nil` on the last page.
    func uploads() throws(OSSError) -> ([MultipartUploadSummary], next: PageMarker?) {
        var uploads: [MultipartUploadSummary] = []
        for node in root.all("Upload") {
            guard let key = try text("Key", of: node), let uploadID = node.text("UploadId"), !uploadID.isEmpty,
                let initiated = node.text("Initiated").flatMap(ISO8601.date(from:))
            else { throw Self.problem("contains an upload whose key, ID or start time is missing or invalid") }
            uploads.append(
                MultipartUploadSummary(
                    upload: MultipartUpload(key: ObjectKey(unchecked: key), uploadID: uploadID), initiated: initiated,
                    storageClass: node.text("StorageClass").map(StorageClass.init(rawValue:)) ?? .standard))
        }
        guard try isTruncated() else { return (uploads, nil) }
        if let key = try text("NextKeyMarker", of: root), !key.isEmpty, let id = root.text("NextUploadIdMarker") {
            return (uploads, PageMarker(key: ObjectKey(unchecked: key), id: id))
        }
        guard let last = uploads.last?.upload else {
            throw Self.problem("does not indicate where the next page starts")
        }
        return (uploads, PageMarker(key: last.key, id: last.uploadID))
    }

    func isTruncated() throws(OSSError) -> Bool {
        switch root.text("IsTruncated") {
        case "true": return true
        case "false": return false
        default: throw Self.problem("does not indicate whether it is complete")
        }
    }

    func text(_ name: String, of node: XMLTree) throws(OSSError) -> String? {
        guard let text = node.text(name) else { return nil }
        return try decoded(text)
    }

    private func decoded(_ text: String) throws(OSSError) -> String {
        guard isEncoded else { return text }
        // A gateway that decodes names but leaves `EncodingType` would turn the key `a%2Fb` into `a/b`, another object.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let decoded = PercentEncoding.decode(text) else {
            throw Self.problem(
                "declares EncodingType=url but contains the name '\(text.onOneLine.prefix(128))', which is not URL-encoded UTF-8: "
                    + "a gateway may have altered the response")
        }
        return decoded
    }
}

extension ObjectOwner {
    init(_ node: XMLTree) {
        self.init(id: node.text("ID") ?? "", displayName: node.text("DisplayName") ?? "")
    }
}

extension ObjectPage {
    /// Creates a page from a response to ListObjects or ListObjectsV2.
    ///
    /// - Parameters:
    ///   - prefix: Prefix of the request. A page for a different prefix would make objects look deleted.
    ///   - marker: Marker of the request, if known.
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` when the document is not a listing, or when the
    ///   next page cannot be reached: a listing that silently ended there would look complete.
    package init(
        decoding document: Data, paging: ListPaging, prefix: String? = nil, marker: String? = nil,
        withOwners: Bool = false
    ) throws(OSSError) {
        self = try ListingDocument(
            document, root: "ListBucketResult", echoes: [("Prefix", prefix), (paging.currentElement, marker)]
        ).objects(paging, withOwners: withOwners)
    }
}
