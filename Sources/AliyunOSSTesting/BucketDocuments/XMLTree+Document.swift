import Foundation
import OSSPrimitives

extension XMLTree {
    /// The tree as a document of its own.
    var document: Data {
        var xml = XMLWriter(root: name)
        write(contentTo: &xml)
        return xml.finish()
    }

    /// Writes the element into another document.
    func write(to xml: inout XMLWriter) {
        xml.element(name) { write(contentTo: &$0) }
    }

    private func write(contentTo xml: inout XMLWriter) {
        if children.isEmpty { xml.text(text) }
        for child in children { child.write(to: &xml) }
    }

    /// Changes the first child of this name, if there is one.
    mutating func change(_ name: String, _ body: (inout XMLTree) -> Void) {
        guard let found = children.firstIndex(where: { $0.name == name }) else { return }
        body(&children[found])
    }

    /// Sets the text of the first child of this name, which is added when it is missing.
    mutating func set(_ name: String, _ text: String, at index: Int? = nil) {
        if let found = children.firstIndex(where: { $0.name == name }) {
            children[found].text = text
        } else {
            children.insert(XMLTree(name: name, text: text), at: min(index ?? children.count, children.count))
        }
    }
}
