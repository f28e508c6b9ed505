import Foundation
import OSSPrimitives

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// FoundationXML building the tree that `XMLReader` builds, as directly as its events allow.
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
