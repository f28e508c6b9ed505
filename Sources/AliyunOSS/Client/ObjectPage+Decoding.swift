import Foundation
import OSSPrimitives

extension ObjectPage {
    /// Reads a reply to ListObjects or ListObjectsV2.
    ///
    /// - Throws: ``OSSError`` with code ``OSSError/Code/invalidResponse`` when it is not one, or lacks what makes the
    ///   next page reachable: a listing that silently ended there would look complete.
    package init(decoding document: Data, paging: ListPaging) throws(OSSError) {
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
            guard let text = PercentEncoding.decode(text) else { throw Self.problem("has a name that is not UTF-8") }
            return text
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
