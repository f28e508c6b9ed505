import Foundation
import OSSPrimitives

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The tree that Foundation's parser returns, for comparison with this library's parser.
final class FoundationTree: NSObject, XMLParserDelegate {
    private struct Open {
        var node: XMLTree
        var run = ""
    }
    private var stack: [Open] = []
    private var root: XMLTree?

    static func read(_ document: Data) -> XMLTree? {
        let tree = FoundationTree()
        let parser = XMLParser(data: document)
        parser.delegate = tree
        return parser.parse() ? tree.root : nil
    }

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?, qualifiedName qName: String?,
        attributes attributeDict: [String: String] = [:]
    ) {
        endRun(besideChild: true)
        let name = elementName.split(separator: ":").last.map(String.init) ?? elementName
        stack.append(Open(node: XMLTree(name: name)))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        guard !stack.isEmpty else { return }
        stack[stack.count - 1].run += string
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        guard !stack.isEmpty else { return }
        stack[stack.count - 1].run += String(decoding: block, as: UTF8.self)
    }

    func parser(
        _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?, qualifiedName qName: String?
    ) {
        endRun(besideChild: stack.last?.node.children.isEmpty == false)
        guard let node = stack.popLast()?.node else { return }
        if stack.isEmpty {
            root = node
        } else {
            stack[stack.count - 1].node.children.append(node)
        }
    }

    private func endRun(besideChild: Bool) {
        guard let last = stack.indices.last else { return }
        let run = stack[last].run
        stack[last].run = ""
        let isBlank = run.unicodeScalars.allSatisfy { " \t\r\n".unicodeScalars.contains($0) }
        if !(besideChild && isBlank) { stack[last].node.text += run }
    }
}
