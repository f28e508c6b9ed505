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
