/// An element of an XML document, with all that is in it. Attributes and namespaces carry nothing in this protocol and
/// are not kept.
///
/// Not called `XMLNode`: Foundation on macOS has one, and a file that imports both could not say which it means.
package struct XMLTree: Sendable, Equatable {
    /// Without its namespace prefix.
    package var name: String
    /// The element's own text, untrimmed. White space on its own next to child elements is layout and not part of it.
    package var text: String
    package var children: [XMLTree]

    package init(name: String, text: String = "", children: [XMLTree] = []) {
        self.name = name
        self.text = text
        self.children = children
    }

    /// The first child of this name.
    package subscript(_ name: String) -> XMLTree? {
        children.first { $0.name == name }
    }

    /// The children of this name, in order.
    package func all(_ name: String) -> [XMLTree] {
        children.filter { $0.name == name }
    }

    /// The text of the element that a path of names leads to, by the first child of each name; nil if there is none.
    package func text(_ path: String...) -> String? {
        var node = self
        for name in path {
            guard let child = node[name] else { return nil }
            node = child
        }
        return node.text
    }
}
