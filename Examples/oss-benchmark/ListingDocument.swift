import Foundation
import OSSPrimitives

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// A generator of ListObjects responses in the format of the service.
enum ListingDocument {
    static func page(keyCount: Int) -> Data {
        var writer = XMLWriter(root: "ListBucketResult")
        writer.element("Name", "photos")
        writer.element("Prefix", "")
        writer.element("Marker", "")
        writer.element("MaxKeys", "\(keyCount)")
        writer.element("Delimiter", "")
        writer.element("EncodingType", "url")
        writer.element("IsTruncated", "true")
        for index in 0..<keyCount {
            let key = "2026/11/22/中文 album \(index / 100)/IMG_\(10000 + index) (edited).jpg"
            writer.element("Contents") { contents in
                contents.element("Key", PercentEncoding.encode(key))
                contents.element("LastModified", ISO8601.extended(Date(timeIntervalSince1970: 1.6e9 + Double(index))))
                contents.element("ETag", "\"\(Hexadecimal.uppercase(MD5.hash(Array(key.utf8))))\"")
                contents.element("Type", "Normal")
                contents.element("Size", "\(344_606 + index)")
                contents.element("StorageClass", "Standard")
                contents.element("Owner") { owner in
                    owner.element("ID", "0022012022223333")
                    owner.element("DisplayName", "user-example")
                }
            }
        }
        writer.element("NextMarker", "2026%2F12")
        // The service does not escape quotation marks.
        let document = String(decoding: writer.finish(), as: UTF8.self)
        return Data(document.replacingOccurrences(of: "&#34;", with: "\"").utf8)
    }
}

/// A reader that uses FoundationXML to build the same tree as `XMLReader`.
final class FoundationXMLPeer: NSObject, XMLParserDelegate {
    private var open: [XMLTree] = []
    private var root: XMLTree?

    static func read(_ document: Data) -> XMLTree? {
        let peer = FoundationXMLPeer()
        let parser = XMLParser(data: document)
        parser.delegate = peer
        return parser.parse() ? peer.root : nil
    }

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName qName: String?,
        attributes attributeDict: [String: String] = [:]
    ) {
        open.append(XMLTree(name: elementName))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        guard !open.isEmpty else { return }
        open[open.count - 1].text += string
    }

    func parser(
        _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName qName: String?
    ) {
        guard let node = open.popLast() else { return }
        if open.isEmpty {
            root = node
        } else {
            open[open.count - 1].children.append(node)
        }
    }
}
